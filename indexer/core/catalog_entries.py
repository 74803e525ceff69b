"""What the index answers: entries, periods, and the status of each namespace.

Values only, as in `indexer.core.model`. All times are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.digest_age import AgeBasis
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from indexer.core.model import ChangeKind, Crawl, CrawlStatus, HeldBack, Mode
    from indexer.core.platforms import Platform


@dataclass(frozen=True, slots=True)
class RepositoryEntry:
    """A repository as the index shows it.

    `tags` counts the present tags; `pending` means that the next crawl reads them.
    `hidden_since` and `hidden_from`: since when the repository is not visible any more, and to
    which account; both None while it is visible. `unwatched_since`: since when the configuration
    does not want it; None: it does. `pulls`, `stars` and `storage_size` (bytes) are as of the last
    listing that held it; they, `categories` and `registered_at` come from Docker Hub alone, and so
    does `full_description` (None: no crawl was asked for it).
    """

    registry: str
    repository: str
    description: str
    private: bool
    tags: int
    last_updated: datetime | None
    listed: bool
    pending: bool
    first_seen_at: datetime
    hidden_since: datetime | None = None
    hidden_from: str | None = None
    unwatched_since: datetime | None = None
    pulls: int | None = None
    stars: int | None = None
    storage_size: int | None = None
    categories: tuple[str, ...] = ()
    registered_at: datetime | None = None
    full_description: str | None = None


class Unseen(NamedTuple):
    """That what is known of a repository or tag is old: no crawl sees it, and it is kept.

    Attributes:
        since: the time.
        hidden_from: the account to which it is not visible since then; None: the configuration
            does not want it.
        held_back: `repository` or `tag`: that is missing at the registry, and its removal is held
            back for review. Empty: nothing is.
    """

    since: datetime
    hidden_from: str | None
    held_back: str = ""

    @property
    def words(self) -> str:
        """`is not watched since 2026-03-02 09:00 UTC`."""
        if self.held_back:
            since = f"{self.since:%Y-%m-%d %H:%M} UTC"
            return f"is missing, and its removal is held back for review since {since}"
        what = "is not watched"
        if self.hidden_from is not None:
            what = f"is private, and not visible to {shown(self.hidden_from)}"
        return f"{what} since {self.since:%Y-%m-%d %H:%M} UTC"

    def instead_of(self, sentence: str) -> str:
        """Why a sentence that says that all is well is not the answer."""
        what = self.held_back or "repository"
        return f"its {what} {self.words}; what was known then: {sentence}"


def held_back(
    repositories: HeldBack | None, own: HeldBack | None, name: str, tags: Collection[str]
) -> Unseen | None:
    """That the removal of a repository, or of all of some tags of it, is held back.

    Args:
        repositories: what is held back of its namespace.
        own: what is held back of its tags.
        name: of the repository, with its namespace.
        tags: the tags; none: only the repository is asked for.
    """
    if repositories is not None and repositories.may_hold(name):
        return Unseen(repositories.since, None, "repository")
    if own is not None and tags and all(map(own.may_hold, tags)):
        return Unseen(own.since, None, "tag")
    return None


class HiddenRepositories(NamedTuple):
    """How many private repositories of a namespace are not visible any more.

    Attributes:
        since: when the first of them was hidden.
        account: that cannot see it; None: nobody was logged in.
    """

    registry: str
    namespace: str
    number: int
    since: datetime
    account: str | None


class RepositoryDay(NamedTuple):
    """What was counted of a repository on a day (in UTC), as the last listing of that day said."""

    day: date
    pulls: int | None
    stars: int | None
    storage_size: int | None


@dataclass(frozen=True, slots=True)
class TagEntry:
    """A tag as the index shows it, now or as of a time.

    `first_seen_at` is when the tag's name was first seen, whatever it pointed to. `last_pulled`,
    `status`, `status_since` and `content_type` are known of the present only.
    """

    registry: str
    repository: str
    tag: str
    digest: str | None
    size: int | None
    platforms: tuple[Platform, ...]
    pushed_at: datetime | None
    first_seen_at: datetime
    pushed_by: str | None = None
    last_pulled: datetime | None = None
    status: str | None = None
    status_since: datetime | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A period in which a tag pointed to one digest, by the crawls that saw it begin and end.

    `ended_at` is None while the period lasts. `digest` is None where the registry never gave one;
    `platforms` are the platforms of that content, as far as they are known. `counted_push` is the
    push time from which the age of the digest counts; None: it counts from `started_at`.
    """

    registry: str
    repository: str
    tag: str
    digest: str | None
    pushed_at: datetime | None
    started_at: datetime
    ended_at: datetime | None
    platforms: tuple[Platform, ...] = field(default=(), compare=False)
    pushed_by: str | None = None
    counted_push: datetime | None = None

    @property
    def age_since(self) -> datetime:
        """From when the age of the digest counts."""
        return self.counted_push or self.started_at

    @property
    def age_by(self) -> AgeBasis:
        """What that is."""
        return AgeBasis.PUSH if self.counted_push else AgeBasis.CRAWL


class BaselineGaps(NamedTuple):
    """What of a namespace was never seen, for its lists were never read whole.

    Attributes:
        repositories: how many its list counts and never showed.
        lists: how many of its repositories have a list of tags that was never read whole.
        tags: how many tags these lists count and never showed.
    """

    repositories: int
    lists: int
    tags: int


@dataclass(frozen=True, slots=True)
class FoundTag:
    """A period in which a tag led to a digest: it pointed to it, or to what holds it.

    `points_to` is the digest of the manifest that the tag pointed to: another one than `digest` if
    that is of an image in an index, or of a configuration.
    """

    registry: str
    repository: str
    tag: str
    digest: str
    points_to: str | None
    pushed_at: datetime | None
    started_at: datetime
    ended_at: datetime | None
    pushed_by: str | None = None


class UnfinishedCycle(NamedTuple):
    """Crawls of one mode that have not read each repository yet.

    See `indexer.crawl.selection.cycle`.

    Attributes:
        mode: of the crawls.
        began_at: when the first of them began.
        unread: how many repositories have not been tried since.
        repositories: how many there are.
        running: one of them is running.
    """

    mode: Mode
    began_at: datetime
    unread: int
    repositories: int
    running: bool


@dataclass(frozen=True, slots=True)
class NamespaceStatus:
    """How well the index knows a namespace.

    `hidden` counts private repositories that are not visible any more, `hidden_since` is when the
    first of them was hidden, and `hidden_from` is the account that cannot see it. `unwatched`
    counts repositories that the configuration does not want. `gaps` is None where every list of it
    was read whole at least once. `unfinished` are full and verify crawls that were cut short.
    """

    registry: str
    namespace: str
    repositories: int
    tags: int
    pending: int
    last_crawl: Crawl | None
    last_complete_at: datetime | None
    last_full_at: datetime | None
    hidden: int = 0
    hidden_since: datetime | None = None
    hidden_from: str | None = None
    unwatched: int = 0
    gaps: BaselineGaps | None = None
    unfinished: tuple[UnfinishedCycle, ...] = ()


class NamespaceAge(NamedTuple):
    """How old what is known of a namespace is: see `indexer.crawl.schedule.freshness`.

    Attributes:
        registry: its registry.
        namespace: its name.
        last_complete_at: when its last complete crawl ended; None: there was none.
        last_status: the status of its last crawl; None: there was none.
        is_running: a running process is crawling it right now.
        began_at: when its first crawl that read anything ended, or, if that is in the future, the
            next one: what changed before is not known. None: there was none, or nobody asked.
    """

    registry: str
    namespace: str
    last_complete_at: datetime | None
    last_status: CrawlStatus | None
    is_running: bool = False
    began_at: datetime | None = None


class HeldBackList(NamedTuple):
    """A list from which removals are held back until a person has looked.

    Attributes:
        registry: its registry.
        namespace: of a namespace, or of a repository in it.
        name: what to accept: the namespace (of a registry that is crawled as a whole its host), or
            the repository, of which tags are held back.
        held: the removals.
    """

    registry: str
    namespace: str
    name: str
    held: HeldBack


class UnresolvedTag(NamedTuple):
    """A present tag whose digest is not known.

    Attributes:
        registry: its registry.
        repository: with its namespace.
        tag: its name.
        is_compared: the digests of its platforms are known, so a retag is noticed.
    """

    registry: str
    repository: str
    tag: str
    is_compared: bool


class LastCrawl(NamedTuple):
    """The last crawl of a namespace: what scheduling the next one needs."""

    id: int
    mode: Mode
    status: CrawlStatus
    started_at: datetime
    finished_at: datetime | None
    unread: int = 0


@dataclass(frozen=True, slots=True)
class CrawlHistory:
    """What the next crawl of a namespace depends on: see `indexer.crawl.schedule.next_crawl`.

    Attributes:
        last: the last crawl, with any status.
        alive: a running process is crawling the namespace right now.
        done: for each mode, when the last crawl began that completed in it or in a stronger mode.
            No crawl began later than one with a higher number, whatever its clock said.
        failures: how many crawls in a row have not completed since.
        unread: for each mode, how many repositories that crawl left to the next one of its mode.
    """

    registry: str
    namespace: str
    last: LastCrawl
    alive: bool = False
    done: Mapping[Mode, datetime] = field(default_factory=dict)
    failures: int = 0
    unread: Mapping[Mode, int] = field(default_factory=dict)


class CrawlMark(NamedTuple):
    """How far the index was looked at: the newest crawl, and how many namespaces there are."""

    newest: int
    namespaces: int


class CrawledSince(NamedTuple):
    """What was crawled since a mark.

    Attributes:
        mark: for the next look.
        places: namespaces, by registry and name, of which crawls have begun; None: any may have
            changed, for some were forgotten.
    """

    mark: CrawlMark
    places: frozenset[tuple[str, str]] | None


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Selects changes. All given conditions must hold; globs are `fnmatch`'s.

    `since`, `crawl` (that crawl and every later one) and `after` (the number of the last change
    seen) exclude each other; so do `until` (before that time), `until_crawl` (that crawl and every
    earlier one) and `until_change` (that change and every earlier one). `companions`: also the tags
    that tools keep, such as signatures; a `tag` that names them asks for them too
    (`indexer.manifests.companion_tags`).
    """

    since: datetime | None = None
    crawl: int | None = None
    after: int | None = None
    kinds: frozenset[ChangeKind] = frozenset()
    registry: str | None = None
    namespace: str | None = None
    repository: str | None = None
    tag: str | None = None
    pushed_by: str | None = None
    baseline: bool = False
    companions: bool = False
    limit: int | None = None
    until: datetime | None = None
    until_crawl: int | None = None
    until_change: int | None = None

    @property
    def is_by_time(self) -> bool:
        """Whether a time bounds it: then changes are in the order of time, else of their number."""
        return self.since is not None or self.until is not None
