"""Builds the index, the registries and the targets from `Settings`; has the real clock.

Heavy modules are imported where they are needed: reading the index needs no HTTP, and `--help`
needs no database.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from indexer.bootstrap import found_configuration, registry_connections
from indexer.bootstrap.lazy_manifest_source import LazyManifestSource, registry_of
from indexer.bootstrap.registry_connections import Connector
from indexer.core.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.bootstrap.registry_connections import Hub, OnWait
    from indexer.config import RegistrySettings, Settings
    from indexer.core.model import Mode
    from indexer.crawl.ports import Source
    from indexer.crawl.removal_guard import RemovalGuard
    from indexer.crawl.target import Target
    from indexer.manifests.ports import LayerSource, ManifestSource
    from indexer.ratelimit.limiter import RateLimiter
    from indexer.ratelimit.ports import Budget
    from indexer.sources.oci.connection import Connection
    from indexer.store import Store
    from indexer.store.sql_reports.reports import Reports


class SystemClock(Clock):
    """The real time."""

    def now(self) -> datetime:
        """See `Clock`."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See `Clock`."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """See `Clock`. Signals interrupt it: their handlers run, and raise, in the main thread."""
        if seconds > 0:
            time.sleep(seconds)


@contextmanager
def opened(settings: Settings, *, create: bool) -> Iterator[Store]:
    """Open the index; it is closed at the end of the block.

    Args:
        settings: say where it is.
        create: create it if it does not exist.

    Raises:
        StoreError: it cannot be used.
    """
    from indexer.store import open_store  # noqa: PLC0415 - SQLAlchemy takes a sixth of a second

    where = settings.database
    store = open_store(where.url, create=create, reader_url=where.reader_url)
    try:
        yield store
    finally:
        store.close()


def removal_guard_of(registry: RegistrySettings) -> RemovalGuard:
    """How many removals of a registry are accepted at once without a person."""
    from indexer.crawl.removal_guard import RemovalGuard  # noqa: PLC0415 - only crawls need it

    return RemovalGuard(registry.hold_back_share, registry.hold_back_number)


@contextmanager
def reports(settings: Settings) -> Iterator[Reports]:
    """Open the index for SQL queries: one snapshot of it, read-only.

    Args:
        settings: say where it is.

    Raises:
        StoreError: it cannot be used.
    """
    from indexer.store.sql_reports.reports import Reports  # noqa: PLC0415 - SQLAlchemy again

    opened_reports = Reports(settings.database.reading)
    try:
        yield opened_reports
    finally:
        opened_reports.close()


def target_of(
    settings: Settings,
    registry: RegistrySettings,
    namespace: str,
    mode: Mode,
    accepted: frozenset[str] = frozenset(),
    part: str | None = None,
) -> Target:
    """What to crawl, and how, by the configuration.

    Args:
        settings: the configuration.
        registry: where the namespace is.
        namespace: its name.
        mode: how much of it to read.
        accepted: namespaces and repositories whose removals are not held back.
        part: a repository, or a tag of it, that alone is read.
    """
    from indexer.crawl.target import Target  # noqa: PLC0415 - only crawls need it

    return Target(
        registry.host,
        namespace,
        mode,
        concurrency=settings.http.concurrency,
        passes=settings.http.passes,
        removal_guard=removal_guard_of(registry),
        accepted=accepted,
        verify_budget=settings.schedule_of(registry.host, namespace).verify_budget,
        manifests=registry.manifests,
        believes_private_removals=registry.private_removals == "believe",
        part=part,
        configured=tuple(
            each
            for entry in settings.registries
            if entry.host == registry.host
            for each in entry.namespaces
        ),
        audit=registry.audit,
        details=registry.details,
    )


class Sources:
    """The registries as sources. All crawls of a registry share its connections and rate limit.

    Args:
        settings: how to ask registries.
        clock: reads the time and waits.
        on_wait: called at each wait for a rate limit, with its end and its reason.
        limiters: limiters of earlier connections, by address and account; they are reused.
        budget: makes a rate limit budget that machines share; None: it is this process's own.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        on_wait: OnWait | None = None,
        limiters: dict[tuple[str, str], RateLimiter] | None = None,
        budget: Callable[[str], Budget] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._on_wait = on_wait
        self._limiters = {} if limiters is None else limiters
        self._budget = budget
        self._connector = Connector(settings.http, clock, on_wait, self._limiters, budget)
        self._open: dict[str, Hub | Connection] = {}

    def prepare(self, registry: RegistrySettings) -> None:
        """Find the registry's account, so that a mistake in it is reported before any crawl.

        Raises:
            ConfigError: the account is not where the configuration says.
        """
        if registry.name not in self._open:
            found_configuration.announce(self._settings)
            self._open[registry.name] = self._connector.connect(registry)

    def of(self, registry: RegistrySettings) -> Source:
        """A registry, for one crawl.

        Raises:
            ConfigError: as `prepare`.
        """
        self.prepare(registry)
        return registry_connections.source_of(self._open[registry.name], registry)

    def contents(self, registry: RegistrySettings) -> ManifestSource:
        """A registry's manifests and configurations; it is connected at the first request."""

        def connect() -> Hub | Connection:
            self.prepare(registry)
            return self._open[registry.name]

        return LazyManifestSource(connect, registry.host)

    def layers(self, registry: RegistrySettings) -> LayerSource:
        """A registry's layers.

        Raises:
            ConfigError: as `prepare`; or it is not known where the registry is.
        """
        from indexer.sources.oci.layers import RegistryLayers  # noqa: PLC0415 - it brings HTTP along

        self.prepare(registry)
        connection = registry_of(self._open[registry.name], registry.host)
        return RegistryLayers(connection)

    def renewed(self, settings: Settings) -> Sources:
        """The registries of another configuration, with the same rate limiters."""
        return Sources(settings, self._clock, self._on_wait, self._limiters, self._budget)

    def close(self) -> None:
        """Close every connection."""
        for connected in self._open.values():
            registry_connections.close(connected)
        self._open.clear()
