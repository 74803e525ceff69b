"""Which `name=` filters may find the missing items of a list whose names are not known. Pure.

The names that were read are a sample of the list: if a tenth of them contain a text, a tenth of all
names are expected to contain it. After a filter was read to its end, no missing name contains its
text. The next text is the one for which the most missing names are expected per page of its filter.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST_TEXT = 5
"""Characters; a longer one finds too little to be worth a request."""

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-_."
"""Characters of a repository's name (OCI distribution specification, `<name>`)."""


class NameProbes:
    """Chooses the texts to filter by, one after the other.

    Args:
        sample: names that were read without a filter.
        count: how many items the whole list has.
        page_size: items of a page.
        reach: how many items of one filter can be read before pages are refused.
    """

    def __init__(self, sample: Collection[str], count: int, *, page_size: int, reach: int) -> None:
        self._scale = count / max(len(sample), 1)
        self._page_size = page_size
        self._reach = reach
        self._totals = Counter(text for name in sample for text in _texts(name))
        self._left = set(sample)
        self._asked: set[str] = set()
        self._open: list[str] = list(reversed(ALPHABET))

    def done(self, text: str, *, whole: bool) -> None:
        """Note that a filter was read; `whole`: to its end, so no missing name holds its text."""
        if whole:
            self._left = {name for name in self._left if text not in name}
        elif len(text) < LONGEST_TEXT:
            self._open += [text + letter for letter in reversed(ALPHABET)]

    def next(self) -> str | None:
        """The next text; None if there is none."""
        hidden = Counter(text for name in self._left for text in _texts(name))
        worth = {
            text: number / -(-self._total(text) // self._page_size)
            for text, number in hidden.items()
            if text not in self._asked and self._total(text) <= self._reach
        }
        text = max(worth, key=lambda each: (worth[each], each), default=None)
        while text is None and self._open:
            each = self._open.pop()
            text = None if each in self._asked else each
        if text is not None:
            self._asked.add(text)
        return text

    def _total(self, text: str) -> int:
        """How many names of the whole list are expected to hold a text."""
        return max(round(self._totals[text] * self._scale), 1)


def _texts(name: str) -> set[str]:
    return {
        name[start:end]
        for start in range(len(name))
        for end in range(start + 1, min(start + LONGEST_TEXT, len(name)) + 1)
    }
