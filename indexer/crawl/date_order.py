"""In which order the dates of a list come, and what that is evidence for. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

UNLIKELY = 1_000
"""A list that comes in another order looks newest first by chance, once in so many such lists.

Seven different dates are convincing, six are not. It matters where pages are smaller than that.
"""

HORIZON = timedelta(days=366)
"""How far ahead of our clock a date may lie. What lies further ahead counts as no date: it pins
its item above everything that is ever pushed. A year, so that our own clock may be wrong by that.
"""


def believed(date: datetime | None, now: datetime | None) -> datetime | None:
    """A date, or None for one that no push can beat; without `now` every date is believed."""
    return None if date and now and date - now > HORIZON else date


class DateOrder:
    """In which order the dates came. Items without a date may stand at either end.

    `newest_at_head` is the first date that came; `holds_null` tells of items without one.
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
        """Dates fell and never rose. Equal dates alone show no order."""
        return self._falls and not (self._rises or self._broken)

    @property
    def is_oldest_first(self) -> bool:
        """Dates rose and never fell."""
        return self._rises and not (self._falls or self._broken)

    @property
    def is_convincing(self) -> bool:
        """Whether dates in no order would hardly have come like this: see `UNLIKELY`."""
        return self._odds >= UNLIKELY

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
        """Keep the number of orders that these dates could have come in, equal ones alike."""
        self._dated += 1
        self._alike = self._alike + 1 if date == self._last else 1
        self._odds = min(self._odds * self._dated / self._alike, UNLIKELY)
