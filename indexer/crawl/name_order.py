"""Recognise lists that are paged by name. Pure.

Each page of such a list continues after the last *name* of the page before (`last` in the OCI
distribution specification), not after a number of items. So items that others add or delete
meanwhile shift nothing: a name that is in the list during the whole pass lies in the range of
exactly one page, and that page holds it. A name that a pass lacks was therefore absent when the
page with its range was answered. One pass proves that, without a second look at page 1. (The
moments differ from page to page; a list of names alone cannot be read in any better way.)

A list counts as paged by name if every page says after which name the next one begins, and if its
names rise, byte by byte, within those bounds. A registry that pages or sorts in another way (by
case, or not at all) is read like any list in an unknown order.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class NameOrder:
    """Checks whether the pages of one pass are paged by name.

    Attributes:
        holds: every page so far continued after a name, in rising order.
        advanced: the last page names a later place to continue than the one before.
    """

    def __init__(self) -> None:
        self.holds = True
        self.advanced = False
        self._after: str | None = None

    def take(self, names: Iterable[str], after: str | None, *, is_last: bool) -> None:
        """Add a page.

        Args:
            names: in the order of the page.
            after: the name after which the next page begins; None if the list does not say.
            is_last: there is no next page.
        """
        if not self.holds:
            return
        rising = [] if self._after is None else [self._after]
        rising += names
        self.advanced = after is not None and (self._after is None or after > self._after)
        self.holds = (is_last or self.advanced) and all(one < two for one, two in pairwise(rising))
        if after is not None and rising:
            self.holds = self.holds and rising[-1] <= after
        self._after = after
