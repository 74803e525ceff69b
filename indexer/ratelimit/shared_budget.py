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
from typing import TYPE_CHECKING, NamedTuple

from indexer.ratelimit.backoff import (
    LEAST_WAIT_SECONDS,
    MOST_REFUSALS,
    REFUSED,
    SAME_WINDOW_SECONDS,
    USED_UP,
    backoff,
)

if TYPE_CHECKING:
    from indexer.ratelimit.ports import Observation

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
        return Grant(ledger, ledger.held_until - now, REFUSED)
    if ledger.refusals >= MOST_REFUSALS:
        ledger = replace(ledger, refusals=0)  # that was another crawl's patience
    ledger = _renewed(ledger, now, under_way)
    if ledger.careful and under_way:
        return Grant(ledger, LOOK_AGAIN_SECONDS)
    if ledger.remaining is None:
        return Grant(ledger)
    if ledger.remaining > 0:
        return Grant(replace(ledger, remaining=ledger.remaining - 1))
    if ledger.resets_at is None:  # the new window is used up by what is still under way
        return Grant(ledger, LOOK_AGAIN_SECONDS)
    return Grant(ledger, ledger.resets_at - now, USED_UP)


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
    is_late = granted_at < ledger.renewed_at
    if word.refused:
        return _refused(ledger, word, now, is_same=is_late and ledger.refusals > 0)
    if is_late and ledger.refusals:
        return ledger  # it was sent before the refusal, and says nothing of what came after
    ledger = replace(ledger, refusals=0, careful=False)
    if is_late or word.remaining is None or not word.reset_in:
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


def _refused(ledger: SharedLimit, word: Observation, now: float, *, is_same: bool) -> SharedLimit:
    """Nobody asks for a while, and then one at a time.

    Args:
        ledger: what was known.
        word: what the refusal said.
        now: the time.
        is_same: it answers a request that was sent before the refusal that we know of, and counts
            as the same.
    """
    wait = word.reset_in or None if word.wait is None else word.wait
    if is_same and wait is None:
        return ledger
    refusals = ledger.refusals if is_same else ledger.refusals + 1
    if wait is None:
        wait = backoff(refusals)
    return replace(
        ledger,
        remaining=None,
        resets_at=None,
        renewed_at=ledger.renewed_at if is_same else now,
        held_until=max(ledger.held_until, now + max(wait, LEAST_WAIT_SECONDS)),
        refusals=refusals,
        careful=True,
    )
