"""What a crawl asks of the world: a source, an archive, an observer.

Each port says what any implementation promises. Only values of `indexer.core.model` (and the
intents of `indexer.crawl.diff`) cross a port. Fakes in the tests subclass these protocols and pass
the same contract tests as the real thing.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from indexer.crawl.wanted_names import WantedNames

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from indexer.core.audit_event import AuditEvent
    from indexer.core.immutable_tags import Immutability
    from indexer.core.model import (
        ChangeRate,
        Cost,
        Crawl,
        CrawlStatus,
        KnownRepository,
        KnownTag,
        ListMemory,
        Mode,
        RateLimit,
        Repository,
        Tag,
    )
    from indexer.crawl.diff import RepositoriesDiff, TagsDiff
    from indexer.crawl.list_sides import Order
    from indexer.crawl.listing import Page, PageRequest
    from indexer.manifests.ports import ManifestSource


class Source(Protocol):
    """One registry as one identity, for the length of one crawl. Safe to call from threads.

    Every method retries what is worth retrying, keeps the registry's pace, and bounds size and
    time. All may raise `SourceError`: `Denied`, `Unreadable`, `Unavailable` for this one answer,
    `SourceLost` (a subclass) when the crawl had better stop asking.
    """

    @property
    def registry(self) -> str:
        """The registry's name, as stored: `docker.io`."""

    @property
    def identity(self) -> str:
        """The username that the credentials belong to, or `ANONYMOUS`."""

    @property
    def lists_dates(self) -> bool:
        """Whether its lists carry dates; where not, every crawl opens every repository."""
        return True

    @property
    def spent(self) -> Cost:
        """What this source has cost so far, log-ins and retries included."""

    @property
    def rate_limit(self) -> RateLimit | None:
        """What the registry last said of its limit; None if it never did."""

    @property
    def contents(self) -> ManifestSource | None:
        """Its manifests and configurations, at this source's cost; None: none can be had."""
        return None

    @property
    def repository_orders(self) -> Sequence[Order]:
        """Orders that its lists of repositories have besides newest and oldest first."""
        return ()

    def repositories(self, namespace: str, ask: PageRequest) -> Page[Repository] | None:
        """One page of a namespace's repositories; None when the page is past the end (404).

        Raises:
            Missing: 404 on the first page: there is no such namespace.
            OffsetRefused: the page lies too far behind for this identity.
        """

    def repository(self, name: str) -> Repository | None:
        """One repository; None if and only if the registry answers 404."""

    def knows_namespace(self, namespace: str) -> bool:
        """Whether a namespace whose list is empty exists; True where the list itself tells."""
        del namespace
        return True

    def tags(self, repository: str, ask: PageRequest) -> Page[Tag] | None:
        """One page of a repository's tags; None when the page is past the end (404).

        Raises:
            Missing: 404 on the first page.
            OffsetRefused: the page lies too far behind for this identity.
        """

    def tag_names(self, repository: str) -> Collection[str] | None:
        """The names of all tags, from another witness than `tags`; None: there is none to ask."""
        del repository
        return None

    @property
    def most_singles(self) -> int:
        """Tags of one repository that may be asked for one by one where no list shows them."""
        return 0

    def tag(self, repository: str, name: str) -> Tag | None:
        """One tag; None if and only if the registry answers 404."""

    def immutability(self, repository: str) -> Immutability | None:
        """Which tags of a repository the registry itself calls immutable; None: it does not say."""
        del repository
        return None

    @property
    def wanted(self) -> WantedNames:
        """Which repositories and tags the configuration wants."""
        return WantedNames()

    def audit_events(self, namespace: str, since: datetime | None) -> Sequence[AuditEvent]:
        """The newest events of a namespace's audit log, back to a time as far as is affordable.

        Raises:
            Denied: this identity may not read it.
        """
        del namespace, since
        return ()

    def wants(self, repository: str, tag: str | None = None) -> bool:
        """Whether the configuration wants a repository, or a tag of it.

        What it does not want is not believed to be gone, whether it is listed or not.
        """
        return self.wanted.has(repository, tag)

    def resolve(
        self, repository: str, listed: Mapping[str, Tag], known: Mapping[str, KnownTag]
    ) -> ResolvedDigests:
        """Find out what tags point to whose list does not say it, as far as that is affordable.

        Args:
            repository: `namespace/repository`.
            listed: its tags as they were just listed.
            known: what was believed of them.

        Raises:
            SourceError: so much failed that the repository had better be read another time.
        """
        del repository, listed, known
        return ResolvedDigests()


class ResolvedDigests(NamedTuple):
    """What became of tags whose list does not say what they point to.

    Attributes:
        tags: those that were asked for, with their digests.
        gone: those that the registry calls absent (404), although it had listed them.
        problems: a sentence for what could not be had; such a tag is kept as it was.
    """

    tags: Mapping[str, Tag] = MappingProxyType({})
    gone: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class KnownNamespace(NamedTuple):
    """What was believed of a namespace before the crawl. `memory` is None before the baseline.

    `repositories` holds the present ones by name; `revision` guards against a second writer.
    `deleted` says of which the audit log tells that they were deleted, and when.
    """

    memory: ListMemory | None
    repositories: Mapping[str, KnownRepository]
    revision: int
    deleted: Mapping[str, datetime] = MappingProxyType({})


class KnownTags(NamedTuple):
    """What was believed of a repository's tags. `memory` is None if they were never read."""

    memory: ListMemory | None
    tags: Mapping[str, KnownTag]
    revision: int


class CrawlRecord(Protocol):
    """The written side of one crawl. Each `record_*` is ONE transaction: state, history, changes.

    Not safe for several threads: one thread writes.
    """

    @property
    def id(self) -> int:
        """The crawl's number: grows, never used twice."""

    def known_repositories(self) -> KnownNamespace:
        """The namespace as believed now."""

    def other_namespaces(self) -> Collection[str]:
        """The other namespaces of this registry that have repositories: what may be meant."""
        return ()

    def audited_until(self) -> datetime | None:
        """The time of the newest event of the namespace's audit log that was recorded."""
        return None

    def record_audit_events(self, events: Sequence[AuditEvent]) -> None:
        """Keep what the audit log says, each event once, and complete the changes it explains."""
        del events

    def record_repositories(
        self, diff: RepositoriesDiff, memory: ListMemory | None, now: datetime
    ) -> None:
        """Write a listing of repositories.

        Args:
            diff: what to write; `diff.baseline` marks the `repository_added` rows, and the
                repositories themselves, as baseline.
            memory: what the finished listing taught; None when the listing did not finish, which
                leaves the old memory as it is (an unfinished listing proves nothing new, and
                what it saw stays true), and the baseline open.
            now: the `observed_at` of the changes.

        Raises:
            Conflict: the namespace was written since `known_repositories`.
        """

    def watches(self) -> Mapping[str, ChangeRate]:
        """What was counted of each repository that is present, by name: see `verify_selection`."""

    def known_tags(self, repository: str) -> KnownTags:
        """The tags of a repository as believed now."""

    def record_tags(
        self,
        repository: str,
        diff: TagsDiff,
        memory: ListMemory | None,
        read_for: datetime | None,
        now: datetime,
    ) -> None:
        """Write a finished listing of a repository's tags.

        Args:
            repository: `namespace/repository`.
            diff: what to write; `diff.baseline` marks its `tag_added` rows.
            memory: what the listing taught; None: it was never read to its end, or only a part was.
            read_for: the listed `last_updated` that these tags belong to: the repository is no
                longer owed once it equals the listed one.
            now: the `observed_at` of the changes, the end of old and start of new periods.

        Raises:
            Conflict: the tags were written since `known_tags`.
        """

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
        """Close the crawl's row and return it.

        The archive counts the repositories and tags present in the namespace now, and the
        crawl's changes by kind.
        """


class Archive(Protocol):
    """Where crawls are written."""

    def begin(
        self,
        registry: str,
        namespace: str,
        mode: Mode,
        identity: str,
        now: datetime,
        part: str | None = None,
    ) -> CrawlRecord:
        """Open a crawl with status `running`; of a `part` it is no crawl of the namespace.

        An older crawl of the namespace that still says `running` and is carried on by no living
        process has died: it becomes `interrupted`.

        Raises:
            Busy: a living process crawls the namespace; the message says which, and since when.
        """

    def join(self, registry: str, namespace: str, crawl: int) -> CrawlRecord:
        """Write for a crawl that somebody else conducts: tags, for as long as it is running.

        Raises:
            Ended: it has; so may the record's `record_tags`.
        """

    def forget(
        self, registry: str, *, namespace: str | None = None, repository: str | None = None
    ) -> ForgottenCounts:
        """Take a namespace, or one repository, out of the index: no removal, no change.

        Its history and its changes go with it. What is crawled again afterwards is new.

        Raises:
            Busy: the namespace is being crawled.
            UsageError: the index does not know it.
        """


class ForgottenCounts(NamedTuple):
    """What was taken out of the index: repositories, and the tags that they had."""

    repositories: int
    tags: int


class Observer(Protocol):
    """Who watches a crawl. Called from the crawl's own thread; must not raise."""

    def listing(self, registry: str, namespace: str) -> None:
        """The repositories of a namespace are being listed."""

    def opening(self, total: int) -> None:
        """So many repositories will be opened."""

    def opened(self, repository: str, done: int, spent: Cost) -> None:
        """A repository was read, or could not be."""

    def problem(self, sentence: str) -> None:
        """Something could not be read."""

    def remark(self, sentence: str) -> None:
        """Something that the user may want to know, and that is no problem."""
        del sentence
