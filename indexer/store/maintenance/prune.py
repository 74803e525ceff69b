"""Deletes old data in short transactions: `indexer prune`.

Never deleted: what a tag points to, whatever its age; the first period of a present tag, which
says since when it exists; the last crawls of a namespace, which the next one needs; and every
change that a sink or a policy in use has not processed. A message that was begun is stored
itself, and needs its changes no more.
"""

from __future__ import annotations

from array import array
from contextlib import closing
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.printable import shown
from indexer.store.database.engine import Database
from indexer.store.maintenance.prune_steps import CONSUMERS, steps
from indexer.store.schema.codec import microseconds, time_of
from indexer.store.schema.in_use import in_use
from indexer.store.schema.migrate import make_ready
from indexer.store.schema.tables import change, change_counter, crawl, metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.store.maintenance.prune_steps import Step

ROWS_AT_ONCE = 1_000
"""Rows deleted in one transaction, about: some tens of milliseconds."""

IDS_AT_ONCE = 10_000
"""Ids that are in memory as rows of the database, while those of millions are noted."""

_ENDED = sa.func.coalesce(crawl.c.finished_at, crawl.c.started_at)

_LAST_CRAWL = sa.select(_ENDED).order_by(crawl.c.id.desc()).limit(1)

_A_DAY = 24 * 60 * 60 * 1_000_000
_FIRST_RESET = 1_577_836_800 * 1_000_000
"""2020-01-01: before that a number is no time of a reset; some servers send seconds to wait."""

_LAST_RESET = (
    sa.select(_ENDED.label("ended"), crawl.c.rate_reset_at)
    .where(crawl.c.rate_reset_at > _FIRST_RESET)
    .order_by(crawl.c.id.desc())
    .limit(1)
)
"""When the registry's own clock would reset its rate limit: not before the crawl that was told."""


class Consumer(NamedTuple):
    """A sink or a policy that needs changes."""

    kind: str
    name: str

    def __str__(self) -> str:
        """`sink 'audit'`."""
        return f"{self.kind} '{shown(self.name)}'"


WORK_MEMORY = "256MB"
"""PostgreSQL's, for what is noted. The ids that are still needed have to fit into a hash table: if
they do not, it goes through all of them for each row, for minutes at a million changes."""


class Pruned(NamedTuple):
    """What was deleted, or would be.

    Attributes:
        rows: by table.
        bytes: that the database may use again.
        needed_after: later changes were kept for a consumer that has not processed them; None: no
            consumer needed any.
        waits_for: the sinks and policies that have processed no further than that, if there is
            more.
        passed_over: the sinks and policies that were not used for a week, and had not processed
            all changes that go.
    """

    rows: dict[str, int]
    bytes: int
    needed_after: int | None
    waits_for: tuple[Consumer, ...] = ()
    passed_over: tuple[Consumer, ...] = ()


def counted_from(url: str, now: datetime) -> datetime:
    """The time from which an age is counted: now, or the last crawl (by its number) if earlier.

    So a clock that is wrong deletes nothing that the last crawl still called recent. If the same
    wrong clock dated the crawls, the registry's clock counts: a rate limit that was reset long
    before the crawl that was told of it.

    Raises:
        StoreError: the database cannot be read, or holds no index.
    """
    with closing(Database(url)) as database:
        make_ready(database, create=False)
        with database.reading() as connection:
            last = connection.scalar(_LAST_CRAWL)
            told = connection.execute(_LAST_RESET).one_or_none()
    if told is not None and told.rate_reset_at < told.ended - _A_DAY:
        last = min(last, told.rate_reset_at)
    return now if last is None else min(now, time_of(last))


def prune(
    url: str,
    before: datetime,
    *,
    really: bool,
    now: datetime,
    pause: Callable[[float], None] = sleep,
) -> Pruned:
    """Delete what ended before a time, some rows at a time, while crawls go on.

    What goes is noted in one snapshot, without a lock. Then it is deleted in short transactions,
    each of which asks again whether its rows may still go. Whoever ends this in between has
    deleted less, and nothing that is needed.

    Args:
        url: where the index is.
        before: what ended earlier, and is not needed, is deleted.
        really: False: count what would go, and write nothing.
        now: the time; consumers that were not used for long before it are ignored. If nothing
            that the index recorded is that late, the clock may be wrong, and the latest counts.
        pause: waits for some seconds between two transactions, so that crawls have their turn.

    Raises:
        StoreError: the database cannot be written.
    """
    limit = microseconds(before)
    with closing(Database(url)) as database:
        make_ready(database, create=False)
        with database.reading() as connection:
            noted = _note(connection, limit, now, with_ids=really)
        if not really:
            counts = noted.counts
            return noted.as_pruned(counts, noted.bytes_of(counts))
        with database.writing() as connection:
            _close_the_past(connection, limit)
        rows = dict.fromkeys(noted.counts, 0)
        for step, ids in zip(noted.steps, noted.ids, strict=True):
            at_once = _values_at_once(len(ids), noted.counts[step.table.name])
            for table, number in _deleted(database, step, ids, at_once, pause):
                rows[table] += number
            if step.table is change and rows[change.name] < len(ids):
                break  # a consumer wants some again, and what these name: the next prune goes on
        with database.reading() as connection:
            free = _free_bytes(connection)
        freed = noted.bytes_of(rows) if free is None else free - (noted.free or 0)
        return noted.as_pruned(rows, freed)


class _Noted(NamedTuple):
    """What a snapshot says of what goes.

    Attributes:
        steps: what goes, in order.
        ids: for each step the values of its column, in order.
        counts: how many rows go, by table.
        each: how many bytes a row takes, about, by table.
        free: bytes of SQLite's file that are unused; None for PostgreSQL.
        needed_after, waits_for, passed_over: as in `Pruned`.
    """

    steps: list[Step]
    ids: list[array[int]]
    counts: dict[str, int]
    each: dict[str, float]
    free: int | None
    needed_after: int | None
    waits_for: tuple[Consumer, ...]
    passed_over: tuple[Consumer, ...]

    def as_pruned(self, rows: dict[str, int], freed: int) -> Pruned:
        """The answer, with the rows and bytes that went, or would go."""
        return Pruned(rows, freed, self.needed_after, self.waits_for, self.passed_over)

    def bytes_of(self, rows: Mapping[str, int]) -> int:
        """How many bytes some rows take, about."""
        return int(sum(self.each[table] * number for table, number in rows.items()))


def _note(connection: sa.Connection, before: int, now: datetime, *, with_ids: bool) -> _Noted:
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        connection.execute(sa.text(f"SET LOCAL work_mem = '{WORK_MEMORY}'"))
    now = _last_sign_of_life(connection, now)
    needed_after, waits_for = _needed_after(connection, now)
    last = connection.scalar(sa.select(change_counter.c.last_id)) or 0
    found = list(steps(before, needed_after, last, now))
    ids, counts = [], dict[str, int]()
    for step in found:
        doomed = sa.select(step.by).where(step.doomed).order_by(step.by).distinct()
        streamed = doomed.execution_options(yield_per=IDS_AT_ONCE)
        ids.append(array("q", connection.scalars(streamed) if with_ids else ()))
        for table in (*step.within, step.table):
            counts[table.name] = _count(connection, step, table)
    each = _bytes_a_row(
        connection, [table for table in metadata.sorted_tables if table.name in counts]
    )
    passed_over = _passed_over(connection, now, found[0].doomed)
    return _Noted(
        found, ids, counts, each, _free_bytes(connection), needed_after, waits_for, passed_over
    )


def _count(connection: sa.Connection, step: Step, table: sa.Table) -> int:
    """How many rows of a table a step takes, by the snapshot."""
    going = step.doomed
    if table is not step.table:
        going = table.c.content_id.in_(sa.select(step.by).where(step.doomed))
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(going)) or 0


def _close_the_past(connection: sa.Connection, before: int) -> None:
    """Let no question about an earlier time be answered from what is left of it."""
    kept = sa.func.coalesce(change_counter.c.pruned_before, before)
    later = sa.case((kept > before, kept), else_=before)
    connection.execute(sa.update(change_counter).values(pruned_before=later))


def _values_at_once(values: int, rows: int) -> int:
    """How many values of a column stand for `ROWS_AT_ONCE` rows: a repository has many days."""
    return max(1, ROWS_AT_ONCE * values // max(rows, 1))


def _deleted(
    database: Database,
    step: Step,
    ids: Sequence[int],
    at_once: int,
    pause: Callable[[float], None],
) -> Iterator[tuple[str, int]]:
    """Delete a step's rows; yields after each transaction how many of which table.

    Content is deleted from above to below, so its rows are tried until none can be deleted.
    """
    goes_on = True
    while goes_on:
        goes_on = False
        for start in range(0, len(ids), at_once):
            some = ids[start : start + at_once]
            began = monotonic()
            with database.writing() as connection:
                gone = _delete(connection, step, some)
            yield from gone.items()
            goes_on |= bool(step.within and gone[step.table.name])
            pause(monotonic() - began)


def _delete(connection: sa.Connection, step: Step, ids: Sequence[int]) -> dict[str, int]:
    """Delete those of some rows that may still go."""
    going = step.by.in_(ids) & step.still
    if not step.within:
        return {step.table.name: connection.execute(sa.delete(step.table).where(going)).rowcount}
    still = list(connection.scalars(sa.select(step.by).where(going)))
    gone = {}
    for table in step.within:
        deleting = sa.delete(table).where(table.c.content_id.in_(still))
        gone[table.name] = connection.execute(deleting).rowcount
    deleting = sa.delete(step.table).where(step.by.in_(still))
    gone[step.table.name] = connection.execute(deleting).rowcount
    return gone


def _last_sign_of_life(connection: sa.Connection, now: datetime) -> datetime:
    """The latest of the last crawl and all uses of sinks and policies, at most `now`."""
    signs = [connection.scalar(_LAST_CRAWL)]
    signs += [
        connection.scalar(sa.select(sa.func.max(each.c.used_at))) for each in CONSUMERS.values()
    ]
    known = [each for each in signs if each is not None]
    return min(now, time_of(max(known))) if known else now


def _needed_after(
    connection: sa.Connection, now: datetime
) -> tuple[int | None, tuple[Consumer, ...]]:
    """The last change that no consumer needs any more, and which consumers need the next one."""
    needed = [
        (row.needed, Consumer(kind, row.name))
        for kind, table in CONSUMERS.items()
        for row in connection.execute(
            sa.select(table.c.cursor.label("needed"), table.c.name)
            .where(in_use(table, now))
            .order_by(table.c.name)
        )
    ]
    if not needed:
        return None, ()
    last = connection.scalar(sa.select(change_counter.c.last_id)) or 0
    least = min(each for each, _ in needed)
    return least, tuple(name for each, name in needed if each == least < last)


def _passed_over(
    connection: sa.Connection, now: datetime, going: sa.ColumnElement[bool]
) -> tuple[Consumer, ...]:
    """Who is not in use, and has not processed all changes that go."""
    return tuple(
        Consumer(kind, name)
        for kind, table in CONSUMERS.items()
        for name in connection.scalars(
            sa.select(table.c.name)
            .where(
                ~in_use(table, now),
                sa.exists().where(
                    going, change.c.id > table.c.cursor, change.c.baseline == sa.false()
                ),
            )
            .order_by(table.c.name)
        )
    )


def _free_bytes(connection: sa.Connection) -> int | None:
    """Bytes of the file that are unused; None where there is no file."""
    if connection.dialect.name != "sqlite":
        return None
    size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    return int(size) * int(connection.exec_driver_sql("PRAGMA freelist_count").scalar_one())


def _bytes_a_row(connection: sa.Connection, tables: Sequence[sa.Table]) -> dict[str, float]:
    """The average bytes of a row of each table, with its indexes; on SQLite of all together."""
    rows = {
        table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in tables
    }
    if connection.dialect.name != "sqlite":
        sizes = {
            name: connection.scalar(sa.select(sa.func.pg_total_relation_size(name))) or 0
            for name in rows
        }
        return {name: sizes[name] / max(number, 1) for name, number in rows.items()}
    page = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    used = page * connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    used -= _free_bytes(connection) or 0
    return dict.fromkeys(rows, used / max(sum(rows.values()), 1))
