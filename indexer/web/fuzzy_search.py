"""Names by what a person typed, typing errors forgiven. The index offers, this module judges."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.catalog.browser import Browser
    from indexer.core.model import RepositoryEntry

CANDIDATES = 300
"""Names whose distance is measured."""

LONGEST_QUERY = 60
"""Characters that are looked at; a distance takes the product of two lengths."""

REMEMBERED = 4_096
"""Distances: repositories of a namespace share most of their words, and pages their readers."""

_PARTS = re.compile(r"[/._-]+")


def best(browser: Browser, typed: str, limit: int) -> list[RepositoryEntry]:
    """The repositories that were probably meant, the nearest first."""
    text = typed.strip().lower()[:LONGEST_QUERY]
    if not text:
        return []
    scored = [
        (score, each)
        for each in browser.alike(text, CANDIDATES)
        if (score := distance_to(text, each.repository)) is not None
    ]
    scored.sort(key=lambda pair: (pair[0], -pair[1].tags, pair[1].repository, pair[1].registry))
    return [each for _, each in scored[:limit]]


def distance_to(text: str, name: str) -> tuple[int, int] | None:
    """How far a name is from what was typed; None: too far to have been meant.

    Returns:
        The number of mistakes, and how much of the name was not typed.
    """
    namespace, _, short = name.rpartition("/")
    if text in {name, short}:
        return 0, 0
    if text in name:
        return 0, len(name) - len(text) + (0 if short.startswith(text) else 1)
    allowed = 1 if len(text) < 5 else 2 if len(text) < 9 else 3  # noqa: PLR2004 - by ear
    whole = {name, short, namespace, *_PARTS.split(name)} - {""}
    # Each letter of a difference in length is a mistake by itself.
    near = [each for each in whole if abs(len(each) - len(text)) <= allowed]
    mistakes = min((distance(text, each) for each in near), default=allowed + 1)
    if mistakes > allowed:
        return None
    return mistakes, int(short not in near or distance(text, short) > mistakes)


@lru_cache(REMEMBERED)
def distance(one: str, other: str) -> int:
    """Letters to add, drop, change or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, counterpart in enumerate(other, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != counterpart))
            is_swap = row > 1 and column > 1 and letter == other[column - 2]
            if is_swap and one[row - 2] == counterpart:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        before, last = last, now
    return last[-1]
