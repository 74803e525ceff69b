"""The answer of `indexer diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from indexer.core.model import Time  # noqa: TC001 - msgspec reads annotations
from indexer.manifests.image_comparison import (  # noqa: TC001 - the same
    PlatformChange,
    ValueChange,
)
from indexer.render.records.freshness import Freshness  # noqa: TC001 - the same
from indexer.render.records.images import PushedBy  # noqa: TC001 - the same

if TYPE_CHECKING:
    from typing import Self

    from indexer.catalog.tag_diff import TagDiff
    from indexer.core.catalog_entries import Period


class ComparedDigest(Struct, frozen=True):
    """One of the two digests, and when the tag pointed to it."""

    digest: Annotated[str | None, Meta(description="Null: the registry never gave one.")]
    started_at: Time
    ended_at: Annotated[Time | None, Meta(description="Null: the tag still points to it.")]
    pushed_at: Annotated[Time | None, Meta(description="As the registry says.")]
    pushed_by: PushedBy

    @classmethod
    def of(cls, item: Period) -> Self:
        """The record of a period."""
        return cls(item.digest, item.started_at, item.ended_at, item.pushed_at, item.pushed_by)


class Diff(Struct, frozen=True):
    """What two digests of a tag differ in."""

    registry: str
    repository: str
    tag: str
    old: ComparedDigest
    new: ComparedDigest
    platforms: Annotated[
        list[PlatformChange] | None,
        Meta(description="By name; null: those of one of the digests are not known."),
    ]
    attestations_differ: Annotated[bool | None, Meta(description="Null: not known.")]
    values: Annotated[
        list[ValueChange], Meta(description="Annotations of the two indexes that differ.")
    ]
    not_fetched: Annotated[
        list[str],
        Meta(description="Manifests and configurations that are needed and not in the index."),
    ]
    advice: Annotated[
        str | None, Meta(description="How to fetch them, for a person; null: none is needed.")
    ]
    freshness: Freshness

    @classmethod
    def of(cls, item: TagDiff, freshness: Freshness) -> Self:
        """The record of an answer."""
        return cls(
            registry=item.new.registry,
            repository=item.new.repository,
            tag=item.new.tag,
            old=ComparedDigest.of(item.old),
            new=ComparedDigest.of(item.new),
            platforms=item.comparison.platforms,
            attestations_differ=item.comparison.attestations,
            values=item.comparison.values,
            not_fetched=item.comparison.not_fetched,
            advice=item.advice,
            freshness=freshness,
        )
