"""What became of known tags that a listing lacks: an absence rests on two independent answers.

A list can be wrong as a whole: a cache answers with an empty page, or with an older one. So what
an exact list leaves out is confirmed by a second answer: the tag's own 404, or the registry's
`tags/list`, which has all names in one answer. A few tags are asked for by themselves, because
`tags/list` takes up to three requests; for more, the names are asked for once. Tags that are
configured by name were asked for by themselves already, so there the names are the second answer.

If the names contradict the list, the list is read again (`contradicted`). What it still leaves out
is kept if the registry names it; a few such tags are asked for by themselves. Where the names
cannot be had, one of the missing tags stands for them.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from indexer.core.errors import SourceError, SourceLost
from indexer.core.humanize import count
from indexer.crawl import dangling
from indexer.crawl.absence import Absences, ask_for, held_back_message, too_many
from indexer.crawl.second_answers.old_additions import ask_each, old_additions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from indexer.core.model import Tag
    from indexer.crawl.due_repositories import DueRepository
    from indexer.crawl.known_state import KnownTags
    from indexer.crawl.listing import Listing
    from indexer.crawl.ports import ResolvedDigests, Source
    from indexer.crawl.removal_guard import RemovalGuard
    from indexer.crawl.second_answers.old_additions import Additions

FEW = 3
"""So many missing tags are asked for by themselves.

`tags/list` takes as many requests: the registry refuses it once, a token, and the names.
"""

_KEPT = "they are kept; crawl again"


class MissingTags:
    """Finds out what became of the known tags of a repository that its listing lacks.

    Args:
        source: the registry.
        due: the repository.
        known: the recorded state of its tags.
        removal_guard: how many removals at once are accepted without review.
    """

    def __init__(
        self,
        source: Source,
        due: DueRepository,
        known: KnownTags,
        removal_guard: RemovalGuard,
    ) -> None:
        self._source = source
        self._due = due
        self._known = known
        self._guard = removal_guard
        self._is_by_name = source.wanted.named_tags(due.repository) is not None
        self._few = 0 if self._is_by_name else FEW
        """So many missing tags are asked for by themselves, and no names."""
        self._names: frozenset[str] | None = None
        """All names of tags, from the registry, if they were asked for."""
        self._sample: Tag | None = None
        """A missing tag that exists, where the names cannot be had."""

    def contradicted(self, listing: Listing[Tag]) -> bool:
        """Whether the registry names so many of the missing tags that the list is read again.

        A few are cheaper to ask for by themselves. This asks for the names if it is worth it.
        """
        missing = self._missing(listing)
        if self._is_worth_the_names(listing, missing):
            self._names = _names(self._source, self._due.repository)
            if self._names is None and not self._is_by_name:
                self._sample = self._exists(missing[0])
        is_list = listing.exact and listing.whole
        is_named = len(self._named(listing, missing)) > self._few
        return is_list and (is_named or self._sample is not None)

    def settled(self, listing: Listing[Tag], resolved: ResolvedDigests) -> Absences[Tag]:
        """What became of the tags that the listing lacks, or whose manifest answers 404."""
        name, known = self._due.repository, self._known
        unresolvable = dangling.again(known, resolved.dangling)
        missing = self._missing(listing)
        named = self._named(listing, missing)
        unnamed = [tag for tag in missing if tag not in named]
        kept = len(named) > self._few or not listing.exact
        going = [*unnamed, *unresolvable, *(() if kept else named)]
        if self._sample is not None and self._sample.name in missing:
            sentence = f"its list of tags leaves out {len(missing)}, of which some exist: {_KEPT}"
            return Absences(removed=unresolvable, problems=(sentence,))
        if self._guard.holds_back(len(going), len(known.tags)) and not self._due.accepted:
            return Absences(
                problems=(
                    held_back_message(f"of its {count(len(known.tags), 'tag')}", going, name),
                ),
                held_back=tuple(going),
            )
        if listing.partial and not (listing.names or listing.missing):
            return Absences(removed=unresolvable)
        is_proven = self._is_an_answer(listing) and self._has_second_answer(listing)
        proven = (*(unnamed if is_proven else ()), *unresolvable)
        asked = [*(() if is_proven else unnamed), *(() if kept else named)]
        if too_many(asked, listing):
            sentence = f"{count(len(asked), 'tag')} not seen, and kept; crawl again"
            return Absences(removed=proven, problems=(sentence,))
        answers = ask_for(asked, lambda tag: self._source.tag(name, tag))
        problems = answers.problems
        if named and kept and listing.exact:
            sentence = f"its list of tags leaves out {len(named)} that the registry names: {_KEPT}"
            problems = (*problems, sentence)
        return dataclasses.replace(answers, removed=(*answers.removed, *proven), problems=problems)

    def _missing(self, listing: Listing[Tag]) -> list[str]:
        """The wanted known tags that the listing lacks."""
        known: Iterable[str] = self._known.tags
        if not listing.whole:
            known = sorted(tag for tag in listing.missing if tag in self._known.tags)
        return [
            tag
            for tag in known
            if tag not in listing.items and self._source.wants(self._due.repository, tag)
        ]

    def _is_worth_the_names(self, listing: Listing[Tag], missing: Collection[str]) -> bool:
        """Whether all names are asked for, because that costs less than each tag by itself."""
        is_open = self._is_an_answer(listing) and listing.names is None and self._names is None
        return is_open and len(missing) > self._few

    def additions(self, listing: Listing[Tag], expected: Collection[str]) -> Additions:
        """What became of new tags that were removed before, or that have an old date.

        Where each tag was asked for by its name, or is asked for its digest because the list has
        none, that is the second answer of a tag that was removed.

        Args:
            listing: the list.
            expected: names that the last reading left out.
        """
        name = self._due.repository
        has_one = self._is_by_name or not self._source.lists_dates
        removed = frozenset() if has_one else self._known.removed
        old = old_additions(self._known.tags, listing.items, self._known.memory, expected, removed)
        old = [tag for tag in old if tag not in self._known.dangling]
        if len(old) > FEW and self._names is None and listing.names is None:
            self._names = _names(self._source, name)
        names = self._names if self._names is not None else listing.names
        if names is not None:
            old = [tag for tag in old if tag not in names]
        return ask_each(old, lambda tag: self._source.tag(name, tag))

    def _exists(self, tag: str) -> Tag | None:
        """The tag, if it exists; None if not, or if nobody says."""
        try:
            return self._source.tag(self._due.repository, tag)
        except SourceLost:
            raise
        except SourceError:
            return None

    def _is_an_answer(self, listing: Listing[Tag]) -> bool:
        """Whether the listing says by itself that what it lacks was removed.

        So it does where each tag was asked for by its name: then the own 404 is the first answer.
        """
        return listing.absence_proven or (self._is_by_name and listing.exact)

    def _named(self, listing: Listing[Tag], missing: Collection[str]) -> list[str]:
        """The missing tags that the registry names: they are there, or were deleted since."""
        names = self._names if self._names is not None else listing.names or frozenset()
        return [tag for tag in missing if tag in names]

    def _has_second_answer(self, listing: Listing[Tag]) -> bool:
        """Whether the names confirm what the list lacks, or, if they cannot be had, a person."""
        names = self._names if self._names is not None else listing.names
        return names is not None or self._due.accepted


def _names(source: Source, repository: str) -> frozenset[str] | None:
    """All names of tags; None if they cannot be had."""
    try:
        names = source.tag_names(repository)
    except SourceLost:
        raise
    except SourceError:
        return None
    return None if names is None else frozenset(names)
