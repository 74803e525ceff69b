"""The repositories of one namespace, read and settled."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.core.errors import SourceError, SourceLost
from indexer.core.model import Mode
from indexer.crawl.list_reader import Absences, ask_for, held_back, read, too_many
from indexer.crawl.listing import ListingReader

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from indexer.core.model import KnownRepository, ListMemory, Repository
    from indexer.crawl.listing import Listing
    from indexer.crawl.ports import KnownNamespace, Source
    from indexer.crawl.target import Target


@dataclass(frozen=True, slots=True)
class RepositoriesRead:
    """A namespace's repositories as read, ready to be compared: see `read_repositories`.

    Attributes:
        listed: what was seen.
        memory: what the listing taught; None: it did not come to its end.
        gone: the registry answers 404 for each of these itself.
        unlisted: they exist, or may exist, without being listed.
        problems: a sentence for each thing that could not be read.
        lost: no further request makes sense.
    """

    listed: Mapping[str, Repository]
    memory: ListMemory | None
    gone: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    lost: bool = False


def read_repositories(
    source: Source, target: Target, known: KnownNamespace, now: datetime
) -> RepositoriesRead:
    """List a namespace, and settle what became of the repositories that are missing.

    Raises:
        SourceError: nothing at all could be read.
    """
    reading: ListingReader[Repository] = ListingReader(
        {name: item for name, item in known.repositories.items() if item.listed},
        known.memory,
        identity=source.identity,
        sweep=target.mode is Mode.FULL,
        tries=target.tries,
        now=now,
    )
    try:
        listing = read(reading, lambda ask: source.repositories(target.namespace, ask))
    except SourceError as error:
        if not reading.seen:
            raise
        sentence = f"{target.name}: its list could not be read to the end: {error}"
        lost = isinstance(error, SourceLost)
        return RepositoriesRead(reading.seen, None, problems=(sentence,), lost=lost)
    return _Settling(source, target, known.repositories, listing).settled(
        listing.memory(known.memory, source.identity, now)
    )


class _Settling:
    """Finds out what became of the repositories that a finished listing lacks."""

    def __init__(
        self,
        source: Source,
        target: Target,
        known: Mapping[str, KnownRepository],
        listing: Listing[Repository],
    ) -> None:
        self._source = source
        self._target = target
        self._known = known
        self._listing = listing
        self._problems = [f"{target.name}: {rejected}" for rejected in listing.rejected]
        self._lost = False

    def settled(self, memory: ListMemory) -> RepositoriesRead:
        """The listing with what became of what it lacks."""
        name, listing = self._target.name, self._listing
        if not listing.exact:
            reason = listing.reason
            self._problems.append(f"{name}: its list could not be read as of one moment: {reason}")
        unwanted = [each for each in self._known if not self._source.wants(each)]
        hidden = [*self._hidden(unwanted), *unwanted]
        answers, is_settled = self._ask_for_missing(hidden)
        return RepositoriesRead(
            listed=listing.items,
            memory=dataclasses.replace(memory, exact=memory.exact and is_settled),
            gone=answers.gone,
            unlisted=(*answers.found, *hidden),
            problems=tuple(self._problems),
            lost=self._lost,
        )

    def _ask_for_missing(self, hidden: Collection[str]) -> tuple[Absences[Repository], bool]:
        """Ask for each repository that the whole list lacks; whether that settled everything.

        Always, however clean the listing: a change of visibility moves no date.
        """
        known, listing, target = self._known, self._listing, self._target
        missing = [name for name in known if name not in listing.items and name not in hidden]
        if not (missing and listing.whole):
            return Absences(), True
        is_accepted = target.namespace in target.accepted
        if target.caution.holds_back(len(missing), len(known)) and not is_accepted:
            what = f"of {len(known)} repositories of {target.name}"
            return self._left(held_back(what, len(missing), target.name))
        if too_many(missing, listing):
            return self._left(
                f"{len(missing)} repositories were not seen and are kept; crawl again"
            )
        try:
            answers = ask_for(missing, self._source.repository)
        except SourceLost as error:
            self._lost = True
            return self._left(f"{len(missing)} repositories are no longer listed and kept: {error}")
        left_out = [name for name in answers.found if known[name].listed]
        self._problems += answers.problems
        self._problems += (
            f"{name} is no longer listed, but exists: it is kept" for name in left_out
        )
        return answers, not (answers.problems or left_out)

    def _left(self, sentence: str) -> tuple[Absences[Repository], bool]:
        """Nothing was asked, for a reason; all that is missing is kept, and the question open."""
        self._problems.append(sentence)
        return Absences(), False

    def _hidden(self, unwanted: Collection[str]) -> list[str]:
        """Private repositories that these credentials may not be shown: never believed gone."""
        known, listing, me = self._known, self._listing, self._source.identity
        missing = [
            item
            for item in known.values()
            if item.private
            and item.name not in listing.items
            and item.name not in unwanted
            and (listing.whole or not item.listed)
        ]
        shown_private = any(item.private for item in listing.items.values()) or (
            not listing.whole and any(item.private and item.listed for item in known.values())
        )
        blind = self._source.may_be_blind and not shown_private
        others = sorted({item.seen_by for item in missing if item.seen_by != me})
        hidden = [item.name for item in missing if blind or item.seen_by != me]
        if others:
            self._problems.append(
                f"{self._target.name}: {len(hidden)} private repositories, last seen as "
                f"{', '.join(others)}, are not shown to {me} and are kept; crawl with those "
                "credentials again"
            )
        elif hidden:
            self._problems.append(
                f"{self._target.name}: the organisation access token shows none of "
                f"{len(hidden)} private repositories known, and they are kept; give the token the "
                "permission to list and read private repositories"
            )
        return hidden
