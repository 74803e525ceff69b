"""Read one list from a source to its end, and ask for what it does not hold.

It joins the pure protocol of `indexer.listing` to a source. Nothing is decided about changes
here and nothing is written; the functions may run in threads.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from indexer.errors import SourceError, SourceLost
from indexer.listing import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from indexer.caution import Caution
    from indexer.due import Due
    from indexer.listing import Listing
    from indexer.model import ListMemory, Tag
    from indexer.paging import Ask, Item, Page
    from indexer.ports import KnownTags, Source

T = TypeVar("T", bound="Item")

MOST_QUESTIONS = 100
"""How many items of one inexact listing are asked for one by one, at the most.

More would be a request for each item of a list that cannot be read anyway.
"""


@dataclass(frozen=True, slots=True)
class Answers(Generic[T]):
    """What became of the items that a listing does not hold.

    Attributes:
        gone: the registry answers 404 for each of these itself.
        found: they exist, although they were not listed.
        problems: a sentence for each that could not be asked for; it is kept.
    """

    gone: tuple[str, ...] = ()
    found: Mapping[str, T] = dataclasses.field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TagsRead:
    """A repository's tags as read, ready to be compared: see `read_tags`.

    `settled` says that no question is left open; otherwise the repository stays owed.
    """

    listed: Mapping[str, Tag]
    gone: tuple[str, ...]
    memory: ListMemory
    problems: tuple[str, ...]
    settled: bool


def read(reading: Reading[T], fetch: Callable[[Ask], Page[T] | None]) -> Listing[T]:
    """Fetch what the reading asks for, until it is finished.

    Raises:
        SourceError: a page could not be had; `reading.seen` holds what came before.
    """
    while (ask := reading.ask) is not None:
        reading.feed(fetch(ask))
    return reading.listing


def ask_for(missing: Sequence[str], fetch: Callable[[str], T | None]) -> Answers[T]:
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
            problems.append(f"it is not known whether {name} is gone, so it is kept: {error}")
        else:
            if item is None:
                gone.append(name)
            else:
                found[name] = item
    return Answers(tuple(gone), found, tuple(problems))


def too_many(missing: Sequence[str], listing: Listing[T]) -> bool:
    """Whether to leave an inexact listing's missing items alone: see `MOST_QUESTIONS`."""
    return not listing.exact and len(missing) > MOST_QUESTIONS


def held_back(what: str, number: int, name: str) -> str:
    """The sentence about removals that wait for a person's word: see `indexer.caution`."""
    return (
        f"{number} {what} are gone, too many to be believed at once: they are kept until somebody "
        f"has looked and says 'indexer accept {name}'"
    )


def read_tags(
    source: Source,
    due: Due,
    known: KnownTags,
    *,
    caution: Caution,
    tries: int,
    now: Callable[[], datetime],
) -> TagsRead:
    """Read a repository's tags, and settle what became of those that are missing.

    Args:
        source: where they are.
        due: which repository, and how thoroughly.
        known: what is believed of its tags.
        caution: how many of them may go without a person's word.
        tries: passes over a list that shifts.
        now: the time.

    Raises:
        SourceError: the list could not be read to its end; nothing may be written.
    """
    name = due.repository
    reading: Reading[Tag] = Reading(
        known.tags,
        known.memory,
        identity=source.identity,
        sweep=due.sweep,
        tries=tries,
        now=now(),
    )
    listing = read(reading, lambda ask: source.tags(name, ask))
    problems: list[str] = []
    missing = [tag for tag in known.tags if tag not in listing.items] if listing.whole else []
    answers: Answers[Tag] = Answers()
    if caution.holds_back(len(missing), len(known.tags)) and not due.accepted:
        problems.append(held_back(f"of {len(known.tags)} tags of {name}", len(missing), name))
    elif listing.absence_proven:
        answers = Answers(gone=tuple(missing))
    elif too_many(missing, listing):
        problems.append(f"{name}: {len(missing)} tags were not seen and are kept; crawl again")
    else:
        answers = ask_for(missing, lambda tag: source.tag(name, tag))
    problems += (f"{name}: {problem}" for problem in answers.problems)
    if not listing.exact:
        problems.append(f"{name}: its tags could not be read as of one moment: {listing.reason}")
    elif answers.found:
        problems.append(f"{name}: its list of tags leaves out {len(answers.found)} that exist")
    memory = listing.memory(known.memory, source.identity, now())
    return TagsRead(
        listed={**listing.items, **answers.found},
        gone=answers.gone,
        memory=dataclasses.replace(memory, exact=memory.exact and not problems),
        problems=(*(f"{name}: {rejected}" for rejected in listing.rejected), *problems),
        settled=not problems,
    )
