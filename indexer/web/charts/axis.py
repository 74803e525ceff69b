"""The sizes of drawings, round numbers for the top of an axis, and dates beneath it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


WIDTH = HEIGHT = 100.0
"""All positions are in per cent, so that the drawing scales to its place but its texts do not."""

_EDGE = 6.0
_LABELS = 6
"""Dates under a chart."""

LEAST_BAR = 1.0
"""Least height of a bar, so that one change is visible beside thousands."""


class Label(NamedTuple):
    """A text beneath a chart."""

    x: float
    text: str

    @property
    def anchor(self) -> str:
        """Which end of the text stands at `x`, so that none hangs over the edge."""
        return "start" if self.x < _EDGE else "end" if self.x > WIDTH - _EDGE else "middle"


def round_up(value: int) -> int:
    """A round number that is at least as large: 1, 2, 5, 10, 20, 50 and so on."""
    if value <= 1:
        return 1
    size: int = 10 ** int(math.log10(value))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= value)


def date_labels(dates: Sequence[date], step: float) -> list[Label]:
    """Some of the dates, beneath the middle of their bars, which are `step` wide."""
    every = max(len(dates) // _LABELS, 1)
    return [
        Label(round((index + 0.5) * step, 2), f"{day:%b} {day.day}")
        for index, day in enumerate(dates)
        if (len(dates) - 1 - index) % every == 0
    ]
