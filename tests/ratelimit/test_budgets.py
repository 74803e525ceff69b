"""The limiter with either budget: it waits in the same way, and says why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import RateLimited
from indexer.core.model import RateLimit
from indexer.ratelimit.backoff import MOST_REFUSALS
from indexer.ratelimit.header_parser import LimitHeaders
from indexer.ratelimit.limiter import RateLimiter
from indexer.ratelimit.local_budget import LocalBudget
from indexer.ratelimit.ports import Budget, Delay, Observation, Permit
from indexer.ratelimit.shared_budget import SharedLimit, answered, grant
from tests.http.fake_server import START, FakeClock

if TYPE_CHECKING:
    from datetime import datetime


@dataclass
class Scripted(Budget):
    """Answers what it is told to, and remembers what comes back."""

    answers: list[Permit | Delay]
    asked: list[float] = field(default_factory=list)
    given: list[tuple[Permit, Observation | None]] = field(default_factory=list)

    def ask(self, seconds: float) -> Permit | Delay:
        """See `Budget`."""
        self.asked.append(seconds)
        return self.answers.pop(0)

    def give_back(self, permit: Permit, word: Observation | None) -> None:
        """See `Budget`."""
        self.given.append((permit, word))


LEAVE = Permit(7, 1.0)


def gate(*answers: Permit | Delay) -> tuple[RateLimiter, Scripted, FakeClock]:
    clock, budget = FakeClock(), Scripted(list(answers))
    return RateLimiter(clock, "hub.test", budget, timeout=30, patience=900), budget, clock


def test_a_request_is_counted_for_longer_than_it_may_take() -> None:
    pace, budget, _ = gate(LEAVE)
    ticket = pace.enter()
    pace.leave(ticket, None)

    assert budget.asked == [60]
    assert budget.given == [(LEAVE, None)]


def test_what_an_answer_says_reaches_the_budget() -> None:
    pace, budget, _ = gate(LEAVE)
    limit = RateLimit(180, 99, START)
    pace.leave(pace.enter(), LimitHeaders(limit=limit, reset_in=12))

    assert budget.given == [(LEAVE, Observation(False, None, 180, 99, 12))]
    assert pace.rate_limit == limit


def test_it_waits_for_as_long_as_it_is_told_to_and_says_why_once() -> None:
    pace, _, clock = gate(Delay(0.1, ""), Delay(45, "its rate limit is used up"), LEAVE)
    told: list[tuple[datetime, str]] = []
    pace.on_wait = lambda until, reason: told.append((until, reason))
    pace.enter()

    assert clock.waits == [0.1, 45]
    assert [reason for _, reason in told] == ["hub.test: its rate limit is used up"]


def test_a_wait_past_our_patience_is_an_error() -> None:
    pace, _, _ = gate(Delay(901, "it answered 'too many requests'"))
    with pytest.raises(RateLimited, match="because it answered 'too many requests'"):
        pace.enter()


def test_a_crawl_gives_up_on_a_registry_that_grants_nothing() -> None:
    pace, _, clock = gate(Delay(1, "it answered 'too many requests'", MOST_REFUSALS))
    with pytest.raises(RateLimited, match="still answers 'too many requests' after 12 waits"):
        pace.enter()
    assert clock.waits == []


class Ledger(Budget):
    """A shared budget in memory, with the rules of the one in the database."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._known = SharedLimit()
        self._under_way = 0

    def ask(self, seconds: float) -> Permit | Delay:
        """See `Budget`."""
        del seconds
        now = self._clock.monotonic()
        verdict = grant(self._known, now, self._under_way)
        self._known = verdict.state
        if verdict.wait is not None:
            return Delay(verdict.wait, verdict.reason, verdict.state.refusals)
        self._under_way += 1
        return Permit(self._under_way, now)

    def give_back(self, permit: Permit, word: Observation | None) -> None:
        """See `Budget`."""
        self._under_way -= 1
        now = self._clock.monotonic()
        self._known = answered(self._known, word, now, permit.granted_at, self._under_way)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=[LocalBudget, Ledger])
def either(request: pytest.FixtureRequest, clock: FakeClock) -> RateLimiter:
    """The limiter with its own budget, and with one that is shared."""
    return RateLimiter(clock, "hub.test", request.param(clock), patience=900)


def ask(pace: RateLimiter, told: LimitHeaders | None = None) -> None:
    pace.leave(pace.enter(), told or LimitHeaders())


def test_a_registry_that_refuses_for_ever_is_left_and_tried_again_later(
    either: RateLimiter, clock: FakeClock
) -> None:
    for _ in range(MOST_REFUSALS):
        ask(either, LimitHeaders(refused=True, wait=1))
    with pytest.raises(RateLimited, match="after 12 waits"):
        either.enter()
    clock.advance(2)
    ask(either, LimitHeaders(refused=True, wait=1))  # another crawl tries again
    ask(either)


def test_waits_double_and_begin_anew_after_an_answer(either: RateLimiter, clock: FakeClock) -> None:
    refused = LimitHeaders(refused=True)
    for told in (refused, refused, refused, None, refused, None):
        ask(either, told)

    assert clock.waits == [1, 2, 4, 1]


def test_nothing_is_sent_before_a_window_that_is_used_up_has_ended(
    either: RateLimiter, clock: FakeClock
) -> None:
    ask(either, LimitHeaders(limit=RateLimit(180, 0, START), reset_in=45))
    ask(either)

    assert clock.waits == [45]
