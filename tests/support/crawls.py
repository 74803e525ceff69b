"""Crawls in memory, from end to end: a registry, an archive, a clock that never waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.core.clock import Clock
from indexer.core.model import ANONYMOUS, Mode
from indexer.core.reference import DOCKER_HUB
from indexer.crawl.crawler import crawl
from indexer.crawl.ports import Observer
from indexer.crawl.target import Target
from indexer.crawl.wanted_names import WantedNames
from tests.support.memory_archive import MemoryArchive
from tests.support.memory_registry import MemoryRegistry, MemorySource

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from indexer.core.model import Cost, Crawl
    from indexer.crawl.ports import Archive, Source
    from indexer.crawl.sharding import ShardReaders


@dataclass
class RegistryClock(Clock):
    """A clock that shows the registry's time."""

    registry: MemoryRegistry

    def now(self) -> datetime:
        """See `Clock`."""
        return self.registry.now

    def monotonic(self) -> float:
        """See `Clock`."""
        return self.registry.now.timestamp()

    def wait(self, seconds: float) -> None:
        """See `Clock`."""
        raise AssertionError(f"this clock never waits, but {seconds} seconds were asked for")


@dataclass
class Watcher(Observer):
    """Records its calls."""

    told: list[str] = field(default_factory=list)

    def listing(self, registry: str, namespace: str) -> None:
        """See `Observer`."""
        self.told.append(f"listing {registry}/{namespace}")

    def opening(self, total: int) -> None:
        """See `Observer`."""
        self.told.append(f"opening {total}")

    def opened(self, repository: str, done: int, spent: Cost) -> None:
        """See `Observer`."""
        del spent
        self.told.append(f"opened {repository} as number {done}")

    def problem(self, sentence: str) -> None:
        """See `Observer`."""
        self.told.append(sentence)


@dataclass
class Bench:
    """A registry, and the archive that its crawls are written to.

    Attributes:
        registry: the registry in memory.
        archive: where its crawls are written.
        source: of the last crawl.
        watcher: the observer of the last crawl.
    """

    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    archive: MemoryArchive = field(default_factory=MemoryArchive)

    def __post_init__(self) -> None:
        self.source = MemorySource(self.registry)
        self.watcher = Watcher()

    def crawl(
        self,
        mode: Mode = Mode.INCREMENTAL,
        *,
        who: str = ANONYMOUS,
        organisation: bool | None = None,
        sees: frozenset[str] | None = None,
        believes: bool = False,
        trouble: tuple[tuple[str, BaseException], ...] = (),
        before: Callable[[str], None] | None = None,
        concurrency: int = 1,
        accepted: frozenset[str] = frozenset(),
        verify_budget: int | None = None,
        wanted: WantedNames = WantedNames(),  # noqa: B008 - frozen
        part: str | None = None,
        singles: int = 0,
        resolves: int = 0,
        shard_readers: ShardReaders | None = None,
        cached: MemoryRegistry | None = None,
        cache_hits: int = 1_000_000,
        through: Callable[[MemorySource], Source] = lambda source: source,
        into: Callable[[Archive], Archive] = lambda archive: archive,
    ) -> Crawl:
        """Crawl `acme`.

        Args:
            mode: of the crawl.
            who: the account; one that is not anonymous sees private repositories.
            organisation: use an organisation's token; False: one that sees nothing private.
            sees: the private repositories that it sees; None: all.
            believes: removals of private repositories are believed.
            trouble: see `MemorySource`.
            before: see `MemorySource`.
            concurrency: how many threads.
            accepted: repositories or namespaces whose removals are accepted, however many.
            verify_budget: how many repositories without a newer date are opened.
            wanted: the repositories and tags that are wanted.
            part: read only this repository, or this tag.
            singles: tags of one repository that may be asked for one by one.
            resolves: tags that are listed without a digest and may be asked for it.
            shard_readers: workers that read shards of it.
            cached: see `MemorySource`, and `cache_hits`.
            through: wraps the source.
            into: wraps the archive.
        """
        self.source = MemorySource(
            self.registry,
            who,
            sees_private=who != ANONYMOUS and organisation is not False,
            sees=sees,
            trouble=list(trouble),
            before=before or (lambda _request: None),
            wants_only=WantedNames((part,)) if part and not wanted.text else wanted,
            singles=singles,
            resolves=resolves,
            cached=cached,
            cache_hits=cache_hits,
        )
        self.watcher = Watcher()
        return crawl(
            Target(
                DOCKER_HUB,
                "acme",
                mode,
                concurrency,
                accepted=accepted,
                verify_budget=verify_budget,
                believes_private_removals=believes,
                part=part,
            ),
            source=through(self.source),
            archive=into(self.archive),
            clock=RegistryClock(self.registry),
            observer=self.watcher,
            shard_readers=shard_readers,
        )

    @property
    def asked(self) -> list[str]:
        """The requests of the last crawl."""
        return self.source.asked

    def news(self, crawl: Crawl) -> list[str]:
        """The changes that a crawl wrote, without the baseline, in short."""
        old = {each.id for each in self.archive.changes if each.baseline}
        return self._changes(crawl, old)

    def changes(self, crawl: Crawl) -> list[str]:
        """The changes that a crawl wrote, in short."""
        return self._changes(crawl, ())

    def _changes(self, crawl: Crawl, but: Collection[int]) -> list[str]:
        return [
            f"{each.kind} {each.repository}{':' if each.tag else ''}{each.tag or ''}"
            for each in self.archive.changes
            if each.crawl_id == crawl.id and each.id not in but
        ]

    def indexed(self) -> dict[str, dict[str, str | None]]:
        """What the index has recorded: repository -> tag -> digest."""
        record = self.archive.begin(
            DOCKER_HUB, "acme", Mode.INCREMENTAL, ANONYMOUS, self.registry.now
        )
        self.archive.die()
        return {
            name: {tag: each.digest for tag, each in record.known_tags(name).tags.items()}
            for name in record.known_repositories().repositories
        }

    def truth(self) -> dict[str, dict[str, str | None]]:
        """What the registry holds."""
        return {
            name: {tag: each.digest for tag, each in held.tags.items()}
            for name, held in self.registry.held.items()
        }
