"""Crawls a generated registry in a process of its own, to measure its memory.

python -m benchmarks.worker URL REPOSITORIES
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks.generated import GeneratedSource
from indexer.bootstrap.index_and_sources import SystemClock
from indexer.core.model import Mode
from indexer.crawl.crawler import crawl
from indexer.crawl.ports import Observer
from indexer.crawl.target import Target
from indexer.store import open_store

if TYPE_CHECKING:
    from indexer.core.model import Cost


class Nobody(Observer):
    """An observer that does nothing."""

    def listing(self, registry: str, namespace: str) -> None:
        """See `Observer`."""

    def opening(self, total: int) -> None:
        """See `Observer`."""

    def opened(self, repository: str, done: int, spent: Cost) -> None:
        """See `Observer`."""

    def problem(self, sentence: str) -> None:
        """See `Observer`."""
        print(sentence)


def main(url: str, repositories: int) -> None:
    """Crawl everything twice; the second crawl finds nothing new."""
    store = open_store(url, create=True)
    for mode in (Mode.FULL, Mode.VERIFY):
        done = crawl(
            Target("docker.io", "bench", mode),
            source=GeneratedSource(repositories),
            archive=store.archive,
            clock=SystemClock(),
            observer=Nobody(),
        )
        print(done.status, done.repositories, done.tags, sum(done.changes.values()), done.errors)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
