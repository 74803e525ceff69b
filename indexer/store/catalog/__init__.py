"""Answers commands, the server, pins and policies from the index.

In: queries, with filters, a page to continue from, and an audience.
Out: repositories, tags, periods, statuses: model values.
May not: write.

catalog           `Catalog`: what commands ask, as streams; `indexer.catalog.ports.Lookup` too
browser           `Browser`: what the server asks, a page at a time, for one audience
snapshot          one transaction for all questions of an answer
public_view       what clients without the token see, and what is refused to them
repositories      present repositories, and all that ever were
tags              the tags of a repository, now or as of a time
tag_history       the periods of tags
labelled          repositories that have an image with a label
violation_rows    violations of policies, as values
visible_violations  violations as an audience may see them
known_since       since when the index knows a repository
platforms         the platforms of images
entry_pages       pages of repositories and tags, each continuing after a name
compare           the tags of a repository at two times
digest_search     which tags of all repositories lead to a digest, or ever did
digest_finder     which tags pointed to a digest, and when
shared_digests    which tags of a repository point to the same content
stats             what grows and what is dead: puts the answer together
count_stats       counts of repositories by the day
tag_stats         tags that are not pulled, and digests that tags share
retag_moves       how the contents of retags differ
namespace_names   names of namespaces, and what is hidden in each
namespace_status  how well each namespace is known
namespace_ages    when each namespace was last crawled completely
held_back         removals that wait until a person has looked
crawl_history     the last crawls of each namespace, and their statuses
crawl_outlook     what is known before the next crawls
"""
