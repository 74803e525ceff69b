"""What a server asks of the index: bounded pages of it, for one audience.

The port `Browser` is to `indexer serve` what `indexer.catalog.ports.Catalog` is to the commands.
Where the catalog streams whatever there is, each answer here is a page that goes on after a name or
a number, so that it stays exact while a crawl adds and removes: a name that is there during the
whole reading is on exactly one page.

Only values of `indexer.core.model`, and those below, cross it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, NamedTuple, Protocol

from msgspec import Meta

from indexer.core.errors import StoreError
from indexer.core.model import ChangeKind  # noqa: TC001 - msgspec reads annotations

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from indexer.core.catalog_entries import (
        ChangeFilter,
        CrawlHistory,
        NamespaceStatus,
        Period,
        RepositoryEntry,
        TagEntry,
    )
    from indexer.core.model import Change, Crawl
    from indexer.manifests.ports import StoredManifest


class AnswerTimeout(StoreError):
    """The index did not answer within the time that one question may take."""


class RepositoryKey(NamedTuple):
    """A repository: its registry and its name in full."""

    registry: str
    repository: str

    def __str__(self) -> str:
        """As in the catalog of all registries: `docker.io/library/nginx`."""
        return f"{self.registry}/{self.repository}"


class RepositoryScope(NamedTuple):
    """Which repositories are meant; None: whichever. A namespace is its name or a path's begin."""

    registry: str | None = None
    namespace: str | None = None


class RepositoryCard(NamedTuple):
    """A repository that is or was there. `removed_at` is None while it is."""

    entry: RepositoryEntry
    removed_at: datetime | None


class TagTarget(NamedTuple):
    """What a present tag points to: a digest, if one is known, and the kind of its content."""

    digest: str | None
    media_type: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A tag that did not point to the same at two times."""

    # JSON shows it as it stands here.
    tag: str
    kind: Annotated[
        ChangeKind,
        Meta(description="`tag_added`, `tag_removed` or `tag_retagged`, at the later time."),
    ]
    old_digest: str | None
    new_digest: str | None


class ChangePage(NamedTuple):
    """Changes, and how far was looked for them.

    Attributes:
        changes: what was found.
        until: the number at which the time was up, to go on from; None: nothing is left to look at
            but what follows the last of them, if there are as many as were asked for.
    """

    changes: list[Change]
    until: int | None = None


class DayCount(NamedTuple):
    """How many changes of a kind, baselines left out, were observed on a day of UTC."""

    day: date
    kind: ChangeKind
    number: int


class SharedDigest(NamedTuple):
    """Tags that point to the same: some of them, by name, and how many there are."""

    names: list[str]
    number: int


class AnyTime(Enum):
    """Instead of a time: whenever it was."""

    EVER = "ever"


class Browser(Protocol):
    """The index, as one audience may see it. Safe to call from threads.

    An audience that sees no private repository gets answers in which there is none: no name, no
    count of its tags, no change. Every method may raise `StoreError`, or its kind `AnswerTimeout`.
    """

    def registries(self) -> list[str]:
        """The registries that there are, by name."""

    def names(self, registry: str, after: str, limit: int) -> list[str]:
        """Names of present repositories of a registry that follow `after`, in their order."""

    def repositories(
        self, shelf: RepositoryScope, after: RepositoryKey | None, limit: int
    ) -> list[RepositoryEntry]:
        """Present repositories that follow `after`, by registry and name."""

    def homes(self, repository: str) -> list[str]:
        """The registries that have a repository of this name, be it a removed one."""

    def card(self, place: RepositoryKey) -> RepositoryCard | None:
        """A repository, also a removed one; None if it is unknown."""

    def alike(self, text: str, limit: int) -> list[RepositoryEntry]:
        """Present repositories whose names share most pairs of letters with `text`."""

    def tag_names(self, place: RepositoryKey, after: str, limit: int) -> list[str]:
        """Names of present tags that follow `after`, in their order."""

    def tags(
        self, place: RepositoryKey, after: str, limit: int, as_of: datetime | None = None
    ) -> list[TagEntry]:
        """Tags that follow `after`, now or as of a time, in their order."""

    def tag(self, place: RepositoryKey, tag: str) -> TagEntry | None:
        """A present tag."""

    def pointer(self, place: RepositoryKey, tag: str) -> TagTarget | None:
        """What a present tag points to; None if there is no such tag."""

    def pointed_to(self, place: RepositoryKey, digest: str) -> TagTarget | None:
        """A digest that a tag of the repository has, or had; None if none ever did."""

    def content(self, place: RepositoryKey, digest: str) -> StoredManifest | None:
        """A manifest or configuration that is kept, of this repository."""

    def artifacts(self, place: RepositoryKey) -> Iterator[StoredManifest]:
        """The manifests that may refer to another one, of what tags point to, as far as kept."""

    def history(
        self, place: RepositoryKey, tag: str | None, after: tuple[str, int], limit: int
    ) -> list[Period]:
        """Every digest each tag had, or one tag, by tag and time.

        Args:
            place: whose.
            tag: of this one only.
            after: how many intervals of which tag were seen; those of tags before it too.
            limit: at most so many.
        """

    def sharing(
        self,
        place: RepositoryKey,
        digests: Collection[str],
        limit: int,
        when: datetime | AnyTime | None,
    ) -> Mapping[str, SharedDigest]:
        """The tags of each of these digests.

        Args:
            place: whose tags.
            digests: of which content; those that no tag has are left out of the answer.
            limit: how many are named of each digest.
            when: that point there now (`None`), pointed there then, or ever did.
        """

    def life(self, place: RepositoryKey, tag: str, limit: int) -> list[Period]:
        """The digests that a tag had, the newest first."""

    def differences(
        self, place: RepositoryKey, earlier: datetime, later: datetime, limit: int
    ) -> list[Difference]:
        """Tags that did not point to the same at two times, by name."""

    def changes(self, wanted: ChangeFilter, after: int, limit: int) -> ChangePage:
        """The change log after a number, oldest first. The filter's own limit does not matter."""

    def newest(self, wanted: ChangeFilter, before: int | None, limit: int) -> ChangePage:
        """The change log before a number, or from its end, newest first."""

    def last_change(self) -> int:
        """The number of the last change; 0 if there is none. Grows with every commit of changes."""

    def days(self, wanted: ChangeFilter) -> list[DayCount]:
        """Changes for each day and kind, oldest first; only `since` and where are looked at."""

    def tally(self, after: int) -> tuple[int, Mapping[ChangeKind, int]]:
        """The number of the last change, and how many of each kind follow `after`."""

    def namespaces(self) -> list[NamespaceStatus]:
        """How well each namespace is known, by registry and name."""

    def crawl_history(self) -> list[CrawlHistory]:
        """What the next crawl of each namespace depends on: see `indexer.catalog.ports.Catalog`."""

    def crawls(self, shelf: RepositoryScope, before: int | None, limit: int) -> list[Crawl]:
        """Crawls before a number, or from the end, newest first."""

    def crawl(self, crawl_id: int) -> Crawl | None:
        """One crawl's row."""


class Hints(Protocol):
    """Takes a hint that something was pushed. It is believed in nothing else."""

    def hint(self, registry: str | None, repositories: Sequence[str]) -> int:
        """Make present repositories due at once: the next crawl opens them.

        Args:
            registry: whose; None: of whichever has them.
            repositories: `namespace/repository`; those that are unknown do not matter.

        Returns:
            How many were made due.
        """
