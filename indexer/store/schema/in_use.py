"""Which sinks and policies are in use: `used_at` says when a process last had one configured.

Nobody waits for one that no process has used for a week: it has left the configuration. A time in
the future is believed as little as one long past: somebody's clock was wrong.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.store.schema.codec import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

UNUSED_AFTER = timedelta(days=7)
"""A process that has a sink or a policy in its configuration says so at least once in this time."""

TOUCHED_EVERY = timedelta(hours=1)
"""How exact `used_at` is: it is not written with every look of a daemon."""


def in_use(table: sa.Table, now: datetime) -> sa.ColumnElement[bool]:
    """Whether a row of `sink` or `policy` is of one that is used."""
    return _near(table, now, UNUSED_AFTER)


def touch(connection: sa.Connection, table: sa.Table, names: Iterable[str], now: datetime) -> None:
    """Note that sinks or policies are used now."""
    for name in sorted(names):  # everybody in one order: two processes must not wait for each other
        connection.execute(
            sa.update(table).where(table.c.name == name).values(used_at=microseconds(now))
        )


def untouched(
    connection: sa.Connection, table: sa.Table, names: Iterable[str], now: datetime
) -> set[str]:
    """Those of some names that are new, or whose use was not noted lately."""
    noted = sa.select(table.c.name).where(_near(table, now, TOUCHED_EVERY))
    return set(names) - set(connection.scalars(noted))


def _near(table: sa.Table, now: datetime, span: timedelta) -> sa.ColumnElement[bool]:
    return table.c.used_at.between(microseconds(now - span), microseconds(now + span))
