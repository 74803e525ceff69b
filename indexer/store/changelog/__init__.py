"""The log of changes: crawls append to it, everybody else queries it.

In: changes to append, inside a crawl's transaction; queries.
Out: changes, in the order in which they were committed.
May not: change or reorder what was appended. Ids grow and are never reused.

append        appends changes, with ids that grow in the order of commits
companions    leaves out the tags that tools keep, as SQL
hidings       the log of repositories that became hidden, with ids of the same sequence
query         a filter of changes as SQL conditions
audit_log     keeps what an audit log said, and completes the changes that it explains
id_bounds     bounds of ids for times and crawls
rows          reads rows of the log
access_path   selects the index that a command's query uses
counts        counts changes
search        answers a server's query within a time limit
stepped_scan  searches a long log in steps
"""
