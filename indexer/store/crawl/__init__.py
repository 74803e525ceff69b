"""Writes crawls: the ports `Archive` and `CrawlRecord` of `crawl.ports`; and hints of pushes.

In: listings and their changes.
Out: state, history and change log, each repository's in one transaction; what was known before.
May not: decide what a change is: `indexer.crawl.diff` does.

archive             the port `Archive`
retrying_archive    retries after a lost connection, without writing anything twice
known_state         reads what the tables know, as model values
lazy_tags           the known tags of a large repository, read as they are asked for
write_repositories  writes a listing of repositories
write_visibility    writes which repositories became public, or private
repository_days     writes what was counted of repositories on a day
write_readings      writes what was read of many repositories' tags
write_tags          writes what such listings change
new_tags            writes tags that were not present before
unresolved_tags     reads which tags have no known digest
repository_claim    writes a repository's own row, if no other crawl has written it meanwhile
repository_days     writes counts of repositories, one row for each day
crawl_rows          reads rows of crawls
cycles              reads how far full and verify crawls have come that were cut short
push_hints          records hints that something was pushed
"""
