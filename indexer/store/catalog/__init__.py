"""What the index is asked by commands, by the server, and by judges of pins and policies.

In: questions, with filters, a page to go on from, and who may see what.
Out: repositories, tags, periods, statuses: values of the model.
May not: write.

catalog           `Catalog`: what commands ask, as streams; `indexer.catalog.ports.Lookup` too
browser           `Browser`: what the server asks, a page at a time, for one audience
repositories      repositories that are there, or ever were
tags              the tags of a repository, now or as of a time
tag_history       every digest that a tag had, and from when until when
platforms         what images are for
entry_pages       pages of repositories and tags, each of which goes on after a name
compare           the tags of a repository at two times
digest_finder     which tags pointed to a digest, and when
shared_digests    which tags of a repository point to the same content
retag_moves       how the contents of retags differ
namespace_status  how well each namespace is known
crawl_history     when the last crawls were, and how they ended
crawl_outlook     what the next crawls know before they begin
"""
