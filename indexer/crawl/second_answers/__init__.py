"""Decides what of a list is believed, and asks for a second answer where one is not enough.

In: a listing, what was known, and a `Source` to ask.
Out: a listing that may be believed, what was removed, and what waits for the next crawl.
May not: decode what a registry answers, record anything, or read a clock.

tag_lists         reads the list of tags of a repository, again if it is an old copy
repository_lists  reads the list of repositories of a namespace, again if it is an old copy
stale_answers     dates that went back: an answer from the past is not believed
old_additions     new items with an old date: confirmed, or not recorded
lagging_tags      tags that are older than their repository's date: read again, in steps
missing_tags      what became of the tags that a list lacks: confirmed, or kept
"""
