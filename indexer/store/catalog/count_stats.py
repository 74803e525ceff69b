"""Counts of repositories by the day, and by how much they grew; `stats` puts the answer together.

The sum of a day is not that of its rows: a repository that was not listed on that day still has its
pulls. So the days are summed by how much each repository moved since it was counted before, and
`indexer.catalog.stats.totals` adds these up. What was counted before is the row before, in the
order of the primary key; where that is missing or was not told, a look at the index finds it. Rows
outside the days asked about are not read: thousands of repositories have millions.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.catalog.stats import CountedDay, Counts, totals
from indexer.store.catalog import tag_stats
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import A_DAY, date_of, day_of, microseconds
from indexer.store.schema.tables import repository, repository_daily

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from indexer.catalog.stats import StatsDay, StatsQuestion
    from indexer.store.schema.audience import Audience

    Condition = sa.ColumnElement[bool]
    Day = sa.ColumnElement[int] | int

COUNTS = ("pulls", "stars", "storage_size")
_ALL_DAYS = -(2**31), 2**31


class _DayRow(NamedTuple):
    day: int
    pulls: int | None
    stars: int | None
    storage_size: int | None
    pulls_gained: int | None


def days(
    connection: sa.Connection, asked: StatsQuestion, seen: Audience, where: Sequence[Condition]
) -> list[StatsDay]:
    """The sums of some repositories by day; see `indexer.store.catalog.stats.stats`."""
    first, last = _window(asked)
    counted = _counted(seen, where, first, last)
    moved = [
        _sum(counted.c[name] - sa.func.coalesce(counted.c[f"{name}_before"], 0), name)
        for name in COUNTS
    ]
    gained = _sum(counted.c.pulls - counted.c.pulls_before, "pulls_gained")
    in_days = sa.select(counted.c.day, *moved, gained).group_by(counted.c.day)
    before = [_sum(_told(name, seen, before=first), name) for name in COUNTS]
    at_first = tag_stats.of_repositories(
        sa.select(
            sa.literal(first - 1, sa.BigInteger).label("day"),
            *before,
            sa.null().cast(sa.BigInteger).label("pulls_gained"),
        )
    ).where(*where)
    both = (in_days if asked.since is None else sa.union_all(at_first, in_days)).subquery("both")
    statement = typed(_DayRow, sa.select(both).order_by(both.c.day))
    rows = (
        CountedDay(date_of(row.day), Counts(*row[1:4]), row.pulls_gained)
        for row in read(connection, statement)
    )
    start = asked.since and asked.since.astimezone(UTC).date()
    return [each for each in totals(rows) if start is None or each.day >= start]


def counted_since(
    connection: sa.Connection, seen: Audience, where: Sequence[Condition]
) -> date | None:
    """The first day on which any of some repositories was counted; None: none ever was."""
    first = sa.func.min(_told("day", seen, is_first=True))
    day = connection.scalar(tag_stats.of_repositories(sa.select(first)).where(*where))
    return None if day is None else date_of(day)


def gained(asked: StatsQuestion, seen: Audience, name: str) -> sa.ColumnElement[int]:
    """By how much a count of a repository grew in the days asked about; null: not counted twice.

    An expression for a statement about `repository`.
    """
    first, last = _window(asked)
    latest = _told(name, seen, since=first, until=last)
    last_day = _told("day", seen, since=first, until=last, told_of=name)
    earliest = _told(name, seen, since=first, before=last_day, is_first=True)
    return latest - sa.func.coalesce(_told(name, seen, before=first), earliest)


def _window(asked: StatsQuestion) -> tuple[int, int]:
    """The first and the last day."""
    first = day_of(microseconds(asked.since)) if asked.since else _ALL_DAYS[0]
    last = day_of(microseconds(asked.until)) if asked.until else _ALL_DAYS[1]
    return first, last


def _counted(seen: Audience, where: Sequence[Condition], first: int, last: int) -> sa.Subquery:
    """What was counted on these days, each with what was counted before."""
    daily = repository_daily.c
    before = []
    for name in COUNTS:
        row_before = sa.func.lag(daily[name]).over(
            partition_by=daily.repository_id, order_by=daily.day
        )
        found = sa.func.coalesce(row_before, _told(name, seen, before=daily.day))
        before.append(sa.case((daily[name].is_not(None), found)).label(f"{name}_before"))
    return (
        tag_stats.of_repositories(sa.select(daily.day, *(daily[name] for name in COUNTS), *before))
        .join(repository_daily, daily.repository_id == repository.c.id)
        .where(*where, daily.day.between(first, last), *_shown(daily.day, seen))
        .subquery("counted")
    )


def _told(
    name: str,
    seen: Audience,
    *,
    since: Day | None = None,
    before: Day | None = None,
    until: Day | None = None,
    is_first: bool = False,
    told_of: str | None = None,
) -> sa.ColumnElement[int]:
    """The last, or first, of a repository's counts in some days that the registry told.

    Args:
        name: of the column.
        seen: what the audience may see.
        since: only from that day on.
        before: only earlier ones.
        until: only up to that day.
        is_first: the first one.
        told_of: the count that must be told; None: the column itself.
    """
    told = repository_daily.alias(f"{name}_told")
    statement = sa.select(told.c[name]).where(
        told.c.repository_id == repository.c.id,
        told.c[told_of or name].is_not(None),
        *_shown(told.c.day, seen),
    )
    limits: list[tuple[Day | None, Callable[[Day], Condition]]] = [
        (since, told.c.day.__ge__),
        (before, told.c.day.__lt__),
        (until, told.c.day.__le__),
    ]
    statement = statement.where(*(compare(day) for day, compare in limits if day is not None))
    order = told.c.day if is_first else told.c.day.desc()
    return statement.order_by(order).limit(1).correlate_except(told).scalar_subquery()


def _shown(day: sa.ColumnElement[int], seen: Audience) -> list[Condition]:
    """Days on which the audience could see a repository."""
    return [day >= repository.c.public_since // A_DAY] if seen.is_public else []


def _sum(expression: sa.ColumnElement[int], name: str) -> sa.Label[int]:
    return sa.cast(sa.func.sum(expression), sa.BigInteger).label(name)
