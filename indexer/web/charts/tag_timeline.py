"""The history of a tag: a line for each digest, with a bar for each period."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, NamedTuple

from indexer.web.charts.axis import LEAST_BAR, WIDTH, Label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from indexer.core.catalog_entries import Period


MOST_LANES = 12
"""How many digests of a tag's history get their own line: the latest."""


class Span(NamedTuple):
    """The bar of a period."""

    period: Period
    x: float
    width: float
    lasts: bool


class Lane(NamedTuple):
    """A digest, and when the tag pointed to it. `hue` is its colour's number."""

    digest: str | None
    hue: int
    spans: list[Span]


class TagTimeline(NamedTuple):
    """The history of a tag: a lane for each digest, the latest first."""

    lanes: list[Lane]
    labels: list[Label]
    left_out: int


HUES = 8
"""Colours that digests are told apart by; they repeat."""


def tag_timeline(periods: Sequence[Period], now: datetime) -> TagTimeline:
    """Compute the bars of a tag's periods, between the start of the first and now.

    Args:
        periods: the newest first.
        now: where those that last end.
    """
    if not periods:
        return TagTimeline([], [], 0)
    digests = list(dict.fromkeys(each.digest for each in periods))
    kept = set(digests[:MOST_LANES])
    drawn = [each for each in periods if each.digest in kept]
    start = min(each.started_at for each in drawn)
    whole = max((now - start).total_seconds(), 1.0)

    def at(time: datetime) -> float:
        return min(max((time - start).total_seconds() / whole, 0.0), 1.0) * WIDTH

    lanes = []
    for hue, digest in enumerate(digests[:MOST_LANES]):
        spans = []
        for each in drawn:
            if each.digest == digest:
                x = at(each.started_at)
                width = max(at(each.ended_at or now) - x, LEAST_BAR)
                x = min(x, WIDTH - width)
                spans.append(Span(each, round(x, 2), round(width, 2), each.ended_at is None))
        lanes.append(Lane(digest, hue % HUES, spans[::-1]))
    return TagTimeline(lanes, _ticks(start, now), max(len(digests) - MOST_LANES, 0))


def _ticks(start: datetime, now: datetime) -> list[Label]:
    """Four dates along the axis; times where all is within two days."""
    span = now - start
    form = "%H:%M" if span < timedelta(days=2) else "%Y-%m-%d"
    marks = []
    for index in range(4):
        time = (start + span * (index / 3)).astimezone(UTC)
        marks.append(Label(round(WIDTH * index / 3, 2), f"{time:{form}}"))
    return marks
