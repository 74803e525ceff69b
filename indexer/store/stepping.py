"""A long log looked through in steps, so that a search that finds nothing ends in time.

A filter may match one change in ten millions, or none. Then an answer says how far it looked, and
who wants to know more goes on from there. Pure: what asks and what tells the time come in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

FIRST_STEP = 20_000
"""Changes that are looked at first: a few ten milliseconds of work on either database."""

LONGEST_STEP = 1_000_000
"""Also where the steps before took no time, so that none takes much longer than the last."""


class Stretch(NamedTuple):
    """Changes by number, both ends left out."""

    above: int
    below: int


class Walked(NamedTuple, Generic[T]):
    """What was found, and the number up to which was looked; None: there is no more to look at."""

    found: list[T]
    until: int | None


def walk(
    ask: Callable[[Stretch, int], list[T]],
    whole: Stretch,
    limit: int,
    is_time_up: Callable[[], bool],
    *,
    back: bool,
) -> Walked[T]:
    """Look through a log in steps until enough is found, or the time is up.

    Args:
        ask: up to so many things of a stretch, in the order in which it is walked.
        whole: what may be looked at.
        limit: how many are enough.
        is_time_up: asked after each step; there is always a first one.
        back: from the end to the beginning.
    """
    found: list[T] = []
    above, below = whole
    length = FIRST_STEP
    while above + 1 < below:
        low = max(above, below - length - 1) if back else above
        high = below if back else min(below, above + length + 1)
        found += ask(Stretch(low, high), limit - len(found))
        if back:
            below = low + 1
        else:
            above = high - 1
        if len(found) >= limit:
            break
        if above + 1 < below and is_time_up():
            return Walked(found, below if back else above)
        length = min(2 * length, LONGEST_STEP)
    return Walked(found, None)
