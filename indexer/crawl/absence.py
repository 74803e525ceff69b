"""Ask for each known item that a listing lacks.

Only a 404 for the item itself proves that it was removed. `indexer.crawl.removal_guard` decides
how many removals are held back for review. The functions are safe to call from threads.
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
"""The most items of one inexact listing that are asked for one by one.

Without it, a list that cannot be read would cost a request for each known item.
"""


@dataclass(frozen=True, slots=True)
class Absences(Generic[T]):
    """What became of the items that a listing lacks.

    Attributes:
        removed: names of items for which the registry answered 404.
        found: items that exist although they were not listed, by name.
        problems: a sentence for each item that could not be asked for; such an item is kept.
        held_back: names of items whose removal is held back for review.
    """

    removed: tuple[str, ...] = ()
    found: Mapping[str, T] = dataclasses.field(default_factory=dict)
    problems: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()


EXAMPLES = 5
"""Missing items that a sentence names."""


def ask_for(missing: Sequence[str], fetch: Callable[[str], T | None]) -> Absences[T]:
    """Ask for each missing item; only a 404 proves that it was removed.

    Args:
        missing: names of the items.
        fetch: asks the registry for one item; None is its 404.

    Raises:
        SourceLost: further requests make no sense. The answers so far are dropped, so no item is
            taken as removed.
    """
    removed: list[str] = []
    found: dict[str, T] = {}
    problems: list[str] = []
    for name in missing:
        try:
            item = fetch(name)
        except SourceLost:
            raise
        except SourceError as error:
            problems.append(f"cannot tell whether {name} was removed, so it is kept: {error}")
        else:
            if item is None:
                removed.append(name)
            else:
                found[name] = item
    return Absences(tuple(removed), found, tuple(problems))


def too_many(missing: Sequence[str], listing: Listing[T]) -> bool:
    """Whether an inexact listing lacks too many items to ask for each: see `MOST_QUESTIONS`."""
    return not listing.exact and len(missing) > MOST_QUESTIONS


def held_back_message(what: str, missing: Sequence[str], name: str) -> str:
    """The sentence about removals that are held back for review: see `removal_guard`.

    Args:
        what: what they are some of: `of 15 repositories of acme`.
        missing: their names.
        name: what to accept.
    """
    number = len(missing)
    examples = ", ".join(sorted(missing)[:EXAMPLES])
    more = f" and {number - EXAMPLES:,} more" if number > EXAMPLES else ""
    return (
        f"{number} {what} are missing, too many to remove at once: they are held back for review; "
        f"accept them with 'indexer accept {name}' ({examples}{more})"
    )
