"""The ports of a crawl: a source, an archive, an observer.

Each port says what every implementation promises. Only values of `indexer.core.model` (and the
diffs of `indexer.crawl.diff`) cross a port. The fakes in the tests subclass these protocols and
pass the same contract tests as the real implementations.
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
        FullDescription,
        KnownTag,
        ListMemory,
        Mode,
        RateLimit,
        Repository,
        Tag,
    )
    from indexer.crawl.diff import RepositoriesDiff
    from indexer.crawl.known_state import KnownNamespace, KnownTags
    from indexer.crawl.list_sides import Order
    from indexer.crawl.listing import Page, PageRequest
    from indexer.crawl.write_buffer import TagsReading
    from indexer.manifests.ports import ManifestSource


class Source(Protocol):
    """One registry, read as one account, for one crawl. Safe to call from threads.

    Every method retries temporary errors, respects the registry's rate limit, and bounds the size
    and time of an answer. Each may raise `SourceError`: `Denied`, `Unreadable` or `Unavailable`
    for this one answer, and `SourceLost` (a subclass) if the crawl should stop asking.
    """

    @property
    def registry(self) -> str:
        """The registry's name, as stored: `docker.io`."""

    @property
    def identity(self) -> str:
        """The username that the credentials belong to, or `ANONYMOUS`."""

    @property
    def lists_dates(self) -> bool:
        """Whether its lists carry dates; if not, every crawl opens every repository."""
        return True

    @property
    def spent(self) -> Cost:
        """The requests and bytes of this source so far, log-ins and retries included."""

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rate limit that the registry last reported; None if it never did."""

    @property
    def contents(self) -> ManifestSource | None:
        """Its manifests and configurations; None if they cannot be read."""
        return None

    @property
    def repository_orders(self) -> Sequence[Order]:
        """The orders that its lists of repositories have besides newest and oldest first."""
        return ()

    def repositories(self, namespace: str, ask: PageRequest) -> Page[Repository] | None:
        """One page of a namespace's repositories; None when the page is past the end (404).

        Raises:
            Missing: 404 on the first page: there is no such namespace.
            OffsetRefused: this account may not read a page at this offset.
        """

    def repository(self, name: str) -> Repository | None:
        """One repository; None if and only if the registry answers 404."""

    def repository_by_tags(self, name: str, tags: Collection[str]) -> Repository | None:
        """A repository that answered 404 itself, if one of its known tags exists all the same.

        None where that 404 is a second answer already, independent of the list.
        """
        del name, tags
        return None

    def knows_namespace(self, namespace: str) -> bool:
        """Whether a namespace with an empty list exists; True if an empty list proves it."""
        del namespace
        return True

    def tags(self, repository: str, ask: PageRequest) -> Page[Tag] | None:
        """One page of a repository's tags; None when the page is past the end (404).

        Raises:
            Missing: 404 on the first page.
            OffsetRefused: this account may not read a page at this offset.
        """

    def tag_names(self, repository: str) -> Collection[str] | None:
        """The names of all tags, from another API than `tags`; None if there is none."""
        del repository
        return None

    @property
    def most_singles(self) -> int:
        """How many tags of one repository may be asked for one by one if no list shows them."""
        return 0

    def tag(self, repository: str, name: str) -> Tag | None:
        """One tag; None if and only if the registry answers 404."""

    @property
    def describes_fully(self) -> bool:
        """Whether `repository` says more than a list: a full description."""
        return False

    def immutability(self, repository: str) -> Immutability | None:
        """Which tags of a repository the registry makes immutable; None if it does not say."""
        del repository
        return None

    @property
    def wanted(self) -> WantedNames:
        """Which repositories and tags the configuration wants."""
        return WantedNames()

    def audit_events(self, namespace: str, since: datetime | None) -> Sequence[AuditEvent]:
        """The newest events of a namespace's audit log.

        Args:
            namespace: whose log.
            since: how far to read back, as far as the source's limits allow; None: as far as
                they allow.

        Raises:
            Denied: this account may not read it.
        """
        del namespace, since
        return ()

    def wants(self, repository: str, tag: str | None = None) -> bool:
        """Whether the configuration wants a repository, or a tag of it.

        What it does not want is never taken as removed, whether it is listed or not.
        """
        return self.wanted.has(repository, tag)

    def resolve(
        self, repository: str, listed: Mapping[str, Tag], known: Mapping[str, KnownTag]
    ) -> ResolvedDigests:
        """Find out the digests of tags that were listed without one, within the source's limits.

        Args:
            repository: `namespace/repository`.
            listed: its tags as they were just listed.
            known: its tags as recorded.

        Raises:
            SourceError: so much failed that the repository should be read another time.
        """
        del repository, listed, known
        return ResolvedDigests()


class ResolvedDigests(NamedTuple):
    """The digests of tags that were listed without one.

    Attributes:
        tags: the tags that were asked for, with their digests.
        dangling: the tags whose manifests answered 404 to `GET`, although they are listed.
        problems: a sentence for each tag whose digest could not be read; it is kept as it was.
    """

    tags: Mapping[str, Tag] = MappingProxyType({})
    dangling: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class CrawlRecord(Protocol):
    """Reads and writes the records of one crawl.

    Each `record_*` is one transaction: state, history and changes. Not safe to call from threads.
    """

    @property
    def id(self) -> int:
        """The crawl's number: increasing, never used twice."""

    @property
    def cycle(self) -> int:
        """The number of the crawl that began this one's cycle: see `indexer.crawl.selection.cycle`.

        Its own if no crawl of its mode was cut short before; 0: it reads everything.
        """
        return 0

    def known_repositories(self) -> KnownNamespace:
        """The namespace as recorded now."""

    def other_namespaces(self) -> Collection[str]:
        """The other namespaces of this registry that have repositories, to suggest one of them."""
        return ()

    def unidentified_tags(self) -> Sequence[str]:
        """Watched tags of the namespace of whose content nothing is known, as `repository:tag`.

        A retag of these is not noticed.
        """
        return ()

    def audited_until(self) -> datetime | None:
        """The time of the newest recorded event of the namespace's audit log; None without any."""
        return None

    def record_audit_events(self, events: Sequence[AuditEvent]) -> None:
        """Record events of the audit log, each once, and add their details to the changes."""
        del events

    def record_repositories(
        self, diff: RepositoriesDiff, memory: ListMemory | None, now: datetime
    ) -> None:
        """Write a listing of repositories.

        Args:
            diff: what to write; `diff.baseline` marks the `repository_added` rows, and the
                repositories themselves, as baseline.
            memory: what to remember of a finished listing. None if it did not finish: then the
                old memory stays, and the baseline is not finished.
            now: the `observed_at` of the changes.

        Raises:
            Conflict: the namespace was written since `known_repositories`.
        """

    def undescribed(self) -> Mapping[str, datetime | None]:
        """Listed repositories that are new or moved since their full description was read.

        Returns:
            The listed `last_updated` of each, the newest first.
        """
        return {}

    def record_descriptions(self, found: Sequence[FullDescription], now: datetime) -> None:
        """Keep the full descriptions of repositories."""
        del found, now

    def change_rates(self) -> Mapping[str, ChangeRate]:
        """What was counted of each repository that is present, by name: see `verify_selection`."""

    def known_tags(self, repository: str) -> KnownTags:
        """The tags of a repository as recorded now."""

    def record_readings(self, readings: Sequence[TagsReading], now: datetime) -> Collection[str]:
        """Write finished readings of tags, each of another repository, all in one transaction.

        Args:
            readings: of repositories whose tags were asked for with `known_tags`.
            now: the `observed_at` of the changes, the end of old and start of new periods.

        Returns:
            The repositories whose tags were written since `known_tags`: of these, nothing is
            written.

        Raises:
            Conflict: another crawl has taken over; nothing is written.
            StoreError: the database failed; nothing is written.
        """

    def record_failures(self, repositories: Collection[str]) -> None:
        """Record that this crawl tried to read the tags of these, and could not."""
        del repositories

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

        The archive counts the repositories and tags present in the namespace now, the
        crawl's changes by kind, and what its cycle has still to read.
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
        """Open a crawl with status `running`.

        An older crawl of the namespace that still says `running`, and whose process is dead,
        becomes `interrupted`.

        Args:
            registry: as stored.
            namespace: what is crawled.
            mode: of the crawl.
            identity: the account that reads.
            now: the start of the crawl.
            part: the one repository or tag that is read; such a crawl does not count as a crawl
                of the namespace.

        Raises:
            Busy: a live process crawls the namespace; the message says which, and since when.
        """

    def look(self, registry: str, namespace: str) -> CrawlRecord:
        """A record that only reads: no crawl is begun, and nothing is to be written to it.

        Raises:
            UsageError: the index does not know the namespace.
        """

    def join(self, registry: str, namespace: str, crawl: int) -> CrawlRecord:
        """A record to write tags for a crawl that another process runs, while it is running.

        Raises:
            Ended: the crawl has ended. The record's `record_readings` may raise it too.
        """

    def forget(
        self, registry: str, *, namespace: str | None = None, repository: str | None = None
    ) -> ForgottenCounts:
        """Delete a namespace, or one repository, from the index, with its history and changes.

        This is recorded as no change. If it is crawled again, it is new.

        Raises:
            Busy: the namespace is being crawled.
            UsageError: the index does not know it.
        """


class ForgottenCounts(NamedTuple):
    """How much was deleted from the index: repositories, and their tags."""

    repositories: int
    tags: int


class Observer(Protocol):
    """Is told of the progress of a crawl, from the crawl's own thread. Must not raise."""

    def listing(self, registry: str, namespace: str) -> None:
        """The repositories of a namespace are being listed."""

    def opening(self, total: int) -> None:
        """Repositories will be opened, `total` of them."""

    def opened(self, repository: str, done: int, spent: Cost) -> None:
        """A repository was read, or could not be read.

        Args:
            repository: `namespace/repository`.
            done: how many repositories this crawl has opened so far.
            spent: the requests and bytes so far.
        """

    def problem(self, sentence: str) -> None:
        """Something could not be read."""

    def remark(self, sentence: str) -> None:
        """Something that the user may want to know, without being a problem."""
        del sentence
