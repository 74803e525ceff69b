"""A violation of a policy, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.manifests.retag_kind import RetagKind


class Severity(StrEnum):
    """How severe it is, in ascending order."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """A number that grows with the severity."""
        return list(Severity).index(self)


class Breach(StrEnum):
    """What happened."""

    RETAGGED = "retagged"
    REMOVED = "removed"
    OTHER_DIGEST = "other_digest"
    UNSIGNED = "unsigned"
    YOUNG = "young"


@dataclass(frozen=True, slots=True)
class Found:
    """A violation that is not stored yet.

    Attributes:
        policy: its name.
        severity: of the policy.
        breach: what happened.
        registry: its name.
        repository: with its namespace.
        tag: its name.
        old_digest: what it pointed to, or should point to.
        new_digest: what it points to; None where it was removed, or that is not known.
        since: when a crawl first saw the old digest; None where that is not known.
        observed_at: when a crawl saw what happened.
        crawl_id: which crawl.
        change_id: the change that caused it; None where a present tag violates the policy.
        kind: the kind of retag, where both contents are known.
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
    """Who acknowledged a violation, when, and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A stored violation. It is open until it is acknowledged or resolved.

    Attributes:
        id: it grows, and is never reused.
        found: what it is.
        acknowledged: None until it is.
        resolved_at: when the present tag no longer violated the policy; retags and removals are
            never resolved.
    """

    id: int
    found: Found
    acknowledged: Acknowledgement | None = None
    resolved_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether a person still has to look at it."""
        return self.acknowledged is None and self.resolved_at is None


class ViolationFilter(NamedTuple):
    """Which violations are asked for; None: all.

    Attributes:
        policy: the name of the policy.
        least: the least severity.
        registry: its name.
        namespace: its name.
        repository: with its namespace.
        tag: its name.
        only_open: neither acknowledged nor resolved.
    """

    policy: str | None = None
    least: Severity | None = None
    registry: str | None = None
    namespace: str | None = None
    repository: str | None = None
    tag: str | None = None
    only_open: bool = True
