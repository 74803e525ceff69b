"""The verdicts of `indexer check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from indexer.core.digest_age import AgeBasis  # noqa: TC001 - msgspec reads annotations
from indexer.core.model import Time  # noqa: TC001 - msgspec reads annotations
from indexer.pins.pin import Verdict  # noqa: TC001 - the same

if TYPE_CHECKING:
    from typing import Self

    from indexer.pins import pin


class CheckedPin(Struct, frozen=True):
    """An image that a file or argument names, and the verdict on it."""

    verdict: Verdict
    image: str
    file: str | None
    line: int | None
    where: str
    registry: str | None
    repository: str | None
    tag: str | None
    digest: str | None
    now: str | None
    since: Time | None
    held_since: Time | None
    pushed_at: Time | None
    live: str | None
    sentence: str
    age_since: Time | None
    age_by: AgeBasis | None
    settled: str | None

    @classmethod
    def of(cls, item: pin.CheckedPin) -> Self:
        """The record of a verdict."""
        named, reference = item.pin, item.pin.reference
        return cls(
            verdict=item.verdict,
            image=named.text,
            file=named.file,
            line=named.line,
            where=named.where,
            registry=item.registry or (reference.registry if reference else None),
            repository=reference.repository if reference else None,
            tag=reference.tag if reference else None,
            digest=reference.digest if reference else None,
            now=item.now,
            since=item.since,
            held_since=item.held_since,
            pushed_at=item.pushed_at,
            live=item.live,
            sentence=item.sentence,
            age_since=item.age_since,
            age_by=item.age_by,
            settled=item.settled,
        )
