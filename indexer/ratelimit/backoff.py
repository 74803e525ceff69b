"""What both budgets keep to: how long to stay away after a 429, and how to say it. Pure."""

from __future__ import annotations

LEAST_WAIT_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0
"""How long to stay away after a 429 that does not say: from the first, doubling, to the last."""

MOST_REFUSALS = 12
"""Waits in a row after which a registry that goes on refusing is left for this time."""

SAME_WINDOW_SECONDS = 1.5
"""Two resets that are closer than this are one: HTTP dates count whole seconds."""

REFUSED = "it answered 'too many requests'"
USED_UP = "its rate limit is used up"


def backoff(refusals: int) -> float:
    """Seconds to stay away after so many refusals in a row, one at least."""
    return min(LEAST_WAIT_SECONDS * 2.0 ** min(refusals - 1, 10), LONGEST_BACKOFF_SECONDS)
