"""Fetches what a stored manifest names and the index does not hold, when a client asks for it.

Each content is asked for once, however many clients wait for it, and not again for a while if that
failed. The registry's limit for pulls is not used up: see `indexer.manifests.prefetch`.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import Missing, SourceError, StoreError
from indexer.core.model import Tag
from indexer.manifests.fetch import ManifestReader
from indexer.manifests.ports import PartKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.core.clock import Clock
    from indexer.manifests.ports import ManifestSource, ManifestStore, NamedPart, StoredManifest

MISSING_SECONDS = 3_600.0
"""Seconds for which content that the registry does not have is not asked for again."""

FAILED_SECONDS = 60.0
"""The same for content that could not be fetched."""

MOST_FAILURES = 10_000
"""The most failures that are remembered; of more, the oldest are forgotten."""

log = logging.getLogger("indexer.manifests")


class _Failure(NamedTuple):
    error: SourceError
    until: float


class OnDemand:
    """Fetches manifests and configurations by digest, and stores them. Safe to call from threads.

    Args:
        manifests: where they are stored.
        contents_of: the registry that is asked about a repository, by the names of both. It leaves
            pulls for others: see `PullSavingSource`.
        clock: tells the time.
    """

    def __init__(
        self,
        manifests: ManifestStore,
        contents_of: Callable[[str, str], ManifestSource],
        clock: Clock,
    ) -> None:
        self._manifests = manifests
        self._contents_of = contents_of
        self._clock = clock
        self._lock = threading.Lock()
        self._turns: dict[tuple[str, ...], tuple[threading.Lock, list[None]]] = {}
        self._failures: OrderedDict[tuple[str, ...], _Failure] = OrderedDict()

    def fetch(self, registry: str, repository: str, part: NamedPart) -> StoredManifest:
        """A manifest or a configuration that a manifest of the repository names.

        Args:
            registry: its name.
            repository: with its namespace.
            part: what is fetched. That it belongs to the repository must have been checked.

        Raises:
            Missing: the registry does not have it.
            RateLimited: the pulls that are left are for others.
            SourceError: it cannot be fetched now, or could not be a moment ago.
            ConfigError: the registry's account is not where the configuration says.
        """
        key = (registry, repository, part.digest)
        with self._lock:
            turn, waiting = self._turns.setdefault(key, (threading.Lock(), []))
            waiting.append(None)
        try:
            with turn:
                return self._fetched(key, registry, repository, part)
        finally:
            with self._lock:
                waiting.pop()
                if not waiting:
                    self._turns.pop(key, None)

    def _fetched(
        self, key: tuple[str, ...], registry: str, repository: str, part: NamedPart
    ) -> StoredManifest:
        if self._manifests.find(part.digest) is None:  # another may have fetched it meanwhile
            self._check_not_failed(key)
        reader = ManifestReader(
            repository, self._manifests, self._contents_of(registry, repository)
        )
        try:
            return _read(reader, part)
        except SourceError as error:
            self._failed(key, error)
            raise
        finally:
            self._keep(reader, part)

    def _keep(self, reader: ManifestReader, part: NamedPart) -> None:
        """Store what was read, and what names it; what cannot be stored is served all the same.

        What was fetched for another repository is stored already, but not as a part of this one.
        """
        if not reader.parts:
            return
        try:
            self._manifests.keep(
                reader.parts, Tag("", None, part.root), self._clock.now(), whole=False
            )
        except StoreError as error:
            log.warning("what was fetched on demand is not kept: %s", error)

    def _check_not_failed(self, key: tuple[str, ...]) -> None:
        with self._lock:
            failure = self._failures.get(key)
            if failure is None:
                return
            if self._clock.monotonic() < failure.until:
                raise failure.error.with_traceback(None)
            del self._failures[key]

    def _failed(self, key: tuple[str, ...], error: SourceError) -> None:
        seconds = MISSING_SECONDS if isinstance(error, Missing) else FAILED_SECONDS
        with self._lock:
            self._failures[key] = _Failure(error, self._clock.monotonic() + seconds)
            while len(self._failures) > MOST_FAILURES:
                self._failures.popitem(last=False)


def _read(reader: ManifestReader, part: NamedPart) -> StoredManifest:
    if part.parent is not None:
        reader.raw(part.parent)  # it is not stored if only Docker Hub's list of platforms names it
    if part.kind is PartKind.MANIFEST:
        return reader.raw(part.digest, of=part.parent)
    return reader.configuration(part.digest, part.media_type, of=part.parent)
