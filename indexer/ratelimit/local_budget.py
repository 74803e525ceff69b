"""A registry's rate limit as one process sees it, from its own answers, in memory.

No request is granted while the registry asks us to wait, and no more at once than it said are
left, so that several threads together do not exceed it. After a 429
one request goes first, and the others follow once it was answered.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from indexer.ratelimit.backoff import (
    LEAST_WAIT_SECONDS,
    MOST_REFUSALS,
    REFUSED,
    SAME_WINDOW_SECONDS,
    USED_UP,
    backoff,
)
from indexer.ratelimit.ports import Budget, Delay, Permit

if TYPE_CHECKING:
    from indexer.core.clock import Clock
    from indexer.ratelimit.ports import Observation


class LocalBudget(Budget):
    """The limit of one registry for one account, used by this process alone.

    Args:
        clock: reads the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._serial = count(1)
        self._under_way = 0
        self._remaining: int | None = None
        self._resets_at = 0.0
        self._held_until = self._refused_at = float("-inf")
        self._refusals = 0
        self._probing = False

    def ask(self, seconds: float) -> Permit | Delay:
        """See `Budget`. Permits end with the process, so `seconds` is not needed."""
        del seconds
        now = self._clock.monotonic()
        if now < self._held_until:
            return Delay(self._held_until - now, REFUSED, self._refusals)
        if self._refusals >= MOST_REFUSALS:
            self._refusals = 0  # another crawl counts its own refusals
        if self._remaining is not None and now >= self._resets_at:
            self._remaining = None
        if self._remaining == 0:
            return Delay(self._resets_at - now, USED_UP)
        is_full = self._remaining is not None and self._under_way >= self._remaining
        if is_full or (self._probing and self._under_way):
            return Delay(None)
        self._under_way += 1
        return Permit(next(self._serial), now)

    def give_back(self, permit: Permit, observation: Observation | None) -> None:
        """See `Budget`."""
        self._under_way -= 1
        if observation is None:
            return
        is_new = permit.granted_at > self._refused_at
        if observation.refused:
            self._hold(observation, is_new=is_new)
            return
        self._learn_what_is_left(observation)
        if is_new:
            self._refusals, self._probing = 0, False

    def _hold(self, observation: Observation, *, is_new: bool) -> None:
        """After a 429, grant nothing for a while. Those sent before it count as one refusal."""
        now = self._clock.monotonic()
        self._remaining = None  # the 429 itself says how long to wait
        wait = observation.reset_in or None if observation.wait is None else observation.wait
        if is_new:
            self._refused_at = now
            self._refusals += 1
            self._probing = True
        if wait is None:
            if not is_new:
                return
            wait = backoff(self._refusals)
        self._held_until = max(self._held_until, now + max(wait, LEAST_WAIT_SECONDS))

    def _learn_what_is_left(self, observation: Observation) -> None:
        """Remember how many requests are left in this window."""
        if (
            observation.limit is None
            and observation.remaining is None
            and observation.reset_in is None
        ):
            return
        if observation.remaining is None or not observation.reset_in:
            self._remaining = None  # without a reset time we would wait for ever
            return
        resets_at = self._clock.monotonic() + observation.reset_in
        is_same_window = abs(resets_at - self._resets_at) < SAME_WINDOW_SECONDS
        if self._remaining is None or not is_same_window:
            self._remaining, self._resets_at = observation.remaining, resets_at
        else:  # answers may arrive out of order: the lowest number is the latest
            self._remaining = min(self._remaining, observation.remaining)
