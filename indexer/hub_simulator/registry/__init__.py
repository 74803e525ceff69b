"""The registry of a simulated hub, for reading, and the quirks of registries that people run.

In: requests, and the state of the hub.
Out: the answers of a registry, with or without quirks.
May not: import the indexer; change the hub.

api        tokens, the catalog, lists of tags, manifests, configurations, referrers
auth       who may see what: challenges, passwords, and the token service
lists      lists of names, in pages
referrers  lists of what refers to an image
quirks     how a registry may differ from the specification
"""
