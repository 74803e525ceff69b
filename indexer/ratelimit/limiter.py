"""Every request to one registry as one account waits here for its permit.

The budget says whether a request may be sent: this process's own (`local_budget`), or one that
machines share. The limiter waits, announces long waits, and gives up if one would take too long.

Waiting crawls take turns, request by request, however many threads each has: a
huge namespace gets no larger share than a small one.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from indexer.core.errors import RateLimited
from indexer.ratelimit.backoff import LEAST_WAIT_SECONDS, MOST_REFUSALS
from indexer.ratelimit.local_budget import LocalBudget
from indexer.ratelimit.ports import Observation, Permit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.core.clock import Clock
    from indexer.core.model import RateLimit
    from indexer.ratelimit.header_parser import LimitHeaders
    from indexer.ratelimit.ports import Budget, Delay

PATIENCE_SECONDS = 900.0
"""Seconds that one wait may take. Docker Hub's windows are shorter than that."""

TIMEOUT_SECONDS = 30.0
"""Seconds that an exchange may take, where the caller does not say."""

MARGIN_SECONDS = 30.0
"""Seconds beyond its time-out after which a request counts as lost."""


class RateLimiter:
    """Safe to call from threads. `on_wait` is called once for each wait, from a waiting thread.

    Args:
        clock: reads the time and waits.
        host: the registry's name for messages.
        budget: grants requests; by default one for this process alone.
        timeout: how many seconds an exchange may take.
        patience: how many seconds one wait may take.
    """

    def __init__(
        self,
        clock: Clock,
        host: str,
        budget: Budget | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.on_wait: Callable[[datetime, str], None] | None = None
        self.patience = patience
        self._clock = clock
        self._host = host
        self._budget = budget or LocalBudget(clock)
        self._seconds = timeout + MARGIN_SECONDS
        self._changed = threading.Condition()
        self._limit: RateLimit | None = None
        self._announced: float | None = None
        self._contending: Counter[object] = Counter()
        self._served: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        self._serial = count(1)

    @property
    def rate_limit(self) -> RateLimit | None:
        """What the registry last said of its limit; None if it said nothing."""
        return self._limit

    @property
    def waiting(self) -> int:
        """How many requests wait for their permit now."""
        with self._changed:
            return self._contending.total()

    def enter(self, who: object = None) -> Permit:
        """Wait until a request may be sent, and count it; call `leave` afterwards.

        Args:
            who: the crawl that sends it; waiting crawls take turns.

        Returns:
            A permit, to be passed to `leave`.

        Raises:
            RateLimited: the wait would be longer than `patience`, or the registry keeps
                refusing.
            StoreError: the budget is shared, and its database cannot be used.
        """
        who = self if who is None else who
        while True:
            with self._changed:
                self._contending[who] += 1
                try:
                    answer = self._wait_for_a_turn(who)
                finally:
                    self._contending -= Counter([who])  # it no longer waits
                    self._changed.notify_all()
                if isinstance(answer, Permit):
                    self._served[who] = next(self._serial)
                    return answer
                seconds = answer.seconds or 0.0
                is_news = bool(answer.reason) and self._is_news(seconds)
            self._sit_out(seconds, answer, announce=is_news)

    def leave(self, permit: Permit, headers: LimitHeaders | None) -> None:
        """Report the answer to a request; None if there was none."""
        with self._changed:
            if headers is not None:
                self._limit = headers.limit or self._limit
            self._budget.give_back(permit, None if headers is None else _observed(headers))
            self._changed.notify_all()

    def _wait_for_a_turn(self, who: object) -> Permit | Delay:
        """Wait for this crawl's turn; then return a permit, or how long to wait for one."""
        while True:
            if self._is_next(who):
                answer = self._budget.ask(self._seconds)
                if isinstance(answer, Permit) or answer.seconds is not None:
                    return answer
            self._changed.wait()

    def _is_next(self, who: object) -> bool:
        """Whether this crawl is the one among the waiting that was served longest ago."""
        mine = self._served.get(who, 0)
        return all(mine <= self._served.get(other, 0) for other in self._contending)

    def _is_news(self, seconds: float) -> bool:
        until = self._clock.monotonic() + seconds
        known, self._announced = self._announced, until
        return known is None or abs(until - known) > LEAST_WAIT_SECONDS / 2

    def _sit_out(self, seconds: float, delay: Delay, *, announce: bool) -> None:
        if delay.refusals >= MOST_REFUSALS:
            raise RateLimited(
                f"{self._host} still answers 'too many requests' after {delay.refusals} waits; "
                "crawl again later, or less often."
            )
        until = _later(self._clock.now(), seconds)
        if seconds > self.patience:
            when = until.strftime("%Y-%m-%d %H:%M:%S UTC") if until else "for years"
            raise RateLimited(
                f"{self._host} asks us to wait until {when}, because {delay.reason}; that is "
                f"longer than the {self.patience:g} seconds that we may wait. Crawl again then, or "
                "allow a longer wait."
            )
        if announce and self.on_wait and until:
            self.on_wait(until, f"{self._host}: {delay.reason}")
        self._clock.wait(seconds)


def _observed(headers: LimitHeaders) -> Observation:
    limit = headers.limit
    return Observation(
        refused=headers.refused,
        wait=headers.wait,
        limit=limit.limit if limit else None,
        remaining=limit.remaining if limit else None,
        reset_in=headers.reset_in,
    )


def _later(now: datetime, seconds: float) -> datetime | None:
    try:
        return now + timedelta(seconds=seconds)
    except OverflowError:
        return None
