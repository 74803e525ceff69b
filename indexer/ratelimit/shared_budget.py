"""One registry's rate limit, shared by machines that each see only their own answers. Pure.

A request is counted when it is granted, not when it is answered, so that all machines together
never send more than the registry said are left. What makes that safe:

- At first, and after a refusal, the limit is unknown: one request at a time, until one is answered.
- When a window has ended, the new one starts with the full limit minus the requests that are still
  under way: the registry may count them in the new window. Answers to requests granted before that
  belong to the old window, and what they say of the limit is ignored.
- If the registry says that fewer are left than we counted, others use the same limit. Its number
  is taken, minus the requests under way, which it may or may not have counted.
- A request whose sender died counts as under way until its time-out has passed, and stays counted.

- If the clock was set back, what was noted before is not believed, and the limit is unknown again.

Times are seconds of one clock: the database's.
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
"""Seconds after which to look again whether a pending request was answered."""


LONGEST_WINDOW_SECONDS = 86_400.0
"""No registry's window is longer: a later end was noted by a wrong clock."""

CLOCK_STEP_SECONDS = 60.0
"""How far a clock may be set back before what was noted by it is not believed."""


@dataclass(frozen=True, slots=True)
class SharedLimit:
    """What is known of a limit.

    Attributes:
        limit: requests in a window, as last stated; None: unknown.
        remaining: how many may still be granted in this window; None: unknown.
        resets_at: when the window ends; None: unknown.
        renewed_at: when we last began a window ourselves.
        held_until: nothing is granted before this time.
        refusals: 429s in a row.
        careful: grant one request at a time.
    """

    limit: int | None = None
    remaining: int | None = None
    resets_at: float | None = None
    renewed_at: float = 0.0
    held_until: float = 0.0
    refusals: int = 0
    careful: bool = True


class Grant(NamedTuple):
    """The new state, and how many seconds to wait; None: the request may be sent."""

    state: SharedLimit
    wait: float | None = None
    reason: str = ""


def grant(state: SharedLimit, now: float, under_way: int) -> Grant:
    """Grant one request, or say how long to wait.

    Args:
        state: the current state.
        now: the time.
        under_way: requests that were granted and not answered yet.
    """
    if _is_of_the_future(state, now):
        state = SharedLimit()
    if now < state.held_until:
        return Grant(state, state.held_until - now, REFUSED)
    if state.refusals >= MOST_REFUSALS:
        state = replace(state, refusals=0)  # another crawl counts its own refusals
    state = _renewed(state, now, under_way)
    if state.careful and under_way:
        return Grant(state, LOOK_AGAIN_SECONDS)
    if state.remaining is None:
        return Grant(state)
    if state.remaining > 0:
        return Grant(replace(state, remaining=state.remaining - 1))
    if state.resets_at is None:  # the new window is used up by what is still under way
        return Grant(state, LOOK_AGAIN_SECONDS)
    return Grant(state, state.resets_at - now, USED_UP)


def _is_of_the_future(state: SharedLimit, now: float) -> bool:
    """Whether the state was noted by a clock that was set back since."""
    if state.renewed_at > now + CLOCK_STEP_SECONDS:
        return True
    return state.resets_at is not None and state.resets_at > now + LONGEST_WINDOW_SECONDS


def answered(
    state: SharedLimit,
    observation: Observation | None,
    now: float,
    granted_at: float,
    under_way: int,
) -> SharedLimit:
    """The state after a request was answered.

    Args:
        state: the state before.
        observation: what its answer said; None: there was no answer.
        now: the time.
        granted_at: when it was granted.
        under_way: requests that are still not answered.
    """
    if observation is None:
        return state
    is_late = granted_at < state.renewed_at
    if observation.refused:
        return _refused(state, observation, now, is_same=is_late and state.refusals > 0)
    if is_late and state.refusals:
        return state  # sent before the refusal: it says nothing about the time after
    state = replace(state, refusals=0, careful=False)
    if is_late or observation.remaining is None or not observation.reset_in:
        return state
    # The registry stated it at some moment between grant and answer: the window ends at the later
    # of the two possible times at the latest, and is a new one only if the earlier is past our end.
    earliest, latest = granted_at + observation.reset_in, now + observation.reset_in
    before = state.resets_at
    if before is not None and latest < before - SAME_WINDOW_SECONDS:
        return state  # of a window that has ended
    is_new = before is None or earliest > before + SAME_WINDOW_SECONDS
    remaining = state.remaining
    if remaining is None or observation.remaining < remaining or (is_new and before is not None):
        remaining = max(observation.remaining - under_way, 0)
    limit = observation.limit if observation.limit is not None else state.limit
    ends = latest if is_new else before
    return replace(state, limit=limit, remaining=remaining, resets_at=ends)


def _renewed(state: SharedLimit, now: float, under_way: int) -> SharedLimit:
    """The state of the next window, if the current one has ended."""
    if state.resets_at is None or now < state.resets_at:
        return state
    limit = state.limit
    remaining = None if limit is None else max(limit - under_way, 0)
    return replace(
        state,
        remaining=remaining,
        resets_at=None,
        renewed_at=now,
        careful=state.careful or limit is None,
    )


def _refused(
    state: SharedLimit, observation: Observation, now: float, *, is_same: bool
) -> SharedLimit:
    """Grant nothing for a while, then one request at a time.

    Args:
        state: the state before.
        observation: what the 429 said.
        now: the time.
        is_same: the request was sent before the refusal that we already know of, and counts
            as the same refusal.
    """
    wait = observation.reset_in or None if observation.wait is None else observation.wait
    if is_same and wait is None:
        return state
    refusals = state.refusals if is_same else state.refusals + 1
    if wait is None:
        wait = backoff(refusals)
    return replace(
        state,
        remaining=None,
        resets_at=None,
        renewed_at=state.renewed_at if is_same else now,
        held_until=max(state.held_until, now + max(wait, LEAST_WAIT_SECONDS)),
        refusals=refusals,
        careful=True,
    )
