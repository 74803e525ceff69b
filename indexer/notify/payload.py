"""The JSON of messages. The fields and their meaning are in docs/formats.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from indexer.core.model import Change, Time  # noqa: TC001 - msgspec reads annotations
from indexer.manifests.retag_kind import RetagKind  # noqa: TC001 - the same
from indexer.policies.violation import Breach, Severity  # noqa: TC001 - the same

if TYPE_CHECKING:
    from typing import Self

    from indexer.manifests.retag_kind import RetagDetail
    from indexer.notify import event
    from indexer.policies import violation


class Violation(Struct, frozen=True):
    """A violation of a policy, with its evidence."""

    id: int
    policy: str
    severity: Severity
    breach: Breach
    registry: str
    repository: str
    tag: str
    old_digest: str | None
    new_digest: str | None
    since: Time | None
    observed_at: Time
    crawl_id: int
    change_id: int | None
    move: RetagKind | None
    sentence: str
    acknowledged_at: Time | None
    acknowledged_by: str | None
    reason: str | None
    resolved_at: Time | None

    @classmethod
    def of(cls, item: violation.Violation) -> Self:
        """The record of a violation."""
        found, seen = item.found, item.acknowledged
        return cls(
            id=item.id,
            policy=found.policy,
            severity=found.severity,
            breach=found.breach,
            registry=found.registry,
            repository=found.repository,
            tag=found.tag,
            old_digest=found.old_digest,
            new_digest=found.new_digest,
            since=found.since,
            observed_at=found.observed_at,
            crawl_id=found.crawl_id,
            change_id=found.change_id,
            move=found.kind,
            sentence=found.sentence,
            acknowledged_at=seen.at if seen else None,
            acknowledged_by=seen.by if seen else None,
            reason=seen.reason if seen else None,
            resolved_at=item.resolved_at,
        )


class Move(Struct, frozen=True):
    """How the two contents of a retag differ."""

    kind: RetagKind
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @classmethod
    def of(cls, item: RetagDetail) -> Self:
        """The record of a difference."""
        return cls(item.kind, item.changed, item.added, item.removed)


class Event(Struct, frozen=True):
    """A change, and what is known of it."""

    change: Change
    move: Move | None
    violations: tuple[Violation, ...]

    @classmethod
    def of(cls, item: event.Event) -> Self:
        """The record of an event."""
        return cls(
            change=item.change,
            move=Move.of(item.move) if item.move else None,
            violations=tuple(map(Violation.of, item.violations)),
        )
