"""A large crawl in shards, which others read: what they are given, and what they bring back.

One crawl stays one crawl: it lists the namespace, decides what to open, and closes its row. Only
the reading of tags is shared; whoever reads a shard writes it, in the name of the crawl, for as
long as that is running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from indexer.core.model import Cost
from indexer.crawl.due_repositories import DueRepository  # noqa: TC001 - msgspec reads annotations

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Sequence

    from indexer.crawl.target import Target


class Shard(NamedTuple):
    """Repositories of a crawl to read, and those that its list must hold below where it stopped."""

    crawl: int
    number: int
    queue: tuple[DueRepository, ...]
    unseen: tuple[str, ...] = ()


class ShardResult(NamedTuple):
    """What became of a shard.

    Attributes:
        problems: a sentence for each thing that could not be read.
        spent: what it cost.
        lost: no further request makes sense.
        doubtful: something contradicts the listing of repositories.
    """

    problems: tuple[str, ...] = ()
    spent: Cost = Cost()
    lost: bool = False
    doubtful: bool = False


class QueueStatus(NamedTuple):
    """How the workers' queue stands.

    Attributes:
        workers: how many live.
        waiting: jobs that nobody has begun.
        doing: jobs that somebody does.
        again: of both, those that broke off before, or whose workers died.
        given_up: registry, namespace and number of the jobs that failed too often.
    """

    workers: int = 0
    waiting: int = 0
    doing: int = 0
    again: int = 0
    given_up: tuple[tuple[str, str, int], ...] = ()


class ShardReaders(Protocol):
    """Others who read shards of a crawl."""

    @property
    def least(self) -> int:
        """Of how many repositories on it is worth their while."""

    def read(
        self, target: Target, crawl: int, queue: Sequence[DueRepository], unseen: Collection[str]
    ) -> Generator[ShardResult, None, None]:
        """Let others read what is due, and yield what became of each shard.

        Closing the iterator takes back what nobody has begun.

        Raises:
            KeyboardInterrupt: the program was asked to stop meanwhile.
        """
