"""Puts a large crawl's repositories into jobs for other workers, and collects the results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.crawl.sharding import Shard, ShardReaders, ShardResult

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Sequence

    from indexer.crawl.cancellation import Cancellation
    from indexer.crawl.due_repositories import DueRepository
    from indexer.crawl.target import Target
    from indexer.service.job_queue import Queue
    from indexer.store.coordination.shard_results import ShardResults

PART_SIZE = 50
"""Repositories in one job: some seconds of work, or minutes under a tight rate limit."""

LEAST = 200
"""A crawl with at least so many repositories to read is sharded."""

LOOK_SECONDS = 0.5
"""Seconds between two checks for results."""

LOOKS_PER_CHECK = 10
"""After so many checks without a result, the queue is asked whether the jobs still exist."""


class WorkerShardReaders(ShardReaders):
    """Lets all workers read shards of one crawl.

    Args:
        queue: where shards are put.
        results: where results appear.
        stop: cancels everything.
        sharing: called before the first shard is put in.
        least: the fewest repositories for sharding.
        size: repositories in a shard.
    """

    def __init__(
        self,
        queue: Queue,
        results: ShardResults,
        stop: Cancellation,
        sharing: Callable[[], None],
        *,
        least: int = LEAST,
        size: int = PART_SIZE,
    ) -> None:
        self._queue = queue
        self._results = results
        self._stop = stop
        self._sharing = sharing
        self._least = least
        self._size = size

    @property
    def least(self) -> int:
        """See `ShardReaders`."""
        return self._least

    def read(
        self, target: Target, crawl: int, queue: Sequence[DueRepository], unseen: Collection[str]
    ) -> Generator[ShardResult, None, None]:
        """See `ShardReaders`."""
        self._sharing()
        starts = range(0, len(queue), self._size)
        shards = [
            Shard(crawl, number, tuple(queue[start : start + self._size]), tuple(unseen))
            for number, start in enumerate(starts)
        ]
        jobs = self._queue.share(
            shards, registry=target.registry, namespace=target.namespace, mode=target.mode.value
        )
        try:
            yield from self._brought_back(crawl, jobs)
        finally:
            self._queue.take_back(jobs.values())
            self._results.forget(crawl)

    def _brought_back(self, crawl: int, jobs: dict[int, int]) -> Generator[ShardResult, None, None]:
        """The result of each shard, as it arrives; `jobs` holds those that are still missing."""
        known: set[int] = set()
        looks = 0
        while jobs:
            looks += 1
            over = {
                number
                for number, job in jobs.items()
                if looks % LOOKS_PER_CHECK == 0 and self._queue.is_over(job)
            }
            found = self._results.take(crawl, known)  # read after that: a result precedes its end
            for number in over - found.keys():
                found[number] = ShardResult(
                    problems=("a shard of it could not be read and is left for the next crawl",)
                )
            for number, read in found.items():
                known.add(number)
                del jobs[number]
                yield read
            if jobs:
                self._stop.wait(LOOK_SECONDS)
