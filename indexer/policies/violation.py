"""What is against a policy, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.manifests.retag_kind import RetagKind


class Severity(StrEnum):
    """How bad it is, from what may wait to what must not."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """A number that grows with it."""
        return list(Severity).index(self)


class Breach(StrEnum):
    """What happened."""

    RETAGGED = "retagged"
    REMOVED = "removed"
    OTHER_DIGEST = "other_digest"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is against a policy, not yet stored.

    Attributes:
        policy: its name.
        severity: as the policy has it.
        breach: what happened.
        registry: where.
        repository: with its namespace.
        tag: which tag.
        old_digest: what it pointed to, or should.
        new_digest: what it points to; None where it is gone, or that is not known.
        since: when a crawl first saw the old digest; None where that is not known.
        observed_at: when a crawl saw what happened.
        crawl_id: which crawl.
        change_id: the change that shows it; None where what is there is against the policy.
        kind: what kind of move it was, where both contents are known.
        sentence: what is wrong, for a person.
    """

    policy: str
    severity: Severity
    breach: Breach
    registry: str
    repository: str
    tag: str
    old_digest: str | None
    new_digest: str | None
    since: datetime | None
    observed_at: datetime
    crawl_id: int
    change_id: int | None = None
    kind: RetagKind | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who looked at a violation, when, and why it may stay."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A row of violations. It is open until somebody acknowledged it, or it is no longer so.

    Attributes:
        id: its number: grows, never used twice.
        found: what it is.
        acknowledged: None while nobody has.
        resolved_at: when what is there was right again; never for what moved or vanished.
    """

    id: int
    found: Found
    acknowledged: Acknowledgement | None = None
    resolved_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody has to look at it."""
        return self.acknowledged is None and self.resolved_at is None
