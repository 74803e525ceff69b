"""New items that were removed, or have an old date: a list from the past shows what was removed.

A push moves its item's date. So a name that is not known, and whose date is not later than the
latest that the list ever showed, is no new push: it was out of sight (a repository that was made
public), or the list is an old copy. A name that was removed may come from an old copy whatever its
date: it may have been pushed and deleted between two crawls. A second answer decides: the item
itself, or all names. What nobody confirms is not recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import SourceError, SourceLost
from indexer.core.humanize import count
from indexer.core.printable import shown
from indexer.crawl.absence import MOST_QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from indexer.core.model import ListMemory
    from indexer.crawl.pagination import T

EXAMPLES = 3
"""Items that one sentence names."""


class Additions(NamedTuple):
    """What became of new items that were removed, or with an old date.

    Attributes:
        removed: names that are not there: the list is an old copy.
        unknown: names that could not be asked for; they wait for the next crawl.
    """

    removed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def left_out(self) -> frozenset[str]:
        """The names that are not recorded."""
        return frozenset((*self.removed, *self.unknown))

    def sentences(self, what: str) -> list[str]:
        """What a crawl says of them; `what` is the list."""
        return [
            f"{what} shows {_some(names)}, which {why}: not recorded; crawl again"
            for names, why in (
                (self.removed, "the registry does not have; it seems to be an old copy"),
                (self.unknown, "could not be asked for"),
            )
            if names
        ]


def old_additions(
    known: Collection[str],
    listed: Mapping[str, T],
    memory: ListMemory | None,
    expected: Collection[str],
    removed: Collection[str] = (),
) -> list[str]:
    """The new names that were removed, or whose date is not later than the latest ever seen.

    A list that was shown in part is the exception: as many as were out of sight then, by its
    count, are not new.

    Args:
        known: the recorded names.
        listed: the items as listed.
        memory: of the last reading; without it everything is new.
        expected: names that the last reading left out.
        removed: recorded names that are not present any more.
    """
    back = [name for name in listed if name in removed and name not in known]
    return back + [
        name for name in _not_later(known, listed, memory, expected) if name not in removed
    ]


def _not_later(
    known: Collection[str],
    listed: Mapping[str, T],
    memory: ListMemory | None,
    expected: Collection[str],
) -> list[str]:
    if memory is None or memory.latest is None:
        return []
    old = [
        name
        for name, item in listed.items()
        if item.last_updated is not None
        and item.last_updated <= memory.latest
        and name not in known
        and name not in expected
    ]
    out_of_sight = memory.offset if memory.partial else 0
    return [] if len(old) <= out_of_sight else old


def ask_each(names: Collection[str], fetch: Callable[[str], T | None]) -> Additions:
    """Ask for each of these items by itself; beyond `MOST_QUESTIONS` they wait.

    Raises:
        SourceLost: further requests make no sense.
    """
    removed: list[str] = []
    unknown: list[str] = []
    for number, name in enumerate(names):
        if number >= MOST_QUESTIONS:
            unknown.append(name)
            continue
        try:
            if fetch(name) is None:
                removed.append(name)
        except SourceLost:
            raise
        except SourceError:
            unknown.append(name)
    return Additions(tuple(removed), tuple(unknown))


def _some(names: Collection[str]) -> str:
    examples = ", ".join(shown(name) for name in sorted(names)[:EXAMPLES])
    left = len(names) - EXAMPLES
    return f"{examples} and {count(left, 'other')}" if left > 0 else examples
