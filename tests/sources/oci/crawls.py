"""Crawls of real registries into an archive in memory."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from indexer.core.model import WHOLE_REGISTRY, Mode
from indexer.crawl.crawler import crawl
from indexer.crawl.target import Target
from tests.http.fake_server import FakeClock
from tests.support.crawls import Watcher
from tests.support.memory_archive import MemoryArchive

if TYPE_CHECKING:
    from indexer.core.model import ChangeKind, Crawl
    from indexer.crawl.ports import Source


class Crawler:
    """Crawls into one archive; an hour passes before each crawl."""

    def __init__(self) -> None:
        self.archive = MemoryArchive()
        self.clock = FakeClock()
        self._seen = 0

    def crawl(self, source: Source, mode: Mode = Mode.INCREMENTAL, **options: Any) -> Crawl:
        self.clock.time += timedelta(hours=1)
        target = Target(source.registry, WHOLE_REGISTRY, mode, **options)
        return crawl(
            target, source=source, archive=self.archive, clock=self.clock, observer=Watcher()
        )

    def news(self) -> list[tuple[ChangeKind, str, str | None]]:
        """The changes since this was last asked that are no baseline."""
        fresh = self.archive.changes[self._seen :]
        self._seen += len(fresh)
        return [(each.kind, each.repository, each.tag) for each in fresh if not each.baseline]

    def known(self, source: Source) -> dict[str, dict[str, str | None]]:
        """What the archive believes: digests by tag, by repository."""
        record = self.archive.begin(
            source.registry, WHOLE_REGISTRY, Mode.INCREMENTAL, source.identity, self.clock.now()
        )
        found = {
            name: {tag: each.digest for tag, each in record.known_tags(name).tags.items()}
            for name in record.known_repositories().repositories
        }
        self.archive.die()
        return found
