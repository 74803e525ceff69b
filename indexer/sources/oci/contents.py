"""A registry as the port `indexer.manifests.ports.ManifestSource`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import Unreadable
from indexer.http import CostMeter
from indexer.manifests.ports import ManifestSource, StoredManifest
from indexer.sources.oci.api import RegistryApi

if TYPE_CHECKING:
    from indexer.core.model import Cost, RateLimit
    from indexer.manifests.signatures import Referrer
    from indexer.sources.oci.connection import Connection

MOST_PAGES = 1_000
"""The most pages of one repository's tags, at up to a thousand each."""


class RegistryContents(ManifestSource):
    """Manifests, configurations and tags of a registry.

    Args:
        connection: shared by all users of this registry with this account.
        meter: counts the cost; None: a meter of its own.
    """

    def __init__(self, connection: Connection, meter: CostMeter | None = None) -> None:
        self._connection = connection
        self._meter = meter or CostMeter()
        self._api = RegistryApi(connection, self._meter)

    @property
    def spent(self) -> Cost:
        """See `ManifestSource`."""
        return self._meter.spent

    @property
    def rate_limit(self) -> RateLimit | None:
        """See `ManifestSource`."""
        return self._connection.pulls

    def head(self, repository: str, tag: str) -> str | None:
        """See `ManifestSource`. On Docker Hub no 404 is asked again by `GET`: that is a pull."""
        head = self._api.head(repository, tag, settles=not self._connection.spares_pulls)
        return head.digest if head else None

    def manifest(self, repository: str, reference: str) -> StoredManifest | None:
        """See `ManifestSource`."""
        found = self._api.manifest(repository, reference)
        return StoredManifest(found.digest, found.media_type, found.body) if found else None

    def config(self, repository: str, digest: str) -> StoredManifest | None:
        """See `ManifestSource`."""
        body = self._api.blob(repository, digest)
        return None if body is None else StoredManifest(digest, "", body)

    def tag_names(self, repository: str) -> tuple[str, ...]:
        """See `ManifestSource`."""
        names: dict[str, None] = {}
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = self._api.tags(repository, cursor)
            if page is None:
                break
            before = len(names)
            names.update(dict.fromkeys(page.names.items))
            cursor = page.next
            if cursor is None or len(names) == before:
                break
        else:
            raise Unreadable(f"the list of the tags of {repository} does not end.")
        return tuple(names)

    def referrers(self, repository: str, digest: str) -> tuple[Referrer, ...] | None:
        """See `ManifestSource`."""
        return self._api.referrers(repository, digest)
