"""Crawls, written: the ports `Archive` and `CrawlRecord` of `crawl.ports`; and hints of pushes."""
