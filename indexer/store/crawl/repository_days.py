"""What was counted of repositories by the day: one row for each that was listed on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.store.database.dialect import BulkInsert, chunks
from indexer.store.schema.codec import day_of
from indexer.store.schema.tables import repository, repository_daily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.core.model import Repository

_INSERT = BulkInsert(
    repository_daily,
    ("repository_id", "day", "pulls", "stars", "storage_size"),
    # The last listing of a day has the last word.
    conflict="""
        ON CONFLICT (repository_id, day) DO UPDATE SET
            pulls = excluded.pulls,
            stars = excluded.stars,
            storage_size = excluded.storage_size
        WHERE repository_daily.pulls IS DISTINCT FROM excluded.pulls
            OR repository_daily.stars IS DISTINCT FROM excluded.stars
            OR repository_daily.storage_size IS DISTINCT FROM excluded.storage_size
    """,
)


def write(
    connection: sa.Connection, namespace_id: int, listed: Sequence[Repository], now: int
) -> None:
    """Write down today's counters of repositories that were just listed.

    Args:
        connection: in a transaction that has written the repositories.
        namespace_id: whose they are.
        listed: those without counters are left out.
        now: the time of the listing, in microseconds.
    """
    counted = {item.name: item for item in listed if item.is_counted}
    for some in chunks(counted):
        found = sa.select(repository.c.id, repository.c.name).where(
            repository.c.namespace_id == namespace_id, repository.c.name.in_(some)
        )
        numbers = connection.execute(found)
        write_rows(connection, [(number, counted[name]) for number, name in numbers], now)


def write_rows(
    connection: sa.Connection, counted: Sequence[tuple[int, Repository]], now: int
) -> None:
    """Write down today's counters of repositories, each with the id of its row."""
    day = day_of(now)
    rows = [(number, day, each.pulls, each.stars, each.storage_size) for number, each in counted]
    _INSERT.run(connection, rows)
