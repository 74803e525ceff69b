"""Crawling one namespace: reading it, and every decision on the way.

In: pages from a `Source`, what an `Archive` knew before, a target, and the time.
Out: listings and changes, handed to the archive; a report of the crawl.
May not: know a registry's formats, a database, a policy or a sink.

crawler              source -> listing -> diff -> archive; it decides nothing itself
ports                what a source, an archive and an observer promise
write_buffer         holds what was read of tags, and writes many repositories in one transaction
known_state          what an index holds, as a crawl compares with it
target               what to crawl, and how
wanted_names         which repositories and tags the configuration wants; what a change of it means

what a list says:
listing              pages in, a listing out: is it exact?
pagination           one pass over the pages: what was seen, and any sign of change meanwhile
date_order           in which order the dates come, and how strong the evidence for it is
names_witness        what was removed, where all names can be had and the count is short
name_order           lists that are paged by the last name instead of by a page number
list_sides           orders, filters and pages of a list that is refused beyond an offset
partial              reads such a list from all its sides, until they add up to its count
second_answers       what of a list is believed, and whom else is asked
list_reader          reads one list to its end
absence              asks for each item that a listing lacks
repositories_reader  the repositories of a namespace
tags_reader          the tags of a repository
full_descriptions    the full descriptions of repositories, where they are asked for

what it means:
diff                 what was known + a listing = the changes
baseline_gaps        what the first reading of a list left out, and is first read later
dangling             tags that are listed without a manifest
open_questions       tags that may have been retagged, and that could not be asked for
hidden               a private repository that the account no longer sees: hidden, or removed
audit_log            the audit log of a namespace, read before its crawl
unknown_namespace    an empty list: no repositories, or no such namespace
unmatched_names      names of the configuration that the registry does not have
removal_guard        how many removals at once are accepted without review

what to do when:
schedule             which crawl of a namespace is due, and how fresh an answer is
due_repositories     which repositories a crawl opens, and why
selection            which of those nothing new is known of, and in which order

dry_run              a crawl that records nothing, and shows what it would remove
sharding             a large crawl in shards that workers read
cancellation         ends crawls that run in threads, at once
"""
