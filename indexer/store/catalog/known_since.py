"""Since when the index knows a repository: what its tags were earlier is not known.

A repository of the baseline is known from the first reading of its tags on. One that came later is
known from the beginning of its namespace on: it was not there. What was pruned is not known either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.store.database.typed_rows import first, typed
from indexer.store.schema.codec import time_of
from indexer.store.schema.tables import change_counter, repository
from indexer.store.schema.visibility import ALL, NEVER

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.store.schema.visibility import Periods


class _StartRow(NamedTuple):
    """The first times that are recorded of a repository."""

    baseline: bool
    first_seen_at: int
    first_tag: int | None
    first_period: int | None
    namespace: int
    pruned_before: int | None


_BESIDE = repository.alias("beside")


def _start(of: Periods) -> sa.Select[_StartRow]:
    """The first times of a repository, of the periods that an audience sees."""
    tag, history = of
    mine = tag.c.repository_id == repository.c.id
    in_past = sa.select(sa.func.min(history.c.started_at)).join(tag, tag.c.id == history.c.tag_id)
    return typed(
        _StartRow,
        sa.select(
            repository.c.baseline,
            repository.c.first_seen_at,
            sa.select(sa.func.min(tag.c.since))
            .where(mine)
            .correlate(repository)
            .scalar_subquery()
            .label("first_tag"),
            in_past.where(mine).correlate(repository).scalar_subquery().label("first_period"),
            sa.select(sa.func.min(_BESIDE.c.first_seen_at))
            .where(_BESIDE.c.namespace_id == repository.c.namespace_id)
            .correlate(repository)
            .scalar_subquery()
            .label("namespace"),
            sa.select(change_counter.c.pruned_before).scalar_subquery().label("pruned_before"),
        ).where(repository.c.id == sa.bindparam("repository")),
    )


def known_since(
    connection: sa.Connection, number: int | None, of: Periods = ALL
) -> datetime | None:
    """Since when a repository is known; None: there is no such repository."""
    row = first(connection, _start(of), {"repository": number})
    return None if row is None else time_of(max(_began(row), row.pruned_before or 0))


def _began(row: _StartRow) -> int:
    if not row.baseline:
        return row.namespace
    found = (row.first_tag, row.first_period)
    times = [each for each in found if each is not None and each != NEVER]
    return min(times, default=row.first_seen_at)


def check_known(
    connection: sa.Connection, number: int | None, name: str, time: datetime, of: Periods = ALL
) -> None:
    """Check that a repository was known at a time.

    Raises:
        UsageError: the time is before that, so "no tags" would not be known.
    """
    row = first(connection, _start(of), {"repository": number})
    if row is None:
        return
    pruned, began = time_of(row.pruned_before), time_of(_began(row))
    if pruned is not None and time < pruned:
        raise UsageError(
            f"the history from before {pruned:%Y-%m-%d %H:%M} UTC was pruned: ask for a later time."
        )
    if time < began:
        raise UsageError(
            f"the index knows {shown(name)} since {began:%Y-%m-%d %H:%M} UTC, and nothing of an "
            "earlier time: ask for a later one."
        )
