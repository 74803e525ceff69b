"""A change that somebody may want to know of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from indexer.core.model import Change
    from indexer.manifests.retag_kind import RetagDetail
    from indexer.policies.violation import Severity, Violation


class Event(NamedTuple):
    """A change, and what is known of it.

    Attributes:
        change: what happened.
        move: how the two contents of a retag differ; None where that is not known.
        violations: what it is against.
    """

    change: Change
    move: RetagDetail | None = None
    violations: tuple[Violation, ...] = ()

    @property
    def severity(self) -> Severity | None:
        """Of the worst violation."""
        severities = [each.found.severity for each in self.violations]
        return max(severities, key=lambda each: each.rank, default=None)
