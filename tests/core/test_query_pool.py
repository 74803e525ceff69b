"""Quick questions do not wait for slow ones."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from indexer.core.query_pool import LATER, MOST_LATER, QueryPool

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOW, QUICK = 0.1, 0.001


class World:
    """A pool of one thread, a clock that questions move, and the order in which they were asked."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[str] = []
        self.gate = threading.Event()
        self.pool = QueryPool(1, "test", lambda: self.now, lambda: self.now)

    def slow(self, name: str) -> str:
        self.now += SLOW
        self.asked.append(name)
        return name

    def quick(self, name: str) -> str:
        self.now += QUICK
        self.asked.append(name)
        return name

    def wait_long(self, name: str) -> str:
        self.now += 100 * SLOW
        self.asked.append(name)
        return name

    def page(self, size: int) -> str:
        self.now += SLOW * size / 1_000
        self.asked.append(str(size))
        return str(size)

    def wait(self) -> None:
        self.gate.wait(60)

    def close(self) -> None:
        self.gate.set()
        self.pool.shutdown()


@pytest.fixture
def world() -> Iterator[World]:
    with closing(World()) as made:
        for function in (made.slow, made.quick):
            assert made.pool.submit(function, "learn").result(60) == "learn"
        made.asked.clear()
        made.pool.submit(made.wait)
        yield made


def test_a_quick_question_goes_before_slow_ones_that_came_before(world: World) -> None:
    slow = [world.pool.submit(world.slow, f"slow {number}") for number in range(100)]
    quick = world.pool.submit(world.quick, "quick")
    world.gate.set()
    assert quick.result(60) == "quick"
    assert [each.result(60) for each in slow] == world.asked[1:]
    assert world.asked[0] == "quick"


def test_no_slow_question_waits_for_ever(world: World) -> None:
    old = world.pool.submit(world.slow, "old")
    world.now += LATER * SLOW
    quick = [world.pool.submit(world.quick, f"quick {number}") for number in range(5)]
    world.gate.set()
    assert [each.result(60) for each in quick]
    assert old.result(60) == world.asked[0] == "old"


def test_all_are_answered_within_bounds_when_everything_takes_long(world: World) -> None:
    world.gate.set()
    for _ in range(40):
        world.pool.submit(world.wait_long, "learn").result(60)
    world.gate.clear()
    world.pool.submit(world.wait)
    world.asked.clear()
    old = world.pool.submit(world.wait_long, "old")
    world.now += MOST_LATER
    quick = world.pool.submit(world.quick, "quick")
    world.gate.set()
    assert [old.result(60), quick.result(60)] == world.asked == ["old", "quick"]


def test_a_long_page_is_no_reason_to_put_off_a_short_one(world: World) -> None:
    world.gate.set()
    world.pool.submit(world.page, 1_000).result(60)
    world.pool.submit(world.page, 10).result(60)
    world.gate.clear()
    world.pool.submit(world.wait)
    world.asked.clear()
    pages = [world.pool.submit(world.page, size) for size in (1_000, 10)]
    world.gate.set()
    assert [each.result(60) for each in pages]
    assert world.asked == ["10", "1000"]


def test_slow_questions_leave_threads_to_quick_ones_and_are_all_answered() -> None:
    now, gate = [0.0], threading.Event()

    def slow() -> str:
        now[0] += SLOW
        gate.wait(60)
        return "slow"

    def quick() -> str:
        return "quick"

    with QueryPool(4, "test", lambda: now[0], lambda: now[0]) as pool:
        gate.set()
        assert pool.submit(slow).result(60) == "slow"
        gate.clear()
        waiting = [pool.submit(slow) for _ in range(9)]
        assert pool.submit(quick).result(60) == "quick"
        assert not any(each.done() for each in waiting)
        gate.set()
        assert [each.result(60) for each in waiting] == ["slow"] * 9


def test_slow_questions_that_were_put_off_are_answered_before_the_end() -> None:
    now, gate = [0.0], threading.Event()

    def slow() -> str:
        now[0] += SLOW
        gate.wait(60)
        return "slow"

    pool = QueryPool(4, "test", lambda: now[0], lambda: now[0])
    gate.set()
    assert pool.submit(slow).result(60) == "slow"
    gate.clear()
    waiting = [pool.submit(slow) for _ in range(9)]
    pool.shutdown(wait=False)
    gate.set()
    pool.shutdown()
    assert [each.result(0) for each in waiting] == ["slow"] * 9


def test_an_error_is_raised_for_who_asked_and_the_thread_goes_on(world: World) -> None:
    world.gate.set()
    with pytest.raises(ZeroDivisionError):
        world.pool.submit(divmod, 1, 0).result(60)
    assert world.pool.submit(world.quick, "after").result(60) == "after"


def test_at_the_end_what_waits_is_cancelled(world: World) -> None:
    waiting = world.pool.submit(world.quick, "too late")
    world.pool.shutdown(wait=False, cancel_futures=True)
    world.gate.set()
    world.pool.shutdown()
    assert waiting.cancelled()
    with pytest.raises(RuntimeError):
        world.pool.submit(world.quick, "later still")
