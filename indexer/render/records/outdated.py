"""The answers of `indexer outdated`: the newer versions of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from indexer.catalog.outdated import Currency
from indexer.core.model import Time  # noqa: TC001 - msgspec reads annotations
from indexer.core.newer_versions import Level
from indexer.render.records.freshness import Freshness  # noqa: TC001 - the same

if TYPE_CHECKING:
    from typing import Any, Self

    from indexer.catalog import outdated
    from indexer.pins.outdated import OutdatedPin

Status = Annotated[
    Currency,
    Meta(
        description="`current`, `outdated`, `unversioned` (its tag is not a version), `unknown` or "
        "`unreadable`."
    ),
]
Update = Annotated[
    Level | None, Meta(description="The level of `newest`: `major`, `minor`, `patch`.")
]
Newest = Annotated[
    str | None, Meta(description="The newest tag of the same shape; null: none is newer.")
]
Pin = Annotated[
    str | None,
    Meta(description="`docker.io/library/nginx:1.29@sha256:...`: the newest tag with its digest."),
]
Compared = Annotated[int, Meta(description="How many tags of the same shape there are.")]
Now = Annotated[str | None, Meta(description="The digest that the tag in use has now, if known.")]


class Outdated(Struct, frozen=True):
    """The newer versions of a tag."""

    status: Status
    registry: str
    repository: str
    tag: str
    now: Now
    update: Update
    newest: Newest
    newest_digest: str | None
    newest_pushed_at: Time | None
    pin: Pin
    patch: str | None
    patch_digest: str | None
    minor: str | None
    minor_digest: str | None
    major: str | None
    major_digest: str | None
    compared: Compared
    sentence: Annotated[str, Meta(description="The reason, for a person.")]
    freshness: Freshness

    @classmethod
    def of(cls, item: outdated.Outdated, freshness: Freshness) -> Self:
        """The record of an answer."""
        return cls(
            registry=item.registry or "",
            repository=item.repository or "",
            tag=item.tag or "",
            freshness=freshness,
            **_shared(item),
        )


class OutdatedImage(Struct, frozen=True):
    """An image that a file or argument names, and the newer versions of its tag."""

    status: Status
    image: str
    file: str | None
    line: int | None
    where: str
    registry: str | None
    repository: str | None
    tag: str | None
    digest: str | None
    now: Now
    update: Update
    newest: Newest
    newest_digest: str | None
    newest_pushed_at: Time | None
    pin: Pin
    patch: str | None
    patch_digest: str | None
    minor: str | None
    minor_digest: str | None
    major: str | None
    major_digest: str | None
    compared: Compared
    sentence: str

    @classmethod
    def of(cls, item: OutdatedPin) -> Self:
        """The record of an image."""
        named, found, reference = item.pin, item.found, item.pin.reference
        return cls(
            image=named.text,
            file=named.file,
            line=named.line,
            where=named.where,
            registry=found.registry or (reference.registry if reference else None),
            repository=found.repository or (reference.repository if reference else None),
            tag=found.tag or (reference.tag if reference else None),
            digest=reference.digest if reference else None,
            **_shared(found),
        )


def _shared(item: outdated.Outdated) -> dict[str, Any]:
    """The fields that both records have."""
    newest = item.newest
    digest = newest.digest if newest else None
    tags = {"patch": item.patch, "minor": item.minor, "major": item.major}
    return {
        "status": item.status,
        "now": item.now.digest if item.now else None,
        "update": item.update,
        "newest": newest.tag if newest else None,
        "newest_digest": digest,
        "newest_pushed_at": newest.pushed_at if newest else None,
        "pin": f"{item.registry}/{item.repository}:{newest.tag}@{digest}"
        if newest and digest
        else None,
        **{name: entry.tag if entry else None for name, entry in tags.items()},
        **{f"{name}_digest": entry.digest if entry else None for name, entry in tags.items()},
        "compared": item.compared,
        "sentence": item.sentence,
    }
