"""Read the tags of one repository, and find out what became of the missing ones."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from indexer.core.errors import SourceError
from indexer.core.model import Mode
from indexer.crawl import dangling, open_questions
from indexer.crawl.absence import Absences, ask_for, held_back_message, too_many
from indexer.crawl.dangling import DanglingTags
from indexer.crawl.list_reader import Sides, known_bound, read, unread
from indexer.crawl.listing import ListingReader
from indexer.crawl.wanted_names import as_remembered, left_out_before

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from indexer.core.model import ListMemory, Tag
    from indexer.crawl.due_repositories import DueRepository
    from indexer.crawl.known_state import KnownTags
    from indexer.crawl.listing import Listing
    from indexer.crawl.ports import ResolvedDigests, Source
    from indexer.crawl.removal_guard import RemovalGuard


@dataclass(frozen=True, slots=True)
class TagsRead:
    """The tags of a repository as read, ready for `indexer.crawl.diff`.

    Attributes:
        listed: what was seen, by name.
        removed: names that are proven to be removed.
        dropped: known names that the configuration no longer wants.
        memory: what to remember of the listing.
        problems: a sentence for each thing that could not be read.
        settled: nothing is left open; otherwise the repository stays pending.
        order: the names as listed, if the list has no dates.
        first_sight: names that the configuration did not want before.
        error: what ended the reading early; what was read before is in `listed`.
        extra_requests: requests that were needed only because the list is shown in part.
        dangling: names that are listed without a manifest.
        notes: sentences about what leaves the crawl complete.
    """

    listed: Mapping[str, Tag]
    removed: tuple[str, ...]
    dropped: tuple[str, ...]
    memory: ListMemory | None
    problems: tuple[str, ...]
    settled: bool
    order: tuple[str, ...]
    first_sight: frozenset[str] = frozenset()
    error: SourceError | None = None
    extra_requests: int = 0
    dangling: DanglingTags = DanglingTags()  # noqa: RUF009 - frozen
    notes: tuple[str, ...] = ()


def read_tags(
    source: Source,
    due: DueRepository,
    known: KnownTags,
    *,
    removal_guard: RemovalGuard,
    passes: int,
    now: Callable[[], datetime],
) -> TagsRead:
    """Read the tags of a repository, and find out what became of the missing ones.

    Args:
        source: the registry.
        due: which repository, and how thoroughly.
        known: the recorded state of its tags.
        removal_guard: how many removals at once are accepted without review.
        passes: the most passes over a list that changes while it is read.
        now: tells the time.

    Raises:
        SourceError: nothing could be read, or nothing that may be recorded.
    """
    name = due.repository
    wanted = source.wanted
    wants = partial(source.wants, name) if wanted.chooses_tags else None
    mode = Mode.FULL if due.full else Mode.INCREMENTAL
    reading: ListingReader[Tag] = ListingReader(
        known.tags,
        as_remembered(known.memory, wanted.text, name),
        identity=source.identity,
        full=due.full,
        passes=passes,
        has_names=True,
        wants=wants,
        now=now(),
    )
    try:
        listing = read(
            reading,
            lambda ask: source.tags(name, ask),
            Sides(
                orders=(),
                names=lambda: source.tag_names(name),
                single=lambda tag: source.tag(name, tag),
                most_singles=source.most_singles,
                now=now(),
                bound=known_bound(known.memory, source.identity, mode),
            ),
        )
    except SourceError as error:
        if not (reading.seen and source.lists_dates):
            raise
        seen = {tag: item for tag, item in reading.seen.items() if source.wants(name, tag)}
        return _read_until(seen, known, error)
    memory = dataclasses.replace(
        listing.memory(known.memory, source.identity, now(), wants), filters=wanted.text
    )
    if wanted.chooses_tags:
        kept = {tag: item for tag, item in listing.items.items() if source.wants(name, tag)}
        listing = dataclasses.replace(listing, items=kept)
    resolved = source.resolve(name, listing.items, known.tags)
    answers = _missing(source, due, known, listing, resolved, removal_guard)
    hanging = dangling.compared(
        known,
        resolved.dangling,
        (*resolved.tags, *answers.found),
        listing.items if listing.exact and listing.whole else None,
    )
    problems = [f"{name}: {problem}" for problem in (*resolved.problems, *answers.problems)]
    if not listing.exact:
        problems.append(f"{name}: {unread('its list of tags', listing, source.identity)}")
    elif answers.found:
        problems.append(f"{name}: its list of tags leaves out {len(answers.found)} that exist")
    memory = dataclasses.replace(memory, exact=memory.exact and not problems)
    listed = {**listing.items, **resolved.tags, **answers.found}
    questions = open_questions.left_open(known.tags, listed.values())
    if questions:
        problems.append(open_questions.sentence(name, questions))
        memory = open_questions.memory_with(memory, questions)
    as_known = {*hanging.now, *hanging.still, *(tag.name for tag in questions)}
    return TagsRead(
        listed={tag: listed[tag] for tag in listed if tag not in as_known},
        removed=answers.removed,
        dropped=tuple(tag for tag in known.tags if not source.wants(name, tag)),
        memory=_counted(
            memory,
            listing,
            [tag for tag in known.tags if tag not in answers.removed],
        ),
        problems=(*(f"{name}: {rejected}" for rejected in listing.rejected), *problems),
        settled=not problems,
        order=tuple(listing.items) if listing.whole and not source.lists_dates else (),
        first_sight=left_out_before(known.memory, wanted.text, (*listed, *answers.removed), name),
        extra_requests=listing.extra_requests,
        dangling=hanging,
        notes=dangling.notices(name, known, resolved.dangling),
    )


def _read_until(seen: Mapping[str, Tag], known: KnownTags, error: SourceError) -> TagsRead:
    """The tags that were read before an error, as far as they may be recorded.

    A known tag that has a new date and no digest is left out, so that its digest is asked for
    later.
    """

    def says_enough(tag: Tag) -> bool:
        before = known.tags.get(tag.name)
        return before is None or tag.digest is not None or tag.last_updated == before.last_updated

    return TagsRead(
        listed={each: tag for each, tag in seen.items() if says_enough(tag)},
        removed=(),
        dropped=(),
        memory=known.memory,
        problems=(),
        settled=False,
        order=(),
        error=error,
    )


def _counted(memory: ListMemory, listing: Listing[Tag], left: Collection[str]) -> ListMemory:
    """The memory of a listing; of a part, its offset counts only unknown tags."""
    if not (listing.partial and listing.whole):
        return memory
    kept = sum(tag not in listing.items for tag in left)
    return dataclasses.replace(memory, offset=max(memory.offset - kept, 0))


def _missing(
    source: Source,
    due: DueRepository,
    known: KnownTags,
    listing: Listing[Tag],
    resolved: ResolvedDigests,
    removal_guard: RemovalGuard,
) -> Absences[Tag]:
    """What became of the known tags that the listing lacks, or whose manifest answers 404."""
    name = due.repository
    unresolvable = dangling.again(known, resolved.dangling)
    missing = [
        tag
        for tag in known.tags
        if (listing.whole or tag in listing.missing)
        and tag not in listing.items
        and source.wants(name, tag)
    ]
    # What the registry itself names is there, unless it was deleted since: a whole list lacks it.
    names = listing.names or frozenset()
    named = [tag for tag in missing if tag in names]
    unnamed = [tag for tag in missing if tag not in names]
    going = [*unnamed, *unresolvable, *(named if listing.exact else ())]
    if removal_guard.holds_back(len(going), len(known.tags)) and not due.accepted:
        return Absences(
            problems=(held_back_message(f"of its {len(known.tags)} tags", going, name),)
        )
    if listing.absence_proven:
        proven, missing = (*unnamed, *unresolvable), named
    elif listing.partial and not (names or listing.missing):
        return Absences(removed=unresolvable)
    else:
        proven, missing = unresolvable, [*unnamed, *(named if listing.exact else ())]
    if too_many(missing, listing):
        sentence = f"{len(missing)} tags were not seen and are kept; crawl again"
        return Absences(removed=proven, problems=(sentence,))
    answers = ask_for(missing, lambda tag: source.tag(name, tag))
    return dataclasses.replace(answers, removed=(*answers.removed, *proven))
