"""The state of the workers' job queue, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.humanize import count
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.crawl.sharding import QueueStatus


def lines(backlog: QueueStatus) -> Iterator[str]:
    """Yield lines about workers, waiting jobs and jobs that were given up."""
    again = f", {backlog.again} of them repeated" if backlog.again else ""
    yield (
        f"queue: {count(backlog.workers, 'worker')}, {count(backlog.doing, 'job')} running, "
        f"{backlog.waiting} waiting{again}"
    )
    if not backlog.workers:
        yield "  no worker is running: start 'indexer worker', else nothing is crawled"
    if not backlog.daemons:
        yield (
            "  no daemon fills the queue: start 'indexer daemon' with '[daemon] workers = true', "
            "else nothing is crawled"
        )
    for host, name, jobs in backlog.given_up:
        yield (
            f"  {host}/{shown(name)}: {count(jobs, 'job')} given up after the last try: see "
            "the worker's log"
        )
