"""Scans a long log in steps, so that a search without results ends in time.

A filter may match one change in ten million, or none. Then the answer says how far it searched, and
the caller may continue from there. Pure: the query and the clock are arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

FIRST_STEP = 20_000
"""Changes in the first step: some ten milliseconds of work on either database."""

LONGEST_STEP = 1_000_000
"""The longest step, however fast the others were, so that none takes much longer than the last."""


class IdRange(NamedTuple):
    """Ids between two bounds, both excluded."""

    above: int
    below: int


class ScanResult(NamedTuple, Generic[T]):
    """What was found, and the id up to which was searched; None: the range was searched fully."""

    found: list[T]
    until: int | None


def split(whole: IdRange, length: int, *, back: bool) -> tuple[IdRange, IdRange]:
    """The first `length` ids of a range in the order of the scan, and the rest."""
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
    """Scan a range in steps until enough is found, or the time is up.

    Args:
        ask: returns up to so many items of a range, in the order of the scan.
        whole: the range to search.
        limit: how many items are enough.
        is_time_up: called after each step; the first step always runs.
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
