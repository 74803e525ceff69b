"""Crawl one namespace: source -> listing -> diff -> archive. The decisions are made elsewhere.

The data flows one way:

    source.repositories -> pages -> listing         what there is          (listing)
                                    + lookups       what was removed       (absence)
                                 -> diff            the changes            (diff)
                                 -> archive         one transaction
                                 -> due             what to open, and why  (due_repositories)
    for each due repository, in threads:
    source.tags         -> pages -> listing + lookups
                                 -> diff -> archive, many repositories in one transaction
                                                                        (write_buffer)
    source.repository   -> full descriptions -> archive, if the target asks for them
    source.contents     -> manifests -> store, if the target asks for them (manifests.prefetch)

What could not be read becomes a sentence in the crawl's errors, and its recorded state stays as it
was. A repository that was listed but not read is pending: its listed date differs from the date
its tags were read for. The next crawl reads it.
"""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from indexer.core.errors import (
    Conflict,
    IndexerError,
    Missing,
    SourceError,
    SourceLost,
    Unavailable,
)
from indexer.core.humanize import count
from indexer.core.model import ANONYMOUS, Cost, CrawlStatus, Mode
from indexer.core.printable import shown
from indexer.core.thread_pool import Idle, in_threads
from indexer.crawl import audit_log, diff, due_repositories, open_questions, unknown_namespace
from indexer.crawl.full_descriptions import read_full_descriptions
from indexer.crawl.known_state import Extent
from indexer.crawl.repositories_reader import read_repositories
from indexer.crawl.schedule.next_crawl import named
from indexer.crawl.selection import cycle
from indexer.crawl.sharding import ShardResult
from indexer.crawl.tags_reader import TagsRead, read_tags
from indexer.crawl.unknown_namespace import UnknownNamespace
from indexer.crawl.unmatched_names import unmatched
from indexer.crawl.write_buffer import LONGEST_SECONDS, TagsReading, WriteBuffer
from indexer.manifests.prefetch import RECENT_CHANGES, keep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from indexer.core.clock import Clock
    from indexer.core.model import Crawl, Gaps, KnownRepository, ListMemory, Repository
    from indexer.crawl.due_repositories import DueRepository
    from indexer.crawl.known_state import KnownNamespace, KnownTags
    from indexer.crawl.ports import Archive, CrawlRecord, Observer, Source
    from indexer.crawl.sharding import Shard, ShardReaders
    from indexer.crawl.target import Target
    from indexer.manifests.ports import ManifestStore

    _Job = tuple[DueRepository, KnownTags]

MOST_ERRORS = 100
"""The most error sentences that are kept of one crawl; the rest are counted."""

LOST_AFTER = 5
"""The crawl gives up after the registry was unavailable for so many repositories in a row."""


def crawl(
    target: Target,
    *,
    source: Source,
    archive: Archive,
    clock: Clock,
    observer: Observer,
    manifests: ManifestStore | None = None,
    shard_readers: ShardReaders | None = None,
) -> Crawl:
    """Crawl one namespace and return its row, which also holds the errors of the registry.

    Args:
        target: what to crawl, and how.
        source: the registry.
        archive: where the result is written.
        clock: tells the time.
        observer: is told of the progress and of each problem.
        manifests: where manifests are stored, if the target asks for any.
        shard_readers: workers that read shards of a large crawl.

    Raises:
        KeyboardInterrupt: after the crawl was recorded as interrupted.
        StoreError: the database failed.
    """
    record = archive.begin(
        target.registry,
        target.namespace,
        target.mode,
        source.identity,
        clock.now(),
        target.part,
    )
    work = _Crawl(target, source, record, clock, observer, manifests, shard_readers)
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


def read_shard(
    shard: Shard,
    target: Target,
    *,
    source: Source,
    archive: Archive,
    clock: Clock,
    observer: Observer,
) -> ShardResult:
    """Read some repositories of a crawl that another process runs.

    Raises:
        Ended: that crawl has ended.
        KeyboardInterrupt: the program was asked to stop; what was committed stays.
        StoreError: the database failed.
    """
    record = archive.join(target.registry, target.namespace, shard.crawl)
    work = _Crawl(target, source, record, clock, observer, None, None)
    work.open(list(shard.queue), shard.unseen)
    more = (f"and {work.errors_left_out} more",) if work.errors_left_out else ()
    return ShardResult(
        problems=(*work.errors, *more),
        spent=source.spent,
        lost=work.lost,
        doubtful=work.doubtful,
        notes=tuple(work.notes),
    )


@dataclass
class _Crawl:
    target: Target
    source: Source
    record: CrawlRecord
    clock: Clock
    observer: Observer
    manifests: ManifestStore | None
    shard_readers: ShardReaders | None
    spent_on_shards: Cost = field(default_factory=Cost)
    """The requests and bytes of the workers that read shards."""
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Sentences that leave the crawl complete."""
    errors_left_out: int = 0
    """Errors beyond `MOST_ERRORS`."""
    lost: bool = False
    """Further requests make no sense."""
    wrote: bool = False
    """The listing changed the recorded state of the namespace."""
    extra_requests: int = 0
    """Requests that were needed only because lists are shown in part without an account."""
    doubtful: bool = False
    """Something contradicts the listing of repositories: the next crawl must read all of it."""

    def problem(self, sentence: str) -> None:
        """Note what could not be read; the crawl is incomplete."""
        self.observer.problem(sentence)
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(sentence)
        else:
            self.errors_left_out += 1

    def _note(self, sentence: str) -> None:
        """Note something that leaves the crawl complete."""
        self.observer.problem(sentence)
        if len(self.notes) < MOST_ERRORS:
            self.notes.append(sentence)
        else:
            self.errors_left_out += 1

    def finish(self, status: CrawlStatus) -> Crawl:
        """Close the crawl's row."""
        more = (f"and {self.errors_left_out} more",) if self.errors_left_out else ()
        return self.record.finish(
            status,
            spent=_sum(self.source.spent, self.spent_on_shards),
            errors=(*self.notes, *self.errors, *more),
            rate_limit=self.source.rate_limit,
            pulls=contents.rate_limit if (contents := self.source.contents) else None,
            now=self.clock.now(),
        )

    def run(self) -> None:
        """List and record the repositories, then read and record the tags of those that are due.

        Raises:
            SourceError: nothing could be read.
        """
        self.observer.listing(self.target.registry, self.target.namespace)
        if self.target.audit:
            audit_log.read(self.source, self.target, self.record, self._note)
        known = self.record.known_repositories()
        if self.target.part is not None:
            part = {
                name: item for name, item in known.repositories.items() if self.source.wants(name)
            }
            known = known._replace(repositories=part)
        try:
            seen = self._list(known)
        except Conflict as error:
            self.problem(str(error))
            return
        now_known = self._now_known(known)
        unseen = {name for name, item in now_known.items() if item.listed and name not in seen}
        queue = due_repositories.repositories(
            {name: item for name, item in now_known.items() if self.source.wants(name)},
            Mode.VERIFY if self.target.is_of_tags else self.target.mode,
            accepted=self.target.accepted,
            wanted=self.source.wanted,
            lists_dates=self.source.lists_dates,
            budget=self._verify_budget(),
            since=self._cycle(),
            now=self.clock.now(),
        )
        self._say_what_is_continued(now_known.values())
        if self.target.is_of_tags:
            queue = [self._as_read(item, now_known[item.repository]) for item in queue]
        named = {name: item for name, item in seen.items() if item.full_description is not None}
        del known, seen, now_known  # megabytes for a large namespace, and the crawl takes hours
        if self.shard_readers is not None and len(queue) >= self.shard_readers.least:
            self._share(self.shard_readers, queue, unseen)
        else:
            self.open(queue, unseen)
        if self.doubtful:
            self._remember_doubt()
        if self.extra_requests and self.source.identity == ANONYMOUS:
            self.observer.remark(
                "without an account some lists are shown only in part: reading them whole took "
                f"{count(self.extra_requests, 'request')} more; any free account saves that "
                "(run 'docker login')"
            )
        self._say_what_is_not_watched()
        if not self.lost:
            self._keep_descriptions(named)
            self._keep_manifests()

    def _say_what_is_not_watched(self) -> None:
        if self.target.part is not None:
            return
        # Where each tag is asked for by itself, one that did not answer is a problem of its own.
        if self.source.lists_dates and (tags := self.record.unidentified_tags()):
            self._note(open_questions.unidentified(self.target.name, tags))
        wanted = self.source.wanted
        if wanted.repositories:
            known = self.record.known_repositories().repositories
            here = [name for name in known if self.source.wants(name)]
            namespace = self.target.namespace
            for sentence in unmatched(wanted, namespace, here, self._tag_names):
                self._note(sentence)

    def _tag_names(self, repository: str) -> Collection[str] | None:
        """The known tags of a repository, also dangling ones; None if they were never read."""
        known = self.record.known_tags(repository)
        return None if known.memory is None else known.tags.keys() | known.dangling

    @staticmethod
    def _as_read(due: DueRepository, known: KnownRepository) -> DueRepository:
        """Keep the date that its tags were read for: only some tags are read this time."""
        read_for = known.read_updated if known.was_read else due_repositories.UNSETTLED
        return dataclasses.replace(due, last_updated=read_for)

    def _verify_budget(self) -> due_repositories.VerifyBudget | None:
        """How many repositories without a newer date may be opened; None: all of them."""
        number = self.target.verify_budget
        if number is None:
            return None
        return due_repositories.VerifyBudget(number, self.record.change_rates(), self.clock.now())

    def _cycle(self) -> int:
        """The crawl since which what was read is not read again; 0: everything is.

        With a budget, `verify_selection` sees to it that everything is read in the end.
        """
        is_budgeted = self.target.mode is Mode.VERIFY and self.target.verify_budget is not None
        return 0 if is_budgeted else self.record.cycle

    def _say_what_is_continued(self, known: Collection[KnownRepository]) -> None:
        read = cycle.read_since(known, self.target.mode, self._cycle())
        if read:
            what = f"{read:,} {'was' if read == 1 else 'were'}"
            self.observer.remark(
                f"this {named(self.target.mode)} continues one that was cut short: of its "
                f"{count(len(known), 'repository')}, {what} read already"
            )

    def _list(self, known: KnownNamespace) -> Mapping[str, Repository]:
        """List the namespace, record the listing, and return the repositories that were seen."""
        try:
            found = read_repositories(
                self.source, self.target, known, self.clock.now(), self._known_tags
            )
        except UnknownNamespace as error:
            self._remember_doubt()
            names = self.record.other_namespaces()
            raise Missing(unknown_namespace.sentence(self.target, names)) from error
        for problem in found.problems:
            self.problem(problem)
        for note in found.notes:
            self._note(note)
        self.lost = found.lost
        self.extra_requests += found.extra_requests
        changes = diff.repositories(
            known.repositories,
            found.listed,
            removed=found.removed,
            hidden=found.hidden,
            found=found.found,
            watch=diff.WatchChange(found.unwatched, found.first_sight),
            baseline=_baseline(known.memory),
            identity=self.source.identity,
        )
        self.record.record_repositories(changes, found.memory, self.clock.now())
        self.wrote = changes.writes
        return found.listed

    def _known_tags(self, repository: str) -> list[str]:
        """Known tags of a repository that had a manifest when they were last asked for."""
        known = self.record.known_tags(repository).tags.values()
        return [each.name for each in known if each.dangling_since is None]

    def _now_known(self, before: KnownNamespace) -> Mapping[str, KnownRepository]:
        return (self.record.known_repositories() if self.wrote else before).repositories

    def _share(
        self, shard_readers: ShardReaders, queue: list[DueRepository], unseen: Collection[str]
    ) -> None:
        """Let workers read and record the tags of each due repository."""
        self.observer.opening(len(queue))
        shards = shard_readers.read(self.target, self.record.id, queue, unseen)
        with contextlib.closing(shards):
            for shard in shards:
                self.spent_on_shards = _sum(self.spent_on_shards, shard.spent)
                for problem in shard.problems:
                    self.problem(problem)
                for note in shard.notes:
                    self._note(note)
                self.doubtful |= shard.doubtful
                self.lost |= shard.lost
                if self.lost:
                    self.problem(
                        "repositories that no worker had begun to read were left for the next crawl"
                    )
                    return

    def open(self, queue: list[DueRepository], unseen: Collection[str]) -> None:
        """Read and record the tags of each due repository.

        Args:
            queue: the due repositories.
            unseen: known repositories that stand in the list below where this crawl stopped
                reading it.
        """
        self.observer.opening(len(queue))
        work = partial(
            read_tags,
            self.source,
            removal_guard=self.target.removal_guard,
            passes=self.target.passes,
            now=self.clock.now,
        )
        buffer = WriteBuffer(self.record, self.clock, self.problem)
        outcomes = in_threads(
            self._jobs(queue),
            lambda job: work(*job),
            self.target.concurrency,
            Idle(buffer.flush, LONGEST_SECONDS),
        )
        try:
            self._take(outcomes, len(queue), unseen, buffer)
        except BaseException:  # Ctrl-C, or a fault of ours: what was read is kept all the same
            with contextlib.suppress(IndexerError):
                buffer.flush()
            raise

    def _take(
        self,
        outcomes: Iterator[tuple[_Job, TagsRead | BaseException]],
        total: int,
        unseen: Collection[str],
        buffer: WriteBuffer,
    ) -> None:
        """Take what was read of each due repository, `total` of them, and write it."""
        in_a_row = done = 0
        failed: list[str] = []
        for job, outcome in outcomes:
            repository = job[0].repository
            error: TagsRead | BaseException | None = outcome
            if isinstance(outcome, TagsRead):
                buffer.add(self._reading(job, outcome))
                error = outcome.error
            if isinstance(error, SourceError):
                self.problem(f"{repository}: {error}")
                if not isinstance(error, SourceLost):  # that is no fault of the repository
                    failed.append(repository)
                in_a_row = in_a_row + 1 if isinstance(error, Unavailable) else 0
                self.lost |= isinstance(error, SourceLost) or in_a_row >= LOST_AFTER
                self.doubtful |= isinstance(error, Missing) and repository in unseen
            elif isinstance(error, BaseException):
                raise error
            else:
                in_a_row = 0
            done += 1
            self.observer.opened(repository, done, self.source.spent)
        buffer.flush()
        if failed:
            self.record.record_failures(failed)
        if done < total:
            left = count(total - done, "repository was", "repositories were")
            self.problem(f"{left} left for the next {named(self.target.mode)}")

    def _keep_descriptions(self, named: Mapping[str, Repository]) -> None:
        """Read the full descriptions that are due, if the target asks for them."""
        if self.target.details and self.source.describes_fully:
            read_full_descriptions(
                self.source,
                self.record,
                named,
                concurrency=self.target.concurrency,
                now=self.clock.now,
                problem=self.problem,
            )

    def _keep_manifests(self) -> None:
        """Fetch the manifests that the target asks for, newest first."""
        target, manifests, contents = self.target, self.manifests, self.source.contents
        if manifests is None or contents is None or target.manifests == "none":
            return
        since = None if target.manifests == "all" else self.clock.now() - RECENT_CHANGES
        keep(
            target.registry,
            manifests.unread(target.registry, target.namespace, since),
            contents,
            manifests,
            concurrency=target.concurrency,
            now=self.clock.now,
            problem=self.problem,
        )

    def _jobs(self, queue: list[DueRepository]) -> Iterator[_Job]:
        for item in queue:
            if self.lost:
                return
            known = self.record.known_tags(item.repository)
            if self.target.is_of_tags:
                wants = partial(self.source.wants, item.repository)
                some = {name: tag for name, tag in known.tags.items() if wants(name)}
                known = known._replace(tags=some)
            yield item, known

    def _reading(self, job: _Job, tags: TagsRead) -> TagsReading:
        """What to write of what was read."""
        item, known = job
        self.extra_requests += tags.extra_requests
        for problem in tags.problems:
            self.problem(problem)
        self._say_absent_tag(known, tags)
        changes = diff.tags(
            known.tags,
            tags.listed.values(),
            removed=tags.removed,
            dropped=tags.dropped,
            first_sight=tags.first_sight,
            baseline=item.baseline and _baseline(known.memory),
            order=tags.order,
            dangling=tags.dangling,
        )
        for note in tags.notes:
            self._note(note)
        return TagsReading(
            item.repository,
            changes,
            known.memory if self.target.is_of_tags else tags.memory,
            item.last_updated if tags.settled else due_repositories.UNSETTLED,
            self._extent(item, known, tags),
        )

    def _extent(self, item: DueRepository, known: KnownTags, tags: TagsRead) -> Extent:
        if tags.error is not None or self.target.is_of_tags:
            return Extent.PART
        return Extent.FULL if item.full or known.memory is None else Extent.VERIFIED

    def _say_absent_tag(self, known: KnownTags, tags: TagsRead) -> None:
        """Report a tag that was asked for by name, does not exist and was never known."""
        part = self.target.part
        seen = known.tags or tags.listed or tags.problems or tags.notes
        if part is not None and self.target.is_of_tags and not seen:
            self.problem(
                f"there is no tag '{shown(part)}' on {self.target.registry} (404): check the "
                "spelling"
            )

    def _remember_doubt(self) -> None:
        """Let the next crawl read the whole list: it should hold a repository that answers 404."""
        known = self.record.known_repositories()
        if known.memory:
            memory = dataclasses.replace(known.memory, exact=False)
            nothing = diff.RepositoriesDiff(identity=self.source.identity)
            self.record.record_repositories(nothing, memory, self.clock.now())


def _baseline(memory: ListMemory | None) -> bool | Gaps:
    """Which new items are baseline: all (True), what fills the first reading's gaps, or none."""
    if memory is None:
        return True
    return memory.gaps or False


def _sum(one: Cost, other: Cost) -> Cost:
    return Cost(one.requests + other.requests, one.bytes + other.bytes)
