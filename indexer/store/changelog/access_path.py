"""Selects the index for a command's query of changes: the one that leads to the fewest rows.

Neither database can estimate how many changes a few repositories had since a time; guesses are
wrong by a factor of a thousand in a log of ten million rows. So rows are counted, up to a limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.store.changelog.query import ChangeQuery, Lead
from indexer.store.schema.tables import change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.core.catalog_entries import ChangeFilter
    from indexer.store.changelog.rows import ChangeRow

    Condition = sa.ColumnElement[bool]

ENOUGH = 2_000
"""Rows that can be read in some milliseconds, over any index."""

FEW = 20
"""The most repositories whose changes are read one repository after the other."""

_NONE: list[list[sa.ColumnElement[bool]]] = [[change.c.id < 0]]
"""No change. Of a constant SQLite would walk the log."""


def statement(
    connection: sa.Connection, wanted: ChangeFilter, *, back: bool = False
) -> sa.Select[ChangeRow]:
    """The selected changes: see `ChangeQuery.rows`."""
    query = ChangeQuery(wanted, connection.dialect.name)
    return query.rows(_choices(connection, query), back=back)


def _choices(connection: sa.Connection, query: ChangeQuery) -> list[list[Condition]]:
    """The conditions, with those columns left to an index that lead to the fewest rows."""
    candidates = query.candidates()
    if candidates is not None:
        few = list(connection.scalars(candidates.limit(FEW + 1)))
        if len(few) <= FEW:
            own = [query.conditions(Lead.REPOSITORY, places=[number]) for number in few]
            return own or _NONE
    homes = None if query.wanted.is_by_time or query.wanted.baseline else query.homes()
    if homes is not None:
        held = list(connection.scalars(homes.limit(FEW + 1)))
        if len(held) <= FEW:
            return [query.conditions(Lead.PLACE, homes=[number]) for number in held] or _NONE
    where = query.repositories()
    if where is not None and _is_by_repository(connection, query, where):
        return [query.conditions(Lead.REPOSITORY)]
    if not query.wanted.is_by_time or query.wanted.baseline:
        return [query.conditions(Lead.NUMBER)]
    if not query.kinds:
        return [query.conditions(Lead.TIME)]
    return [query.conditions(Lead.TIME, kind=kind) for kind in query.kinds]


def _is_by_repository(connection: sa.Connection, query: ChangeQuery, where: sa.Select[int]) -> bool:
    """Whether to use the index by repository, or to read all changes since the time."""
    wanted = query.wanted
    if wanted.baseline:
        through_all = query.bounds(Lead.NUMBER)
    else:
        through_all = [*query.bounds(Lead.TIME), query.is_no_baseline(Lead.TIME)]
    if _count(connection, through_all) < ENOUGH:
        return False
    if wanted.limit is None:
        return True
    theirs = change.c.repository_id.in_(where)
    return _count(connection, [*query.bounds(Lead.REPOSITORY), theirs]) < ENOUGH


def _count(connection: sa.Connection, conditions: Sequence[Condition]) -> int:
    some = sa.select(sa.literal(1)).select_from(change).where(*conditions).limit(ENOUGH)
    return connection.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0
