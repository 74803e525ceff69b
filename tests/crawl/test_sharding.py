"""A large crawl whose repositories workers read is still one crawl."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Ended, Unavailable
from indexer.core.model import DANGLING, CrawlStatus, Mode
from indexer.crawl.crawler import read_shard
from indexer.crawl.ports import ResolvedDigests
from indexer.crawl.sharding import Shard, ShardReaders
from indexer.crawl.target import Target
from tests.support.crawls import Bench, RegistryClock, Watcher
from tests.support.memory_registry import MemorySource

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Mapping, Sequence

    from indexer.core.model import KnownTag, Tag
    from indexer.crawl.due_repositories import DueRepository
    from indexer.crawl.sharding import ShardResult


@dataclass
class InTurn(ShardReaders):
    """Reads one shard after the other, each as another machine would."""

    bench: Bench
    least: int = 5
    size: int = 4
    trouble: tuple[tuple[str, BaseException], ...] = ()
    before: Callable[[int], None] = lambda _number: None
    source: type[MemorySource] = MemorySource
    closed: bool = False
    shards: list[Shard] = field(default_factory=list)

    def read(
        self, target: Target, crawl: int, queue: Sequence[DueRepository], unseen: Collection[str]
    ) -> Generator[ShardResult, None, None]:
        """See `ShardReaders`."""
        try:
            for number, start in enumerate(range(0, len(queue), self.size)):
                chunk = tuple(queue[start : start + self.size])
                shard = Shard(crawl, number, chunk, tuple(unseen))
                self.shards.append(shard)
                self.before(number)
                yield self.shard(shard, target)
        finally:
            self.closed = True

    def shard(self, shard: Shard, target: Target) -> ShardResult:
        registry = self.bench.registry
        return read_shard(
            shard,
            target,
            source=self.source(registry, trouble=list(self.trouble)),
            archive=self.bench.archive,
            clock=RegistryClock(registry),
            observer=Watcher(),
        )


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.registry.add_many(11, "latest", "1.0")
    return bench


def test_a_large_crawl_in_shards_writes_what_one_alone_would(bench: Bench) -> None:
    alone = Bench()
    alone.registry.add_many(11, "latest", "1.0")
    one = alone.crawl()
    shard_readers = InTurn(bench)
    done = bench.crawl(shard_readers=shard_readers)

    assert (done.status, done.repositories, done.tags) == (CrawlStatus.COMPLETE, 11, 22)
    assert sorted(bench.changes(done)) == sorted(alone.changes(one))
    assert done.spent == one.spent, "what others spent is the crawl's"
    assert len(bench.asked) == 1, "it reads none itself"
    assert [len(shard.queue) for shard in shard_readers.shards] == [4, 4, 3]


def test_a_small_crawl_is_not_sharded(bench: Bench) -> None:
    bench.crawl()
    shard_readers = InTurn(bench)
    bench.registry.push(min(bench.registry.held), "2.0")
    done = bench.crawl(shard_readers=shard_readers)

    assert done.status is CrawlStatus.COMPLETE
    assert shard_readers.shards == []


def test_what_a_shard_could_not_read_is_in_the_crawl_and_pending(bench: Bench) -> None:
    name = sorted(bench.registry.held)[3]
    broken = ((f"tags {name} *", Unavailable("hub.test gave no usable answer.")),)
    done = bench.crawl(shard_readers=InTurn(bench, trouble=broken))

    assert done.status is CrawlStatus.INCOMPLETE
    assert done.errors == (f"{name}: hub.test gave no usable answer.",)
    assert bench.crawl().status is CrawlStatus.COMPLETE
    assert len(bench.asked) == 2


class WithoutManifest(MemorySource):
    """Lists a tag whose manifest cannot be had."""

    def resolve(
        self, repository: str, listed: Mapping[str, Tag], known: Mapping[str, KnownTag]
    ) -> ResolvedDigests:
        """See `Source`."""
        del listed, known
        return ResolvedDigests(dangling=("1.0",) if repository.endswith("3") else ())


def test_what_a_shard_notes_leaves_the_crawl_complete(bench: Bench) -> None:
    bench.crawl()
    readers = InTurn(bench, source=WithoutManifest)
    first = bench.crawl(Mode.FULL, shard_readers=readers)
    assert (first.status, bench.changes(first)) == (CrawlStatus.COMPLETE, [])
    assert "acme/r003: 1 tag is listed without a manifest (404): 1.0" in first.errors[0]
    second = bench.crawl(Mode.FULL, shard_readers=readers)
    assert bench.changes(second) == ["tag_removed acme/r003:1.0"]
    assert bench.archive.changes[-1].reason == DANGLING


def test_a_shard_that_is_lost_leaves_the_rest_for_the_next_crawl(bench: Bench) -> None:
    trouble = tuple((f"tags {name} *", Unavailable("down.")) for name in bench.registry.held)
    shard_readers = InTurn(bench, size=6, trouble=trouble)
    done = bench.crawl(shard_readers=shard_readers)

    assert done.status is CrawlStatus.INCOMPLETE
    assert (
        done.errors[-1]
        == "repositories that no worker had begun to read were left for the next crawl"
    )
    assert len(shard_readers.shards) == 1
    assert shard_readers.closed


def test_reading_a_shard_of_a_crawl_that_has_ended_is_refused(bench: Bench) -> None:
    shard_readers = InTurn(bench)
    bench.crawl(shard_readers=shard_readers)
    with pytest.raises(Ended):
        shard_readers.shard(shard_readers.shards[0], Target("docker.io", "acme"))


def test_an_interrupted_crawl_withdraws_shards_that_were_not_begun(bench: Bench) -> None:
    def stop(number: int) -> None:
        if number == 1:
            raise KeyboardInterrupt

    shard_readers = InTurn(bench, before=stop)
    with pytest.raises(KeyboardInterrupt):
        bench.crawl(shard_readers=shard_readers)

    assert shard_readers.closed
    (crawl,) = bench.archive.crawls.values()
    assert crawl.status is CrawlStatus.INTERRUPTED
    assert bench.crawl().status is CrawlStatus.COMPLETE
    assert len(bench.asked) == 1 + 7, "what a shard committed stays"
