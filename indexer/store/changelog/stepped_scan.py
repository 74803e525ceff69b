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


class IdRange(NamedTuple):
    """Changes by number, both ends left out."""

    above: int
    below: int


class ScanResult(NamedTuple, Generic[T]):
    """What was found, and the number up to which was looked; None: there is no more to look at."""

    found: list[T]
    until: int | None


def split(whole: IdRange, length: int, *, back: bool) -> tuple[IdRange, IdRange]:
    """The first so many numbers of a stretch in the order in which it is walked, and the rest."""
    above, below = whole
    if back:
        middle = max(above, below - length - 1)
        return IdRange(middle, below), IdRange(above, middle + 1)
    middle = min(below, above + length + 1)
    return IdRange(above, middle), IdRange(middle - 1, below)


def scan(
    ask: Callable[[IdRange, int], list[T]],
    whole: IdRange,
    limit: int,
    is_time_up: Callable[[], bool],
    *,
    back: bool,
) -> ScanResult[T]:
    """Look through a log in steps until enough is found, or the time is up.

    Args:
        ask: up to so many things of a stretch, in the order in which it is walked.
        whole: what may be looked at.
        limit: how many are enough.
        is_time_up: asked after each step; there is always a first one.
        back: from the end to the beginning.
    """
    found: list[T] = []
    length = FIRST_STEP
    while whole.above + 1 < whole.below:
        step, whole = split(whole, length, back=back)
        found += ask(step, limit - len(found))
        if len(found) >= limit:
            break
        if whole.above + 1 < whole.below and is_time_up():
            return ScanResult(found, whole.below if back else whole.above)
        length = min(2 * length, LONGEST_STEP)
    return ScanResult(found, None)
