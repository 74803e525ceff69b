"""Settings into objects: the one room that knows both ends, and the real clock.

index_and_sources     the index, the registries, the targets
registry_connections  accounts, addresses and certificates -> connections
notification_sinks    sinks -> their channels
"""
