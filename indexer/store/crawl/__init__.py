"""Crawls, written: the ports `Archive` and `CrawlRecord` of `crawl.ports`; and hints of pushes.

In: listings and the changes that they mean.
Out: state, history and change log, in one transaction for each repository; what was known before.
May not: decide what a change is: `indexer.crawl.diff` has done that.

archive             crawls, written
retrying_archive    goes on over a lost connection, and does nothing twice
known_state         what the tables believe, as the model's values
write_repositories  a listing of repositories, written
write_tags          a listing of a repository's tags, written
repository_claim    a repository's row, for one of several that may read it
crawl_rows          rows of crawls, read
push_hints          hints that something was pushed
"""
