"""Finds out from the names of a list which items were removed, if its count is too small. Pure.

After an exact listing of K items, an unchanged head with a count that is too small means that items
were removed below the head. Finding them would take every page, but the registry gives all names in
one answer (`tags/list`). If the names lack as many known names as the count is short by, and have
no others, those items were removed.

That answer alone proves nothing: it may be truncated, or come from a cache. So it must agree
exactly with the count, page 1 must be unchanged when it is read again, and the caller asks for each
missing item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

REQUESTS = 4
"""The names, which the registry refuses once until a token is fetched (3), and page 1 again."""


class NamesWitness:
    """Decides whether to ask for the names, and what they prove.

    Args:
        is_there: the registry can be asked for all names.

    Attributes:
        missing: the known items that were removed, as far as the names and the count tell.
    """

    def __init__(self, *, is_there: bool) -> None:
        self._is_there = is_there
        self._was_asked = False
        self.missing: frozenset[str] = frozenset()

    def is_worth_asking(self, short: int, pages_left: int) -> bool:
        """Whether to ask for the names: once, if they cost less than the pages.

        Args:
            short: by how many items the count is too small.
            pages_left: how many pages were not read yet.
        """
        if self._was_asked or not self._is_there:
            return False
        self._was_asked = short > 0 and short + REQUESTS < pages_left + 1
        return self._was_asked

    def take(
        self,
        names: Collection[str] | None,
        known: Collection[str],
        seen: Collection[str],
        *,
        short: int,
        unseen: int,
    ) -> bool:
        """Take the names, and say whether they tell what is missing.

        Args:
            names: all of them; None: the registry does not give them.
            known: what was there.
            seen: what the head holds now.
            short: by how many items the count is too small.
            unseen: how many items are there that were never seen.
        """
        if names is None:
            self._is_there = False
            return False
        told, expected = frozenset(names), frozenset(known).union(seen)
        missing = expected - told
        if len(missing) != short or len(told - expected) != unseen or missing.intersection(seen):
            return False
        self.missing = missing
        return True

    def forget(self) -> None:
        """Start again: the names that were taken are of an earlier moment."""
        self.missing = frozenset()
        self._was_asked = False
