"""What the index can be asked: the port of the commands. See `browser` for that of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.core.catalog_entries import (
        ChangeFilter,
        CrawlHistory,
        NamespaceStatus,
        Period,
        RepositoryEntry,
        TagEntry,
    )
    from indexer.core.model import Change, ChangeRate, Crawl, KnownRepository
    from indexer.core.reference import Reference


class Outlook(NamedTuple):
    """What is known of a namespace before its next crawl, of the repositories that are present."""

    repositories: Mapping[str, KnownRepository]
    watches: Mapping[str, ChangeRate]


class Catalog(Protocol):
    """What the index can be asked. Iterators stream; orders are total and stable."""

    def changes(self, wanted: ChangeFilter) -> Iterator[Change]:
        """The change log, oldest first; with a limit the newest ones, still oldest first."""

    def repositories(
        self, registry: str | None = None, namespace: str | None = None
    ) -> Iterator[RepositoryEntry]:
        """Present repositories by registry and name."""

    def locate(self, reference: Reference) -> tuple[str, str]:
        """The registry and name under which the index knows a repository, also a removed one.

        Raises:
            UsageError: unknown (with the nearest names) or known from several registries.
        """

    def tags(
        self, registry: str, repository: str, as_of: datetime | None = None
    ) -> Iterator[TagEntry]:
        """Present tags by name, or those present at a time, with what they pointed to then."""

    def history(self, registry: str, repository: str, tag: str | None = None) -> Iterator[Period]:
        """Every digest each tag had, by tag and time.

        Raises:
            UsageError: the tag was never seen (with the nearest names).
        """

    def holding(self, registry: str, repository: str, digest: str) -> list[Period]:
        """When which tag of a repository pointed to a digest, or to an index that holds it.

        By tag and time. Nothing for a repository that is not known.
        """

    def namespaces(self) -> list[NamespaceStatus]:
        """How well each namespace is known, by registry and name."""

    def crawl_history(self) -> list[CrawlHistory]:
        """What the next crawl of each namespace depends on, by registry and name."""

    def outlook(self, registry: str, namespace: str) -> Outlook:
        """What the next crawl of a namespace knows before it begins."""

    def watched(self, most: int) -> Mapping[tuple[str, str], Sequence[ChangeRate]]:
        """What was counted of repositories of each namespace: of some `most`, evenly chosen."""

    def crawl(self, crawl_id: int) -> Crawl | None:
        """One crawl's row."""

    def repository_names(self, prefix: str, limit: int) -> list[str]:
        """Names that begin with `prefix`, for completion: at most `limit`."""
