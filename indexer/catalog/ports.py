"""What pins and policies look up in the index. `indexer.store` implements it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from indexer.core.catalog_entries import Period, TagEntry, Unseen
    from indexer.core.reference import Reference


class Lookup(Protocol):
    """Where the index knows a repository from, and what its tags pointed to."""

    def locate(self, reference: Reference) -> tuple[str, str]:
        """The registry and name under which the index knows a repository, also a removed one.

        Raises:
            UsageError: unknown (with the nearest names) or known from several registries.
        """

    def is_present(self, registry: str, repository: str) -> bool:
        """Whether a repository is there now, as far as the index knows."""

    def history(self, registry: str, repository: str, tag: str | None = None) -> Iterator[Period]:
        """Every digest that each tag had, by tag and time.

        Raises:
            UsageError: the tag was never seen (with the nearest names).
        """

    def holding(self, registry: str, repository: str, digest: str) -> list[Period]:
        """The periods in which tags of a repository pointed to a digest, or to an index with it.

        By tag and time. Empty for an unknown repository.
        """

    def unwatched(
        self, registry: str, repository: str, tags: Collection[str]
    ) -> dict[str, datetime]:
        """Since when the configuration does not want tags, by name: of those that it leaves out."""

    def unseen(self, registry: str, repository: str, tags: Collection[str] = ()) -> Unseen | None:
        """Since when no crawl sees a repository, or all of these tags, that are kept, and why.

        None: they do.
        """

    def tag_names(self, registry: str, repository: str) -> list[str]:
        """The present tags of a repository, by name."""

    def named_tags(self, registry: str, repository: str, tags: Collection[str]) -> list[TagEntry]:
        """Those of the tags that are present, by name."""
