"""What is counted of one repository or of many together.

`count_stats` has the days, `tag_stats` what is of tags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.catalog.stats import Counts, RepositoryStats, Stats
from indexer.store.catalog import count_stats, tag_stats
from indexer.store.changelog.rows import within
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import time_of
from indexer.store.schema.tables import registry, repository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.catalog.stats import StatsQuestion, StatsScope
    from indexer.store.schema.audience import Audience

    Condition = sa.ColumnElement[bool]


class _RepositoryRow(NamedTuple):
    id: int
    registry: str
    name: str
    pulls: int | None
    stars: int | None
    storage_size: int | None
    pulls_gained: int | None
    stars_gained: int | None
    storage_gained: int | None
    tags: int
    number: int


def in_scope(scope: StatsScope) -> list[Condition]:
    """Conditions for the repositories that are counted: a named one may be removed."""
    conditions: list[Condition] = []
    if scope.registry is not None:
        conditions.append(registry.c.name == scope.registry)
    if scope.repository is not None:
        return [*conditions, repository.c.name == scope.repository]
    if scope.namespace is not None:
        conditions.append(within(scope.namespace))
    return [*conditions, repository.c.present]


def stats(
    connection: sa.Connection, asked: StatsQuestion, seen: Audience, where: Sequence[Condition]
) -> Stats:
    """Answer for one audience.

    Args:
        connection: to the index.
        asked: the question.
        seen: what the audience may see.
        where: conditions for the repositories: see `in_scope`.
    """
    where = [*where, *seen.visible]
    repositories, number = _repositories(connection, asked, seen, where)
    not_pulled, not_pulled_number = tag_stats.not_pulled(connection, asked, seen, where)
    shared, shared_number = tag_stats.shared(connection, asked, seen, where)
    return Stats(
        count_stats.days(connection, asked, seen, where),
        count_stats.counted_since(connection, seen, where),
        repositories,
        number,
        not_pulled,
        not_pulled_number,
        shared,
        shared_number,
    )


def _repositories(
    connection: sa.Connection, asked: StatsQuestion, seen: Audience, where: Sequence[Condition]
) -> tuple[list[RepositoryStats], int]:
    """The repositories that were pulled most in these days."""
    gained = {name: count_stats.gained(asked, seen, name) for name in count_stats.COUNTS}
    statement = typed(
        _RepositoryRow,
        tag_stats.of_repositories(
            sa.select(
                repository.c.id,
                registry.c.name.label("registry"),
                repository.c.name,
                *(repository.c[name] for name in count_stats.COUNTS),
                gained["pulls"].label("pulls_gained"),
                gained["stars"].label("stars_gained"),
                gained["storage_size"].label("storage_gained"),
                repository.c.tags,
                sa.func.count().over().label("number"),
            )
        )
        .where(*where)
        .order_by(
            sa.func.coalesce(gained["pulls"], -1).desc(),
            sa.func.coalesce(repository.c.pulls, -1).desc(),
            registry.c.name,
            repository.c.name,
        )
        .limit(asked.limit),
    )
    rows = read(connection, statement)
    pulled = tag_stats.pulled(connection, asked, seen, [row.id for row in rows])
    found = []
    for row in rows:
        of_tags = pulled.get(row.id)
        found.append(
            RepositoryStats(
                row.registry,
                row.name,
                Counts(row.pulls, row.stars, row.storage_size),
                Counts(row.pulls_gained, row.stars_gained, row.storage_gained),
                row.tags,
                of_tags.not_pulled if of_tags and of_tags.told else None,
                time_of(of_tags.last_pulled) if of_tags else None,
            )
        )
    return found, rows[0].number if rows else 0
