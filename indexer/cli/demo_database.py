"""The index that a demo makes: in a file of its own, which never takes the place of another."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from indexer.bootstrap import index_and_sources
from indexer.cli.progress import Progress
from indexer.config import DatabaseSettings, RegistrySettings, Settings
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.errors import StoreError, UsageError
from indexer.core.printable import shown
from indexer.crawl.crawler import crawl
from indexer.crawl.target import Target

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from indexer.cli.context import CommandContext
    from indexer.core.model import Change, Crawl

REGISTRY = "demo.localhost"
"""Nobody else's: what is in a demo's index can never be taken for Docker Hub's."""

PAGE = 100
"""Items of a page, for whoever polls."""

_BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite keeps for a database."""


class DemoClock(index_and_sources.SystemClock):
    """The real time, or as long ago as the story wants."""

    def __init__(self) -> None:
        self.back = timedelta()

    def now(self) -> datetime:
        """See `Clock`."""
        return super().now() - self.back


class DemoCrawl(NamedTuple):
    """A crawl, what it changed, and how many requests asking tag by tag would have taken."""

    crawl: Crawl
    changes: list[Change]
    polled: int


class DemoIndex:
    """Makes the index and crawls into it.

    Args:
        session: of the command.
        directory: where the file goes.
        url: of the simulated Hub.

    Raises:
        UsageError: there is a file of that name that no demo made.
    """

    def __init__(self, session: CommandContext, directory: Path, url: str) -> None:
        self.file = directory / "demo.db"
        self.url = f"sqlite:///{self.file.absolute()}"
        self._session = session
        self._registry = RegistrySettings(name=REGISTRY, hub_url=url)
        self._settings = Settings(DatabaseSettings(self.url), registries=(self._registry,))
        self._clock = DemoClock()
        self._stack = ExitStack()
        self.replaced = ", in place of an earlier demo's" if self.file.exists() else ""

    def __enter__(self) -> Self:
        if not self.file.parent.is_dir():
            raise UsageError(f"{shown(str(self.file.parent))} is no directory: make it first.")
        if self.file.exists():
            self._remove()
        opened = index_and_sources.opened(self._settings, create=True)
        self._store = self._stack.enter_context(opened)
        self._progress = Progress(self._session)
        self._sources = index_and_sources.Sources(
            self._settings, self._clock, self._progress.waiting
        )
        self._stack.callback(self._sources.close)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def crawl(self, namespace: str, back: timedelta = timedelta()) -> DemoCrawl:
        """Crawl a namespace of the simulated Hub, as if it were so long ago."""
        self._clock.back = back
        source = self._sources.of(self._registry)
        with self._progress.shown(source):
            done = crawl(
                Target(REGISTRY, namespace),
                source=source,
                archive=self._store.archive,
                clock=self._clock,
                observer=self._progress,
            )
        return DemoCrawl(done, self._changes(done), self._polled(namespace))

    def _changes(self, done: Crawl) -> list[Change]:
        wanted = ChangeFilter(crawl=done.id, registry=REGISTRY, namespace=done.namespace)
        return list(self._store.catalog.changes(wanted))

    def _polled(self, namespace: str) -> int:
        """One request for each tag, and those for the lists."""
        entries = list(self._store.catalog.repositories(REGISTRY, namespace))
        return _pages(len(entries)) + sum(entry.tags + _pages(entry.tags) for entry in entries)

    def _remove(self) -> None:
        """Remove an earlier demo's file, and only that."""
        try:
            with index_and_sources.opened(self._settings, create=False) as store:
                is_ours = all(each.registry == REGISTRY for each in store.catalog.namespaces())
        except StoreError:
            is_ours = False
        if not is_ours:
            raise UsageError(
                f"{shown(str(self.file))} is no demo's index, and is left alone: move it away, or "
                "choose another place with --directory."
            )
        for suffix in _BESIDE:
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)


def _pages(items: int) -> int:
    return max(-(-items // PAGE), 1)
