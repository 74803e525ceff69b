"""What is crawled next, in which order its repositories are read, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.render.column_sets import ColumnSet, itself
from indexer.render.records import fields_of
from indexer.render.records.crawls import PlannedCrawl, PlannedVerify
from indexer.render.tables import Column, Cut

if TYPE_CHECKING:
    from datetime import datetime


def crawls(now: datetime) -> ColumnSet[PlannedCrawl]:
    """Namespaces, and when each is due."""

    def when(item: PlannedCrawl) -> str:
        if item.due:
            return "now"
        at = item.at
        return f"in {humanize.span(at - now)}" if at is not None and at > now else humanize.NOTHING

    return ColumnSet(
        fields_of(PlannedCrawl),
        itself,
        (
            Column("NAMESPACE", lambda c: f"{c.registry}/{shown(c.namespace)}", cut=Cut.MIDDLE),
            Column("DUE", when, rank=1),
            Column("CRAWL", lambda c: c.mode.value if c.mode else humanize.NOTHING, rank=2),
            Column("WHY", lambda c: c.reason, cut=Cut.END, rank=3),
        ),
    )


def verifies() -> ColumnSet[PlannedVerify]:
    """Repositories, in the order in which they are read."""
    return ColumnSet(
        fields_of(PlannedVerify),
        itself,
        (
            Column("", lambda v: humanize.number(v.place), right=True, rank=2),
            Column("REPOSITORY", lambda v: shown(v.repository), cut=Cut.MIDDLE),
            Column("WHY", lambda v: v.reason, cut=Cut.END, rank=1),
        ),
    )
