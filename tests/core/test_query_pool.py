"""Quick questions do not wait for slow ones."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from indexer.core.query_pool import LATER, QueryPool

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOW, QUICK = 0.1, 0.001


class World:
    """A pool of one thread, a clock that questions move, and the order in which they were asked."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[str] = []
        self.gate = threading.Event()
        self.pool = QueryPool(1, "test", lambda: self.now)

    def slow(self, name: str) -> str:
        self.now += SLOW
        self.asked.append(name)
        return name

    def quick(self, name: str) -> str:
        self.now += QUICK
        self.asked.append(name)
        return name

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
