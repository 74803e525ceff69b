"""What the index answers, beside what `indexer.core` has names for: values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
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


class Outlook(NamedTuple):
    """What is known of a namespace before its next crawl, of the repositories that are present."""

    repositories: Mapping[str, KnownRepository]
    watches: Mapping[str, ChangeRate]
