"""Lists that are paged by name: what is evidence for it, and what it is worth. Pure.

Such a list goes on after the *name* that ended the page before (`last` in the distribution
specification), not after a number of items. So what others add or delete meanwhile shifts
nothing: a name that is in the list during the whole pass lies in the range of exactly one page,
and that page holds it. What a pass does not hold was therefore absent at the moment at which the
page that it belongs to was answered; one pass proves that, and needs no second look. (The moments
differ from page to page; a list that holds names and nothing else has no other way to be read.)

It is believed of a list whose every page says after which name the next one begins, and whose
names were seen to rise, byte by byte, within those bounds. A registry that pages in another way,
or sorts in another way (by case, or not at all), is read as any list in an unknown order.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class NameOrder:
    """Watches the pages of one pass.

    `holds`: so far every page went on after a name. `advanced`: the last one came further than
    the one before, whatever it held.
    """

    def __init__(self) -> None:
        self.holds = True
        self.advanced = False
        self._after: str | None = None

    def take(self, names: Iterable[str], after: str | None, *, is_last: bool) -> None:
        """Add a page: its names in their order, and after which name the next one begins."""
        if not self.holds:
            return
        rising = [] if self._after is None else [self._after]
        rising += names
        self.advanced = after is not None and (self._after is None or after > self._after)
        self.holds = (is_last or self.advanced) and all(one < two for one, two in pairwise(rising))
        if after is not None and rising:
            self.holds = self.holds and rising[-1] <= after
        self._after = after
