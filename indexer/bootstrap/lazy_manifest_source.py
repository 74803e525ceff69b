"""A registry's manifests; the account is looked up, and the connection made, when needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from indexer.bootstrap.registry_connections import Hub
from indexer.core.errors import ConfigError
from indexer.core.model import Cost
from indexer.manifests.ports import ManifestSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.core.model import RateLimit
    from indexer.manifests.ports import StoredManifest
    from indexer.manifests.signatures import Referrer
    from indexer.sources.oci.connection import Connection


class LazyManifestSource(ManifestSource):
    """A registry's manifests; it is connected at the first request.

    What the index holds needs no account, so a missing password is an error only when a request
    is made.

    Args:
        connect: connects to the registry.
        name: the registry's.
    """

    def __init__(self, connect: Callable[[], Hub | Connection], name: str) -> None:
        self._connect = connect
        self._name = name

    @cached_property
    def _contents(self) -> ManifestSource:
        from indexer.sources.oci.contents import RegistryContents  # noqa: PLC0415 - it brings HTTP along

        return RegistryContents(registry_of(self._connect(), self._name))

    @property
    def spent(self) -> Cost:
        """See `ManifestSource`."""
        return self._contents.spent if "_contents" in self.__dict__ else Cost()

    @property
    def rate_limit(self) -> RateLimit | None:
        """See `ManifestSource`."""
        return self._contents.rate_limit

    def head(self, repository: str, tag: str) -> str | None:
        """See `ManifestSource`."""
        return self._contents.head(repository, tag)

    def manifest(self, repository: str, reference: str) -> StoredManifest | None:
        """See `ManifestSource`."""
        return self._contents.manifest(repository, reference)

    def config(self, repository: str, digest: str) -> StoredManifest | None:
        """See `ManifestSource`."""
        return self._contents.config(repository, digest)

    def tag_names(self, repository: str) -> tuple[str, ...]:
        """See `ManifestSource`."""
        return self._contents.tag_names(repository)

    def referrers(self, repository: str, digest: str) -> tuple[Referrer, ...] | None:
        """See `ManifestSource`."""
        return self._contents.referrers(repository, digest)


def registry_of(connected: Hub | Connection, name: str) -> Connection:
    """The registry's own API, also behind a Docker Hub.

    Raises:
        ConfigError: it is not known where it is.
    """
    connection = connected.registry if isinstance(connected, Hub) else connected
    if connection is None:
        raise ConfigError(
            f"it is not known where the registry of {name} is: configure 'registry_url'."
        )
    return connection
