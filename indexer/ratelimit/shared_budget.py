"""One registry's rate limit, shared by machines that each see only their own answers. Pure.

A ledger counts down when a request is granted, not when it is answered, so that together nobody
sends more than the registry said are left. What makes that safe:

- Nothing is known at first, nor after a refusal: then one request at a time, until it is answered.
- When a window has ended its limit is there anew, less those that are still under way: they may be
  counted in the new window. Answers to requests that were granted before that are of the old one,
  and what they say of the limit is passed over.
- A registry that says less is left than we counted is asked by others too. Then it is believed,
  less what is under way, which it may have counted or not.
- A request whose sender died is under way until its time has passed, and stays counted.

Times are seconds of one clock, which is the database's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

LEAST_WAIT_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0
"""How long to stay away after a refusal that does not say: the first, doubling, up to the last."""

SAME_WINDOW_SECONDS = 1.5
"""Two ends of a window that are closer than this are one: HTTP dates count whole seconds."""

LOOK_AGAIN_SECONDS = 0.1
"""How soon to look whether a request that is waited for was answered."""


@dataclass(frozen=True, slots=True)
class SharedLimit:
    """What is known of a limit.

    Attributes:
        limit: requests of a window, as last told; None if nobody was told.
        remaining: that may still be granted in this window; None if nobody knows.
        resets_at: when the window ends; None if nobody knows.
        renewed_at: when we last began a window ourselves.
        held_until: before this nobody may send anything.
        refusals: in a row.
        careful: one request at a time.
    """

    limit: int | None = None
    remaining: int | None = None
    resets_at: float | None = None
    renewed_at: float = 0.0
    held_until: float = 0.0
    refusals: int = 0
    careful: bool = True


class Observation(NamedTuple):
    """What an answer said.

    Attributes:
        refused: it was a 429.
        wait: for how many seconds it asks us to stay away; None if it does not say.
        limit: requests of a window.
        remaining: that are left in this one.
        reset_in: seconds until it ends.
    """

    refused: bool = False
    wait: float | None = None
    limit: int | None = None
    remaining: int | None = None
    reset_in: float | None = None


class Grant(NamedTuple):
    """The ledger afterwards, and for how long to wait: None: the request may be sent."""

    ledger: SharedLimit
    wait: float | None = None
    reason: str = ""


def grant(ledger: SharedLimit, now: float, under_way: int) -> Grant:
    """Ask for one request.

    Args:
        ledger: what is known.
        now: the time.
        under_way: requests that were granted and are not answered.
    """
    if now < ledger.held_until:
        return Grant(ledger, ledger.held_until - now, "it answered 'too many requests'")
    ledger = _renewed(ledger, now, under_way)
    if ledger.careful and under_way:
        return Grant(ledger, LOOK_AGAIN_SECONDS)
    if ledger.remaining is None:
        return Grant(ledger)
    if ledger.remaining > 0:
        return Grant(replace(ledger, remaining=ledger.remaining - 1))
    if ledger.resets_at is None:  # the new window is used up by what is still under way
        return Grant(ledger, LOOK_AGAIN_SECONDS)
    return Grant(ledger, ledger.resets_at - now, "its rate limit is used up")


def answered(
    ledger: SharedLimit, word: Observation | None, now: float, granted_at: float, under_way: int
) -> SharedLimit:
    """Take what became of a request.

    Args:
        ledger: what was known.
        word: what its answer said; None: there was none.
        now: the time.
        granted_at: when it was granted.
        under_way: requests that are still not answered.
    """
    if word is None:
        return ledger
    if word.refused:
        return _refused(ledger, word, now)
    ledger = replace(ledger, refusals=0, careful=False)
    if granted_at < ledger.renewed_at or word.remaining is None or not word.reset_in:
        return ledger
    # The registry said so at some moment between the two: the window ends at the later one at the
    # latest, and is another one only if even the earlier one is past the end of this.
    earliest, latest = granted_at + word.reset_in, now + word.reset_in
    before = ledger.resets_at
    if before is not None and latest < before - SAME_WINDOW_SECONDS:
        return ledger  # of a window that we have left
    is_new = before is None or earliest > before + SAME_WINDOW_SECONDS
    remaining = ledger.remaining
    if remaining is None or word.remaining < remaining or (is_new and before is not None):
        remaining = max(word.remaining - under_way, 0)
    limit = word.limit if word.limit is not None else ledger.limit
    ends = latest if is_new else before
    return replace(ledger, limit=limit, remaining=remaining, resets_at=ends)


def _renewed(ledger: SharedLimit, now: float, under_way: int) -> SharedLimit:
    """The ledger of the next window, if this one has ended."""
    if ledger.resets_at is None or now < ledger.resets_at:
        return ledger
    limit = ledger.limit
    remaining = None if limit is None else max(limit - under_way, 0)
    return replace(
        ledger,
        remaining=remaining,
        resets_at=None,
        renewed_at=now,
        careful=ledger.careful or limit is None,
    )


def _refused(ledger: SharedLimit, word: Observation, now: float) -> SharedLimit:
    """Nobody asks for a while, and then one at a time."""
    refusals = ledger.refusals + 1
    backoff = min(LEAST_WAIT_SECONDS * (1 << min(refusals - 1, 10)), LONGEST_BACKOFF_SECONDS)
    wait = word.wait if word.wait is not None else word.reset_in or backoff
    return replace(
        ledger,
        remaining=None,
        resets_at=None,
        renewed_at=now,
        held_until=max(ledger.held_until, now + max(wait, LEAST_WAIT_SECONDS)),
        refusals=refusals,
        careful=True,
    )
