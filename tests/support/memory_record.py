"""The records of one crawl in memory, and the state that it writes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.catalog_entries import Period
from indexer.core.digest_age import counted_push
from indexer.core.errors import Conflict, Ended
from indexer.core.model import (
    DANGLING,
    Change,
    ChangeKind,
    ChangeRate,
    CrawlStatus,
    KnownRepository,
    KnownTag,
)
from indexer.core.platforms import fingerprint
from indexer.crawl.due_repositories import UNSETTLED
from indexer.crawl.known_state import Extent, KnownNamespace, KnownTags
from indexer.crawl.ports import CrawlRecord
from indexer.crawl.selection import cycle
from indexer.crawl.selection.verify_selection import observed
from indexer.crawl.wanted_names import NOTHING, read_filter
from indexer.notify.event import HiddenRepositories
from indexer.store.crawl.lazy_tags import LazyTags

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from indexer.core.model import Cost, Crawl, ListMemory, RateLimit, Repository, Tag
    from indexer.core.platforms import Platform
    from indexer.crawl.diff import RepositoriesDiff, TagsDiff
    from indexer.crawl.write_buffer import TagsReading


class Stored(NamedTuple):
    """A present tag, and the start of its period."""

    known: KnownTag
    pushed_at: datetime | None
    since: datetime
    pushed_by: str | None = None
    counted_push: datetime | None = None


@dataclass
class Shelf:
    """A repository. `known` is None while it is removed; its number of writes never decreases."""

    known: KnownRepository | None = None
    memory: ListMemory | None = None
    revision: int = 0
    watch: ChangeRate = ChangeRate(0)  # noqa: RUF009 - frozen
    tags: dict[str, Stored] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    unwatched: dict[str, datetime] = field(default_factory=dict)
    dangling: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    """Tags that are not present any more, and that are watched."""


@dataclass
class Home:
    registry: str
    name: str
    memory: ListMemory | None = None
    revision: int = 0
    shelves: dict[str, Shelf] = field(default_factory=dict)
    holder: int | None = None
    """The crawl that a live process runs."""

    @property
    def present(self) -> dict[str, KnownRepository]:
        return {name: each.known for name, each in self.shelves.items() if each.known}


@dataclass
class Books:
    """The state that all crawls write.

    Attributes:
        prints: the images of each digest, as far as known, in short;
        images: and in full. Every digest that was ever seen is there, the newest last.
        hidden: what crawls found hidden: numbered with the changes.
        ended_by: the periods that each change ended.
        closing: periods that end, whose change has no number yet.
        positions: of each repository: the last number when its present tags changed.
        forgettings: how often something was forgotten.
        last: the last of these numbers.
        began_after: the last of them when each crawl began.
    """

    crawls: dict[int, Crawl] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    ended: list[Period] = field(default_factory=list)
    prints: dict[str, bytes] = field(default_factory=dict)
    images: dict[str, tuple[Platform, ...]] = field(default_factory=dict)
    hidden: list[HiddenRepositories] = field(default_factory=list)
    ended_by: dict[int, list[Period]] = field(default_factory=dict)
    closing: list[Period] = field(default_factory=list)
    positions: dict[tuple[str, str], int] = field(default_factory=dict)
    forgettings: int = 0
    last: int = 0
    began_after: dict[int, int] = field(default_factory=dict)

    def known_as(self, tag: Tag) -> KnownTag:
        """The recorded state of a tag. The images of a digest are known for all its tags."""
        prints = fingerprint(tag.platforms)
        if tag.digest is not None:
            self.images[tag.digest] = self.images.get(tag.digest) or tuple(tag.platforms)
            prints = self.prints.setdefault(tag.digest, prints) if prints else prints
            prints = prints or self.prints.get(tag.digest)
        return KnownTag(tag.name, tag.last_updated, tag.digest, prints)

    def forget(self, registry: str, repositories: list[str]) -> None:
        """Delete everything of these repositories."""
        self.forgettings += 1
        gone = {(registry, name) for name in repositories}
        self.changes = [
            each for each in self.changes if (each.registry, each.repository) not in gone
        ]
        self.ended = [each for each in self.ended if (each.registry, each.repository) not in gone]

    def log(self, changes: list[Change]) -> None:
        """Append to the change log, with increasing numbers."""
        first = self.take(len(changes))
        numbered = [replace(each, id=number) for number, each in enumerate(changes, first)]
        self.changes += numbered
        for change in numbered:
            if change.kind is not ChangeKind.REPOSITORY_ADDED:
                self.positions[change.registry, change.repository] = change.id
            self.ended_by[change.id] = [
                each
                for each in self.closing
                if each.repository == change.repository and change.tag in {None, each.tag}
            ]
        self.closing = []

    def touch(self, place: tuple[str, str], diff: TagsDiff) -> None:
        """Take a number for what is no change and changes present tags all the same."""
        is_logged = diff.added or diff.removed or diff.retagged
        if not is_logged and (diff.resolved or diff.dropped):
            self.positions[place] = self.take(1)

    def take(self, number: int) -> int:
        """Reserve numbers of the log, and return the first."""
        self.last += number
        return self.last - number + 1


class MemoryRecord(CrawlRecord):
    """See `CrawlRecord`."""

    def __init__(
        self, books: Books, home: Home, number: int, *, cycle: int = 0, is_guest: bool = False
    ) -> None:
        self._is_guest = is_guest
        self._cycle = cycle
        self._books = books
        self._home = home
        self._number = number
        self._revision: int | None = None
        self._opened: dict[str, int] = {}

    @property
    def id(self) -> int:
        """See `CrawlRecord`."""
        return self._number

    @property
    def cycle(self) -> int:
        """See `CrawlRecord`."""
        return self._cycle

    def known_repositories(self) -> KnownNamespace:
        """See `CrawlRecord`."""
        self._revision = self._home.revision
        home = self._home
        removed = frozenset(home.shelves) - frozenset(home.present)
        return KnownNamespace(home.memory, home.present, home.revision, removed=removed)

    def unidentified_tags(self) -> list[str]:
        """See `CrawlRecord`."""
        return sorted(
            f"{name}:{tag}"
            for name, known in self._home.present.items()
            if known.hidden_since is None and known.unwatched_since is None
            for tag, stored in self._home.shelves[name].tags.items()
            if stored.known.digest is None
            and stored.known.fingerprint is None
            and tag not in self._home.shelves[name].dangling
        )

    def record_repositories(
        self, diff: RepositoriesDiff, memory: ListMemory | None, now: datetime
    ) -> None:
        """See `CrawlRecord`."""
        home = self._home
        if home.revision != self._revision:
            raise Conflict("another crawl wrote this namespace meanwhile; crawl again.")
        kept = *diff.unlisted, *diff.hidden, *diff.visible_again
        kept = *kept, *diff.unwatched, *diff.watched_again
        for name in (*diff.removed, *kept, *(item.name for item in diff.updated)):
            if name not in home.present:
                raise LookupError(name)
        home.revision += 1
        self._revision = home.revision
        home.memory = memory or home.memory
        for item in diff.added:
            self._add(item, diff)
        for item in diff.updated:
            shelf = home.shelves[item.name]
            assert shelf.known is not None
            shelf.known = _seen(shelf.known, item, diff)
        for name in diff.removed:
            self._remove(name, now)
        self._keep(diff, now)
        kinds = ChangeKind.REPOSITORY_ADDED, ChangeKind.REPOSITORY_REMOVED
        added = [
            self._change(
                kinds[0],
                item.name,
                now,
                pushed_at=item.last_updated,
                baseline=diff.is_baseline(item.name),
            )
            for item in diff.added
        ]
        self._books.log([*added, *(self._change(kinds[1], name, now) for name in diff.removed)])
        if diff.hidden:
            first = self._books.take(len(diff.hidden))
            self._books.hidden.append(
                HiddenRepositories(
                    home.registry,
                    home.name,
                    diff.identity,
                    now,
                    self._number,
                    tuple(sorted(diff.hidden)),
                    first,
                    self._books.last,
                )
            )

    def _keep(self, diff: RepositoriesDiff, now: datetime) -> None:
        """Write which repositories are unlisted, hidden, or visible again (tags are read anew)."""
        for name in diff.unlisted:
            self._set(name, listed=False)
        for name in diff.hidden:
            self._set(name, listed=False, hidden_since=now)
        for name in diff.visible_again:
            self._set(name, hidden_since=None, read_updated=UNSETTLED)
        for name in diff.published:
            self._set(name, read_updated=UNSETTLED)
        for name in diff.unwatched:
            self._set(name, listed=False, unwatched_since=now)
            shelf = self._home.shelves[name]
            shelf.memory = shelf.memory and replace(shelf.memory, filters=NOTHING)
            self._set(name, filters=NOTHING)
        for name in diff.watched_again:
            self._set(name, unwatched_since=None, baseline=True, read_updated=UNSETTLED)

    def _set(self, name: str, **values: object) -> None:
        shelf = self._home.shelves[name]
        assert shelf.known is not None
        shelf.known = shelf.known._replace(**values)  # type: ignore[arg-type]

    def _add(self, item: Repository, diff: RepositoriesDiff) -> None:
        """Add a repository; one that comes back keeps its history and nothing else."""
        shelf = self._home.shelves.setdefault(item.name, Shelf())
        shelf.revision += 1
        blank = KnownRepository(
            item.name,
            last_updated=None,
            read_updated=None,
            was_read=False,
            listed=True,
            private=False,
            baseline=diff.is_baseline(item.name),
            seen_by="",
        )
        shelf.known = _seen(blank, item, diff)

    def _remove(self, name: str, now: datetime) -> None:
        shelf = self._home.shelves[name]
        shelf.removed |= shelf.tags.keys()
        for tag in list(shelf.tags):
            self._end(name, tag, now)
        shelf.known, shelf.memory, shelf.revision = None, None, shelf.revision + 1

    def change_rates(self) -> dict[str, ChangeRate]:
        """See `CrawlRecord`."""
        return {
            name: self._home.shelves[name].watch._replace(tags=len(self._home.shelves[name].tags))
            for name in self._home.present
        }

    def known_tags(self, repository: str) -> KnownTags:
        """See `CrawlRecord`."""
        shelf = self._home.shelves.get(repository)
        if shelf is None:
            return KnownTags(None, {}, 0)
        self._opened[repository] = shelf.revision
        known = {name: each.known for name, each in shelf.tags.items()}
        removed = frozenset(shelf.removed - shelf.dangling)
        dangling = frozenset(shelf.dangling)
        # As of a large repository in a database, so that every crawl in memory tests that too.
        once = frozenset(name for name, tag in known.items() if tag.dangling_since is not None)
        tags = LazyTags(len(known), partial(_some, known))
        return KnownTags(shelf.memory, tags, shelf.revision, dangling, removed, once, tags.expect)

    def record_readings(self, readings: Sequence[TagsReading], now: datetime) -> list[str]:
        """See `CrawlRecord`."""
        running = self._books.crawls[self._number].status is CrawlStatus.RUNNING
        if self._is_guest and not running:
            raise Ended("the crawl that this was a shard of has ended; crawl again.")
        return [each.repository for each in readings if not self._record_reading(each, now)]

    def _record_reading(self, reading: TagsReading, now: datetime) -> bool:
        """Write one reading; False: the tags were written since `known_tags`."""
        repository, diff, memory, read_for, extent = reading
        shelf = self._home.shelves.get(repository)
        revision = self._opened.pop(repository, None)
        if shelf is None or shelf.known is None or shelf.revision != revision:
            return False
        old = {name: each.known.digest for name, each in shelf.tags.items()}
        for item in (*(each.tag for each in diff.retagged), *diff.resolved, *diff.touched):
            if item.name not in old:
                raise LookupError(item.name)
        moved = [each.tag.name for each in diff.retagged]
        for name in (*diff.removed, *diff.dropped, *moved):
            self._end(repository, name, now)
        self._start(repository, diff, now)
        for item in (*diff.resolved, *diff.touched):
            self._refine(shelf, item)
        shelf.removed |= set(diff.removed)
        shelf.unwatched |= dict.fromkeys(diff.dropped, now)
        for item in diff.added:
            shelf.removed.discard(item.name)
            shelf.unwatched.pop(item.name, None)
        self._mark(shelf, diff, now)
        _watch_again(shelf, repository, memory)
        shelf.revision += 1
        lags = shelf.memory is not None and shelf.memory.reread_at is not None
        shelf.memory = memory
        shelf.order = diff.order
        if memory is not None and memory.exact and read_for != UNSETTLED:
            changed = len(diff.added) + len(diff.removed) + len(diff.retagged)
            moved_date = lags or read_for != shelf.known.read_updated
            shelf.watch = observed(shelf.watch, now, moved=moved_date, changed=changed)
        shelf.known = shelf.known._replace(
            was_read=True,
            read_updated=read_for,
            filters=memory.filters if memory else None,
            reread_at=memory.reread_at if memory else None,
        )
        self._note_extent(repository, extent)
        self._books.log(self._tag_changes(repository, diff, old, now))
        self._books.touch((self._home.registry, repository), diff)
        return True

    def _note_extent(self, repository: str, extent: Extent) -> None:
        if extent is not Extent.PART:
            self._set(repository, read_crawl=self._number, failed_crawl=0)
        if extent is Extent.FULL:
            self._set(repository, full_crawl=self._number)

    def record_failures(self, repositories: Collection[str]) -> None:
        """See `CrawlRecord`."""
        for name in repositories:
            if name in self._home.present:
                self._set(name, failed_crawl=self._number)

    def _unread(self) -> int:
        """How many repositories the cycle has still to read."""
        mode = self._books.crawls[self._number].mode
        if not cycle.modes(mode):
            return 0
        return sum(
            max(cycle.last_read(item, mode), item.failed_crawl) < self._cycle
            for item in self._home.present.values()
            if item.hidden_since is None and item.unwatched_since is None
        )

    def _crawl_before(self) -> datetime | None:
        """When the last complete crawl began."""
        done = [
            each.started_at
            for each in self._books.crawls.values()
            if (each.registry, each.namespace) == (self._home.registry, self._home.name)
            and each.status is CrawlStatus.COMPLETE
        ]
        return done[-1] if done else None

    @staticmethod
    def _mark(shelf: Shelf, diff: TagsDiff, now: datetime) -> None:
        """Note which tags dangle, and since when."""
        shelf.dangling -= {item.name for item in diff.added} | diff.dangling.sound
        shelf.dangling |= diff.dangling.now.intersection(diff.removed)
        for name, stored in shelf.tags.items():
            if name in diff.dangling.now | diff.dangling.sound:
                since = (stored.known.dangling_since or now) if name in diff.dangling.now else None
                shelf.tags[name] = stored._replace(
                    known=stored.known._replace(dangling_since=since)
                )

    def _tag_changes(
        self, repository: str, diff: TagsDiff, old: dict[str, str | None], now: datetime
    ) -> list[Change]:
        change = self._change
        return [
            *(
                change(
                    ChangeKind.TAG_ADDED,
                    repository,
                    now,
                    item.name,
                    new_digest=item.digest,
                    pushed_at=item.pushed_at,
                    baseline=diff.is_baseline(item.name),
                    pushed_by=item.pushed_by,
                )
                for item in diff.added
            ),
            *(
                change(
                    ChangeKind.TAG_REMOVED,
                    repository,
                    now,
                    name,
                    old_digest=old[name],
                    baseline=name in diff.first_sight,
                    reason=DANGLING if name in diff.dangling.now else None,
                )
                for name in diff.removed
            ),
            *(
                change(
                    ChangeKind.TAG_RETAGGED,
                    repository,
                    now,
                    item.name,
                    old_digest=old[item.name],
                    new_digest=item.digest,
                    pushed_at=item.pushed_at,
                    baseline=item.name in diff.first_sight,
                    pushed_by=item.pushed_by,
                )
                for item, _ in diff.retagged
            ),
        ]

    def _start(self, repository: str, diff: TagsDiff, now: datetime) -> None:
        """Begin periods, not before the last ones ended: a clock may be set back."""
        shelf = self._home.shelves[repository]
        read_before = shelf.watch.seen_at or self._crawl_before()
        new = [
            *((item, diff.is_baseline(item.name)) for item in diff.added),
            *((item, item.name in diff.first_sight) for item, _ in diff.retagged),
        ]
        for item, baseline in new:
            before = [
                each.ended_at
                for each in self._books.ended
                if (each.registry, each.repository, each.tag)
                == (self._home.registry, repository, item.name)
            ]
            shelf.tags[item.name] = Stored(
                self._books.known_as(item),
                item.pushed_at,
                max([now, *filter(None, before)]),
                item.pushed_by,
                counted_push(item.pushed_at, now, read_before, baseline=baseline),
            )

    def _end(self, repository: str, tag: str, now: datetime) -> None:
        known, pushed_at, since, pushed_by, counted = self._home.shelves[repository].tags.pop(tag)
        ended = Period(
            self._home.registry,
            repository,
            tag,
            known.digest,
            pushed_at,
            since,
            max(now, since),
            pushed_by=pushed_by,
            counted_push=counted,
        )
        self._books.ended.append(ended)
        self._books.closing.append(ended)

    def _refine(self, shelf: Shelf, item: Tag) -> None:
        """Write more about the same content; a known digest stays if the list has none."""
        before, found = shelf.tags[item.name], self._books.known_as(item)
        if found.digest is None and (before.known.digest or before.known.fingerprint):
            found = before.known._replace(last_updated=item.last_updated)
        shelf.tags[item.name] = before._replace(
            known=found, pushed_at=item.pushed_at, pushed_by=item.pushed_by
        )

    def _change(
        self,
        kind: ChangeKind,
        repository: str,
        now: datetime,
        tag: str | None = None,
        *,
        old_digest: str | None = None,
        new_digest: str | None = None,
        pushed_at: datetime | None = None,
        baseline: bool = False,
        pushed_by: str | None = None,
        reason: str | None = None,
    ) -> Change:
        return Change(
            0,
            now,
            kind,
            self._home.registry,
            repository,
            tag,
            old_digest,
            new_digest,
            pushed_at,
            self._number,
            baseline,
            pushed_by,
            removed_by=None,
            removed_at=None,
            reason=reason,
        )

    def finish(
        self,
        status: CrawlStatus,
        *,
        spent: Cost,
        errors: tuple[str, ...],
        rate_limit: RateLimit | None,
        now: datetime,
        pulls: RateLimit | None = None,
    ) -> Crawl:
        """See `CrawlRecord`."""
        home, books = self._home, self._books
        own = [each for each in books.changes if each.crawl_id == self._number]
        books.crawls[self._number] = replace(
            books.crawls[self._number],
            status=status,
            finished_at=now,
            repositories=len(home.present),
            tags=sum(len(home.shelves[name].tags) for name in home.present),
            spent=spent,
            changes=dict(Counter(each.kind for each in own if not each.baseline)),
            baseline=sum(each.baseline for each in own),
            unread=self._unread(),
            errors=errors,
            rate_limit=rate_limit,
            pulls=pulls,
        )
        home.holder = None
        return books.crawls[self._number]


def _seen(known: KnownRepository, item: Repository, diff: RepositoriesDiff) -> KnownRepository:
    return known._replace(
        last_updated=item.last_updated,
        listed=True,
        private=item.private,
        seen_by=diff.identity,
        description=item.description,
    )


def _watch_again(shelf: Shelf, repository: str, memory: ListMemory | None) -> None:
    """What an exact list lacks although it is wanted is not left out any more: it is gone."""
    if memory is not None and memory.exact and memory.filters is not None:
        wanted = read_filter(memory.filters)
        again = {name for name in shelf.unwatched if wanted.has(repository, name)}
        shelf.removed |= again
        shelf.unwatched = {name: at for name, at in shelf.unwatched.items() if name not in again}


def _some(known: Mapping[str, KnownTag], names: Collection[str] | None) -> Mapping[str, KnownTag]:
    return known if names is None else {name: known[name] for name in names if name in known}
