"""The index that `indexer demo` creates. It never overwrites an index that no demo created."""

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
    from indexer.store.catalog.catalog import Catalog

REGISTRY = "demo.localhost"
"""A name no real registry has, so that the demo's data cannot be mistaken for Docker Hub's."""

PAGE = 100
"""Items of a page, for the comparison with polling."""

_BESIDE = ("", "-wal", "-shm", "-journal")
"""Suffixes of the files that SQLite may write for a database."""


class DemoClock(index_and_sources.SystemClock):
    """The real clock, set back by `back`."""

    def __init__(self) -> None:
        self.back = timedelta()

    def now(self) -> datetime:
        """See `Clock`."""
        return super().now() - self.back


class DemoCrawl(NamedTuple):
    """A crawl, what it changed, and how many requests polling tag by tag would have taken."""

    crawl: Crawl
    changes: list[Change]
    polled: int


class DemoIndex:
    """Creates the index and crawls into it.

    Args:
        session: the running command.
        directory: where to write demo.db.
        url: of the simulated Hub.

    Raises:
        UsageError: demo.db exists and was not created by a demo.
    """

    def __init__(self, session: CommandContext, directory: Path, url: str) -> None:
        self.file = directory / "demo.db"
        self.url = f"sqlite:///{self.file.absolute()}"
        self._session = session
        self._registry = RegistrySettings(name=REGISTRY, hub_url=url)
        self._settings = Settings(DatabaseSettings(self.url), registries=(self._registry,))
        self._clock = DemoClock()
        self._stack = ExitStack()
        self.replaced = ", replacing that of an earlier demo" if self.file.exists() else ""

    def __enter__(self) -> Self:
        if not self.file.parent.is_dir():
            raise UsageError(f"{shown(str(self.file.parent))} is not a directory: create it first.")
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
        """Crawl a namespace of the simulated Hub with the clock set back by `back`."""
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

    @property
    def catalog(self) -> Catalog:
        """What is in it."""
        return self._store.catalog

    def _changes(self, done: Crawl) -> list[Change]:
        wanted = ChangeFilter(crawl=done.id, registry=REGISTRY, namespace=done.namespace)
        return list(self._store.catalog.changes(wanted))

    def _polled(self, namespace: str) -> int:
        """Requests of polling: one for each tag, and one for each page of the lists."""
        entries = list(self._store.catalog.repositories(REGISTRY, namespace))
        return _pages(len(entries)) + sum(entry.tags + _pages(entry.tags) for entry in entries)

    def _remove(self) -> None:
        """Delete the file of an earlier demo; refuse to delete any other."""
        try:
            with index_and_sources.opened(self._settings, create=False) as store:
                names = store.catalog.namespace_names()
                is_ours = all(registry == REGISTRY for registry, _ in names)
        except StoreError:
            is_ours = False
        if not is_ours:
            raise UsageError(
                f"{shown(str(self.file))} was not created by a demo and is not overwritten: move "
                "it away, or choose another directory with --directory."
            )
        for suffix in _BESIDE:
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)


def _pages(items: int) -> int:
    return max(-(-items // PAGE), 1)
