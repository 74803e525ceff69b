"""What somebody probably meant: the names that are nearest to one that is not known."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

LIKENESS = 0.5
"""The share of letters that two names have in common, from which on one may be meant for the other
(`difflib.SequenceMatcher.ratio`)."""

MOST_NEAREST = 3
"""Names that are suggested for one of the index, where many are alike."""

_MOST_KNOWN = 10
"""Names that are listed where none is near."""

_DISTANCES_KEPT = 4_096
"""Repositories of a namespace share most of their words, and pages their readers."""


def nearest(name: str, known: Iterable[str], most: int = 1) -> list[str]:
    """The known names that are most like this one, the nearest first; capital letters are small.

    What all of them share with it up to a `/` says nothing of likeness, and is not compared.
    """
    import difflib  # noqa: PLC0415 - only for mistakes; it is not free to load

    names = list(known)
    home = name[: name.rfind("/") + 1]
    if not all(each.startswith(home) for each in names):
        home = ""
    tails: dict[str, str] = {}
    for each in names:
        tails.setdefault(each.removeprefix(home).lower(), each)
    wanted = name.removeprefix(home).lower()
    return [tails[each] for each in difflib.get_close_matches(wanted, tails, most, LIKENESS)]


def did_you_mean(names: Sequence[str]) -> str:
    """The question: `did you mean 'nginx' or 'nginy'?`."""
    return "did you mean " + " or ".join(f"'{shown(each)}'" for each in names) + "?"


def unknown(what: str, name: str, known: Collection[str], none_yet: str) -> str:
    """A sentence about a name that the index does not know, with the nearest that it does.

    Args:
        what: the kind of thing: `repository`.
        name: as a person typed it.
        known: the names that there are.
        none_yet: what to do where there are none.
    """
    if near := nearest(name, known, MOST_NEAREST):
        hint = did_you_mean(near)
    elif known:
        hint = "known are " + ", ".join(f"'{shown(each)}'" for each in sorted(known)[:_MOST_KNOWN])
        hint += " and others." if len(known) > _MOST_KNOWN else "."
    else:
        hint = none_yet
    return f"the index knows no {what} '{shown(name)}'; {hint}"


@lru_cache(_DISTANCES_KEPT)
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
