"""Counts changes: by day, and all that there ever were."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.catalog.answers import DayCount
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import ChangeKind
from indexer.store.changelog.query import ChangeQuery, Lead
from indexer.store.database.typed_rows import typed
from indexer.store.schema.codec import EPOCH, KIND_OF
from indexer.store.schema.tables import change, change_counter

if TYPE_CHECKING:
    from indexer.store.schema.audience import Audience

_DAY = 86_400_000_000
"""Microseconds."""


class DayRow(NamedTuple):
    """How many changes of a kind on a day; days are counted from 1970."""

    day: int
    kind: int
    number: int


EVER = sa.select(*(change_counter.c[kind.value] for kind in ChangeKind))
"""How many changes of each kind there ever were, baselines left out."""


def by_day(wanted: ChangeFilter, dialect: str, audience: Audience) -> sa.Select[DayRow]:
    """How many changes of each kind there were on each day; an index alone answers it.

    Args:
        wanted: only its time and its names of repositories are used.
        dialect: of the database.
        audience: what it may see.
    """
    asked = ChangeFilter(
        since=wanted.since,
        registry=wanted.registry,
        namespace=wanted.namespace,
        repository=wanted.repository,
        companions=True,  # else an index alone would not answer it
    )
    day: sa.ColumnElement[int] = sa.literal_column(f"change.observed_at / {_DAY}")
    return typed(
        DayRow,
        sa.select(day.label("day"), change.c.kind, sa.func.count().label("number"))
        .where(*ChangeQuery(asked, dialect, audience).conditions(Lead.ANY))
        .group_by(sa.text("1"), change.c.kind)
        .order_by(sa.text("1"), change.c.kind),
    )


def day_count(row: DayRow) -> DayCount:
    """Convert a row of `by_day`."""
    day = EPOCH + timedelta(days=row.day)
    return DayCount(day.date(), KIND_OF[row.kind], row.number)
