"""The registries that `indexer serve` asks for what the index does not hold."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.bootstrap.index_and_sources import Sources
from indexer.bootstrap.live_registries import entry_for
from indexer.manifests.prefetch import PullSavingSource

if TYPE_CHECKING:
    from indexer.config import RegistrySettings, Settings
    from indexer.core.clock import Clock
    from indexer.manifests.ports import LayerSource, ManifestSource
    from indexer.store import Store

PATIENCE_SECONDS = 5.0
"""The longest wait for a rate limit: a client is waiting."""

TIMEOUT_SECONDS = 15.0
TRIES = 2


class RegistryContent:
    """Registries, each asked with the account that the configuration allows. Safe from threads.

    Args:
        settings: its entries have the accounts.
        store: where machines share rate limits, if there are workers.
        clock: reads the time and waits.

    Raises:
        ConfigError: an account is not where the configuration says, or it is not known where a
            registry is.
    """

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        http = replace(
            settings.http,
            patience=min(settings.http.patience, PATIENCE_SECONDS),
            timeout=min(settings.http.timeout, TIMEOUT_SECONDS),
            tries=min(settings.http.tries, TRIES),
        )
        self._settings = replace(settings, http=http)
        budget = store.budget if settings.daemon.workers else None
        self._sources = Sources(self._settings, clock, budget=budget)
        self._lock = threading.Lock()
        self._contents: dict[RegistrySettings, ManifestSource] = {}
        self._layers: dict[RegistrySettings, LayerSource] = {}
        for registry, _ in settings.namespaces():
            self._sources.layers(registry)  # a mistake is reported before any client asks

    def contents_of(self, registry: str, repository: str) -> ManifestSource:
        """Who is asked for manifests and configurations of a repository; pulls are left for others.

        Raises:
            ConfigError: the account is not where the configuration says.
        """
        entry = entry_for(self._settings, registry, repository)
        with self._lock:
            if entry not in self._contents:
                self._sources.prepare(entry)
                self._contents[entry] = PullSavingSource(self._sources.contents(entry))
            return self._contents[entry]

    def layers_of(self, registry: str, repository: str) -> LayerSource:
        """Who is asked for layers of a repository.

        Raises:
            ConfigError: the account is not where the configuration says.
        """
        entry = entry_for(self._settings, registry, repository)
        with self._lock:
            if entry not in self._layers:
                self._layers[entry] = self._sources.layers(entry)
            return self._layers[entry]

    def close(self) -> None:
        """Close every connection."""
        self._sources.close()
