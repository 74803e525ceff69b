from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import RateLimited
from indexer.core.model import RateLimit
from indexer.ratelimit.backoff import MOST_REFUSALS
from indexer.ratelimit.header_parser import LimitHeaders
from indexer.ratelimit.limiter import RateLimiter
from tests.http.fake_server import START, FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.ratelimit.ports import Permit

FINE = LimitHeaders()


def refused(wait: float | None = None, reset_in: float | None = None) -> LimitHeaders:
    return LimitHeaders(refused=True, wait=wait, reset_in=reset_in)


def left(remaining: int, reset_in: float = 60) -> LimitHeaders:
    return LimitHeaders(limit=RateLimit(180, remaining, START), reset_in=reset_in)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pace(clock: FakeClock) -> RateLimiter:
    return RateLimiter(clock, "hub.test", patience=900)


def ask(pace: RateLimiter, told: LimitHeaders | None = FINE) -> None:
    pace.leave(pace.enter(), told)


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_an_open_gate_lets_everybody_in_at_once(pace: RateLimiter, clock: FakeClock) -> None:
    for _ in range(100):
        pace.enter()
    assert clock.waits == []


def test_a_refusal_holds_the_next_request_for_as_long_as_it_says(
    pace: RateLimiter, clock: FakeClock
) -> None:
    ask(pace, refused(7))
    ask(pace)
    assert clock.waits == [7]


def test_a_429_without_a_time_is_answered_with_doubling_waits(
    pace: RateLimiter, clock: FakeClock
) -> None:
    for _ in range(8):
        ask(pace, refused())
    ask(pace)
    assert clock.waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_refusal_that_names_only_the_reset_is_waited_for_until_then(
    pace: RateLimiter, clock: FakeClock
) -> None:
    ask(pace, refused(reset_in=33))
    ask(pace)
    assert clock.waits == [33]


def test_waits_grow_anew_after_an_answer(pace: RateLimiter, clock: FakeClock) -> None:
    for told in (refused(), refused(), FINE, refused(), FINE):
        ask(pace, told)
    assert clock.waits == [1, 2, 1]


def test_refusals_of_requests_that_were_under_way_count_as_one(
    pace: RateLimiter, clock: FakeClock
) -> None:
    tickets = [pace.enter() for _ in range(8)]
    for ticket in tickets:
        pace.leave(ticket, refused())
    ask(pace)
    assert clock.waits == [1]


def test_a_wait_past_our_patience_is_an_error_that_says_until_when(pace: RateLimiter) -> None:
    ask(pace, refused(901))
    with pytest.raises(RateLimited, match=r"until 2026-07-01 12:15:01 UTC"):
        pace.enter()


def test_a_wait_of_ages_is_an_error_like_any_other(pace: RateLimiter) -> None:
    ask(pace, refused(1e15))
    with pytest.raises(RateLimited, match="longer than"):
        pace.enter()


def test_a_registry_that_refuses_for_ever_is_left(pace: RateLimiter, clock: FakeClock) -> None:
    for _ in range(MOST_REFUSALS):
        ask(pace, refused(1))
    with pytest.raises(RateLimited, match="after 12 waits"):
        pace.enter()
    clock.advance(2)
    ask(pace)  # another crawl tries again


def test_the_gate_closes_when_nothing_is_left_and_opens_at_the_reset(
    pace: RateLimiter, clock: FakeClock
) -> None:
    ask(pace, left(0, reset_in=45))
    ask(pace, left(179))
    assert clock.waits == [45]


def test_a_used_up_limit_without_a_time_closes_nothing(pace: RateLimiter, clock: FakeClock) -> None:
    ask(pace, LimitHeaders(limit=RateLimit(180, 0, None)))
    ask(pace, LimitHeaders(limit=RateLimit(180, 0, START), reset_in=0))
    ask(pace)
    assert clock.waits == []


def test_a_reset_past_our_patience_is_an_error(pace: RateLimiter) -> None:
    ask(pace, left(0, reset_in=3600))
    with pytest.raises(RateLimited, match=r"13:00:00 UTC, because its rate limit is used up"):
        pace.enter()


def test_no_more_are_under_way_than_are_left(pace: RateLimiter) -> None:
    ask(pace, left(2))
    first = pace.enter()
    pace.enter()
    thread = in_thread(pace.enter)
    thread.join(0.05)
    assert thread.is_alive(), "a third request entered though two were left"
    pace.leave(first, left(5))
    thread.join(10)
    assert not thread.is_alive()


def test_a_request_that_came_to_nothing_frees_its_place(pace: RateLimiter) -> None:
    ask(pace, left(1))
    first = pace.enter()
    thread = in_thread(pace.enter)
    pace.leave(first, None)
    thread.join(10)
    assert not thread.is_alive()


def test_eight_threads_do_not_overshoot_the_limit(pace: RateLimiter, clock: FakeClock) -> None:
    lock = threading.Lock()
    window = {"start": clock.monotonic(), "used": 0, "refused": 0}

    def serve() -> LimitHeaders:
        with lock:
            if clock.monotonic() >= window["start"] + 60:
                window.update(start=clock.monotonic(), used=0)
            reset_in = window["start"] + 60 - clock.monotonic()
            if window["used"] >= 10:
                window["refused"] += 1
                return refused(reset_in)
            window["used"] += 1
            return left(10 - int(window["used"]), reset_in)

    def work() -> None:
        for _ in range(25):
            ticket = pace.enter()
            pace.leave(ticket, serve())

    ask(pace, serve())
    threads = [in_thread(work) for _ in range(8)]
    for thread in threads:
        thread.join(60)
    # When a window begins nothing is known of it: up to eight may ask at once, which is allowed.
    assert window["refused"] == 0


def test_answers_that_overtake_each_other_do_not_raise_what_is_left(
    pace: RateLimiter, clock: FakeClock
) -> None:
    early, late = pace.enter(), pace.enter()
    pace.leave(late, left(0))
    pace.leave(early, left(1))
    ask(pace)
    assert clock.waits == [60]


def test_after_a_refusal_one_request_goes_first(pace: RateLimiter) -> None:
    ask(pace, refused(1))
    first = pace.enter()
    thread = in_thread(pace.enter)
    thread.join(0.05)
    assert thread.is_alive(), "a second request went along with the first"
    pace.leave(first, FINE)
    thread.join(10)
    assert not thread.is_alive()


def test_each_wait_is_told_once_with_its_end_and_its_reason(pace: RateLimiter) -> None:
    told: list[tuple[datetime, str]] = []
    pace.on_wait = lambda until, reason: told.append((until, reason))
    ask(pace, refused(10))
    ask(pace, left(0, reset_in=30))
    ask(pace)
    assert told == [
        (START + timedelta(seconds=10), "hub.test: it answered 'too many requests'"),
        (START + timedelta(seconds=40), "hub.test: its rate limit is used up"),
    ]


def test_the_limit_is_remembered_as_last_seen(pace: RateLimiter) -> None:
    assert pace.rate_limit is None
    ask(pace, left(5))
    ask(pace)
    assert pace.rate_limit == RateLimit(180, 5, START)


def test_an_interrupted_wait_leaves_the_gate_as_it_was() -> None:
    class Interrupted(FakeClock):
        def wait(self, seconds: float) -> None:
            del seconds
            raise KeyboardInterrupt

    interrupted = Interrupted()
    gate = RateLimiter(interrupted, "hub.test")
    ask(gate, refused(5))
    with pytest.raises(KeyboardInterrupt):
        gate.enter()
    interrupted.advance(5)
    ask(gate)


class Crawl:
    """Somebody who asks."""


def test_crawls_that_wait_take_turns_however_many_requests_each_has(pace: RateLimiter) -> None:
    huge, small = Crawl(), Crawl()
    entered: SimpleQueue[tuple[Crawl, Permit]] = SimpleQueue()
    ask(pace, left(1))  # from now on one at a time
    waiting = [huge] * 6 + [small] * 2
    inside = pace.enter(huge)

    def enter(who: Crawl) -> None:
        entered.put((who, pace.enter(who)))

    threads = [in_thread(partial(enter, who)) for who in waiting]
    while pace.waiting < len(waiting):
        threads[0].join(0.01)

    order = []
    for _ in waiting:
        pace.leave(inside, left(1))
        who, inside = entered.get(timeout=10)
        order.append(who)

    assert order == [small, huge, small, *[huge] * 5]


def test_a_crawl_that_gives_up_lets_the_others_go_on(pace: RateLimiter) -> None:
    ask(pace, refused(901))
    with pytest.raises(RateLimited):
        pace.enter(Crawl())
    pace.patience = 1_000
    ask(pace)
    assert pace.waiting == 0
