"""A crawl that records nothing: what it would remove is collected instead.

The archive of a dry run reads what is recorded, and keeps what it is told to write. The crawler
does not know the difference, so a dry run shows what the same crawl would do now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import UsageError
from indexer.core.model import Crawl
from indexer.crawl.ports import Archive, CrawlRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from typing import NoReturn

    from indexer.core.audit_event import AuditEvent
    from indexer.core.model import (
        ChangeRate,
        Cost,
        CrawlStatus,
        FullDescription,
        ListMemory,
        Mode,
        RateLimit,
    )
    from indexer.crawl.diff import RepositoriesDiff
    from indexer.crawl.known_state import KnownNamespace, KnownTags
    from indexer.crawl.ports import ForgottenCounts
    from indexer.crawl.write_buffer import TagsReading

NO_CRAWL = 0
"""The number of a crawl that is not recorded."""


class Removal(NamedTuple):
    """A repository, or a tag of one, that a crawl would record as removed."""

    repository: str
    tag: str | None


class DryRunArchive(Archive):
    """An archive to which nothing is written.

    Args:
        archive: what is known.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.removals: list[Removal] = []

    def begin(
        self,
        registry: str,
        namespace: str,
        mode: Mode,
        identity: str,
        now: datetime,
        part: str | None = None,
    ) -> CrawlRecord:
        """See `Archive`. No crawl is recorded, so it is never busy."""
        known = self._archive.look(registry, namespace)
        crawl = _Begun(registry, namespace, mode, identity, now, part)
        return DryRunRecord(known, self.removals, crawl)

    def look(self, registry: str, namespace: str) -> CrawlRecord:
        """See `Archive`."""
        return self._archive.look(registry, namespace)

    def join(self, registry: str, namespace: str, crawl: int) -> NoReturn:
        """Nobody helps with a dry run."""
        raise UsageError(f"crawl {crawl} of {registry}/{namespace} is not recorded.")

    def forget(
        self, registry: str, *, namespace: str | None = None, repository: str | None = None
    ) -> ForgottenCounts:
        """A dry run forgets nothing."""
        raise UsageError(f"nothing of {registry}/{repository or namespace} is forgotten.")


class _Begun(NamedTuple):
    """What a dry run is of."""

    registry: str
    namespace: str
    mode: Mode
    identity: str
    now: datetime
    part: str | None


class DryRunRecord(CrawlRecord):
    """Keeps what would be removed.

    Args:
        known: reads what is recorded.
        removals: where removals are kept.
        begun: what the crawl is of.
    """

    def __init__(self, known: CrawlRecord, removals: list[Removal], begun: _Begun) -> None:
        self._known = known
        self._removals = removals
        self._begun = begun

    @property
    def id(self) -> int:
        """See `CrawlRecord`."""
        return NO_CRAWL

    def known_repositories(self) -> KnownNamespace:
        """See `CrawlRecord`."""
        return self._known.known_repositories()

    def other_namespaces(self) -> Collection[str]:
        """See `CrawlRecord`."""
        return self._known.other_namespaces()

    def audited_until(self) -> datetime | None:
        """See `CrawlRecord`."""
        return self._known.audited_until()

    def record_audit_events(self, events: Sequence[AuditEvent]) -> None:
        """Nothing is recorded."""

    def record_repositories(
        self, diff: RepositoriesDiff, memory: ListMemory | None, now: datetime
    ) -> None:
        """Keep what would be removed."""
        del memory, now
        self._removals += (Removal(name, None) for name in diff.removed)

    def undescribed(self) -> Mapping[str, datetime | None]:
        """Descriptions say nothing about what would be removed."""
        return {}

    def record_descriptions(self, found: Sequence[FullDescription], now: datetime) -> None:
        """Nothing is recorded."""

    def change_rates(self) -> Mapping[str, ChangeRate]:
        """See `CrawlRecord`."""
        return self._known.change_rates()

    def known_tags(self, repository: str) -> KnownTags:
        """See `CrawlRecord`."""
        return self._known.known_tags(repository)

    def record_readings(self, readings: Sequence[TagsReading], now: datetime) -> Collection[str]:
        """Keep what would be removed."""
        del now
        self._removals += (
            Removal(each.repository, name) for each in readings for name in each.diff.removed
        )
        return ()

    def finish(
        self,
        status: CrawlStatus,
        *,
        spent: Cost,
        errors: tuple[str, ...],
        rate_limit: RateLimit | None,
        now: datetime,
        pulls: RateLimit | None = None,
    ) -> Crawl:
        """The crawl that would have been recorded, without its counts."""
        begun = self._begun
        return Crawl(
            NO_CRAWL,
            begun.registry,
            begun.namespace,
            status,
            begun.mode,
            begun.identity,
            begun.now,
            now,
            spent=spent,
            errors=errors,
            rate_limit=rate_limit,
            pulls=pulls,
            part=begun.part,
        )
