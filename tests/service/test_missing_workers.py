"""A daemon whose crawls nobody takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.core.errors import StoreError
from indexer.crawl.sharding import QueueStatus
from indexer.service.missing_workers import LOOK_SECONDS, WatchedQueue
from tests.notify.stage import FakeClock

if TYPE_CHECKING:
    import pytest


@dataclass
class Jobs:
    """A queue in memory, and how many workers there are."""

    workers: int = 0
    fails: bool = False
    waiting: set[tuple[str, str]] = field(default_factory=set)

    def put(self, *name: str) -> bool:
        is_new = name not in self.waiting
        self.waiting.add((name[0], name[1]))
        return is_new

    def status(self) -> QueueStatus:
        if self.fails:
            raise StoreError("it is away.")
        return QueueStatus(workers=self.workers, waiting=len(self.waiting))


def warnings(
    jobs: Jobs, looks: int, caplog: pytest.LogCaptureFixture, clock: FakeClock | None = None
) -> int:
    """How often a daemon warns that looks so often, a minute apart."""
    clock = clock or FakeClock()
    queue = WatchedQueue(jobs.put, jobs.status, clock)
    for _ in range(looks):
        queue("docker.io", "acme")
        clock.wait(LOOK_SECONDS)
    return caplog.text.count("no worker is running")


def test_it_warns_once_while_crawls_wait(caplog: pytest.LogCaptureFixture) -> None:
    assert warnings(Jobs(), 10, caplog) == 1


def test_it_does_not_warn_at_once_or_beside_workers(caplog: pytest.LogCaptureFixture) -> None:
    assert warnings(Jobs(), 2, caplog) == 0
    assert warnings(Jobs(workers=1), 10, caplog) == 0
    assert warnings(Jobs(fails=True), 10, caplog) == 0


def test_it_warns_again_after_workers_came_and_went(caplog: pytest.LogCaptureFixture) -> None:
    jobs, clock = Jobs(), FakeClock()
    queue = WatchedQueue(jobs.put, jobs.status, clock)
    for workers in (0, 0, 0, 2, 2, 0, 0):
        jobs.workers = workers
        queue("docker.io", "acme")
        clock.wait(LOOK_SECONDS)

    assert caplog.text.count("no worker is running") == 2
