"""Rows of violations, as values."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from indexer.manifests.retag_kind import RetagKind
from indexer.policies.violation import (
    Acknowledgement,
    Breach,
    Found,
    Severity,
    Violation,
)
from indexer.store.database.typed_rows import typed
from indexer.store.schema.codec import digest_of, time_of
from indexer.store.schema.notify_and_policy_tables import violation


class ViolationRow(NamedTuple):
    """A row of the table `violation`."""

    id: int
    identity: bytes
    policy: str
    severity: str
    breach: str
    registry: str
    repository: str
    tag: str
    old_digest: bytes | None
    new_digest: bytes | None
    since: int | None
    observed_at: int
    crawl_id: int
    change_id: int | None
    move: str | None
    sentence: str
    acknowledged_at: int | None
    acknowledged_by: str | None
    reason: str | None
    resolved_at: int | None


VIOLATIONS = typed(ViolationRow, sa.select(violation))

OPEN = (violation.c.acknowledged_at.is_(None), violation.c.resolved_at.is_(None))
"""Conditions for violations at which a person still has to look."""


def violation_of(row: ViolationRow) -> Violation:
    """Convert a row to a violation."""
    found = Found(
        policy=row.policy,
        severity=Severity(row.severity),
        breach=Breach(row.breach),
        registry=row.registry,
        repository=row.repository,
        tag=row.tag,
        old_digest=digest_of(row.old_digest),
        new_digest=digest_of(row.new_digest),
        since=time_of(row.since),
        observed_at=time_of(row.observed_at),
        crawl_id=row.crawl_id,
        change_id=row.change_id,
        kind=RetagKind(row.move) if row.move else None,
        sentence=row.sentence,
    )
    acknowledged = None
    if row.acknowledged_at is not None:
        at = time_of(row.acknowledged_at)
        acknowledged = Acknowledgement(at, row.acknowledged_by or "", row.reason or "")
    return Violation(row.id, found, acknowledged, time_of(row.resolved_at))
