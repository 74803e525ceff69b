"""Fetches the manifests that a crawl should fetch, within the registry's limit for pulls.

A tenth of the limit, and at least one pull, is left for other users of it. A later crawl
fetches the rest: it continues where this one stopped, because fetched parts are stored
even where the whole manifest is not complete.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import Missing, RateLimited, SourceError, SourceLost, Unavailable
from indexer.core.model import Tag
from indexer.core.thread_pool import in_threads
from indexer.manifests.fetch import ManifestReader
from indexer.manifests.ports import ManifestSource
from indexer.manifests.referrer_reader import completed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from indexer.core.model import Cost, RateLimit
    from indexer.manifests.ports import ManifestStore, StoredManifest
    from indexer.manifests.signatures import Referrer

PATIENCE = 5
"""After so many manifests in a row that cannot be fetched, the rest is left to another crawl."""

SHARE_LEFT = 10
"""One pull in so many is left for others."""

RECENT_CHANGES = timedelta(days=30)
"""How long a reported change is worth fetching manifests for; later it is given up."""

RECENT_BYTES = 16 * 1024 * 1024
"""Bytes of content that are remembered, in case other threads need it."""


class PullsReserved(RateLimited):
    """The pulls that are left are reserved for others."""


class _Recent:
    """Recently fetched content, so that threads that need the same content fetch it once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fetching: dict[str, threading.Lock] = {}
        self._fetched: OrderedDict[str, StoredManifest] = OrderedDict()
        self._bytes = 0

    def once(
        self, digest: str, fetch: Callable[[], StoredManifest | None]
    ) -> StoredManifest | None:
        """Fetch content, unless it was fetched just now, or another thread is fetching it."""
        with self._lock:
            turn = self._fetching.setdefault(digest, threading.Lock())
        with turn:
            with self._lock:
                if digest in self._fetched:
                    return self._fetched[digest]
            content = fetch()
            if content is not None:
                self._remember(content)
        return content

    def _remember(self, content: StoredManifest) -> None:
        with self._lock:
            self._fetched[content.digest] = content
            self._bytes += len(content.body)
            while self._bytes > RECENT_BYTES:
                digest, oldest = self._fetched.popitem(last=False)
                self._bytes -= len(oldest.body)
                self._fetching.pop(digest, None)


class PullSavingSource(ManifestSource):
    """A registry whose limit for pulls is never used up, and that is asked once for each digest."""

    def __init__(self, contents: ManifestSource) -> None:
        self._contents = contents
        self._recent = _Recent()
        self._lock = threading.Lock()
        self._in_flight = 0

    @property
    def spent(self) -> Cost:
        """See `ManifestSource`."""
        return self._contents.spent

    @property
    def rate_limit(self) -> RateLimit | None:
        """See `ManifestSource`."""
        return self._contents.rate_limit

    def head(self, repository: str, tag: str) -> str | None:
        """See `ManifestSource`. It does not count as a pull."""
        return self._contents.head(repository, tag)

    def manifest(self, repository: str, reference: str) -> StoredManifest | None:
        """See `ManifestSource`.

        Raises:
            PullsReserved: the pulls that are left are reserved for others.
        """
        return self._recent.once(reference, lambda: self._pulled(repository, reference))

    def _pulled(self, repository: str, reference: str) -> StoredManifest | None:
        with self._lock:
            if not self._may_pull():
                raise PullsReserved("the registry's limit for pulls is nearly used up.")
            self._in_flight += 1
        try:
            return self._contents.manifest(repository, reference)
        finally:
            with self._lock:
                self._in_flight -= 1

    def config(self, repository: str, digest: str) -> StoredManifest | None:
        """See `ManifestSource`. It does not count as a pull."""
        return self._recent.once(digest, lambda: self._contents.config(repository, digest))

    def tag_names(self, repository: str) -> tuple[str, ...]:
        """See `ManifestSource`. It does not count as a pull."""
        return self._contents.tag_names(repository)

    def referrers(self, repository: str, digest: str) -> tuple[Referrer, ...] | None:
        """See `ManifestSource`. It does not count as a pull."""
        return self._contents.referrers(repository, digest)

    def _may_pull(self) -> bool:
        limit = self.rate_limit
        if limit is None or limit.remaining is None:
            return True
        reserve = max(1, (limit.limit or 0) // SHARE_LEFT)
        return limit.remaining - self._in_flight > reserve


def keep(
    registry: str,
    wanted: Iterable[tuple[str, str]],
    contents: ManifestSource,
    manifests: ManifestStore,
    *,
    concurrency: int,
    now: Callable[[], datetime],
    problem: Callable[[str], None],
) -> None:
    """Fetch manifests with everything that belongs to them, and store them.

    What refers to each is asked for too, once, if the registry has an API for that.

    Args:
        registry: its name.
        wanted: repository and digest of each; drawn as they are fetched.
        contents: the registry.
        manifests: where they are stored.
        concurrency: how many manifests are fetched at the same time.
        now: returns the time.
        problem: called with a sentence for each failure other than 404.
    """
    work = _Keeping(registry, manifests, PullSavingSource(contents), now, problem)
    for (repository, digest), outcome in in_threads(work.jobs(wanted), work.read, concurrency):
        if isinstance(outcome, BaseException):
            raise outcome
        work.settle(repository, digest, outcome)


class _Outcome(NamedTuple):
    """What was fetched of one manifest, how that ended, and what refers to it, if that is known."""

    reader: ManifestReader
    found: Tag | SourceError
    referrers: tuple[Referrer, ...] | None = None


@dataclass
class _Keeping:
    registry: str
    manifests: ManifestStore
    contents: ManifestSource
    now: Callable[[], datetime]
    problem: Callable[[str], None]
    in_a_row: int = 0
    is_over: bool = False
    lists_referrers: bool = True
    """No answer yet has shown that the registry has no API for referrers."""

    def jobs(self, wanted: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """The manifests to fetch, until there is a reason to stop."""
        for job in wanted:
            if self.is_over:
                return
            yield job

    def read(self, job: tuple[str, str]) -> _Outcome:
        """Fetch one; called in a thread of its own."""
        repository, digest = job
        reader = ManifestReader(repository, self.manifests, self.contents)
        try:
            whole = reader.whole(digest)
        except SourceError as error:
            return _Outcome(reader, error)
        return _Outcome(reader, whole, self._referrers(repository, digest))

    def _referrers(self, repository: str, digest: str) -> tuple[Referrer, ...] | None:
        """What refers to it; None if the registry does not say, or could not be asked."""
        if not self.lists_referrers:
            return None
        try:
            found = self.contents.referrers(repository, digest)
            self.lists_referrers &= found is not None
            # One that does not say what it is would count as a signature (see `signatures`).
            return None if found is None else completed(self.contents, repository, digest, found)
        except SourceError:  # nothing that the index needs
            return None

    def settle(self, repository: str, digest: str, outcome: _Outcome) -> None:
        """Store what was fetched, even if only a part, and count the failures."""
        reader, found, referrers = outcome
        if isinstance(found, Tag):
            self.manifests.keep(reader.parts, found, self.now(), whole=True)
            if referrers is not None:
                at = self.now()
                self.manifests.keep_referrers(self.registry, repository, digest, referrers, at)
            self.in_a_row = 0
            return
        if reader.parts:
            self.manifests.keep(reader.parts, Tag("", None, digest), self.now(), whole=False)
        self.in_a_row = self.in_a_row + 1 if isinstance(found, Unavailable) else 0
        self.is_over |= isinstance(found, SourceLost) or self.in_a_row >= PATIENCE
        if not isinstance(found, PullsReserved | Missing):
            self.problem(f"{repository}: {found}")
