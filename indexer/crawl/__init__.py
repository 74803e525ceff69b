"""One pass over one namespace, and what decides in it.

In: pages from a `Source`, what an `Archive` knew before, a target, and the time.
Out: listings and changes, handed to the archive; a report of the crawl.
May not: know a registry's formats, a database, a policy or a sink.

crawler              source -> listing -> diff -> archive; it decides nothing itself
ports                what a source, an archive and an observer promise
target               what to crawl, and how
wanted_names         which repositories and tags are wanted, and what it means that this changes

what a list says:
listing              pages in, a listing out: is it exact?
pagination           one pass over the pages, observed
date_order           in which order dates come, and what that is evidence for
name_order           lists that are paged by the last name instead of a number
list_sides           orders, filters and pages of a list that is refused beyond an offset
partial_listing      reads such a list from all its sides: do they add up?
name_filters         which name filters find what is missing, where all names are known
sample_filters       which name filters may find what is missing, where they are not
list_reader          reads one list to its end
absence              asks for what a listing does not hold
repositories_reader  the repositories of a namespace
tags_reader          the tags of a repository

what it means:
diff                 what was known + a listing = the changes
hidden               a private repository that is not seen any more: hidden, or removed
audit_log            the audit log of a namespace, read before its crawl
unknown_namespace    an empty list: no repositories, or a namespace that nobody knows
removal_guard        how many removals at once are believed without a person's word

what to do when:
next_crawl           which crawl of a namespace is due, why, and when the next one is
due_repositories     which repositories a crawl opens, and why
verify_selection     which of them are worth a look, by what was counted of them

sharding             a large crawl in shards that others read
cancellation         ends crawls that run in threads, at once
"""
