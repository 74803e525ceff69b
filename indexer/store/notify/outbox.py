"""The outbox in the database: see `indexer.notify.ports.Outbox`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.printable import shown
from indexer.notify.event import Event
from indexer.notify.ports import Judged, Outbox, SinkState
from indexer.store.catalog.retag_moves import moves_of
from indexer.store.changelog import hidings
from indexer.store.changelog.rows import CHANGES, change_of
from indexer.store.coordination.locks import locks_of
from indexer.store.database.dialect import insert
from indexer.store.database.typed_rows import read, typed
from indexer.store.notify import begun_message
from indexer.store.policies import policy_cursors, violations
from indexer.store.schema.codec import KINDS, microseconds, time_of
from indexer.store.schema.in_use import touch, untouched
from indexer.store.schema.notify_and_policy_tables import sink
from indexer.store.schema.tables import change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from indexer.core.model import ChangeKind
    from indexer.notify.event import HiddenRepositories
    from indexer.notify.message import BegunMessage
    from indexer.store.changelog.rows import ChangeRow
    from indexer.store.database.engine import Database
    from indexer.store.database.typed_rows import Value

PAGE = 500
"""Changes read in one transaction; no transaction is open while messages are sent."""

_LOCKS_FROM = 1 << 30
"""Lock numbers from here on are for sinks; lower ones are for namespaces."""

_LONGEST_ERROR = 500

_EVENTS = (
    CHANGES.where(
        change.c.id > sa.bindparam("after"),
        change.c.id <= sa.bindparam("until"),
        change.c.baseline == sa.false(),
    )
    .order_by(change.c.id)
    .limit(PAGE)
)


class _SinkRow(NamedTuple):
    """A row of the table `sink`."""

    id: int
    name: str
    cursor: int
    hidden_cursor: int
    batch_until: int
    started_at: int
    sent_at: int | None
    sent: int
    failures: int
    retry_at: int | None
    error: str
    begun: str | None
    used_at: int


_SINKS = typed(_SinkRow, sa.select(sink))


class SqlOutbox(Outbox):
    """The outbox in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._locks = locks_of(database)

    def close(self) -> None:
        """Release every lock."""
        self._locks.close()

    def last_change(self) -> int:
        """See `Outbox`."""
        with self._database.reading() as connection:
            return policy_cursors.last_change(connection)

    def judged(self, now: datetime) -> Judged:
        """See `Outbox`."""
        with self._database.reading() as connection:
            last = policy_cursors.last_change(connection)
            cursors = {
                state.name: state.cursor
                for state in policy_cursors.states(connection, now)
                if state.in_force
            }
        waits_for = tuple(name for name, cursor in cursors.items() if cursor < last)
        return Judged(min(last, *cursors.values()) if cursors else last, waits_for)

    def last_before(self, moment: datetime) -> int:
        """See `Outbox`."""
        first = sa.select(sa.func.min(change.c.id)).where(
            change.c.observed_at >= microseconds(moment), change.c.baseline == sa.false()
        )
        with self._database.reading() as connection:
            found = connection.scalar(first)
        return self.last_change() if found is None else int(found) - 1

    def events(
        self, after: int, until: int, kinds: frozenset[ChangeKind] = frozenset()
    ) -> Iterator[Event]:
        """See `Outbox`."""
        statement = _EVENTS
        if kinds:
            statement = statement.where(change.c.kind.in_([KINDS[kind] for kind in kinds]))
        while True:
            with self._database.reading() as connection:
                rows = read(connection, statement, {"after": after, "until": until})
                page = _page(connection, rows)
            yield from page
            if len(rows) < PAGE:
                return
            after = rows[-1].id

    def hidden(self, after: int, until: int) -> Sequence[HiddenRepositories]:
        """See `Outbox`."""
        with self._database.reading() as connection:
            return hidings.between(connection, after, until)

    def told_hidden(self, sink: str, cursor: int, now: datetime) -> None:
        """See `Outbox`."""
        self._write(
            sink,
            hidden_cursor=cursor,
            sent_at=microseconds(now),
            sent=_COLUMNS.sent + 1,
            **_WELL,
        )

    def passed_hidden(self, sink: str, cursor: int) -> None:
        """See `Outbox`."""
        self._write(sink, hidden_cursor=cursor)

    def sinks(self) -> Sequence[SinkState]:
        """See `Outbox`."""
        with self._database.reading() as connection:
            return [_state(row) for row in read(connection, _SINKS.order_by(sink.c.name))]

    def start(self, sink: str, cursor: int, now: datetime) -> SinkState:
        """See `Outbox`."""
        with self._database.writing() as connection:
            _add(connection, sink, cursor, now)
            return _state(_row(connection, sink))

    def used(self, sinks: Sequence[str], now: datetime) -> None:
        """See `Outbox`."""
        with self._database.reading() as connection:
            changed = untouched(connection, _TABLE, sinks, now)
        if changed:
            with self._database.writing() as connection:
                touch(connection, _TABLE, changed, now)

    def forget(self, sink: str) -> bool:
        """See `Outbox`."""
        where = _COLUMNS.name == sink
        with self._database.writing() as connection:
            known = connection.scalar(sa.select(_COLUMNS.id).where(where))
            connection.execute(sa.delete(_TABLE).where(where))
        return known is not None

    def restart(self, sink: str, cursor: int, now: datetime) -> SinkState:
        """See `Outbox`."""
        with self._database.writing() as connection:
            _add(connection, sink, cursor, now)
            _set(
                connection,
                sink,
                cursor=cursor,
                hidden_cursor=cursor,
                batch_until=cursor,
                **_WELL,
            )
            return _state(_row(connection, sink))

    @contextmanager
    def alone(self, sink: str) -> Iterator[bool]:
        """See `Outbox`."""
        with self._database.reading() as connection:
            number = _LOCKS_FROM + _row(connection, sink).id
        if not self._locks.take(number):
            yield False
            return
        try:
            yield True
        finally:
            self._locks.release(number)

    def open_batch(self, sink: str, until: int) -> None:
        """See `Outbox`."""
        self._write(sink, batch_until=until)

    def store(self, sink: str, begun: BegunMessage | None) -> None:
        """See `Outbox`."""
        self._write(sink, begun=begun and begun_message.packed(begun))

    def sent(self, sink: str, cursor: int, now: datetime) -> None:
        """See `Outbox`."""
        self._write(
            sink,
            cursor=cursor,
            sent_at=microseconds(now),
            sent=_COLUMNS.sent + 1,
            **_WELL,
        )

    def passed(self, sink: str, cursor: int) -> None:
        """See `Outbox`."""
        self._write(sink, cursor=cursor, batch_until=cursor)

    def failed(self, sink: str, error: str, retry_at: datetime) -> None:
        """See `Outbox`."""
        self._write(
            sink,
            failures=_COLUMNS.failures + 1,
            retry_at=microseconds(retry_at),
            error=shown(error, _LONGEST_ERROR),
        )

    def _write(self, name: str, **values: Value | sa.ColumnElement[int]) -> None:
        with self._database.writing() as connection:
            _set(connection, name, **values)


_WELL: dict[str, Value] = {"failures": 0, "retry_at": None, "error": "", "begun": None}
"""What a delivered message sets."""

_TABLE = sink
_COLUMNS = sink.c
"""The table's columns; inside the methods `sink` is a sink's name."""


def _add(connection: sa.Connection, name: str, cursor: int, now: datetime) -> None:
    connection.execute(
        insert(connection, sink).on_conflict_do_nothing(),
        {
            "name": name,
            "cursor": cursor,
            "hidden_cursor": cursor,
            "batch_until": cursor,
            "started_at": microseconds(now),
            "used_at": microseconds(now),
        },
    )


def _set(connection: sa.Connection, name: str, **values: Value | sa.ColumnElement[int]) -> None:
    connection.execute(sa.update(sink).where(sink.c.name == name).values(**values))


def _row(connection: sa.Connection, name: str) -> _SinkRow:
    (row,) = read(connection, _SINKS.where(sink.c.name == name))
    return row


def _state(row: _SinkRow) -> SinkState:
    return SinkState(
        name=row.name,
        cursor=row.cursor,
        batch_until=row.batch_until,
        started_at=time_of(row.started_at),
        hidden_cursor=row.hidden_cursor,
        sent_at=time_of(row.sent_at),
        sent=row.sent,
        failures=row.failures,
        retry_at=time_of(row.retry_at),
        error=row.error,
        begun=begun_message.unpacked(row.begun) if row.begun else None,
    )


def _page(connection: sa.Connection, rows: Sequence[ChangeRow]) -> list[Event]:
    moves = moves_of(connection, rows)
    against = violations.of_changes(connection, [row.id for row in rows])
    return [Event(change_of(row), moves.get(row.id), against.get(row.id, ())) for row in rows]
