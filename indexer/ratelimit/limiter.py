"""The gate that every request to one registry in one name passes: the shared rate limit.

It lets nobody in while the registry wants to be left alone, and no more at once than the
registry said are left, so that several threads together do not overshoot what each alone would
respect. After a 429 one request goes first and the others follow when it was answered.

Where several crawls wait they take turns, request by request, however many threads each has: so a
huge namespace takes no more from the small ones than its share.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from indexer.core.errors import RateLimited

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.core.clock import Clock
    from indexer.core.model import RateLimit
    from indexer.ratelimit.header_parser import LimitHeaders

PATIENCE_SECONDS = 900.0
"""How long one wait may be. Docker Hub's windows are shorter than that."""

MOST_REFUSALS = 12
"""Waits in a row after which a registry that goes on refusing is left for this time."""

LEAST_WAIT_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0
"""How long to stay away after a 429 that does not say: from the first, doubling, to the last."""

_SAME_WINDOW_SECONDS = 1.5
"""Two resets that are closer than this are one: HTTP dates count whole seconds."""


class _Closed(NamedTuple):
    """Why nobody may enter. `seconds` is None where another request must be answered first."""

    seconds: float | None
    reason: str = ""


class RateLimiter:
    """Safe to call from threads. `on_wait` is told each wait once, from a waiting thread.

    Args:
        clock: all time goes through it.
        host: whom our sentences speak of.
        patience: how many seconds one wait may take.
    """

    def __init__(self, clock: Clock, host: str, *, patience: float = PATIENCE_SECONDS) -> None:
        self.on_wait: Callable[[datetime, str], None] | None = None
        self.patience = patience
        self._clock = clock
        self._host = host
        self._changed = threading.Condition()
        self._in_flight = 0
        self._limit: RateLimit | None = None
        self._remaining: int | None = None
        self._resets_at = 0.0
        self._held_until = clock.monotonic()
        self._announced: float | None = None
        self._round = 0
        self._refusals = 0
        self._probing = False
        self._contending: Counter[object] = Counter()
        self._served: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        self._serial = count(1)

    @property
    def rate_limit(self) -> RateLimit | None:
        """What the registry last said of its limit."""
        return self._limit

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn now."""
        with self._changed:
            return self._contending.total()

    def enter(self, who: object = None) -> int:
        """Wait until a request may be sent, and count it; `leave` must follow.

        Args:
            who: the crawl that wants to send it; those that wait take turns.

        Returns:
            A ticket for `leave`.

        Raises:
            RateLimited: the wait would be longer than our patience.
        """
        who = self if who is None else who
        while True:
            with self._changed:
                self._contending[who] += 1
                try:
                    closed = self._wait_for_a_turn(who)
                finally:
                    self._contending -= Counter([who])  # keeps nobody who does not wait
                    self._changed.notify_all()
                if closed is None:
                    self._in_flight += 1
                    self._served[who] = next(self._serial)
                    return self._round
                seconds = closed.seconds or 0.0
                is_news = self._is_news(seconds)
            self._sit_out(seconds, closed.reason, announce=is_news)

    def leave(self, ticket: int, told: LimitHeaders | None) -> None:
        """A request was answered, or came to nothing (`told` is None)."""
        with self._changed:
            self._in_flight -= 1
            if told is not None:
                self._limit = told.limit or self._limit
                if told.refused:
                    self._hold(ticket, told.reset_in or None if told.wait is None else told.wait)
                else:
                    self._learn_what_is_left(told)
                    if ticket == self._round:
                        self._refusals, self._probing = 0, False
            self._changed.notify_all()

    def _wait_for_a_turn(self, who: object) -> _Closed | None:
        """Wait for others; None when it is our turn, else why nobody may enter for some time."""
        while True:
            closed = self._closed()
            if closed is None and self._is_next(who):
                return None
            if closed is not None and closed.seconds is not None:
                return closed
            self._changed.wait()

    def _is_next(self, who: object) -> bool:
        """Whether no other crawl that waits was served longer ago."""
        mine = self._served.get(who, 0)
        return all(mine <= self._served.get(other, 0) for other in self._contending)

    def _closed(self) -> _Closed | None:
        now = self._clock.monotonic()
        if now < self._held_until:
            return self._held(self._held_until - now)
        if self._refusals >= MOST_REFUSALS:
            self._refusals = 0  # that was another crawl's patience
        if self._remaining is not None and now >= self._resets_at:
            self._remaining = None
        if self._remaining == 0:
            return _Closed(self._resets_at - now, "its rate limit is used up")
        is_full = self._remaining is not None and self._in_flight >= self._remaining
        if is_full or (self._probing and self._in_flight):
            return _Closed(None)
        return None

    def _held(self, seconds: float) -> _Closed:
        if self._refusals >= MOST_REFUSALS:
            raise RateLimited(
                f"{self._host} still answers 'too many requests' after {self._refusals} waits; "
                "crawl again later, or less often."
            )
        return _Closed(seconds, "it answered 'too many requests'")

    def _is_news(self, seconds: float) -> bool:
        until = self._clock.monotonic() + seconds
        known, self._announced = self._announced, until
        return known is None or abs(until - known) > LEAST_WAIT_SECONDS / 2

    def _sit_out(self, seconds: float, reason: str, *, announce: bool) -> None:
        until = _later(self._clock.now(), seconds)
        if seconds > self.patience:
            when = until.strftime("%Y-%m-%d %H:%M:%S UTC") if until else "for years"
            raise RateLimited(
                f"{self._host} wants us to wait until {when}, because {reason}; that is longer "
                f"than the {self.patience:g} seconds that we may wait. Crawl again then, or "
                "allow a longer wait."
            )
        if announce and self.on_wait and until:
            self.on_wait(until, f"{self._host}: {reason}")
        self._clock.wait(seconds)

    def _hold(self, ticket: int, wait: float | None) -> None:
        """A 429: nobody asks for a while. Those who asked before it count as the same refusal."""
        self._remaining = None  # it said itself how long to wait
        is_new = ticket == self._round
        if is_new:
            self._round += 1
            self._refusals += 1
            self._probing = True
        if wait is None:
            if not is_new:
                return
            wait = min(LEAST_WAIT_SECONDS * 2 ** (self._refusals - 1), LONGEST_BACKOFF_SECONDS)
        until = self._clock.monotonic() + max(wait, LEAST_WAIT_SECONDS)
        self._held_until = max(self._held_until, until)

    def _learn_what_is_left(self, told: LimitHeaders) -> None:
        """Remember how many requests are left, until the registry starts to count anew."""
        if told.limit is None:
            return
        remaining = told.limit.remaining
        if remaining is None or not told.reset_in:
            self._remaining = None  # without a time there is nothing to wait for
            return
        resets_at = self._clock.monotonic() + told.reset_in
        is_same_window = abs(resets_at - self._resets_at) < _SAME_WINDOW_SECONDS
        if self._remaining is None or not is_same_window:
            self._remaining, self._resets_at = remaining, resets_at
        else:  # answers overtake each other: the lowest number is the latest
            self._remaining = min(self._remaining, remaining)


def _later(now: datetime, seconds: float) -> datetime | None:
    try:
        return now + timedelta(seconds=seconds)
    except OverflowError:
        return None
