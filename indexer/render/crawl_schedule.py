"""What is crawled next, and which repositories are looked at, with the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.render.column_sets import ColumnSet
from indexer.render.tables import Column

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.crawl.due_repositories import DueRepository
    from indexer.crawl.next_crawl import NextCrawl


class PlannedCrawl(NamedTuple):
    """A configured namespace, and its turn."""

    registry: str
    namespace: str
    next_crawl: NextCrawl


class PlannedVerify(NamedTuple):
    """A repository that a verifying crawl would open, and its place among all."""

    registry: str
    place: int
    due: DueRepository


def crawls(now: datetime) -> ColumnSet[PlannedCrawl]:
    """Namespaces, and when each is due."""

    def record(item: PlannedCrawl) -> dict[str, Any]:
        turn = item.next_crawl
        return {
            "registry": item.registry,
            "namespace": item.namespace,
            "due": turn.mode is not None,
            "mode": turn.mode.value if turn.mode else None,
            "at": humanize.iso(turn.at),
            "reason": turn.reason,
        }

    def when(item: PlannedCrawl) -> str:
        if item.next_crawl.mode is not None:
            return "now"
        at = item.next_crawl.at
        return f"in {humanize.span(at - now)}" if at is not None and at > now else humanize.NOTHING

    return ColumnSet(
        ("registry", "namespace", "due", "mode", "at", "reason"),
        record,
        (
            Column("NAMESPACE", lambda c: f"{c.registry}/{shown(c.namespace)}", folds=True),
            Column("DUE", when),
            Column(
                "CRAWL",
                lambda c: c.next_crawl.mode.value if c.next_crawl.mode else humanize.NOTHING,
            ),
            Column("WHY", lambda c: c.next_crawl.reason, folds=True),
        ),
    )


def verifies() -> ColumnSet[PlannedVerify]:
    """Repositories, in the order in which they are opened."""

    def record(item: PlannedVerify) -> dict[str, Any]:
        return {
            "place": item.place,
            "registry": item.registry,
            "repository": item.due.repository,
            "reason": item.due.reason,
        }

    return ColumnSet(
        ("place", "registry", "repository", "reason"),
        record,
        (
            Column("", lambda c: humanize.number(c.place), right=True),
            Column("REPOSITORY", lambda c: shown(c.due.repository), folds=True),
            Column("WHY", lambda c: c.due.reason, folds=True),
        ),
    )
