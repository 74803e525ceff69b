"""The answer of `indexer stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from indexer.core.model import Time  # noqa: TC001 - msgspec reads annotations
from indexer.render.records.freshness import Freshness  # noqa: TC001 - the same

if TYPE_CHECKING:
    from typing import Self

    from indexer.catalog import stats as values

_Gained = Annotated[int | None, Meta(description="In the days asked about; null: not counted.")]


class StatsDay(Struct, frozen=True):
    """What was counted until a day, of all repositories asked about together."""

    date: Annotated[str, Meta(description="In UTC: `2026-11-29`.")]
    pulls: Annotated[int | None, Meta(description="So far.")]
    stars: int | None
    storage_size: Annotated[int | None, Meta(description="Bytes.")]
    pulls_gained: Annotated[
        int | None,
        Meta(description="Pulls since each repository was counted before; null: none was."),
    ]

    @classmethod
    def of(cls, item: values.StatsDay) -> Self:
        """The record of a day."""
        return cls(item.day.isoformat(), *item.counts, item.pulls_gained)


class RepositoryStats(Struct, frozen=True):
    """What is counted of a repository now, and by how much that grew."""

    registry: str
    repository: str
    pulls: int | None
    pulls_gained: _Gained
    stars: int | None
    stars_gained: _Gained
    storage_size: Annotated[int | None, Meta(description="Bytes.")]
    storage_gained: _Gained
    tags: int
    tags_not_pulled: Annotated[
        int | None, Meta(description="Null: the registry does not say when tags are pulled.")
    ]
    last_pulled: Annotated[Time | None, Meta(description="When one of its tags last was.")]

    @classmethod
    def of(cls, item: values.RepositoryStats) -> Self:
        """The record of a repository."""
        return cls(
            registry=item.registry,
            repository=item.repository,
            pulls=item.counts.pulls,
            pulls_gained=item.gained.pulls,
            stars=item.counts.stars,
            stars_gained=item.gained.stars,
            storage_size=item.counts.storage_size,
            storage_gained=item.gained.storage_size,
            tags=item.tags,
            tags_not_pulled=item.tags_not_pulled,
            last_pulled=item.last_pulled,
        )


class UnpulledTag(Struct, frozen=True):
    """A tag that was not pulled for long."""

    registry: str
    repository: str
    tag: str
    digest: str | None
    size: Annotated[int | None, Meta(description="Compressed bytes of all platforms together.")]
    last_pulled: Annotated[Time | None, Meta(description="Null: it never was.")]
    pushed_at: Time | None

    @classmethod
    def of(cls, item: values.UnpulledTag) -> Self:
        """The record of a tag."""
        return cls(*item)


class SharedTags(Struct, frozen=True):
    """Tags of a repository that point to the same digest."""

    registry: str
    repository: str
    digest: Annotated[
        str | None, Meta(description="Null: the registry tells only those of the platforms.")
    ]
    tags: Annotated[list[str], Meta(description="The first ten by name.")]
    tags_more: Annotated[int, Meta(description="How many more there are.")]

    @classmethod
    def of(cls, item: values.SharedTags) -> Self:
        """The record of a digest."""
        more = item.number - len(item.names)
        return cls(item.registry, item.repository, item.digest, item.names, more)


class Stats(Struct, frozen=True):
    """What grows and what is dead, of a repository or of all present ones in a namespace."""

    registry: Annotated[str | None, Meta(description="Null: of all registries.")]
    namespace: Annotated[str | None, Meta(description="Null: one repository, or all namespaces.")]
    repository: Annotated[str | None, Meta(description="Null: of several.")]
    days: Annotated[
        list[StatsDay],
        Meta(description="The oldest first; days without a crawl are left out."),
    ]
    counted_since: Annotated[
        str | None,
        Meta(
            description="The first day that was counted at all: nothing is known of earlier ones."
        ),
    ]
    repositories: Annotated[
        list[RepositoryStats], Meta(description="Those that were pulled most in these days first.")
    ]
    repositories_more: Annotated[int, Meta(description="How many more there are.")]
    not_pulled_since: Annotated[Time, Meta(description="Tags below were not pulled since then.")]
    not_pulled: Annotated[
        list[UnpulledTag],
        Meta(description="Those that were never pulled first, then those pulled longest ago."),
    ]
    not_pulled_more: Annotated[int, Meta(description="How many more there are.")]
    same_digest: Annotated[
        list[SharedTags], Meta(description="The digests that most tags point to first.")
    ]
    same_digest_more: Annotated[int, Meta(description="How many more there are.")]
    freshness: Freshness

    @classmethod
    def of(
        cls,
        item: values.Stats,
        scope: values.StatsScope,
        asked: values.StatsQuestion,
        freshness: Freshness,
    ) -> Self:
        """The record of an answer."""
        return cls(
            registry=scope.registry,
            namespace=scope.namespace,
            repository=scope.repository,
            days=[StatsDay.of(each) for each in item.days],
            counted_since=item.counted_since.isoformat() if item.counted_since else None,
            repositories=[RepositoryStats.of(each) for each in item.repositories],
            repositories_more=item.repositories_number - len(item.repositories),
            not_pulled_since=asked.not_pulled_since,
            not_pulled=[UnpulledTag.of(each) for each in item.not_pulled],
            not_pulled_more=item.not_pulled_number - len(item.not_pulled),
            same_digest=[SharedTags.of(each) for each in item.shared],
            same_digest_more=item.shared_number - len(item.shared),
            freshness=freshness,
        )
