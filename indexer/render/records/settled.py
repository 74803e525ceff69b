"""The answer of `indexer settled`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from indexer.core.model import Time  # noqa: TC001 - msgspec reads annotations
from indexer.render.records.freshness import Freshness  # noqa: TC001 - the same
from indexer.render.records.images import AgeBy, AgeSince, PushedBy  # noqa: TC001 - the same

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Self

    from indexer.catalog.settled import SettledTag
    from indexer.core.digest_age import Kept


class KeptDigest(Struct, frozen=True):
    """A digest that a tag has or had without a break, and how old it is."""

    digest: str | None
    age_since: AgeSince
    age_by: AgeBy
    first_seen_at: Annotated[
        Time, Meta(description="When a crawl first saw the tag with this digest.")
    ]
    ended_at: Annotated[
        Time | None, Meta(description="When the next digest took its place; null: none did.")
    ]
    pushed_at: Annotated[Time | None, Meta(description="When it was last pushed.")]
    pushed_by: PushedBy

    @classmethod
    def of(cls, item: Kept) -> Self:
        """The record of a digest."""
        return cls(
            item.digest,
            item.age_since,
            item.age_by,
            item.first_seen_at,
            item.ended_at,
            item.pushed_at,
            item.pushed_by,
        )


class Settled(Struct, frozen=True):
    """The newest digest that a tag kept for at least so long."""

    registry: str
    repository: str
    tag: str
    seconds: Annotated[int, Meta(description="How long the tag has to have kept it.")]
    digest: Annotated[str | None, Meta(description="Null: there is none.")]
    pin: Annotated[
        str | None,
        Meta(description="`docker.io/library/nginx:1.27@sha256:...`; null: there is none."),
    ]
    kept: Annotated[KeptDigest | None, Meta(description="That digest; null: there is none.")]
    current: Annotated[
        KeptDigest | None, Meta(description="What the tag points to now; null: nothing.")
    ]
    sentence: Annotated[str, Meta(description="The reason, for a person.")]
    freshness: Freshness

    @classmethod
    def of(cls, item: SettledTag, least: timedelta, freshness: Freshness) -> Self:
        """The record of an answer; `least` is what was asked for."""
        digest = item.found.digest if item.found else None
        name = f"{item.registry}/{item.repository}:{item.tag}"
        return cls(
            registry=item.registry,
            repository=item.repository,
            tag=item.tag,
            seconds=int(least.total_seconds()),
            digest=digest,
            pin=f"{name}@{digest}" if digest else None,
            kept=KeptDigest.of(item.found) if item.found else None,
            current=KeptDigest.of(item.current) if item.current else None,
            sentence=item.sentence,
            freshness=freshness,
        )
