"""A registry as the port `indexer.manifests.ports.Contents`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import Unreadable
from indexer.http import Meter
from indexer.manifests.ports import Content, Contents
from indexer.sources.oci.api import RegistryApi

if TYPE_CHECKING:
    from indexer.core.model import RateLimit, Spent
    from indexer.sources.oci.connection import Connection

MOST_PAGES = 1_000
"""Of one repository's tags, at up to a thousand each."""


class RegistryContents(Contents):
    """Manifests, configurations and tags of a registry.

    Args:
        connection: shared by all that speak to this registry in this name.
        meter: counts what it costs; None: a meter of its own.
    """

    def __init__(self, connection: Connection, meter: Meter | None = None) -> None:
        self._connection = connection
        self._meter = meter or Meter()
        self._api = RegistryApi(connection, self._meter)

    @property
    def spent(self) -> Spent:
        """See `Contents`."""
        return self._meter.spent

    @property
    def rate_limit(self) -> RateLimit | None:
        """See `Contents`."""
        return self._connection.pulls

    def head(self, repository: str, tag: str) -> str | None:
        """See `Contents`."""
        head = self._api.head(repository, tag)
        return head.digest if head else None

    def manifest(self, repository: str, reference: str) -> Content | None:
        """See `Contents`."""
        found = self._api.manifest(repository, reference)
        return Content(found.digest, found.media_type, found.body) if found else None

    def config(self, repository: str, digest: str) -> Content | None:
        """See `Contents`."""
        body = self._api.blob(repository, digest)
        return None if body is None else Content(digest, "", body)

    def tag_names(self, repository: str) -> tuple[str, ...]:
        """See `Contents`."""
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
            raise Unreadable(f"the tags of {repository} do not come to an end.")
        return tuple(names)
