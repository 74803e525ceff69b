"""Which sinks and policies are in use: `used_at` is when a process last had one configured.

One that no process has used for a week was removed from the configuration, and nothing waits for
it. A time far in the future counts as unused, too: some clock was wrong.
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
"""A process records each configured sink and policy as used at least once in this time."""

TOUCHED_EVERY = timedelta(hours=1)
"""The precision of `used_at`, so that a daemon does not write it each time it looks."""


def in_use(table: sa.Table, now: datetime) -> sa.ColumnElement[bool]:
    """Whether a row of `sink` or `policy` is in use."""
    return _near(table, now, UNUSED_AFTER)


def is_in_use(used_at: int | None, now: datetime) -> bool:
    """Whether a sink or a policy is in use, by its `used_at`."""
    if used_at is None:
        return False
    return microseconds(now - UNUSED_AFTER) <= used_at <= microseconds(now + UNUSED_AFTER)


def touch(connection: sa.Connection, table: sa.Table, names: Iterable[str], now: datetime) -> None:
    """Record that sinks or policies are used now."""
    for name in sorted(names):  # always in the same order: two processes must not deadlock
        connection.execute(
            sa.update(table).where(table.c.name == name).values(used_at=microseconds(now))
        )


def untouched(
    connection: sa.Connection, table: sa.Table, names: Iterable[str], now: datetime
) -> set[str]:
    """Those of some names that are new, or were not recorded as used lately."""
    noted = sa.select(table.c.name).where(_near(table, now, TOUCHED_EVERY))
    return set(names) - set(connection.scalars(noted))


def _near(table: sa.Table, now: datetime, span: timedelta) -> sa.ColumnElement[bool]:
    return table.c.used_at.between(microseconds(now - span), microseconds(now + span))
