"""One pass over one namespace: source -> listing -> diff -> archive. It decides nothing itself.

The way of the data, which never turns back:

    source.repositories -> pages -> listing         what there is         (indexer.listing)
                                    + questions     what is really gone   (indexer.reading)
                                 -> diff            what that changes     (indexer.diff)
                                 -> archive         one transaction
                                 -> due             what to open, and why (indexer.due)
    for each of these, in threads:
    source.tags         -> pages -> listing + questions
                                 -> diff -> archive, one transaction for each repository

What could not be read is a sentence in the crawl's errors and stays as it was; what was listed
and not read is owed, which the archive knows by comparing two dates, and the next crawl reads it.
"""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from indexer import diff, due
from indexer.caution import CAUTIOUS
from indexer.errors import Conflict, IndexerError, Missing, SourceError, SourceLost, Unavailable
from indexer.listing import Reading
from indexer.model import WHOLE_REGISTRY, CrawlStatus, Mode
from indexer.reading import Answers, ask_for, held_back, read, read_tags, too_many
from indexer.threads import in_threads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from indexer.caution import Caution
    from indexer.due import Due
    from indexer.listing import Listing
    from indexer.model import Crawl, KnownRepository, ListMemory, Repository
    from indexer.ports import (
        Archive,
        Clock,
        CrawlRecord,
        KnownNamespace,
        KnownTags,
        Observer,
        Source,
    )
    from indexer.reading import TagsRead

    _Job = tuple[Due, KnownTags]

MOST_ERRORS = 100
"""Sentences kept of one crawl; more are counted."""

PATIENCE = 5
"""Repositories in a row for which the registry is unavailable before the crawl gives up."""


@dataclass(frozen=True, slots=True)
class Target:
    """What to crawl, and how.

    Attributes:
        tries: how many passes a list that shifts may take.
        caution: how many removals at once are believed without a person's word.
        accepted: of these (the namespace, or repositories) a person has looked at the removals.
    """

    registry: str
    namespace: str
    mode: Mode = Mode.INCREMENTAL
    concurrency: int = 4
    tries: int = 3
    caution: Caution = CAUTIOUS
    accepted: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What is crawled, for our sentences: a whole registry goes by its own name."""
        return self.registry if self.namespace == WHOLE_REGISTRY else self.namespace


def crawl(
    target: Target, *, source: Source, archive: Archive, clock: Clock, observer: Observer
) -> Crawl:
    """Crawl one namespace and return its row. What goes wrong at the registry is told in there.

    Raises:
        KeyboardInterrupt: after the crawl was recorded as interrupted.
        StoreError: the database failed.
    """
    record = archive.begin(
        target.registry, target.namespace, target.mode, source.identity, clock.now()
    )
    work = _Crawl(target, source, record, clock, observer)
    try:
        work.run()
    except SourceError as error:
        work.problem(str(error))
        return work.finish(CrawlStatus.FAILED)
    except BaseException:
        with contextlib.suppress(IndexerError):
            work.finish(CrawlStatus.INTERRUPTED)
        raise
    return work.finish(CrawlStatus.INCOMPLETE if work.errors else CrawlStatus.COMPLETE)


@dataclass
class _Crawl:
    target: Target
    source: Source
    record: CrawlRecord
    clock: Clock
    observer: Observer
    errors: list[str] = field(default_factory=list)
    untold: int = 0
    lost: bool = False
    """No further request makes sense."""
    wrote: bool = False
    """The listing changed what is known of the namespace."""
    doubtful: bool = False
    """Something contradicts the listing of repositories: the next crawl must read all of it."""

    def problem(self, sentence: str) -> None:
        """Note what could not be read; the crawl is incomplete."""
        self.observer.problem(sentence)
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(sentence)
        else:
            self.untold += 1

    def finish(self, status: CrawlStatus) -> Crawl:
        """Close the crawl's row."""
        more = (f"and {self.untold} more",) if self.untold else ()
        return self.record.finish(
            status,
            spent=self.source.spent,
            errors=(*self.errors, *more),
            rate_limit=self.source.rate_limit,
            now=self.clock.now(),
        )

    def run(self) -> None:
        """List and record the repositories, then read and record the tags of those that are due.

        Raises:
            SourceError: nothing at all could be read.
        """
        self.observer.listing(self.target.registry, self.target.namespace)
        known = self.record.known_repositories()
        try:
            seen = self._read_repositories(known)
        except Conflict as error:
            self.problem(str(error))
            return
        queue = due.repositories(
            self._now_known(known),
            self.target.mode,
            accepted=self.target.accepted,
            lists_dates=self.source.lists_dates,
        )
        self._open([item for item in queue if self.source.wants(item.repository)], seen)
        if self.doubtful:
            self._remember_doubt()

    def _read_repositories(self, known: KnownNamespace) -> Mapping[str, Repository]:
        """List the namespace and record what was seen."""
        namespace = self.target.namespace
        reading: Reading[Repository] = Reading(
            {name: item for name, item in known.repositories.items() if item.listed},
            known.memory,
            identity=self.source.identity,
            sweep=self.target.mode is Mode.FULL,
            tries=self.target.tries,
            now=self.clock.now(),
        )
        try:
            listing = read(reading, lambda ask: self.source.repositories(namespace, ask))
        except SourceError as error:
            if not reading.seen:
                raise
            self.lost = isinstance(error, SourceLost)
            self.problem(f"{self.target.name}: its list could not be read to the end: {error}")
            self._record(known, reading.seen, Answers(), None)
            return reading.seen
        self._settle(known, listing)
        return listing.items

    def _settle(self, known: KnownNamespace, listing: Listing[Repository]) -> None:
        """Find out what became of what is missing, and record the listing."""
        name = self.target.name
        for rejected in listing.rejected:
            self.problem(f"{name}: {rejected}")
        if not listing.exact:
            self.problem(f"{name}: its list could not be read as of one moment: {listing.reason}")
        unwanted = [each for each in known.repositories if not self.source.wants(each)]
        hidden = [*self._hidden(known.repositories, listing, unwanted), *unwanted]
        answers, settled = self._ask_for_missing(known.repositories, listing, hidden)
        memory = listing.memory(known.memory, self.source.identity, self.clock.now())
        memory = dataclasses.replace(memory, exact=memory.exact and settled)
        self._record(known, listing.items, answers, memory, hidden)

    def _ask_for_missing(
        self,
        known: Mapping[str, KnownRepository],
        listing: Listing[Repository],
        hidden: Collection[str],
    ) -> tuple[Answers[Repository], bool]:
        """Ask for each repository that the whole list lacks; whether that settled everything.

        Always, however clean the listing: a change of visibility moves no date.
        """
        missing = [name for name in known if name not in listing.items and name not in hidden]
        if not (missing and listing.whole):
            return Answers(), True
        target = self.target
        is_accepted = target.namespace in target.accepted
        if target.caution.holds_back(len(missing), len(known)) and not is_accepted:
            what = f"of {len(known)} repositories of {target.name}"
            self.problem(held_back(what, len(missing), target.name))
            return Answers(), False
        if too_many(missing, listing):
            self.problem(f"{len(missing)} repositories were not seen and are kept; crawl again")
            return Answers(), False
        try:
            answers = ask_for(missing, self.source.repository)
        except SourceLost as error:
            self.lost = True
            self.problem(f"{len(missing)} repositories are no longer listed and kept: {error}")
            return Answers(), False
        for problem in answers.problems:
            self.problem(problem)
        left_out = [name for name in answers.found if known[name].listed]
        for name in left_out:
            self.problem(f"{name} is no longer listed, but exists: it is kept")
        return answers, not (answers.problems or left_out)

    def _hidden(
        self,
        known: Mapping[str, KnownRepository],
        listing: Listing[Repository],
        unwanted: Collection[str],
    ) -> list[str]:
        """Private repositories that these credentials may not be shown: never believed gone."""
        me = self.source.identity
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
        blind = self.source.may_be_blind and not shown_private
        others = sorted({item.seen_by for item in missing if item.seen_by != me})
        hidden = [item.name for item in missing if blind or item.seen_by != me]
        if others:
            self.problem(
                f"{self.target.name}: {len(hidden)} private repositories, last seen as "
                f"{', '.join(others)}, are not shown to {me} and are kept; crawl with those "
                "credentials again"
            )
        elif hidden:
            self.problem(
                f"{self.target.name}: the organisation access token shows none of "
                f"{len(hidden)} private repositories known, and they are kept; give the token the "
                "permission to list and read private repositories"
            )
        return hidden

    def _record(
        self,
        known: KnownNamespace,
        seen: Mapping[str, Repository],
        answers: Answers[Repository],
        memory: ListMemory | None,
        hidden: Collection[str] = (),
    ) -> None:
        changes = diff.repositories(
            known.repositories,
            seen,
            gone=answers.gone,
            unlisted=[
                name for name in {*answers.found, *hidden} if known.repositories[name].listed
            ],
            baseline=known.memory is None,
            identity=self.source.identity,
        )
        self.record.record_repositories(changes, memory, self.clock.now())
        self.wrote = changes.writes

    def _now_known(self, before: KnownNamespace) -> Mapping[str, KnownRepository]:
        return (self.record.known_repositories() if self.wrote else before).repositories

    def _open(self, queue: list[Due], seen: Mapping[str, Repository]) -> None:
        """Read and record the tags of each repository that is due."""
        self.observer.opening(len(queue))
        work = partial(
            read_tags,
            self.source,
            caution=self.target.caution,
            tries=self.target.tries,
            now=self.clock.now,
        )
        in_a_row = done = 0
        for job, outcome in in_threads(
            self._jobs(queue), lambda job: work(*job), self.target.concurrency
        ):
            repository = job[0].repository
            if isinstance(outcome, SourceError):
                self.problem(f"{repository}: {outcome}")
                in_a_row = in_a_row + 1 if isinstance(outcome, Unavailable) else 0
                self.lost |= isinstance(outcome, SourceLost) or in_a_row >= PATIENCE
                self.doubtful |= isinstance(outcome, Missing) and repository not in seen
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                in_a_row = 0
                self._record_tags(job, outcome)
            done += 1
            self.observer.opened(repository, done, self.source.spent)
        if done < len(queue):
            self.problem(f"{len(queue) - done} repositories were left for the next crawl")

    def _jobs(self, queue: list[Due]) -> Iterator[_Job]:
        for item in queue:
            if self.lost:
                return
            yield item, self.record.known_tags(item.repository)

    def _record_tags(self, job: _Job, tags: TagsRead) -> None:
        item, known = job
        for problem in tags.problems:
            self.problem(problem)
        changes = diff.tags(
            known.tags,
            tags.listed.values(),
            gone=tags.gone,
            dropped=tags.dropped,
            baseline=item.baseline and known.memory is None,
        )
        try:
            self.record.record_tags(
                item.repository,
                changes,
                tags.memory,
                item.last_updated if tags.settled else None,
                self.clock.now(),
            )
        except Conflict as error:
            self.problem(str(error))

    def _remember_doubt(self) -> None:
        """A repository that the list must hold has no tags: let the next crawl read it all."""
        known = self.record.known_repositories()
        if known.memory:
            memory = dataclasses.replace(known.memory, exact=False)
            nothing = diff.RepositoriesDiff(identity=self.source.identity)
            self.record.record_repositories(nothing, memory, self.clock.now())
