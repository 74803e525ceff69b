"""The tags of one repository, read and settled."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.crawl.list_reader import Absences, ask_for, held_back, read, too_many
from indexer.crawl.listing import ListingReader
from indexer.crawl.wanted_names import as_remembered, left_out_before

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from indexer.core.model import ListMemory, Tag
    from indexer.crawl.due_repositories import DueRepository
    from indexer.crawl.listing import Listing
    from indexer.crawl.ports import KnownTags, ResolvedDigests, Source
    from indexer.crawl.removal_guard import RemovalGuard


@dataclass(frozen=True, slots=True)
class TagsRead:
    """A repository's tags as read, ready to be compared: see `read_tags`.

    `settled` says that no question is left open; otherwise the repository stays owed. `dropped`
    are known tags that the configuration does not want any more, `first_sight` those that it did
    not want before, and `order` is that of a list without dates.
    """

    listed: Mapping[str, Tag]
    gone: tuple[str, ...]
    dropped: tuple[str, ...]
    memory: ListMemory
    problems: tuple[str, ...]
    settled: bool
    order: tuple[str, ...]
    first_sight: frozenset[str] = frozenset()


def read_tags(
    source: Source,
    due: DueRepository,
    known: KnownTags,
    *,
    caution: RemovalGuard,
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
    wanted = source.wanted
    reading: ListingReader[Tag] = ListingReader(
        known.tags,
        as_remembered(known.memory, wanted.text, is_partial=wanted.chooses_tags),
        identity=source.identity,
        full=due.full,
        tries=tries,
        now=now(),
    )
    listing = read(reading, lambda ask: source.tags(name, ask))
    if wanted.chooses_tags:
        kept = {tag: item for tag, item in listing.items.items() if source.wants(name, tag)}
        listing = dataclasses.replace(listing, items=kept)
    resolved = source.resolve(name, listing.items, known.tags)
    answers = _missing(source, due, known, listing, resolved, caution)
    problems = [f"{name}: {problem}" for problem in (*resolved.problems, *answers.problems)]
    if not listing.exact:
        problems.append(f"{name}: its tags could not be read as of one moment: {listing.reason}")
    elif answers.found:
        problems.append(f"{name}: its list of tags leaves out {len(answers.found)} that exist")
    memory = dataclasses.replace(
        listing.memory(known.memory, source.identity, now()), filters=wanted.text
    )
    listed = {**listing.items, **resolved.tags, **answers.found}
    return TagsRead(
        listed={tag: item for tag, item in listed.items() if tag not in resolved.gone},
        gone=answers.gone,
        dropped=tuple(tag for tag in known.tags if not source.wants(name, tag)),
        memory=dataclasses.replace(memory, exact=memory.exact and not problems),
        problems=(*(f"{name}: {rejected}" for rejected in listing.rejected), *problems),
        settled=not problems,
        order=tuple(listing.items) if listing.whole and not source.lists_dates else (),
        first_sight=left_out_before(known.memory, wanted.text, (*listed, *answers.gone), name),
    )


def _missing(
    source: Source,
    due: DueRepository,
    known: KnownTags,
    listing: Listing[Tag],
    resolved: ResolvedDigests,
    caution: RemovalGuard,
) -> Absences[Tag]:
    """What became of the known tags that the listing lacks, or that were gone when asked for."""
    name = due.repository
    vanished = tuple(tag for tag in resolved.gone if tag in known.tags)
    missing = [
        tag
        for tag in known.tags
        if listing.whole and tag not in listing.items and source.wants(name, tag)
    ]
    number = len(missing) + len(vanished)
    if caution.holds_back(number, len(known.tags)) and not due.accepted:
        return Absences(problems=(held_back(f"of its {len(known.tags)} tags", number, name),))
    if listing.absence_proven:
        return Absences(gone=(*missing, *vanished))
    if too_many(missing, listing):
        sentence = f"{len(missing)} tags were not seen and are kept; crawl again"
        return Absences(gone=vanished, problems=(sentence,))
    answers = ask_for(missing, lambda tag: source.tag(name, tag))
    return dataclasses.replace(answers, gone=(*answers.gone, *vanished))
