"""How far each policy has judged, and up to where the log may be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.policies.ports import PolicyState
from indexer.store.coordination.locks import is_held
from indexer.store.database.dialect import insert
from indexer.store.schema.codec import microseconds
from indexer.store.schema.in_use import in_use, is_in_use, touch, untouched
from indexer.store.schema.notify_and_policy_tables import policy
from indexer.store.schema.tables import change_counter, crawl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from indexer.store.database.engine import Database

_RUNNING = (
    sa.select(crawl.c.namespace_id, sa.func.min(crawl.c.after_change).label("at"))
    .where(crawl.c.finished_at.is_(None))
    .group_by(crawl.c.namespace_id)
)
"""Includes crawls whose process died: only the namespace's lock tells whether it is alive."""


_LAST = sa.select(change_counter.c.last_id)

_STATES = sa.select(
    policy.c.name,
    policy.c.cursor,
    policy.c.looked_until,
    policy.c.definition,
    policy.c.used_at,
).order_by(policy.c.name)


def last_change(connection: sa.Connection) -> int:
    """The id of the last change; 0 if there is none."""
    return int(connection.scalar(_LAST) or 0)


def last_before_running(database: Database) -> int:
    """The last change before all crawls that still run; the last of all if none does."""
    with database.reading() as connection:  # one snapshot: crawls that begin later come after it
        last = last_change(connection)
        rows = connection.execute(_RUNNING).all()
    return min((row.at for row in rows if is_held(database, row.namespace_id)), default=last)


def states(connection: sa.Connection, now: datetime) -> list[PolicyState]:
    """Every policy that was ever used and not forgotten, by name."""
    return [
        PolicyState(name, cursor, is_in_use(used_at, now), looked_until, definition)
        for name, cursor, looked_until, definition, used_at in connection.execute(_STATES)
    ]


def begin(database: Database, names: Sequence[str], cursor: int, now: datetime) -> None:
    """Give new policies a cursor at `cursor`, and mark all of them as in use."""
    with database.reading() as connection:
        changed = sorted(untouched(connection, policy, names, now))
    if not changed:
        return
    new = {"cursor": cursor, "started_at": microseconds(now)}
    with database.writing() as connection:
        connection.execute(
            insert(connection, policy).on_conflict_do_nothing(),
            [{"name": name, **new} for name in changed],
        )
        # One that was out of use looks at everything again: prune did not wait for it.
        unused = policy.c.name.in_(changed) & ~in_use(policy, now)
        connection.execute(sa.update(policy).where(unused).values(looked_until=None))
        touch(connection, policy, changed, now)


def outdated(connection: sa.Connection, cursors: Mapping[str, int]) -> dict[str, int]:
    """Those of the given cursors that are further than the stored ones."""
    known = connection.execute(sa.select(policy.c.name, policy.c.cursor))
    return {name: cursors[name] for name, cursor in known if cursors.get(name, 0) > cursor}


def advance(connection: sa.Connection, cursors: Mapping[str, int]) -> None:
    """Move cursors forward; one that another process has moved further stays there."""
    for name, at in sorted(cursors.items()):
        where = policy.c.name == name, policy.c.cursor < at
        connection.execute(sa.update(policy).where(*where).values(cursor=at))


def forget(connection: sa.Connection, name: str) -> bool:
    """Delete a policy's cursor; False: there was none."""
    known = connection.scalar(sa.select(policy.c.id).where(policy.c.name == name))
    connection.execute(sa.delete(policy).where(policy.c.name == name))
    return known is not None
