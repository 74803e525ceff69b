"""Crawls, written through the ports as `indexer.crawl.crawler` writes them, without a registry."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import ANONYMOUS, Cost, CrawlStatus, ListMemory, Mode, Repository, Tag
from indexer.core.platforms import Platform
from indexer.crawl import diff
from indexer.crawl.known_state import Extent
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from indexer.core.catalog_entries import Period
    from indexer.core.model import Change, Crawl
    from indexer.crawl.known_state import KnownNamespace
    from indexer.crawl.ports import Archive, CrawlRecord
    from indexer.store.catalog.catalog import Catalog

REGISTRY = "docker.io"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Index(Protocol):
    """Both sides of an index: what `indexer.store.open_store` gives."""

    @property
    def archive(self) -> Archive: ...

    @property
    def catalog(self) -> Catalog: ...


def digest(content: str) -> str:
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


def tag(name: str, content: str | None = None, **more: Any) -> Tag:
    """A tag that points to `content`; None: the registry names no digest."""
    named = digest(content) if content is not None else None
    return Tag(name, **{"last_updated": START, "digest": named, **more})


def image(place: str, content: str | None = None, size: int | None = None) -> Platform:
    """One image of a tag: `linux/arm/v7`, with the digest of `content` if there is one."""
    os, architecture, variant, *_ = (*place.split("/"), None, None)
    assert os is not None
    assert architecture is not None
    named = digest(content) if content is not None else None
    return Platform(os, architecture, variant, digest=named, size=size)


def remembered(**more: Any) -> ListMemory:
    facts = {"exact": True, "newest": START, "identity": ANONYMOUS, "full_at": START, **more}
    return ListMemory(**facts)


def changes(index: Index, **wanted: Any) -> list[Change]:
    """The change log; with the baseline unless said otherwise."""
    return list(index.catalog.changes(ChangeFilter(**{"baseline": True, **wanted})))


def told(changes: Iterable[Change]) -> list[tuple[str, str, str | None]]:
    """Changes in short."""
    return [(change.kind.value, change.repository, change.tag) for change in changes]


def spans(periods: Iterable[Period]) -> list[tuple[str | None, datetime, datetime | None]]:
    """Periods in short."""
    return [(each.digest, each.started_at, each.ended_at) for each in periods]


@dataclass
class Scribe:
    """Crawls one namespace of a registry that is whatever the test says it is.

    `now` is its clock: a minute passes before each act, unless the test sets it.
    """

    archive: Archive
    namespace: str = "library"
    registry: str = REGISTRY
    identity: str = ANONYMOUS
    now: datetime = START
    repositories: dict[str, Repository] = field(default_factory=dict)

    def passes(self) -> datetime:
        self.now += MINUTE
        return self.now

    def begin(self, mode: Mode = Mode.INCREMENTAL) -> CrawlRecord:
        return self.archive.begin(self.registry, self.namespace, mode, self.identity, self.passes())

    def crawl(
        self, held: Mapping[str, Iterable[Tag] | None], mode: Mode = Mode.INCREMENTAL
    ) -> Crawl:
        """Crawl the namespace, which holds these repositories, by their short names.

        Args:
            held: the tags of each; None: they cannot be read.
            mode: as the crawl's row will say.
        """
        record = self.begin(mode)
        names = [f"{self.namespace}/{name}" for name in held]
        self.list(record, [self.repositories.get(name, Repository(name, START)) for name in names])
        known = record.known_repositories()
        for name, tags in zip(names, held.values(), strict=True):
            if tags is not None:
                self.read(record, name, tags, known)
        return self.finish(record)

    def list(self, record: CrawlRecord, listed: Iterable[Repository], **more: Any) -> None:
        """Record a finished listing of all repositories: what is not in it was removed."""
        known = record.known_repositories()
        found = {each.name: each for each in listed}
        facts = {
            "removed": known.repositories.keys() - found.keys(),
            "baseline": known.memory is None,
            "identity": self.identity,
            **more,
        }
        changed = diff.repositories(known.repositories, found, **facts)
        now = self.passes()
        memory = remembered(identity=self.identity, full_at=now)
        record.record_repositories(changed, memory, now)

    def read(
        self,
        record: CrawlRecord,
        repository: str,
        tags: Iterable[Tag],
        namespace: KnownNamespace | None = None,
        extent: Extent = Extent.VERIFIED,
    ) -> diff.TagsDiff:
        """Record a finished listing of a repository's tags: what is not in it was removed.

        Args:
            record: of this crawl.
            repository: its full name.
            tags: what was listed.
            namespace: what the record knows, from someone who reads many; None: it is asked.
            extent: how much of the list was read.
        """
        listed = {each.name: each for each in tags}
        item = (namespace or record.known_repositories()).repositories[repository]
        known = record.known_tags(repository)
        changed = diff.tags(
            known.tags,
            listed.values(),
            removed=known.tags.keys() - listed.keys(),
            baseline=item.baseline and known.memory is None,
        )
        memory = remembered(identity=self.identity)
        record_tags(
            record, repository, changed, memory, item.last_updated, self.passes(), extent=extent
        )
        return changed

    def finish(
        self,
        record: CrawlRecord,
        status: CrawlStatus = CrawlStatus.COMPLETE,
        **more: Any,
    ) -> Crawl:
        facts = {"spent": Cost(), "errors": (), "rate_limit": None, **more}
        return record.finish(status, now=self.passes(), **facts)
