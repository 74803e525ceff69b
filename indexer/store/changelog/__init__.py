"""The log of changes: appended by crawls, queried and looked through by everybody else.

In: changes to append, inside a crawl's transaction; questions.
Out: changes, in the order in which they were committed.
May not: change or reorder what was appended. Numbers grow and are never used twice.

append        the written side: numbers that grow in the order of commits
hidings       what became hidden: no change, told once, in the same numbers
query         which changes are asked for
rows          rows of the log, read
access_path   over which index they are found
counts        how many there are
search        the log, asked so that an answer comes in time
stepped_scan  a long log looked through in steps
"""
