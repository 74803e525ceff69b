"""The rate limit of the simulated Hub: a window for each identity."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple

from indexer.hub_simulator.http import Answer
from indexer.hub_simulator.hub_json import encode

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.hub_simulator.clock import Clock
    from indexer.hub_simulator.quirks import RateLimit

HTML = (
    b"<html><body><h1>429 Too Many Requests</h1>\nYou have sent too many requests.\n</body></html>"
)


class Budget(NamedTuple):
    """How many requests an identity has left in its window, after this one."""

    remaining: int
    reset: datetime
    is_spent: bool


class Limiter:
    """Counts requests for each identity."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str | None, tuple[datetime, int]] = {}

    def spend(self, rule: RateLimit, who: str | None) -> Budget:
        """Count a request; a refused one is not counted."""
        return self._budget(rule, who, 1)

    def look(self, rule: RateLimit, who: str | None) -> Budget:
        """What is left, without counting a request."""
        return self._budget(rule, who, 0)

    def _budget(self, rule: RateLimit, who: str | None, cost: int) -> Budget:
        clock = rule.clock or self._clock
        now = clock.now()
        start, used = self._windows.get(who, (now, 0))
        if not 0 <= (now - start).total_seconds() < rule.window:
            start, used = now, 0
        is_spent = used + cost > rule.limit
        self._windows[who] = (start, used if is_spent else used + cost)
        end = start.timestamp() + rule.window
        return Budget(
            remaining=max(0, rule.limit - self._windows[who][1]),
            reset=type(now).fromtimestamp(end, now.tzinfo),
            is_spent=is_spent,
        )

    def clear(self) -> None:
        """Start new windows for all identities."""
        self._windows.clear()


def headers_of(rule: RateLimit, budget: Budget) -> tuple[tuple[str, str], ...]:
    """The headers of the limit in every answer."""
    if not rule.headers:
        return ()
    return (
        ("X-RateLimit-Limit", str(rule.limit)),
        ("X-RateLimit-Remaining", str(budget.remaining)),
        ("X-RateLimit-Reset", str(_ceiling(budget.reset.timestamp()))),
    )


def refusal(rule: RateLimit, budget: Budget, now: datetime) -> Answer:
    """A 429, in the form that the rule says."""
    seconds = max(1, _ceiling((budget.reset - now).total_seconds()))
    when = {
        "seconds": (("Retry-After", str(seconds)),),
        "date": (("Retry-After", format_datetime(budget.reset, usegmt=True)),),
        "unix": (("X-Retry-After", str(_ceiling(budget.reset.timestamp()))),),
        "none": (),
    }[rule.retry_after]
    if rule.body == "html":
        return Answer(429, HTML, when, "text/html")
    return Answer(429, encode({"detail": "Rate limit exceeded", "error": False}), when)


def _ceiling(seconds: float) -> int:
    return int(-(-seconds // 1))
