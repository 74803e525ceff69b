"""The gate of a registry that several machines ask in one name: its budget is in the database."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from indexer.core.errors import RateLimited
from indexer.ratelimit.limiter import MOST_REFUSALS, PATIENCE_SECONDS, RateLimiter
from indexer.ratelimit.ports import Permit
from indexer.ratelimit.shared_budget import Observation

if TYPE_CHECKING:
    from indexer.core.clock import Clock
    from indexer.ratelimit.header_parser import LimitHeaders
    from indexer.ratelimit.ports import SharedBudget

MARGIN_SECONDS = 30.0
"""How much longer than its exchange may take a request is thought to be under way."""


class SharedRateLimiter(RateLimiter):
    """Lets a request in when the budget that is shared permits it.

    Args:
        clock: all time goes through it.
        host: whom our sentences speak of.
        budget: what is shared.
        timeout: how many seconds an exchange may take.
        patience: how many seconds one wait may take.
    """

    def __init__(
        self,
        clock: Clock,
        host: str,
        budget: SharedBudget,
        *,
        timeout: float,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(clock, host, patience=patience)
        self._budget = budget
        self._seconds = timeout + MARGIN_SECONDS
        self._lock = threading.Lock()
        self._permits: dict[int, Permit] = {}

    def enter(self, who: object = None) -> int:
        """See `RateLimiter`. Who goes first is not decided here: jobs are small."""
        del who
        waits = 0
        while True:
            answer = self._budget.ask(self._seconds)
            if isinstance(answer, Permit):
                with self._lock:
                    self._permits[answer.id] = answer
                return answer.id
            if not answer.reason:
                self._clock.wait(answer.seconds)
                continue
            waits += 1
            if waits > MOST_REFUSALS:
                raise RateLimited(
                    f"{self._host} lets nobody in after {MOST_REFUSALS} waits; crawl again later, "
                    "or less often."
                )
            with self._changed:
                is_news = self._is_news(answer.seconds)
            self._sit_out(answer.seconds, answer.reason, announce=is_news)

    def leave(self, ticket: int, told: LimitHeaders | None) -> None:
        """See `RateLimiter`."""
        with self._lock:
            permit = self._permits.pop(ticket)
            if told is not None:
                self._limit = told.limit or self._limit
        self._budget.give_back(permit, None if told is None else _word(told))


def _word(told: LimitHeaders) -> Observation:
    limit = told.limit
    return Observation(
        refused=told.refused,
        wait=told.wait,
        limit=limit.limit if limit else None,
        remaining=limit.remaining if limit else None,
        reset_in=told.reset_in,
    )
