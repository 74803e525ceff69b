"""The values that all modules share: registries, crawls, changes.

Values only: no behaviour beyond what a value derives from its own fields. All times are aware, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple

from msgspec import Meta, Struct
from msgspec.structs import astuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.core.platforms import Platforms

Time = Annotated[datetime, Meta(tz=True)]
"""A time as JSON shows it: aware; its schema says so too."""

ANONYMOUS = "anonymous"
"""The identity of a crawl without credentials."""

WHOLE_REGISTRY = "*"
"""The namespace that stands for a registry that is crawled as a whole."""


class ChangeKind(StrEnum):
    """The five kinds of change; the values are used in the database, JSON, CLI and metrics."""

    REPOSITORY_ADDED = "repository_added"
    REPOSITORY_REMOVED = "repository_removed"
    TAG_ADDED = "tag_added"
    TAG_REMOVED = "tag_removed"
    TAG_RETAGGED = "tag_retagged"


class CrawlStatus(StrEnum):
    """The status of a crawl: see section "Statuses" of docs/how-it-works.md."""

    RUNNING = "running"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Mode(StrEnum):
    """How much a crawl reads: the modes differ in their stop rule only."""

    INCREMENTAL = "incremental"
    VERIFY = "verify"
    FULL = "full"


DANGLING = "dangling"
"""`Change.reason` of the removal of a tag that is still listed: see `indexer.crawl.dangling`."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as a registry lists it. `name` is `namespace/repository`.

    Where the registry says it, `pulls` is how often it was pulled so far, `stars` how many people
    starred it, `storage_size` how many bytes it takes, `categories` what the registry files it
    under, `registered_at` when it was made, `full_description` the long text of its page (lists
    leave it out: None). Counters change all the time; these six are ignored when two repositories
    are compared.
    """

    name: str
    last_updated: datetime | None
    description: str = ""
    private: bool = False
    pulls: int | None = field(default=None, compare=False)
    stars: int | None = field(default=None, compare=False)
    storage_size: int | None = field(default=None, compare=False)
    categories: tuple[str, ...] = field(default=(), compare=False)
    registered_at: datetime | None = field(default=None, compare=False)
    full_description: str | None = field(default=None, compare=False)

    @property
    def is_counted(self) -> bool:
        """Whether the registry says any of the counters."""
        return (self.pulls, self.stars, self.storage_size) != (None, None, None)


class FullDescription(NamedTuple):
    """The long text of a repository's page; `read_for` is the listed date that it belongs to."""

    repository: str
    text: str
    read_for: datetime | None


class Tag(Struct, frozen=True, gc=False, eq=False):
    """A tag as a registry lists it. A `Struct`: a page has a hundred, and each is cheap to make.

    `digest` is None where the registry does not say (old tags of Docker Hub); then `platforms`
    may still identify the content. `size` is in bytes, compressed, of all platforms together.
    `pushed_at` is when the registry says the tag was pushed, `pushed_by` who pushed it;
    `last_updated` orders the listing. `last_pulled`, `status` (`active` or `inactive`) and
    `content_type` (`image`, `helm`, ...) are as the registry says now, and are ignored when two
    tags are compared.
    """

    name: str
    last_updated: datetime | None
    digest: str | None = None
    platforms: Platforms = ()
    size: int | None = None
    media_type: str | None = None
    pushed_at: datetime | None = None
    pushed_by: str | None = None
    last_pulled: datetime | None = None
    status: str | None = None
    content_type: str | None = None

    def __eq__(self, other: object) -> bool:
        """Compare what a push sets."""
        return self._pushed() == other._pushed() if isinstance(other, Tag) else NotImplemented

    def __hash__(self) -> int:
        """Hash what is compared."""
        return hash(self._pushed())

    def _pushed(self) -> tuple[object, ...]:
        """The fields before those of the present."""
        return astuple(self)[:8]


class Doubt(NamedTuple):
    """A listed date that is earlier than the recorded one, and since when it is listed so."""

    date: datetime
    since: datetime


class Gaps(NamedTuple):
    """What the first finished reading of a list may have left out: it belongs to the baseline too.

    Attributes:
        before: the newest date of that reading, by the registry's clock; its time by ours where the
            list did not come newest first.
        names: the names that the registry told then and that no page showed; None: it told none.
    """

    before: datetime
    names: frozenset[str] | None = None


class HeldBack(NamedTuple):
    """Removals from one list that are held back for review: see `indexer.crawl.removal_guard`.

    Attributes:
        since: the crawl that first held some back.
        number: how many are held back now.
        known: of how many.
        names: the missing items, by name; of very many only some.
        unknown: the registry does not know the namespace any more.
    """

    since: datetime
    number: int
    known: int
    names: tuple[str, ...]
    unknown: bool = False

    def may_hold(self, name: str) -> bool:
        """Whether an item is missing, or may be: of very many the first names are remembered."""
        is_cut = self.number > len(self.names)
        return name in self.names or (is_cut and (not self.names or name > self.names[-1]))


@dataclass(frozen=True, slots=True)
class ListMemory:
    """What the last reading of one list established; the next incremental pass starts from it.

    Attributes:
        exact: the last listing was proven exact; the incremental pass requires it.
        newest: the greatest `last_updated` in it.
        newest_first: the dates of the whole list were in descending order; also required.
        offset: the list's `count` minus the number of its items, for lists that count differently.
        opposite_order: asking for newest first returned oldest first; ask for the opposite order.
        holds_null: some items had no date.
        identity: the account that read it: a username or `ANONYMOUS`.
        full_at: when every page was last read.
        filters: which names were wanted (`indexer.crawl.wanted_names`); None: nobody noted it.
        partial: it is shown in part only, and `offset` is how many of its items are not known.
        bound: the least offset of a page that was refused; None: none was.
        gaps: what the first reading may have left out, for as long as the list was never read
            exactly; None: nothing.
        left_out: how many of its items the filter leaves out; None: they were not counted.
        latest: the greatest `last_updated` that it ever showed.
        doubts: items whose listed date went back, by name: see
            `indexer.crawl.second_answers.stale_answers`.
        lags_since: since when the tags seem older than their repository's date; None: they do not.
            See `indexer.crawl.second_answers.lagging_tags`.
        reread_at: when such tags are read again, or those that may lack the last push.
        held_back: removals that wait until a person has looked; None: none do.
    """

    exact: bool
    newest: datetime | None
    identity: str
    full_at: datetime
    newest_first: bool = False
    offset: int = 0
    opposite_order: bool = False
    holds_null: bool = False
    filters: str | None = None
    partial: bool = False
    bound: int | None = None
    gaps: Gaps | None = None
    left_out: int | None = None
    latest: datetime | None = None
    doubts: Mapping[str, Doubt] = field(default_factory=dict)
    lags_since: datetime | None = None
    reread_at: datetime | None = None
    held_back: HeldBack | None = None


class ChangeRate(NamedTuple):
    """What was observed of a repository, to estimate its staleness.

    See `indexer.crawl.selection.verify_selection`.

    Older observations weigh less in all four counters below.

    Attributes:
        tags: how many it has.
        seen_at: when its tags were last read; None: unknown.
        silent: tags found changed although the repository's date had not moved.
        quiet: seconds in which that date did not move, over which `silent` was counted.
        moves: how often its tags were read because the date had moved.
        watched: seconds over which `moves` was counted.
    """

    tags: int
    seen_at: datetime | None = None
    silent: float = 0.0
    quiet: float = 0.0
    moves: float = 0.0
    watched: float = 0.0


class KnownTag(NamedTuple):
    """What the index knows of a tag that is present.

    `dangling_since` is when a crawl first found it listed without a manifest; None: it has one.
    """

    name: str
    last_updated: datetime | None
    digest: str | None
    fingerprint: bytes | None
    dangling_since: datetime | None = None


class KnownRepository(NamedTuple):
    """What the index knows of a repository that is present.

    Attributes:
        last_updated: as it was last listed.
        read_updated: the `last_updated` that its tags were last read for; `was_read` says whether
            they ever were. Where it differs from `last_updated` the repository is pending.
        listed: it was in the last finished listing (False: kept, though not listed).
        baseline: it was in the first finished listing of its namespace.
        seen_by: the identity that listed it last.
        hidden_since: when a crawl found that it is private and not visible any more; None: it is
            visible. See `indexer.crawl.hidden`.
        unwatched_since: since when the configuration does not want it; None: it does.
        filters: the filter with which its list of tags was last read, as `ListMemory` has it.
        read_crawl: the number of the crawl that last read its tags; 0: none did, or not known.
        full_crawl: of the crawl that last read every page of them; 0: the same.
        failed_crawl: of the last crawl, if it could not read them; 0: it could.
        reread_at: when its tags are read again because they may lag behind, as `ListMemory` has it.
    """

    name: str
    last_updated: datetime | None
    read_updated: datetime | None
    was_read: bool
    listed: bool
    private: bool
    baseline: bool
    seen_by: str
    description: str = ""
    hidden_since: datetime | None = None
    unwatched_since: datetime | None = None
    filters: str | None = None
    read_crawl: int = 0
    full_crawl: int = 0
    failed_crawl: int = 0
    reread_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change log."""

    # JSON shows these fields as they are: see docs/formats.md.

    id: Annotated[int, Meta(description="Grows in the order in which changes became visible.")]
    observed_at: Time
    kind: ChangeKind
    registry: str
    repository: str
    tag: str | None
    old_digest: str | None
    new_digest: str | None
    pushed_at: Annotated[Time | None, Meta(description="When the registry says it was pushed.")]
    crawl_id: int
    baseline: Annotated[bool, Meta(description="It was there when the list was first read.")]
    pushed_by: Annotated[str | None, Meta(description="Who the registry says pushed it.")]
    removed_by: Annotated[
        str | None, Meta(description="Who removed it, where an audit log says so.")
    ]
    removed_at: Annotated[Time | None, Meta(description="When, as the audit log says.")]
    reason: Annotated[
        str | None, Meta(description="`dangling`: still listed, its manifest cannot be read.")
    ]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What the registry last said of its rate limit. `reset_at` is when a new window begins."""

    # JSON shows these fields as they are: see docs/formats.md.

    limit: int | None
    remaining: int | None
    reset_at: Time | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a crawl cost: requests sent (log-ins and retries included) and bytes received."""

    requests: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Crawl:
    """One pass over one namespace: its row, its report and its JSON.

    `part` is the repository, or the tag of one, that it read alone. `unseen_repositories` and
    `unseen_tags` are what lists that were shown in part count and had not shown by its end.
    `unread` is how many repositories it left to the next crawl of its mode: see
    `indexer.crawl.selection.cycle`.
    """

    id: int
    registry: str
    namespace: str
    status: CrawlStatus
    mode: Mode
    identity: str
    started_at: datetime
    finished_at: datetime | None = None
    repositories: int = 0
    tags: int = 0
    spent: Cost = Cost()
    changes: Mapping[ChangeKind, int] = field(default_factory=dict)
    baseline: int = 0
    errors: tuple[str, ...] = ()
    rate_limit: RateLimit | None = None
    pulls: RateLimit | None = None
    part: str | None = None
    unseen_repositories: int = 0
    unseen_tags: int = 0
    unread: int = 0
