"""What is crawled next, and which repositories are looked at, with the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.render.column_sets import Shape
from indexer.render.tables import Column

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.crawl.due_repositories import Due
    from indexer.crawl.schedule import Turn


class NextCrawl(NamedTuple):
    """A configured namespace, and its turn."""

    registry: str
    namespace: str
    turn: Turn


class NextLook(NamedTuple):
    """A repository that a verifying crawl would open, and its place among all."""

    registry: str
    place: int
    due: Due


def crawls(now: datetime) -> Shape[NextCrawl]:
    """Namespaces, and when each is due."""

    def record(item: NextCrawl) -> dict[str, Any]:
        turn = item.turn
        return {
            "registry": item.registry,
            "namespace": item.namespace,
            "due": turn.mode is not None,
            "mode": turn.mode.value if turn.mode else None,
            "at": humanize.iso(turn.at),
            "reason": turn.reason,
        }

    def when(item: NextCrawl) -> str:
        if item.turn.mode is not None:
            return "now"
        at = item.turn.at
        return f"in {humanize.span(at - now)}" if at is not None and at > now else humanize.NOTHING

    return Shape(
        ("registry", "namespace", "due", "mode", "at", "reason"),
        record,
        (
            Column("NAMESPACE", lambda c: f"{c.registry}/{shown(c.namespace)}", folds=True),
            Column("DUE", when),
            Column("CRAWL", lambda c: c.turn.mode.value if c.turn.mode else humanize.NOTHING),
            Column("WHY", lambda c: c.turn.reason, folds=True),
        ),
    )


def looks() -> Shape[NextLook]:
    """Repositories, in the order in which they are opened."""

    def record(item: NextLook) -> dict[str, Any]:
        return {
            "place": item.place,
            "registry": item.registry,
            "repository": item.due.repository,
            "reason": item.due.reason,
        }

    return Shape(
        ("place", "registry", "repository", "reason"),
        record,
        (
            Column("", lambda c: humanize.number(c.place), right=True),
            Column("REPOSITORY", lambda c: shown(c.due.repository), folds=True),
            Column("WHY", lambda c: c.due.reason, folds=True),
        ),
    )
