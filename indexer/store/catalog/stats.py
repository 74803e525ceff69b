"""Counts by the day, of one repository or of many together; `tag_stats` has what is of tags.

The sum of a day is not that of its rows: a repository that was not listed on that day still has its
pulls. So the statement sums by how much each repository moved since it was listed before, and
`indexer.catalog.stats.totals` adds these up.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.catalog.stats import CountedDay, Counts, RepositoryStats, Stats, totals
from indexer.store.catalog import tag_stats
from indexer.store.changelog.rows import within
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import A_DAY, date_of, day_of, microseconds, time_of
from indexer.store.schema.tables import registry, repository, repository_daily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.catalog.stats import StatsDay, StatsQuestion, StatsScope
    from indexer.store.schema.audience import Audience

    Condition = sa.ColumnElement[bool]

_COUNTS = ("pulls", "stars", "storage_size")
_ALL_DAYS = -(2**31), 2**31


class _DayRow(NamedTuple):
    day: int
    pulls: int | None
    stars: int | None
    storage_size: int | None
    pulls_gained: int | None


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
        _days(connection, asked, seen, where),
        repositories,
        number,
        not_pulled,
        not_pulled_number,
        shared,
        shared_number,
    )


def _counted(seen: Audience, where: Sequence[Condition]) -> sa.Subquery:
    """What was counted by the day, each with what was counted before."""
    daily = repository_daily.c
    if seen.is_public:
        where = [*where, daily.day >= repository.c.public_since // A_DAY]
    before = [
        sa.func.lag(daily[name])
        # Days on which the registry did not say it are passed over.
        .over(partition_by=[daily.repository_id, daily[name].is_(None)], order_by=daily.day)
        .label(f"{name}_before")
        for name in _COUNTS
    ]
    columns = [daily.repository_id, daily.day, *(daily[name] for name in _COUNTS), *before]
    return (
        tag_stats.of_repositories(sa.select(*columns))
        .join(repository_daily, repository_daily.c.repository_id == repository.c.id)
        .where(*where)
        .subquery("counted")
    )


def _gained(counted: sa.Subquery, name: str) -> sa.ColumnElement[int]:
    """By how much a count grew; null where none was counted twice."""
    now, before = counted.c[name], counted.c[f"{name}_before"]
    return sa.cast(sa.func.sum(now - before), sa.BigInteger)


def _window(asked: StatsQuestion) -> tuple[int, int]:
    """The first and the last day."""
    first = day_of(microseconds(asked.since)) if asked.since else _ALL_DAYS[0]
    last = day_of(microseconds(asked.until)) if asked.until else _ALL_DAYS[1]
    return first, last


def _days(
    connection: sa.Connection, asked: StatsQuestion, seen: Audience, where: Sequence[Condition]
) -> list[StatsDay]:
    counted = _counted(seen, where)
    moved = [
        sa.cast(
            sa.func.sum(counted.c[name] - sa.func.coalesce(counted.c[f"{name}_before"], 0)),
            sa.BigInteger,
        ).label(name)
        for name in _COUNTS
    ]
    statement = typed(
        _DayRow,
        sa.select(counted.c.day, *moved, _gained(counted, "pulls").label("pulls_gained"))
        .group_by(counted.c.day)
        .order_by(counted.c.day),
    )
    rows = (
        CountedDay(date_of(row.day), Counts(*row[1:4]), row.pulls_gained)
        for row in read(connection, statement)
    )
    first, last = asked.since, asked.until
    return [
        each
        for each in totals(rows)
        if (first is None or each.day >= first.astimezone(UTC).date())
        and (last is None or each.day <= last.astimezone(UTC).date())
    ]


def _repositories(
    connection: sa.Connection, asked: StatsQuestion, seen: Audience, where: Sequence[Condition]
) -> tuple[list[RepositoryStats], int]:
    """The repositories that were pulled most in these days."""
    counted = _counted(seen, where)
    gained = (
        sa.select(
            counted.c.repository_id,
            _gained(counted, "pulls").label("pulls"),
            _gained(counted, "stars").label("stars"),
            _gained(counted, "storage_size").label("storage"),
        )
        .where(counted.c.day.between(*_window(asked)))
        .group_by(counted.c.repository_id)
        .subquery("gained")
    )
    statement = typed(
        _RepositoryRow,
        tag_stats.of_repositories(
            sa.select(
                repository.c.id,
                registry.c.name.label("registry"),
                repository.c.name,
                *(repository.c[name] for name in _COUNTS),
                gained.c.pulls.label("pulls_gained"),
                gained.c.stars.label("stars_gained"),
                gained.c.storage.label("storage_gained"),
                repository.c.tags,
                sa.func.count().over().label("number"),
            )
        )
        .outerjoin(gained, gained.c.repository_id == repository.c.id)
        .where(*where)
        .order_by(
            sa.func.coalesce(gained.c.pulls, -1).desc(),
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
