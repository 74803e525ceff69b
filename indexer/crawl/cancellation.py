"""Stop crawls that run in threads at once, as Ctrl-C stops a crawl in the main thread.

Signals reach the main thread only, and a crawl in another thread spends its time waiting for the
registry. So each request to a registry runs in a thread of its own. On cancellation that thread is
abandoned; the crawl gets a `KeyboardInterrupt`, records that it was interrupted, and ends.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, TypeVar

from indexer.crawl.ports import Source
from indexer.manifests.ports import ManifestSource

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from indexer.core.audit_event import AuditEvent
    from indexer.core.immutable_tags import Immutability
    from indexer.core.model import Cost, KnownTag, RateLimit, Repository, Tag
    from indexer.crawl.list_sides import Order
    from indexer.crawl.listing import Page, PageRequest
    from indexer.crawl.ports import ResolvedDigests
    from indexer.crawl.wanted_names import WantedNames
    from indexer.manifests.ports import StoredManifest
    from indexer.manifests.signatures import Referrer

T = TypeVar("T")

_Outcome = tuple[T | None, BaseException | None]


class Cancellation:
    """A flag that is set once and then wakes every waiting thread. Safe to use from threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._waiting: set[queue.SimpleQueue[_Outcome[object]]] = set()

    @property
    def is_set(self) -> bool:
        """Whether crawls are to stop."""
        return self._ended.is_set()

    def set(self) -> None:
        """Stop all crawls."""
        with self._lock:
            self._ended.set()
            for each in self._waiting:
                each.put((None, KeyboardInterrupt()))

    def wait(self, seconds: float) -> None:
        """Wait.

        Args:
            seconds: how long.

        Raises:
            KeyboardInterrupt: crawls are to stop.
        """
        if self._ended.wait(seconds):
            raise KeyboardInterrupt

    def call(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread of its own; return its result or raise its error.

        Raises:
            KeyboardInterrupt: crawls are to stop; the thread is abandoned.
        """
        outcomes: queue.SimpleQueue[_Outcome[T]] = queue.SimpleQueue()

        def serve() -> None:
            try:
                outcomes.put((work(), None))
            except BaseException as error:  # noqa: BLE001 - raised where the work was asked for
                outcomes.put((None, error))

        with self._lock:
            if self._ended.is_set():
                raise KeyboardInterrupt
            self._waiting.add(outcomes)  # type: ignore[arg-type]  # only errors are put there
        threading.Thread(target=serve, name="asking", daemon=True).start()
        value, error = outcomes.get()
        with self._lock:
            self._waiting.discard(outcomes)
        if error is not None:
            raise error
        return value  # type: ignore[return-value]  # without an error it is what the work returned


class CancellableSource(Source):
    """A source whose requests end at once when crawls are to stop."""

    def __init__(self, source: Source, stop: Cancellation) -> None:
        self._source = source
        self._stop = stop

    @property
    def registry(self) -> str:
        """See `Source`."""
        return self._source.registry

    @property
    def identity(self) -> str:
        """See `Source`."""
        return self._source.identity

    @property
    def lists_dates(self) -> bool:
        """See `Source`."""
        return self._source.lists_dates

    @property
    def spent(self) -> Cost:
        """See `Source`."""
        return self._source.spent

    @property
    def rate_limit(self) -> RateLimit | None:
        """See `Source`."""
        return self._source.rate_limit

    @property
    def contents(self) -> ManifestSource | None:
        """See `Source`."""
        contents = self._source.contents
        return None if contents is None else CancellableManifestSource(contents, self._stop)

    def repositories(self, namespace: str, ask: PageRequest) -> Page[Repository] | None:
        """See `Source`."""
        return self._stop.call(lambda: self._source.repositories(namespace, ask))

    def repository(self, name: str) -> Repository | None:
        """See `Source`."""
        return self._stop.call(lambda: self._source.repository(name))

    def repository_by_tags(self, name: str, tags: Collection[str]) -> Repository | None:
        """See `Source`."""
        return self._stop.call(lambda: self._source.repository_by_tags(name, tags))

    def knows_namespace(self, namespace: str) -> bool:
        """See `Source`."""
        return self._stop.call(lambda: self._source.knows_namespace(namespace))

    def tags(self, repository: str, ask: PageRequest) -> Page[Tag] | None:
        """See `Source`."""
        return self._stop.call(lambda: self._source.tags(repository, ask))

    def tag_names(self, repository: str) -> Collection[str] | None:
        """See `Source`."""
        return self._stop.call(lambda: self._source.tag_names(repository))

    @property
    def repository_orders(self) -> Sequence[Order]:
        """See `Source`."""
        return self._source.repository_orders

    @property
    def most_singles(self) -> int:
        """See `Source`."""
        return self._source.most_singles

    def tag(self, repository: str, name: str) -> Tag | None:
        """See `Source`."""
        return self._stop.call(lambda: self._source.tag(repository, name))

    @property
    def describes_fully(self) -> bool:
        """See `Source`."""
        return self._source.describes_fully

    def immutability(self, repository: str) -> Immutability | None:
        """See `Source`."""
        return self._stop.call(lambda: self._source.immutability(repository))

    def audit_events(self, namespace: str, since: datetime | None) -> Sequence[AuditEvent]:
        """See `Source`."""
        return self._stop.call(lambda: self._source.audit_events(namespace, since))

    @property
    def wanted(self) -> WantedNames:
        """See `Source`."""
        return self._source.wanted

    def resolve(
        self, repository: str, listed: Mapping[str, Tag], known: Mapping[str, KnownTag]
    ) -> ResolvedDigests:
        """See `Source`."""
        return self._stop.call(lambda: self._source.resolve(repository, listed, known))


class CancellableManifestSource(ManifestSource):
    """A registry's manifests, whose requests end at once when crawls are to stop."""

    def __init__(self, contents: ManifestSource, stop: Cancellation) -> None:
        self._contents = contents
        self._stop = stop

    @property
    def spent(self) -> Cost:
        """See `ManifestSource`."""
        return self._contents.spent

    @property
    def rate_limit(self) -> RateLimit | None:
        """See `ManifestSource`."""
        return self._contents.rate_limit

    def head(self, repository: str, tag: str) -> str | None:
        """See `ManifestSource`."""
        return self._stop.call(lambda: self._contents.head(repository, tag))

    def manifest(self, repository: str, reference: str) -> StoredManifest | None:
        """See `ManifestSource`."""
        return self._stop.call(lambda: self._contents.manifest(repository, reference))

    def config(self, repository: str, digest: str) -> StoredManifest | None:
        """See `ManifestSource`."""
        return self._stop.call(lambda: self._contents.config(repository, digest))

    def tag_names(self, repository: str) -> tuple[str, ...]:
        """See `ManifestSource`."""
        return self._stop.call(lambda: self._contents.tag_names(repository))

    def referrers(self, repository: str, digest: str) -> tuple[Referrer, ...] | None:
        """See `ManifestSource`."""
        return self._stop.call(lambda: self._contents.referrers(repository, digest))
