"""The index over HTTP: the catalog that Docker Hub does not have, an API, feeds, metrics, pages.

In: requests, and an open index: one `Browser` for each audience.
Out: JSON, feeds, metrics, and pages without scripts.
May not: open the index or ask a registry itself (it is given who does), or write anything but
         hints, and manifests that were fetched.

app                the routes of the application
server             listens and serves until it is stopped
context            what every handler uses: the index, settings, clock, threads
middleware         checks access, time limits and hosts, and sets headers, for every request
access_rules       who may connect, and who may see what
access             finds who asks; logs in and out
protocol           what HTTP asks of every server: limits, and more
guarded_answer     what every answer has, and refusals
access_log         a line for each answer
responses          answers with an `ETag`, and errors as answers
time_parameters    times in query parameters
change_filters     filters of changes in query parameters
request_counts     counts requests, for `/metrics`

registry_api       `/v2/`: `_catalog`, tags, referrers
registry_content   manifests, configurations and layers
answer_age         how fresh an answer is
api                `/api/v1`
change_watcher     wakes clients that wait for changes
push_hooks         receives notifications of pushes from registries
hook_formats       which repositories they name
feeds              Atom and JSON Feed
metrics            metrics for Prometheus
probes             `/healthz` and `/readyz`

pages              pages about changes, namespaces, repositories, search
repository_pages   pages about one repository or one tag
diff_page          the page of two digests of a tag
violation_pages    pages of violations: all, and one
audience_lookup    looks images up for verdicts, as the client may see them
repository_lookup  finds the repository that a path names
shared_digests     tags and their history, with tags that share a digest
sorted_tags        pages of tags, the newest or greatest first
fuzzy_search       finds repositories despite typing errors
charts             computes the positions of bars and labels
templating         renders templates, with escaping
static_files       the style sheet and the icon
"""
