"""Read the tags of one repository, and find out what became of the missing ones."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from indexer.core.errors import SourceError
from indexer.crawl import baseline_gaps, dangling, open_questions
from indexer.crawl.dangling import DanglingTags
from indexer.crawl.list_reader import unread
from indexer.crawl.removal_guard import held_back
from indexer.crawl.second_answers import lagging_tags, stale_answers
from indexer.crawl.second_answers.missing_tags import MissingTags
from indexer.crawl.second_answers.tag_lists import TagLists
from indexer.crawl.wanted_names import left_out_before

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from indexer.core.model import ListMemory, Tag
    from indexer.crawl.due_repositories import DueRepository
    from indexer.crawl.known_state import KnownTags
    from indexer.crawl.listing import Listing
    from indexer.crawl.ports import Source
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
    lists = TagLists(source, due, known, wants, passes=passes, now=now)
    missing = MissingTags(source, due, known, removal_guard)
    try:
        listing = lists.read()
        if missing.contradicted(listing):
            listing = lists.read()
        if listing.gone_back:
            return _of_the_past(source, missing, listing, known, name, now())
    except SourceError as error:
        seen = {tag: item for tag, item in lists.seen.items() if source.wants(name, tag)}
        if not (lists.seen and source.lists_dates):
            raise
        return _read_until(seen, known, error)
    memory = listing.memory(known.memory, source.identity, now(), wants, filters=wanted.text)
    if wanted.chooses_tags:
        kept = {tag: item for tag, item in listing.items.items() if source.wants(name, tag)}
        listing = dataclasses.replace(listing, items=kept)
    memory = baseline_gaps.noted(
        memory, known.memory, listing.items, lambda: _names(source, name, listing)
    )
    expected = left_out_before(known.memory, wanted.text, listing.items, name)
    additions = missing.additions(listing, expected)
    if additions.left_out:
        kept = {tag: item for tag, item in listing.items.items() if tag not in additions.left_out}
        listing = dataclasses.replace(listing, items=kept)
    resolved = source.resolve(name, listing.items, known.tags)
    answers = missing.settled(listing, resolved)
    hanging = dangling.compared(
        known,
        resolved.dangling,
        (*resolved.tags, *answers.found),
        listing.items if listing.exact and listing.whole else None,
    )
    problems = [f"{name}: {problem}" for problem in (*resolved.problems, *answers.problems)]
    problems += additions.sentences(f"{name}: its list of tags")
    if not listing.exact:
        problems.append(f"{name}: {unread('its list of tags', listing, source.identity)}")
    elif answers.found:
        problems.append(f"{name}: its list of tags leaves out {len(answers.found)} that exist")
    explained = bool(answers.removed) or not source.lists_dates or bool(wanted.named_tags(name))
    lag = lagging_tags.lag(known.memory, due, memory.newest, now(), explained=explained)
    memory = dataclasses.replace(
        memory,
        exact=memory.exact and not problems,
        lags_since=lag.since,
        reread_at=lag.reread_at,
        held_back=held_back(
            known.memory.held_back if known.memory else None,
            answers.held_back,
            len(known.tags),
            now(),
        ),
    )
    listed = {**listing.items, **resolved.tags, **answers.found}
    questions = open_questions.left_open(known.tags, listed.values())
    if questions:
        problems.append(open_questions.sentence(name, questions))
        memory = open_questions.memory_with(memory, questions)
    as_known = {*hanging.now, *hanging.still, *(tag.name for tag in questions)}
    return TagsRead(
        listed={tag: listed[tag] for tag in listed if tag not in as_known} if as_known else listed,
        removed=answers.removed,
        dropped=tuple(tag for tag in known.tags if not source.wants(name, tag))
        if wanted.chooses_tags
        else (),
        memory=_counted(memory, listing, known, answers.removed),
        problems=(*(f"{name}: {rejected}" for rejected in listing.rejected), *problems),
        settled=not problems,
        order=tuple(listing.items) if listing.whole and not source.lists_dates else (),
        first_sight=left_out_before(known.memory, wanted.text, (*listed, *answers.removed), name),
        extra_requests=listing.extra_requests,
        dangling=hanging,
        notes=dangling.notices(name, known, resolved.dangling),
    )


def _of_the_past(
    source: Source,
    missing: MissingTags,
    listing: Listing[Tag],
    known: KnownTags,
    name: str,
    now: datetime,
) -> TagsRead:
    """Newer pushes only, because the list is an old copy: it is read again by the next crawl."""
    what, gone_back = f"{name}: its list of tags", listing.gone_back
    latest = known.memory.latest if known.memory else None
    newer = stale_answers.newer(listing.items.values(), latest, now, gone_back)
    newer = {
        tag: item
        for tag, item in newer.items()
        if source.wants(name, tag) and _says_enough(item, known)
    }
    additions = missing.additions(dataclasses.replace(listing, items=newer), ())
    return TagsRead(
        listed={tag: item for tag, item in newer.items() if tag not in additions.left_out},
        removed=(),
        dropped=(),
        memory=stale_answers.doubting(known.memory, gone_back, now),
        problems=(
            stale_answers.sentence(what, gone_back, known.tags),
            *additions.sentences(what),
        ),
        settled=False,
        order=(),
    )


def _names(source: Source, repository: str, listing: Listing[Tag]) -> list[str] | None:
    """The names of all tags that are wanted, if the registry tells them."""
    names = listing.names if listing.names is not None else source.tag_names(repository)
    return None if names is None else [tag for tag in names if source.wants(repository, tag)]


def _read_until(seen: Mapping[str, Tag], known: KnownTags, error: SourceError) -> TagsRead:
    """The tags that were read before an error, as far as they may be recorded."""
    return TagsRead(
        listed={each: tag for each, tag in seen.items() if _says_enough(tag, known)},
        removed=(),
        dropped=(),
        memory=known.memory,
        problems=(),
        settled=False,
        order=(),
        error=error,
    )


def _says_enough(tag: Tag, known: KnownTags) -> bool:
    """Whether a tag of a list that was not read to its end may be recorded.

    A known tag that has a new date and no digest may not, so that its digest is asked for later.
    """
    before = known.tags.get(tag.name)
    return before is None or tag.digest is not None or tag.last_updated == before.last_updated


def _counted(
    memory: ListMemory, listing: Listing[Tag], known: KnownTags, removed: Collection[str]
) -> ListMemory:
    """The memory of a listing; of a part, its offset counts only unknown tags."""
    if not (listing.partial and listing.whole):
        return memory
    kept = sum(tag not in listing.items and tag not in removed for tag in known.tags)
    return dataclasses.replace(memory, offset=max(memory.offset - kept, 0))
