"""A change that somebody may want to know of."""

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


class HiddenRepositories(NamedTuple):
    """Private repositories of a namespace that one crawl found hidden: see `indexer.crawl.hidden`.

    Attributes:
        registry: where they are.
        namespace: in which namespace.
        account: that does not see them any more.
        since: when the crawl found that.
        crawl_id: the crawl.
        repositories: with their namespace, by name.
        first: the first of their numbers, which are taken from the change log's.
        last: the last one.
    """

    registry: str
    namespace: str
    account: str
    since: datetime
    crawl_id: int
    repositories: tuple[str, ...]
    first: int
    last: int
