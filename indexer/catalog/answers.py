"""The values in which the index answers, besides those of `indexer.core`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple

from msgspec import Meta

from indexer.core.errors import StoreError
from indexer.core.model import ChangeKind  # noqa: TC001 - msgspec reads annotations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from indexer.core.catalog_entries import RepositoryEntry
    from indexer.core.model import Change, ChangeRate, KnownRepository


class AnswerTimeout(StoreError):
    """The index did not answer within the time limit of one question."""


class NotVerified(StoreError):
    """Nobody looked lately whether a repository is still public: see `store.schema.audience`."""


class RepositoryKey(NamedTuple):
    """A repository: its registry and its name in full."""

    registry: str
    repository: str

    def __str__(self) -> str:
        """As in the catalog of all registries: `docker.io/library/nginx`."""
        return f"{self.registry}/{self.repository}"


class RepositoryScope(NamedTuple):
    """Selects repositories; None matches any. `namespace` is a name, or the start of a path."""

    registry: str | None = None
    namespace: str | None = None


class TagSort(StrEnum):
    """What a page of tags is sorted by, the greatest or newest first; by name without one."""

    PUSHED_AT = "pushed_at"
    SIZE = "size"
    LAST_PULLED = "last_pulled"


class IndexedRepository(NamedTuple):
    """A repository that is or was present. `removed_at` is None while it is present."""

    entry: RepositoryEntry
    removed_at: datetime | None


class TagTarget(NamedTuple):
    """What a present tag points to: its digest, if known, and the kind of its content."""

    digest: str | None
    media_type: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A tag that pointed to different content at two times."""

    # JSON shows these fields as they are.
    tag: str
    kind: Annotated[
        ChangeKind,
        Meta(description="`tag_added`, `tag_removed` or `tag_retagged`, at the later time."),
    ]
    old_digest: str | None
    new_digest: str | None


class ChangePage(NamedTuple):
    """Changes, and how far the log was searched for them.

    Attributes:
        changes: the changes that match.
        until: the number at which the time limit was reached, to continue from; None: the search
            came to its end, or to as many changes as were asked for.
    """

    changes: list[Change]
    until: int | None = None


class DayCount(NamedTuple):
    """How many changes of a kind were observed on a day (UTC), baselines left out."""

    day: date
    kind: ChangeKind
    number: int


class SharedDigest(NamedTuple):
    """Tags that point to the same digest: some of them, by name, and their number."""

    names: list[str]
    number: int


class AnyTime(Enum):
    """Stands in for a time: at any time."""

    EVER = "ever"


class Outlook(NamedTuple):
    """What is known of a namespace before its next crawl, from its present repositories.

    `verifying_since` is the number of the crawl that began an unfinished verify cycle; 0: none did.
    """

    repositories: Mapping[str, KnownRepository]
    change_rates: Mapping[str, ChangeRate]
    verifying_since: int = 0
