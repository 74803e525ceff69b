"""Crawls, namespaces, and the next crawls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from indexer.core.clock import is_believed
from indexer.core.model import (  # noqa: TC001 - msgspec reads annotations
    ChangeKind,
    CrawlStatus,
    Mode,
    RateLimit,
    Time,
)

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self

    from indexer.core import model
    from indexer.core.catalog_entries import UnfinishedCycle
    from indexer.crawl.due_repositories import DueRepository
    from indexer.crawl.schedule.next_crawl import NextCrawl

Kinds = Annotated[
    dict[str, int], Meta(description="How many of each kind; all five kinds are present.")
]


class Crawl(Struct, frozen=True):
    """One crawl of one namespace."""

    registry: str
    namespace: str
    status: CrawlStatus
    mode: Mode
    started_at: Time
    finished_at: Time | None
    repositories: int
    tags: int
    requests: int
    bytes: int
    changes: Kinds
    errors: tuple[str, ...]
    id: int
    part: Annotated[
        str | None,
        Meta(description="The repository, or tag of one, that it read alone; null: all."),
    ]
    unseen_repositories: Annotated[
        int, Meta(description="That the list counts and had not shown by its end.")
    ]
    unseen_tags: Annotated[int, Meta(description="That lists count and had not shown by its end.")]
    unread: Annotated[
        int, Meta(description="Repositories that it left to the next crawl of its mode.")
    ]

    @classmethod
    def of(cls, item: model.Crawl) -> Self:
        """The record of a crawl."""
        return cls(
            registry=item.registry,
            namespace=item.namespace,
            status=item.status,
            mode=item.mode,
            started_at=item.started_at,
            finished_at=item.finished_at,
            repositories=item.repositories,
            tags=item.tags,
            requests=item.spent.requests,
            bytes=item.spent.bytes,
            changes=_by_kind(item),
            errors=tuple(item.errors),
            id=item.id,
            part=item.part,
            unseen_repositories=item.unseen_repositories,
            unseen_tags=item.unseen_tags,
            unread=item.unread,
        )


class LastCrawl(Struct, frozen=True):
    """The last crawl of a namespace."""

    id: int
    status: CrawlStatus
    mode: Mode
    started_at: Time
    finished_at: Time | None
    requests: int
    bytes: int
    changes: Kinds
    errors: tuple[str, ...]
    identity: Annotated[
        str | None, Meta(description="The account; null: only shown with the token.")
    ]
    age_seconds: Annotated[
        int | None, Meta(description="Since it began; null: its time is still to come.")
    ]
    rate_limit: RateLimit | None
    pulls: RateLimit | None

    @classmethod
    def of(cls, item: model.Crawl, now: datetime) -> Self:
        """The record of a crawl, with its age at `now`."""
        return cls(
            id=item.id,
            status=item.status,
            mode=item.mode,
            started_at=item.started_at,
            finished_at=item.finished_at,
            requests=item.spent.requests,
            bytes=item.spent.bytes,
            changes=_by_kind(item),
            errors=tuple(item.errors),
            identity=item.identity or None,  # empty: the client may not see it
            age_seconds=max(round((now - item.started_at).total_seconds()), 0)
            if is_believed(item.started_at, now)
            else None,
            rate_limit=item.rate_limit,
            pulls=item.pulls,
        )


class Gaps(Struct, frozen=True):
    """What of a namespace was never seen, for its lists were never read whole."""

    repositories: Annotated[int, Meta(description="That its list counts and never showed.")]
    lists: Annotated[int, Meta(description="Repositories whose tags were never read whole.")]
    tags: Annotated[int, Meta(description="That these lists count and never showed.")]


class Unfinished(Struct, frozen=True):
    """Full or verify crawls that have not read each repository yet: the next one continues."""

    mode: Mode
    began_at: Annotated[Time, Meta(description="When the first of them began.")]
    repositories: int
    unread: Annotated[int, Meta(description="Repositories that were not tried since.")]

    @classmethod
    def of(cls, item: UnfinishedCycle) -> Self:
        """The record of such crawls."""
        return cls(item.mode, item.began_at, item.repositories, item.unread)


class Namespace(Struct, frozen=True):
    """How well a namespace is known."""

    registry: str
    namespace: str
    configured: bool
    repositories: int
    tags: int
    pending: Annotated[
        int, Meta(description="Repositories that were listed and have not been read yet.")
    ]
    hidden: Annotated[int, Meta(description="Private repositories that are no longer visible.")]
    unwatched: Annotated[int, Meta(description="Repositories that are kept and not wanted now.")]
    gaps: Annotated[
        Gaps | None, Meta(description="What its lists never showed; null: each was read whole.")
    ]
    unfinished: Annotated[
        tuple[Unfinished, ...],
        Meta(description="Full and verify crawls that were cut short, or are running."),
    ]
    last_complete_at: Time | None
    last_full_at: Time | None
    overdue: tuple[str, ...]
    failures: int
    stale: Annotated[
        float | None,
        Meta(description="How many tags are expected to be stale; null: not estimated."),
    ]
    last_crawl: LastCrawl | None


class AwaitingReview(Struct, frozen=True):
    """Something that is kept until a person has looked: `indexer accept` settles it."""

    registry: str
    name: Annotated[str, Meta(description="What to accept: a namespace, or a repository.")]
    state: Annotated[str, Meta(description="`held_back` or `hidden`.")]
    since: Annotated[Time, Meta(description="Since when it waits.")]
    reason: str
    number: Annotated[int, Meta(description="How many removals wait.")]
    names: Annotated[
        tuple[str, ...], Meta(description="What would be removed, by name: at most 1,000.")
    ]


class RemovalPreview(Struct, frozen=True):
    """What accepting would record as removed; a tag of null: the repository."""

    registry: str
    repository: str
    tag: str | None


class PlannedCrawl(Struct, frozen=True):
    """A configured namespace, and its next crawl."""

    registry: str
    namespace: str
    due: bool
    mode: Mode | None
    at: Time | None
    reason: str

    @classmethod
    def of(cls, registry: str, namespace: str, item: NextCrawl) -> Self:
        """The record of a namespace's next crawl."""
        return cls(registry, namespace, item.mode is not None, item.mode, item.at, item.reason)


class PlannedVerify(Struct, frozen=True):
    """A repository that a verify crawl would open. `place` is its position, from 1."""

    place: int
    registry: str
    repository: str
    reason: str

    @classmethod
    def of(cls, place: int, registry: str, item: DueRepository) -> Self:
        """The record of a repository at a position."""
        return cls(place, registry, item.repository, item.reason)


def _by_kind(item: model.Crawl) -> dict[str, int]:
    return {kind.value: item.changes.get(kind, 0) for kind in ChangeKind}
