"""What a check asks of the index besides the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from indexer.core.model import Period


class DigestFinder(Protocol):
    """Finds content by its digest."""

    def holding(self, registry: str, repository: str, digest: str) -> list[Period]:
        """When which tag of a repository pointed to a digest, or to an index that holds it.

        By tag and time. Nothing for a repository that is not known.
        """
