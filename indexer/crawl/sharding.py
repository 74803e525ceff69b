"""A large crawl in shards that workers read: what a worker gets, and what it returns.

There is still one crawl: it lists the namespace, decides what to open, and closes its row. Only
the reading of tags is shared. A worker reads a shard and writes it as part of that crawl, as long
as the crawl is running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from indexer.core.model import Cost
from indexer.crawl.due_repositories import DueRepository  # noqa: TC001 - msgspec reads annotations

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Sequence

    from indexer.crawl.target import Target


class Shard(NamedTuple):
    """Some repositories of a crawl, for one worker.

    Attributes:
        crawl: the number of the crawl.
        number: of the shard, within the crawl.
        queue: the repositories to read.
        unseen: known repositories that stand in the list below where the crawl stopped reading it.
    """

    crawl: int
    number: int
    queue: tuple[DueRepository, ...]
    unseen: tuple[str, ...] = ()


class ShardResult(NamedTuple):
    """The result of reading a shard.

    Attributes:
        problems: a sentence for each thing that could not be read.
        spent: its requests and bytes.
        lost: further requests make no sense.
        doubtful: something contradicts the listing of repositories.
        notes: sentences about what leaves the crawl complete.
    """

    problems: tuple[str, ...] = ()
    spent: Cost = Cost()
    lost: bool = False
    doubtful: bool = False
    notes: tuple[str, ...] = ()


class QueueStatus(NamedTuple):
    """The state of the workers' queue.

    Attributes:
        workers: live workers.
        waiting: jobs that no worker has begun.
        doing: jobs in progress.
        again: jobs of both kinds that failed before, or whose worker died.
        given_up: registry, namespace and number of jobs, for those that failed too often.
        daemons: whether a daemon that fills the queue is connected: the number of its connections.
    """

    workers: int = 0
    waiting: int = 0
    doing: int = 0
    again: int = 0
    given_up: tuple[tuple[str, str, int], ...] = ()
    daemons: int = 0


class ShardReaders(Protocol):
    """Workers that read shards of a crawl."""

    @property
    def least(self) -> int:
        """The least number of due repositories for which a crawl is shared."""

    def read(
        self, target: Target, crawl: int, queue: Sequence[DueRepository], unseen: Collection[str]
    ) -> Generator[ShardResult, None, None]:
        """Let workers read the due repositories, and yield the result of each shard.

        Closing the iterator withdraws the shards that no worker has begun.

        Args:
            target: what to crawl, and how.
            crawl: the number of the crawl.
            queue: the due repositories.
            unseen: see `Shard`.

        Raises:
            KeyboardInterrupt: the program was asked to stop.
        """
