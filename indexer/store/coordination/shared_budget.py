"""Rate limits that machines share: a row each, locked in the database, by the database's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.ratelimit import shared_budget
from indexer.ratelimit.ports import Budget, Delay, Permit
from indexer.ratelimit.shared_budget import SharedLimit
from indexer.store.database.dialect import insert
from indexer.store.schema.tables import budget, permit

if TYPE_CHECKING:
    from indexer.ratelimit.ports import Observation
    from indexer.store.database.engine import Database
    from indexer.store.database.typed_rows import Columns

_FIELDS = {
    "limit": "quota",  # `limit` is an SQL keyword
    "remaining": "remaining",
    "resets_at": "resets_at",
    "renewed_at": "renewed_at",
    "held_until": "held_until",
    "refusals": "refusals",
    "careful": "careful",
}
"""The fields of a `SharedLimit`, and their columns."""

_NOW = {
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
}
"""Seconds since 1970 by the database's clock, which all machines share."""


class SqlSharedBudget(Budget):
    """One limit.

    Args:
        database: where it is shared.
        name: the registry's address, and the account.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._now = sa.text(_NOW[database.engine.dialect.name])
        with database.writing() as connection:
            new = {"name": name, **_columns(SharedLimit())}
            connection.execute(insert(connection, budget).on_conflict_do_nothing(), new)

    def ask(self, seconds: float) -> Permit | Delay:
        """See `Budget`."""
        with self._database.writing() as connection:
            number, known, now, under_way = self._held(connection)
            verdict = shared_budget.grant(known, now, under_way)
            if verdict.state != known:
                _write(connection, number, verdict.state)
            if verdict.wait is not None:
                return Delay(verdict.wait, verdict.reason, verdict.state.refusals)
            new = sa.insert(permit).values(
                budget_id=number, granted_at=now, expires_at=now + seconds
            )
            granted = connection.scalar(new.returning(permit.c.id))
        assert granted is not None
        return Permit(granted, now)

    def give_back(self, permit: Permit, observation: Observation | None) -> None:
        """See `Budget`."""
        with self._database.writing() as connection:
            number, known, now, under_way = self._held(connection, without=permit.id)
            told = shared_budget.answered(known, observation, now, permit.granted_at, under_way)
            if told != known:
                _write(connection, number, told)

    def _held(
        self, connection: sa.Connection, without: int | None = None
    ) -> tuple[int, SharedLimit, float, int]:
        """Lock the limit's row.

        Returns:
            Its id, what is known of the limit, the time, and how many requests are under way.
        """
        mine = sa.select(budget).where(budget.c.name == self._name).with_for_update()
        row = connection.execute(mine).one()
        now = float(connection.scalar(self._now) or 0.0)
        # A permit of the future was granted before the database's clock was set back.
        over = (permit.c.expires_at <= now) | (
            permit.c.granted_at > now + shared_budget.CLOCK_STEP_SECONDS
        )
        if without is not None:
            over |= permit.c.id == without
        connection.execute(sa.delete(permit).where(permit.c.budget_id == row.id, over))
        count = sa.select(sa.func.count()).where(permit.c.budget_id == row.id)
        under_way = connection.scalar(count) or 0
        fields = {field: getattr(row, column) for field, column in _FIELDS.items()}
        return row.id, SharedLimit(**fields), now, under_way


def _write(connection: sa.Connection, number: int, known: SharedLimit) -> None:
    connection.execute(sa.update(budget).where(budget.c.id == number).values(**_columns(known)))


def _columns(known: SharedLimit) -> Columns:
    return {column: getattr(known, field) for field, column in _FIELDS.items()}
