"""Repositories, tags and their history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from indexer.core.digest_age import AgeBasis
from indexer.core.model import Time
from indexer.manifests.retag_kind import RetagKind  # noqa: TC001 - the same

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from indexer.core import catalog_entries, platforms
    from indexer.manifests.retag_kind import RetagDetail

SameAs = Annotated[
    tuple[str, ...], Meta(description="Other tags with this digest: the first ten by name.")
]
PushedBy = Annotated[str | None, Meta(description="Who pushed it, as the registry says.")]
AgeSince = Annotated[Time, Meta(description="From when the age of the digest counts.")]
AgeBy = Annotated[
    AgeBasis, Meta(description="`push`: it was pushed then; `crawl`: a crawl first saw it then.")
]
SameAsMore = Annotated[int, Meta(description="How many more there are.")]


class Platform(Struct, frozen=True):
    """One image of a tag."""

    platform: str
    os: str
    architecture: str
    variant: str | None
    os_version: str | None
    digest: str | None
    size: int | None

    @classmethod
    def of(cls, item: platforms.Platform) -> Self:
        """The record of a platform."""
        return cls(str(item), *item)

    @property
    def is_attestation(self) -> bool:
        """Build attestations show as `unknown/unknown`."""
        return self.os == self.architecture == "unknown"


class Tag(Struct, frozen=True):
    """A tag, now or as of a time."""

    registry: str
    repository: str
    tag: str
    digest: str | None
    size: Annotated[int | None, Meta(description="Compressed bytes of all platforms together.")]
    platforms: tuple[Platform, ...]
    pushed_at: Time | None
    first_seen_at: Time
    same_as: SameAs
    same_as_more: SameAsMore
    pushed_by: PushedBy
    last_pulled: Annotated[Time | None, Meta(description="When it was last pulled.")]
    status: Annotated[str | None, Meta(description="`active` or `inactive`, as Docker Hub says.")]
    status_since: Annotated[
        Time | None, Meta(description="When a crawl first saw that it has this status.")
    ]
    content_type: Annotated[str | None, Meta(description="`image`, `helm`, `plugin`, ...")]

    @classmethod
    def of(cls, item: catalog_entries.TagEntry, same_as: Sequence[str], same_as_more: int) -> Self:
        """The record of a tag, with some other tags of its digest and the number of the rest."""
        return cls(
            registry=item.registry,
            repository=item.repository,
            tag=item.tag,
            digest=item.digest,
            size=item.size,
            platforms=tuple(map(Platform.of, item.platforms)),
            pushed_at=item.pushed_at,
            first_seen_at=item.first_seen_at,
            same_as=tuple(same_as),
            same_as_more=same_as_more,
            pushed_by=item.pushed_by,
            last_pulled=item.last_pulled,
            status=item.status,
            status_since=item.status_since,
            content_type=item.content_type,
        )


class Period(Struct, frozen=True):
    """A digest that a tag had, and from when until when."""

    registry: str
    repository: str
    tag: str
    digest: str | None
    pushed_at: Time | None
    started_at: Time
    ended_at: Annotated[Time | None, Meta(description="Null: the tag still points to it.")]
    move: Annotated[
        RetagKind | None,
        Meta(description="What changed; null: it is the first, or one of the contents is unknown."),
    ]
    move_in_words: str | None
    same_as: Annotated[
        tuple[str, ...],
        Meta(description="Other tags that have or had this digest: the first ten by name."),
    ]
    same_as_more: SameAsMore
    pushed_by: PushedBy
    age_since: AgeSince
    age_by: AgeBy

    @classmethod
    def of(
        cls,
        item: catalog_entries.Period,
        move: RetagDetail | None,
        same_as: Sequence[str],
        same_as_more: int,
    ) -> Self:
        """The record of a period.

        Args:
            item: the period.
            move: what changed since the previous digest; None for the first digest of a tag, or if
                one of the two contents is unknown.
            same_as: the first other tags that have or had the digest.
            same_as_more: how many more of them there are.
        """
        return cls(
            registry=item.registry,
            repository=item.repository,
            tag=item.tag,
            digest=item.digest,
            pushed_at=item.pushed_at,
            started_at=item.started_at,
            ended_at=item.ended_at,
            move=move.kind if move else None,
            move_in_words=str(move) if move else None,
            same_as=tuple(same_as),
            same_as_more=same_as_more,
            pushed_by=item.pushed_by,
            age_since=item.age_since,
            age_by=item.age_by,
        )


class FoundTag(Struct, frozen=True):
    """A tag that leads to a digest, or led there, and from when until when."""

    registry: str
    repository: str
    tag: str
    digest: Annotated[str, Meta(description="The digest that was looked for, in full.")]
    points_to: Annotated[
        str | None,
        Meta(description="The digest of the tag: that one, or of an index that holds it."),
    ]
    pushed_at: Time | None
    started_at: Time
    ended_at: Annotated[Time | None, Meta(description="Null: the tag still leads to it.")]
    pushed_by: PushedBy

    @classmethod
    def of(cls, item: catalog_entries.FoundTag) -> Self:
        """The record of a found tag."""
        return cls(
            registry=item.registry,
            repository=item.repository,
            tag=item.tag,
            digest=item.digest,
            points_to=item.points_to,
            pushed_at=item.pushed_at,
            started_at=item.started_at,
            ended_at=item.ended_at,
            pushed_by=item.pushed_by,
        )


class Repository(Struct, frozen=True):
    """A repository."""

    registry: str
    repository: str
    description: str
    private: bool
    tags: Annotated[int, Meta(description="How many tags it has now.")]
    last_updated: Time | None
    hidden_since: Annotated[
        Time | None, Meta(description="Since when it is no longer visible; null: it is visible.")
    ]
    hidden_from: Annotated[str | None, Meta(description="The account that no longer sees it.")]
    unwatched_since: Annotated[
        Time | None,
        Meta(description="Since when the configuration leaves it out; null: it does not."),
    ]
    pulls: Annotated[int | None, Meta(description="In all, when it was last listed.")]
    stars: int | None
    storage_size: Annotated[int | None, Meta(description="Bytes.")]
    categories: tuple[str, ...]
    registered_at: Time | None
    full_description: Annotated[
        str | None,
        Meta(description="The long text of its page; null: no crawl was asked for it."),
    ]

    @classmethod
    def of(cls, item: catalog_entries.RepositoryEntry) -> Self:
        """The record of a repository."""
        return cls(
            registry=item.registry,
            repository=item.repository,
            description=item.description,
            private=item.private,
            tags=item.tags,
            last_updated=item.last_updated,
            hidden_since=item.hidden_since,
            hidden_from=item.hidden_from,
            unwatched_since=item.unwatched_since,
            pulls=item.pulls,
            stars=item.stars,
            storage_size=item.storage_size,
            categories=item.categories,
            registered_at=item.registered_at,
            full_description=item.full_description,
        )


class RepositoryDay(Struct, frozen=True):
    """The counts of a repository on one day, as the last crawl of that day saw them."""

    date: Annotated[str, Meta(description="In UTC: `2026-11-29`.")]
    pulls: int | None
    stars: int | None
    storage_size: Annotated[int | None, Meta(description="Bytes.")]

    @classmethod
    def of(cls, item: catalog_entries.RepositoryDay) -> Self:
        """The record of a day."""
        return cls(item.day.isoformat(), item.pulls, item.stars, item.storage_size)
