"""Asks registries for single images, each with the account that the configuration allows."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.bootstrap.registry_connections import wanted_names
from indexer.config import RegistrySettings
from indexer.core.hub_names import DOCKER_HUB
from indexer.core.model import WHOLE_REGISTRY
from indexer.crawl.schedule.freshness import holds

if TYPE_CHECKING:
    from indexer.bootstrap.index_and_sources import Sources
    from indexer.config import Settings
    from indexer.manifests.ports import ManifestSource
    from indexer.pins.live import LiveImage


class LiveRegistries:
    """The registries of images, connected when they are first asked. Safe to call from threads.

    Args:
        settings: its entries have the accounts.
        sources: makes the connections; they share the rate limits of everything else.
    """

    def __init__(self, settings: Settings, sources: Sources) -> None:
        self._settings = settings
        self._sources = sources
        self._lock = threading.Lock()
        self._open: dict[tuple[str, bool], ManifestSource] = {}

    def head(self, image: LiveImage) -> str | None:
        """The digest of an image, by a `HEAD`, which is no pull; None: there is none (404).

        Raises:
            ConfigError: the account is not where the configuration says.
            SourceError: the registry does not say.
        """
        entry = entry_for(self._settings, image.registry, image.repository)
        key = (entry.name, entry in self._settings.registries)
        with self._lock:
            if key not in self._open:
                self._sources.prepare(entry)
                self._open[key] = self._sources.contents(entry)
            contents = self._open[key]
        return contents.head(image.repository, image.reference)


def entry_for(settings: Settings, host: str, repository: str) -> RegistrySettings:
    """The entry that wants a repository; without one, a registry that is asked anonymously.

    An account is for what its entry names: nothing else is asked for with it.
    """
    for entry in settings.registries:
        is_named = any(holds(each, repository) for each in entry.namespaces)
        if entry.host == host and is_named and wanted_names(entry).has(repository):
            return entry
    same = next((each for each in settings.registries if each.host == host), None)
    return _anonymous(host, same)


def _anonymous(host: str, same: RegistrySettings | None) -> RegistrySettings:
    """A registry without an account; how it is reached is as its entries say, if it has any."""
    if same is None:
        if host == DOCKER_HUB:
            return RegistrySettings()
        return RegistrySettings(name=host, type="oci", namespaces=(WHOLE_REGISTRY,))
    return replace(
        same,
        name=f"{same.name} (anonymous)",
        username=None,
        password_env=None,
        password_file=None,
        docker_config=False,
        client_cert=None,
        client_key=None,
        repositories=(),
        tags=(),
        exclude=(),
    )
