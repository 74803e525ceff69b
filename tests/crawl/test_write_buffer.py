"""Readings are written many at once, and what one of them meets does not cost the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.clock import Clock
from indexer.core.errors import Conflict, Ended, StoreError, UsageError
from indexer.core.model import Tag
from indexer.crawl.diff import TagsDiff
from indexer.crawl.write_buffer import (
    LONGEST_SECONDS,
    MOST_READINGS,
    MOST_TAGS,
    TagsReading,
    WriteBuffer,
)
from tests.support.crawls import Bench

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.crawl.ports import Archive

START = datetime(2026, 3, 1, tzinfo=UTC)
MANY = Tag("1.0", START, None, ())


class Waits(Clock):
    """A clock that a test moves."""

    seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


class Writes:
    """Keeps what it is told to write; fails on what it is told to fail on."""

    def __init__(self, **fails: Exception) -> None:
        self.written: list[list[str]] = []
        self.times: list[datetime] = []
        self._fails = fails

    def record_readings(self, readings: Sequence[TagsReading], now: datetime) -> list[str]:
        names = [each.repository for each in readings]
        for name in names:
            if name in self._fails and not isinstance(self._fails[name], Conflict):
                raise self._fails[name]
        conflicts = [name for name in names if name in self._fails]
        self.written.append([name for name in names if name not in conflicts])
        self.times.append(now)
        return conflicts


class Desk:
    """A buffer, its clock, where it writes, and the problems that it tells."""

    def __init__(self, record: Writes | None = None) -> None:
        self.clock = Waits()
        self.record = record or Writes()
        self.problems: list[str] = []
        self.buffer = WriteBuffer(self.record, self.clock, self.problems.append)

    def add(self, *names: str, tags: int = 0) -> None:
        for name in names:
            self.buffer.add(TagsReading(name, TagsDiff(added=(MANY,) * tags), None, START))


def test_so_many_readings_are_one_transaction() -> None:
    desk = Desk()
    names = [f"r{number}" for number in range(MOST_READINGS + 1)]
    desk.add(*names)
    assert desk.record.written == [names[:-1]]
    desk.buffer.flush()
    desk.buffer.flush()
    assert desk.record.written == [names[:-1], names[-1:]]


def test_many_tags_are_not_held_together_with_as_many_others() -> None:
    desk = Desk()
    desk.add("small", tags=MOST_TAGS - 1)
    assert desk.record.written == []
    desk.add("large", tags=100_000)
    assert desk.record.written == [["small", "large"]]
    desk.add("large", tags=MOST_TAGS)
    desk.add("next")
    assert desk.record.written[1:] == [["large"]]


def test_nothing_is_held_for_long_and_all_of_it_is_seen_when_it_is_written() -> None:
    desk = Desk()
    desk.add("one")
    desk.clock.wait(LONGEST_SECONDS / 2)
    desk.add("two")
    desk.clock.wait(LONGEST_SECONDS / 2)
    desk.add("three")
    assert desk.record.written == [["one", "two", "three"]]
    assert desk.record.times == [desk.clock.now()]
    desk.add("four")
    assert len(desk.record.written) == 1


def test_a_conflict_of_one_is_told_and_the_others_are_written() -> None:
    desk = Desk(Writes(two=Conflict()))
    desk.add("one", "two", "three")
    desk.buffer.flush()
    assert desk.record.written == [["one", "three"]]
    assert desk.problems == ["two was written by another crawl meanwhile; crawl again."]


def test_what_cannot_be_written_of_one_is_raised_after_the_others_are_written() -> None:
    desk = Desk(Writes(two=UsageError("no character"), three=UsageError("neither")))
    desk.add("one", "two", "three", "four")
    with pytest.raises(UsageError, match="no character"):
        desk.buffer.flush()
    assert desk.record.written == [["one"], ["four"]]
    desk.buffer.flush()
    assert len(desk.record.written) == 2


@pytest.mark.parametrize("error", [StoreError("full"), Ended("over")])
def test_a_database_that_fails_is_not_asked_again_for_each(error: Exception) -> None:
    desk = Desk(Writes(two=error))
    desk.add("one", "two", "three")
    with pytest.raises(type(error)):
        desk.buffer.flush()
    assert desk.record.written == []


class Counting:
    """Keeps how many readings an archive writes in each transaction."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def into(self, archive: Archive) -> Archive:
        begin = archive.begin

        def counted(*given: object, **named: object) -> object:
            record = begin(*given, **named)  # type: ignore[arg-type]
            write = record.record_readings

            def record_readings(readings: Sequence[TagsReading], now: datetime) -> object:
                self.sizes.append(len(readings))
                return write(readings, now)

            record.record_readings = record_readings  # type: ignore[method-assign, assignment]
            return record

        archive.begin = counted  # type: ignore[method-assign, assignment]
        return archive


def test_a_crawl_writes_many_repositories_at_once() -> None:
    bench, counting = Bench(), Counting()
    bench.registry.add_many(2 * MOST_READINGS + 3, "1.0")
    bench.crawl(into=counting.into)
    assert counting.sizes == [MOST_READINGS, MOST_READINGS, 3]
    assert bench.indexed() == bench.truth()
