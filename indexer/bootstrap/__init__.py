"""Settings into objects: the one room that knows both ends, and the real clock.

In: `Settings`, and what a command adds to them.
Out: the index, the sources, the targets of a crawl, the sinks, each behind its port.
May not: decide what to crawl, to judge or to tell. It builds, and others call.

index_and_sources     the index, the registries, the targets
registry_connections  addresses and certificates -> connections
credentials           in whose name: the configuration, or what `docker login` left
lazy_manifest_source  manifests of a registry that is connected when one is wanted
notification_sinks    sinks -> their channels
"""
