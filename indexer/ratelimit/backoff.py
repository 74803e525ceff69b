"""How long both budgets wait after a 429, and the reasons they give for waits. Pure."""

from __future__ import annotations

LEAST_WAIT_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0
"""Seconds to wait after a 429 without `Retry-After`: from the first, doubling, up to the last."""

MOST_REFUSALS = 12
"""After so many waits in a row with 429 each time, the crawl gives up on the registry."""

SAME_WINDOW_SECONDS = 1.5
"""Two reset times closer than this (seconds) are the same: HTTP dates count whole seconds."""

REFUSED = "it answered 'too many requests'"
USED_UP = "its rate limit is used up"


def backoff(refusals: int) -> float:
    """Seconds to wait after so many refusals in a row (1 or more)."""
    return min(LEAST_WAIT_SECONDS * 2.0 ** min(refusals - 1, 10), LONGEST_BACKOFF_SECONDS)
