"""The index over HTTP: the catalog that Docker Hub does not have, an API, feeds, metrics, pages.

In: requests, and an index that is open: a `Browser` of it for each audience.
Out: JSON, feeds, metrics, pages that need no script.
May not: open the index or ask a registry itself, or write anything but hints.

app                which address leads where
server             listens, answers until it is told to stop
context            what every handler has at hand
middleware         stands before everything: who, how long, which headers
access_rules       who is answered, and what is shown to whom
responses          answers with an `ETag`, and errors as answers
time_parameters    times in addresses
change_filters     which changes an address asks for
request_counts     how many requests there were, for `/metrics`

registry_api       `/v2/`: `_catalog`, tags, manifests
api                `/api/v1`
api_answers        what it answers: pages of the records that commands write
openapi            its documentation
change_stream      changes from a cursor on: at once, when there is more, or as a stream
change_watcher     wakes those who wait for changes
push_hooks         registries say that something was pushed
feeds              Atom and JSON Feed
metrics            for Prometheus

pages              pages about everything
repository_pages   pages about one repository or one tag
repository_lookup  which repository a path means
shared_digests     tags and their history, beside others
fuzzy_search       names by what a person typed, typing errors forgiven
charts             pictures as numbers
templating         templates into pages, escaped
static_files       the style sheet and the icon
"""
