"""Builds objects from `Settings`. The only room that knows both ends; it has the real clock.

In: `Settings`, and what a command adds to them.
Out: the index, the sources, the targets of a crawl, the sinks, each behind its port.
May not: decide what to crawl, judge or send. It builds objects, and others use them.

index_and_sources     the index, the registries, the targets
registry_connections  connections to registries: addresses, accounts, certificates
found_configuration   says which file is obeyed that nobody named, and which secrets lie open
open_secret_files     finds files with secrets that other users can read
configuration_review  what a configuration lacks, found without a network
credentials           the account: from the configuration, or from `docker login`
lazy_manifest_source  manifests of a registry, connected at the first request
live_registries       asks registries for single images
registry_content      the registries that the server asks for what the index does not hold
notification_sinks    sinks and their channels
"""
