"""Reads lists that a registry shows only in part: in several ways, until nothing is missing. Pure.

In: a pass that was refused a page, then the answers to further requests.
Out: a listing that is exact, or says what is missing.
May not: ask a registry itself (`indexer.crawl.list_reader` does), or read a clock.

partial_listing  what to ask next, from the first refusal to the listing
parts_read       what was read so far
missing_items    where to look for what was not read yet
name_filters     which name filters find it, where all names are known
sample_filters   which name filters may find it, where names are not known
head_reread      the newest items, read once more at the end
verdict          whether the parts add up, and what is missing
"""
