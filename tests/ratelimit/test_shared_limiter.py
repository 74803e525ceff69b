"""The gate that asks a shared budget: it waits as the other does, and says what it waits for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import RateLimited
from indexer.core.model import RateLimit
from indexer.ratelimit.header_parser import LimitHeaders
from indexer.ratelimit.limiter import MOST_REFUSALS
from indexer.ratelimit.ports import Delay, Permit, SharedBudget
from indexer.ratelimit.shared_budget import Observation
from indexer.ratelimit.shared_limiter import SharedRateLimiter
from tests.http.fake_server import START, FakeClock

if TYPE_CHECKING:
    from datetime import datetime


@dataclass
class Scripted(SharedBudget):
    """Answers what it is told to, and remembers what comes back."""

    answers: list[Permit | Delay]
    asked: list[float] = field(default_factory=list)
    given: list[tuple[Permit, Observation | None]] = field(default_factory=list)

    def ask(self, seconds: float) -> Permit | Delay:
        """See `SharedBudget`."""
        self.asked.append(seconds)
        return self.answers.pop(0)

    def give_back(self, permit: Permit, word: Observation | None) -> None:
        """See `SharedBudget`."""
        self.given.append((permit, word))


LEAVE = Permit(7, 1.0)


def gate(*answers: Permit | Delay) -> tuple[SharedRateLimiter, Scripted, FakeClock]:
    clock, budget = FakeClock(), Scripted(list(answers))
    return SharedRateLimiter(clock, "hub.test", budget, timeout=30, patience=900), budget, clock


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


def test_a_registry_that_lets_nobody_in_is_left() -> None:
    pace, _, _ = gate(*[Delay(1, "it answered 'too many requests'")] * (MOST_REFUSALS + 1))
    with pytest.raises(RateLimited, match="lets nobody in after 12 waits"):
        pace.enter()
