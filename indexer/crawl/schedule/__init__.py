"""When namespaces are crawled, and what follows from when they were.

In: the crawls that the index has recorded, the timetables of the configuration, and the time.
Out: which crawl is due and why; how fresh an answer is.
May not: read the index, the configuration or a clock.

next_crawl  which crawl of a namespace is due, why, and when the next one is
freshness   how fresh an answer is, by its last complete crawls and their schedule
"""
