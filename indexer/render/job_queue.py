"""How the workers' queue stands, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.humanize import count
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.crawl.sharding import QueueStatus


def lines(backlog: QueueStatus) -> Iterator[str]:
    """Yield what a person should know."""
    again = f", {backlog.again} of them not for the first time" if backlog.again else ""
    yield (
        f"queue: {count(backlog.workers, 'worker')}, {count(backlog.doing, 'job')} being done, "
        f"{backlog.waiting} waiting{again}"
    )
    if not backlog.workers:
        yield "  no worker lives: start 'indexer worker', or nothing is crawled"
    for home, name, jobs in backlog.given_up:
        yield (
            f"  {home}/{shown(name)}: {count(jobs, 'job')} given up after the last try; the "
            "worker's log says why"
        )
