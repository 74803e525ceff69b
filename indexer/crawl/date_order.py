"""In which order the dates of a list come, and how strong the evidence for it is. Pure."""

from __future__ import annotations

from datetime import timedelta
from operator import gt, lt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

UNLIKELY = 1_000
"""The order counts as proven once chance would produce it in less than one of so many lists.

Seven different dates in falling order are enough (1 in 5,040); six are not (1 in 720). This
matters where a page holds fewer items than that.
"""

HORIZON = timedelta(days=366)
"""How far ahead of our clock a date may lie.

A date further ahead counts as no date, because its item would stay above every later push. A
whole year, because our own clock may be wrong.
"""


def believed(date: datetime | None, now: datetime | None) -> datetime | None:
    """Return the date, or None if it lies further ahead of `now` than `HORIZON`.

    Without `now` every date is believed.
    """
    return None if date and now and date - now > HORIZON else date


def all_believed(
    dates: Sequence[datetime | None], now: datetime | None
) -> Sequence[datetime | None]:
    """`believed` of each of many dates."""
    try:
        if believed(latest := max(dates, default=None), now) is latest:  # type: ignore[type-var]
            return dates
    except TypeError:  # an item without a date
        pass
    return [believed(date, now) for date in dates]


class DateOrder:
    """In which order the dates of a list came. Items without a date may stand at either end.

    Attributes:
        newest_at_head: the first date that came; None before it.
        holds_null: an item had no date.
    """

    def __init__(self) -> None:
        self.newest_at_head: datetime | None = None
        self.holds_null = False
        self._rises = False
        self._falls = False
        self._broken = False
        self._last: datetime | None = None
        self._null_after_date = False
        self._dated = 0
        self._alike = 0
        self._odds = 1.0

    @property
    def is_newest_first(self) -> bool:
        """Whether dates fell and never rose. Equal dates alone show no order."""
        return self._falls and not (self._rises or self._broken)

    @property
    def is_oldest_first(self) -> bool:
        """Whether dates rose and never fell."""
        return self._rises and not (self._falls or self._broken)

    @property
    def is_convincing(self) -> bool:
        """Whether there were enough dates to rule out chance: see `UNLIKELY`."""
        return self._odds >= UNLIKELY

    def take_all(self, dates: Sequence[datetime | None]) -> None:
        """Add the dates of the next items, as `take` does one."""
        number = 0
        while number < len(dates) and (self._last is None or not self.is_convincing):
            self.take(dates[number])
            number += 1
        rest = [date for date in dates[number:] if date is not None]
        if self._last is None or len(rest) < len(dates) - number:
            for date in dates[number:]:
                self.take(date)
        elif rest:
            before = [self._last, *rest]
            self._rises = self._rises or any(map(gt, rest, before))
            self._falls = self._falls or any(map(lt, rest, before))
            self._broken = self._broken or self._null_after_date
            self._last = rest[-1]

    def take(self, date: datetime | None) -> None:
        """Add the next item's date."""
        if date is None:
            self.holds_null = True
            self._null_after_date = self._last is not None
            return
        if self._last is None:
            self.newest_at_head = date
        else:
            self._rises = self._rises or date > self._last
            self._falls = self._falls or date < self._last
            self._broken = self._broken or self._null_after_date
        if self._odds < UNLIKELY:
            self._count(date)
        self._last = date

    def _count(self, date: datetime) -> None:
        """Keep the number of different orders that these dates could have come in."""
        self._dated += 1
        self._alike = self._alike + 1 if date == self._last else 1
        self._odds = min(self._odds * self._dated / self._alike, UNLIKELY)
