"""What a listing does not hold: each is asked for by itself, and very many wait for a person.

Only a 404 of the item itself is an absence. How many removals are held back says
`indexer.crawl.removal_guard`. The functions may run in threads.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from indexer.core.errors import SourceError, SourceLost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from indexer.crawl.listing import Listing
    from indexer.crawl.pagination import Item

T = TypeVar("T", bound="Item")

MOST_QUESTIONS = 100
"""How many items of one inexact listing are asked for one by one, at the most.

More would be a request for each item of a list that cannot be read anyway.
"""


@dataclass(frozen=True, slots=True)
class Absences(Generic[T]):
    """What became of the items that a listing does not hold.

    Attributes:
        gone: the registry answers 404 for each of these itself.
        found: they exist, although they were not listed.
        problems: a sentence for each that could not be asked for; it is kept.
    """

    gone: tuple[str, ...] = ()
    found: Mapping[str, T] = dataclasses.field(default_factory=dict)
    problems: tuple[str, ...] = ()


def ask_for(missing: Sequence[str], fetch: Callable[[str], T | None]) -> Absences[T]:
    """Ask for each missing item itself: only a 404 is an absence.

    Raises:
        SourceLost: no further request makes sense; what was answered so far is dropped, and
            nothing is believed absent.
    """
    gone: list[str] = []
    found: dict[str, T] = {}
    problems: list[str] = []
    for name in missing:
        try:
            item = fetch(name)
        except SourceLost:
            raise
        except SourceError as error:
            problems.append(f"it is not known whether {name} was removed, so it is kept: {error}")
        else:
            if item is None:
                gone.append(name)
            else:
                found[name] = item
    return Absences(tuple(gone), found, tuple(problems))


def too_many(missing: Sequence[str], listing: Listing[T]) -> bool:
    """Whether to leave an inexact listing's missing items alone: see `MOST_QUESTIONS`."""
    return not listing.exact and len(missing) > MOST_QUESTIONS


def held_back(what: str, number: int, name: str) -> str:
    """The sentence about removals that wait for a person's word: see `removal_guard`."""
    return (
        f"{number} {what} are missing, too many to be removed at once: they are held back until "
        f"somebody has looked and says 'indexer accept {name}'"
    )
