"""Read the repositories of one namespace, and find out what became of the missing ones."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.core.errors import SourceError, SourceLost
from indexer.core.humanize import agreed, count
from indexer.core.model import ANONYMOUS, Mode, Repository
from indexer.crawl import hidden
from indexer.crawl.absence import Absences, ask_for, held_back_message, too_many
from indexer.crawl.diff import Found
from indexer.crawl.list_reader import unread
from indexer.crawl.removal_guard import held_back
from indexer.crawl.second_answers import stale_answers
from indexer.crawl.second_answers.old_additions import Additions, ask_each, old_additions
from indexer.crawl.second_answers.repository_lists import RepositoryLists
from indexer.crawl.unknown_namespace import UnknownNamespace, doubt_of
from indexer.crawl.unmatched_names import absent_repository, removed_repository
from indexer.crawl.wanted_names import left_out_before

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from indexer.core.model import KnownRepository, ListMemory
    from indexer.crawl.known_state import KnownNamespace
    from indexer.crawl.listing import Listing
    from indexer.crawl.ports import Source
    from indexer.crawl.target import Target
    from indexer.crawl.unknown_namespace import NamespaceDoubt

WITNESSES = 3
"""The most tags that are asked for before a repository counts as removed."""


@dataclass(frozen=True, slots=True)
class RepositoriesRead:
    """The repositories of a namespace as read, ready for `indexer.crawl.diff`.

    Attributes:
        listed: what was seen, by name.
        memory: what to remember of the listing; None if it was not read to its end.
        removed: names that are proven to be removed: the registry answered 404 for each.
        hidden: names of private repositories that the account no longer sees.
        found: known repositories that exist, and that were not seen in the list.
        unwatched: known names that the configuration no longer wants.
        first_sight: new names that are baseline: they were not wanted before, or they are private
            and another account reads now.
        problems: a sentence for each thing that could not be read.
        notes: sentences about what leaves the crawl complete.
        lost: further requests make no sense.
        extra_requests: requests that were needed only because the list is shown in part.
    """

    listed: Mapping[str, Repository]
    memory: ListMemory | None
    removed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    found: Found = Found()  # noqa: RUF009 - frozen
    unwatched: tuple[str, ...] = ()
    first_sight: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lost: bool = False
    extra_requests: int = 0


def read_repositories(
    source: Source,
    target: Target,
    known: KnownNamespace,
    now: datetime,
    tags_of: Callable[[str], Collection[str]],
) -> RepositoriesRead:
    """List a namespace, and find out what became of the missing repositories.

    Args:
        source: the registry.
        target: what to crawl, and how.
        known: the recorded state of the namespace.
        now: the time.
        tags_of: the known tags of a repository. Some of them must answer 404 as well if it is
            removed.

    Raises:
        SourceError: nothing could be read.
        UnknownNamespace: the namespace does not exist, and nothing of it was known.
    """
    wanted = source.wanted
    wants = source.wants if wanted.chooses_repositories else None
    lists = RepositoryLists(source, target, known, wants, now, tags_of)
    try:
        listing = lists.read()
    except SourceError as error:
        if not lists.seen:
            raise
        sentence = f"{target.name}: its list could not be read to the end: {error}"
        seen = {name: item for name, item in lists.seen.items() if source.wants(name)}
        return RepositoriesRead(
            seen,
            None,
            first_sight=_first_sight(source, known, seen),
            problems=(sentence,),
            lost=isinstance(error, SourceLost),
        )
    if listing.gone_back:
        memory = stale_answers.doubting(known.memory, listing.gone_back, now)
        what = f"{target.name}: its list of repositories"
        sentence = stale_answers.sentence(what, listing.gone_back, known.repositories)
        latest = known.memory.latest if known.memory else None
        newer = stale_answers.newer(listing.items.values(), latest, now, listing.gone_back)
        newer = {name: item for name, item in newer.items() if source.wants(name)}
        read = RepositoriesRead(newer, memory, problems=(sentence,))
        return _recorded(source, target, known, read)
    doubt = None if _is_known_to_be_empty(target, known) else doubt_of(source, target, listing)
    if doubt is not None and not known.repositories:
        if doubt.is_unknown:
            raise UnknownNamespace(target.namespace)
        question = doubt.open_question(target)
        return RepositoriesRead(listing.items, None, problems=(question,), lost=doubt.lost)
    read_now = listing.memory(known.memory, source.identity, now, wants)
    found = _MissingRepositories(source, target, known, listing, doubt, tags_of).settled(
        dataclasses.replace(read_now, filters=wanted.text), now
    )
    return _recorded(source, target, known, found)


def _recorded(
    source: Source, target: Target, known: KnownNamespace, found: RepositoriesRead
) -> RepositoriesRead:
    """What is recorded of a reading."""
    first_sight = _first_sight(source, known, found.listed)
    found = found if found.lost else _confirmed(source, target, known, found, first_sight)
    return dataclasses.replace(
        found, memory=None if target.part else found.memory, first_sight=first_sight
    )


def _is_known_to_be_empty(target: Target, known: KnownNamespace) -> bool:
    """Whether an empty list says nothing new: nothing that was visible can be missing in it.

    Whether the namespace itself still exists is asked again by verify and full crawls.
    """
    is_settled = known.memory is not None and known.memory.exact
    is_visible = any(item.hidden_since is None for item in known.repositories.values())
    is_asked = target.mode is not Mode.INCREMENTAL or target.accepted
    return is_settled and not is_visible and not is_asked


def _confirmed(
    source: Source,
    target: Target,
    known: KnownNamespace,
    found: RepositoriesRead,
    first_sight: Collection[str],
) -> RepositoriesRead:
    """The reading without new repositories that nobody confirms: see `old_additions`."""
    old = old_additions(known.repositories, found.listed, known.memory, first_sight, known.removed)
    try:
        additions = ask_each(old, source.repository)
    except SourceLost:
        additions = Additions(unknown=tuple(old))
    if not additions.left_out:
        return found
    sentences = additions.sentences(f"{target.name}: its list of repositories")
    return dataclasses.replace(
        found,
        listed={
            name: item for name, item in found.listed.items() if name not in additions.left_out
        },
        memory=found.memory and dataclasses.replace(found.memory, exact=False),
        problems=(*found.problems, *sentences),
    )


def _first_sight(
    source: Source, known: KnownNamespace, listed: Mapping[str, Repository]
) -> frozenset[str]:
    """The new names that are baseline because the filter or the account changed."""
    memory = known.memory
    new = [item for name, item in listed.items() if name not in known.repositories]
    left_out = left_out_before(memory, source.wanted.text, [item.name for item in new])
    if memory is None or memory.identity == source.identity:
        return left_out
    return left_out | {item.name for item in new if item.private}


class _MissingRepositories:
    """Finds out what became of the repositories that a finished listing lacks."""

    def __init__(
        self,
        source: Source,
        target: Target,
        before: KnownNamespace,
        listing: Listing[Repository],
        doubt: NamespaceDoubt | None,
        tags_of: Callable[[str], Collection[str]],
    ) -> None:
        self._source = source
        self._tags_of = tags_of
        self._target = target
        self._before = before
        self._known = before.repositories
        self._listing = listing
        self._doubt = doubt
        self._problems = [f"{target.name}: {rejected}" for rejected in listing.rejected]
        self._notes: list[str] = []
        self._held_back: list[str] = []
        self._is_open = False
        """Whether the next crawl has to ask again."""
        self._lost = doubt is not None and doubt.lost

    def settled(self, memory: ListMemory, now: datetime) -> RepositoriesRead:
        """The listing, and what became of the repositories that it lacks."""
        name, listing, me = self._target.name, self._listing, self._source.identity
        if not listing.exact:
            self._problems.append(f"{name}: {unread('its list', listing, me)}")
        unwanted = tuple(each for each in self._known if not self._source.wants(each))
        listed = {each: item for each, item in listing.items.items() if self._source.wants(each)}
        missing = self._missing(frozenset(unwanted))
        self._say_doubt()
        self._say_absent()
        proven = {item.name for item in missing if self._is_proof(item)}
        private = [item.name for item in missing if item.name not in proven]
        is_asked = self._is_worth_asking(private)
        answers = self._ask([*self._believed(proven), *(private if is_asked else ())])
        left_out = self._left_out(answers.found)
        unseen = [each for each in answers.removed if each not in proven]
        now_hidden = sorted(unseen if is_asked else private)
        if now_hidden:
            self._problems.append(hidden.notice(self._target, now_hidden, me))
        return RepositoriesRead(
            listed=listed,
            memory=self._remembered(
                self._counted(memory, {*answers.removed, *left_out}), len(unwanted), now
            ),
            removed=tuple(each for each in answers.removed if each in proven),
            hidden=tuple(now_hidden),
            found=Found(answers.found, left_out),
            unwatched=tuple(each for each in unwanted if self._known[each].unwatched_since is None),
            problems=tuple(self._problems),
            notes=tuple(self._notes),
            lost=self._lost,
            extra_requests=listing.extra_requests,
        )

    def _counted(self, memory: ListMemory, settled: Collection[str]) -> ListMemory:
        """The memory of the listing; of a part, its offset counts only unknown repositories.

        Args:
            memory: what is remembered of it.
            settled: missing repositories that count as listed no more.
        """
        is_settled = self._doubt is None and not self._is_open
        memory = dataclasses.replace(memory, exact=memory.exact and is_settled)
        if not (self._listing.partial and self._listing.whole):
            return memory
        kept = sum(
            item.listed and name not in self._listing.items and name not in settled
            for name, item in self._known.items()
        )
        return dataclasses.replace(memory, offset=max(memory.offset - kept, 0))

    def _remembered(self, memory: ListMemory, unwanted: int, now: datetime) -> ListMemory:
        """The memory of the listing, with the removals that are held back."""
        before = self._before.memory
        return dataclasses.replace(
            memory,
            held_back=held_back(
                before.held_back if before else None,
                self._held_back,
                len(self._known) - unwanted,
                now,
                unknown=self._doubt is not None,
            ),
        )

    def _missing(self, unwanted: frozenset[str]) -> list[KnownRepository]:
        """The repositories to settle.

        These are all known ones that a whole list lacks, however clean the listing is (a change
        of visibility moves no date), those that the list left out before (their pushes show in no
        list), and hidden ones whose removal would now be believed.
        """

        def is_settled(item: KnownRepository) -> bool:
            if item.hidden_since is not None:
                return not self._is_proof(item)
            return item.listed and not self._listing.whole

        return [
            item
            for item in self._known.values()
            if item.name not in self._listing.items
            and item.name not in unwanted
            and not is_settled(item)
        ]

    def _is_proof(self, item: KnownRepository) -> bool:
        """Whether a 404 for a repository proves that it was removed."""
        me, deleted = self._source.identity, self._before.deleted
        return hidden.is_proof(item, self._target, me, deleted)

    def _say_doubt(self) -> None:
        """Report what is kept because the namespace is unknown, or could not be asked for.

        What is hidden already was reported when it was found.
        """
        left = [
            name
            for name, item in self._known.items()
            if item.hidden_since is None and not self._target.accepts(name)
        ]
        if self._doubt is not None and left:
            self._held_back += left if self._doubt.is_unknown else ()
            self._leave(self._doubt.held_back(self._target, len(left)))

    def _say_absent(self) -> None:
        """Report names of the configuration that the registry does not have.

        What is known is settled as any other repository that is missing.
        """
        me = self._source.identity
        for name in self._listing.absent:
            if name in self._before.removed:
                self._notes.append(removed_repository(name))
            elif name not in self._known:
                self._problems.append(absent_repository(self._target, name, me))

    def _believed(self, proven: Collection[str]) -> list[str]:
        """The names to ask for; too many removals at once are held back unless accepted."""
        target = self._target
        names = [name for name in self._known if name in proven]
        waiting = [name for name in names if not target.accepts(name)]
        if self._doubt is not None:
            return [name for name in names if target.accepts(name)]
        visible = self._visible(among=proven)
        if not target.removal_guard.holds_back(len(waiting), visible):
            return names
        what = f"of {count(visible, 'repository')} of {target.name}"
        self._held_back += waiting
        self._leave(held_back_message(what, waiting, target.name))
        return [name for name in names if target.accepts(name)]

    def _is_worth_asking(self, private: Collection[str]) -> bool:
        """Whether to ask for each missing private repository, or to call all of them hidden.

        They are not asked for without an account, which cannot see them, nor if an exact list
        lacks most of them at once: then the account has lost its rights.
        """
        is_most = self._target.removal_guard.holds_back(len(private), self._visible(among=private))
        asks = self._source.identity != ANONYMOUS and self._doubt is None
        return asks and not (is_most and self._listing.exact)

    def _visible(self, among: Collection[str]) -> int:
        """How many watched repositories were visible before, or are among these."""
        known = self._known.values()
        return sum(
            item.unwatched_since is None and (item.hidden_since is None or item.name in among)
            for item in known
        )

    def _ask(self, missing: Sequence[str]) -> Absences[Repository]:
        """Ask for each of these repositories."""
        if not missing:
            return Absences()
        if too_many(missing, self._listing):
            self._leave(f"{_repositories(missing)} not seen, and kept; crawl again")
            return Absences()
        try:
            answers = ask_for(missing, self._found)
        except SourceLost as error:
            self._lost = True
            self._leave(f"{_repositories(missing)} no longer listed, and kept: {error}")
            return Absences()
        self._problems += answers.problems
        self._is_open |= bool(answers.problems)
        return answers

    def _left_out(self, found: Collection[str]) -> tuple[str, ...]:
        """Those that exist and that the list leaves out; what is new about that is reported."""
        if self._listing.partial:
            return ()
        fresh = [name for name in found if self._known[name].listed]
        self._problems += (f"{name} is no longer listed, but exists: it is kept" for name in fresh)
        self._is_open |= bool(fresh)
        return tuple(found)

    def _found(self, name: str) -> Repository | None:
        """A repository that is missing, if it or one of its known tags exists."""
        found = self._source.repository(name)
        some = list(itertools.islice(self._tags_of(name), WITNESSES))
        if found is None and self._source.repository_by_tags(name, some):
            known = self._known[name]  # a tag tells no more than that the repository exists
            return Repository(name, known.last_updated, known.description, known.private)
        return found

    def _leave(self, sentence: str) -> None:
        """Keep what is missing without asking, for the reason given; the next crawl asks again."""
        self._problems.append(sentence)
        self._is_open = True


def _repositories(missing: Sequence[str]) -> str:
    number = len(missing)
    return f"{count(number, 'repository')} {agreed(number, 'was', 'were')}"
