"""A change that a sink may be notified of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.model import Change
    from indexer.manifests.retag_kind import RetagDetail
    from indexer.policies.violation import Severity, Violation


class Event(NamedTuple):
    """A change, and what is known of it.

    Attributes:
        change: what happened.
        move: how the two contents of a retag differ; None where that is not known.
        violations: the violations that it caused.
    """

    change: Change
    move: RetagDetail | None = None
    violations: tuple[Violation, ...] = ()

    @property
    def severity(self) -> Severity | None:
        """The severity of the worst violation; None without one."""
        severities = [each.found.severity for each in self.violations]
        return max(severities, key=lambda each: each.rank, default=None)


class HiddenRepositories(NamedTuple):
    """Private repositories of a namespace that one crawl found hidden: see `indexer.crawl.hidden`.

    Attributes:
        registry: its name.
        namespace: its name.
        account: the account that cannot see them any more.
        since: when the crawl found that.
        crawl_id: the crawl.
        repositories: full names, sorted.
        first: their first number in the change log's sequence.
        last: their last number.
    """

    registry: str
    namespace: str
    account: str
    since: datetime
    crawl_id: int
    repositories: tuple[str, ...]
    first: int
    last: int
