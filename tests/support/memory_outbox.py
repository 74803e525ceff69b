"""The outbox of notifications in memory: an `indexer.notify.ports.Outbox`."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from indexer.core.printable import shown
from indexer.notify.event import Event
from indexer.notify.ports import Judged, Outbox, SinkState
from tests.support.memory_evaluations import retag_detail

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from indexer.core.model import ChangeKind
    from indexer.notify.event import HiddenRepositories
    from indexer.notify.message import BegunMessage
    from tests.support.memory_archive import MemoryArchive
    from tests.support.memory_evaluations import MemoryEvaluationStore


class MemoryOutbox(Outbox):
    """See `Outbox`."""

    def __init__(self, archive: MemoryArchive, evaluations: MemoryEvaluationStore) -> None:
        self._archive = archive
        self._evaluations = evaluations
        self._sinks: dict[str, SinkState] = {}
        self._locks: dict[str, threading.Lock] = {}

    def last_change(self) -> int:
        """See `Outbox`."""
        return self._archive.books.last

    def judged(self, now: datetime) -> Judged:
        """See `Outbox`."""
        last = self.last_change()
        behind = {
            each.name: each.cursor
            for each in self._evaluations.policies(now)
            if each.in_force and each.cursor < last
        }
        return Judged(min(behind.values(), default=last), tuple(behind))

    def last_before(self, moment: datetime) -> int:
        """See `Outbox`."""
        later = (
            each.id
            for each in self._archive.changes
            if each.observed_at >= moment and not each.baseline
        )
        first = min(later, default=None)
        return self.last_change() if first is None else first - 1

    def events(
        self, after: int, until: int, kinds: frozenset[ChangeKind] = frozenset()
    ) -> Iterator[Event]:
        """See `Outbox`."""
        for each in self._archive.changes[:]:
            if (
                after < each.id <= until
                and not each.baseline
                and each.kind in (kinds or {each.kind})
            ):
                against = self._evaluations.of_change(each.id)
                yield Event(each, retag_detail(self._archive, each), against)

    def hidden(self, after: int, until: int) -> Sequence[HiddenRepositories]:
        """See `Outbox`."""
        return [each for each in self._archive.books.hidden if after < each.first <= until]

    def told_hidden(self, sink: str, cursor: int, now: datetime) -> None:
        """See `Outbox`."""
        self._taken(sink, now, hidden_cursor=cursor)

    def passed_hidden(self, sink: str, cursor: int) -> None:
        """See `Outbox`."""
        self._set(sink, hidden_cursor=cursor)

    def sinks(self) -> Sequence[SinkState]:
        """See `Outbox`."""
        return [state for _, state in sorted(self._sinks.items())]

    def start(self, sink: str, cursor: int, now: datetime) -> SinkState:
        """See `Outbox`."""
        new = SinkState(sink, cursor, cursor, now, hidden_cursor=cursor)
        self._locks.setdefault(sink, threading.Lock())
        return self._sinks.setdefault(sink, new)

    def used(self, sinks: Sequence[str], now: datetime) -> None:
        """See `Outbox`. Nothing is pruned here."""

    def forget(self, sink: str) -> bool:
        """See `Outbox`."""
        return self._sinks.pop(sink, None) is not None

    def restart(self, sink: str, cursor: int, now: datetime) -> SinkState:
        """See `Outbox`."""
        self.start(sink, cursor, now)
        self._set(sink, cursor=cursor, hidden_cursor=cursor, **_WELL)
        self._set(sink, batch_until=cursor)
        return self._sinks[sink]

    @contextmanager
    def alone(self, sink: str) -> Iterator[bool]:
        """See `Outbox`."""
        lock = self._locks[sink]
        is_alone = lock.acquire(blocking=False)
        try:
            yield is_alone
        finally:
            if is_alone:
                lock.release()

    def open_batch(self, sink: str, until: int) -> None:
        """See `Outbox`."""
        self._set(sink, batch_until=until)

    def store(self, sink: str, begun: BegunMessage | None) -> None:
        """See `Outbox`."""
        self._set(sink, begun=begun)

    def sent(self, sink: str, cursor: int, now: datetime) -> None:
        """See `Outbox`."""
        self._taken(sink, now, cursor=cursor)

    def passed(self, sink: str, cursor: int) -> None:
        """See `Outbox`."""
        self._set(sink, cursor=cursor, batch_until=cursor)

    def failed(self, sink: str, error: str, retry_at: datetime) -> None:
        """See `Outbox`."""
        failures = self._sinks[sink].failures + 1
        self._set(sink, failures=failures, retry_at=retry_at, error=shown(error, 500))

    def _taken(self, sink: str, now: datetime, **cursors: int) -> None:
        self._set(sink, sent_at=now, sent=self._sinks[sink].sent + 1, **_WELL, **cursors)

    def _set(self, sink: str, **values: Any) -> None:
        self._sinks[sink] = replace(self._sinks[sink], **values)


_WELL: dict[str, Any] = {"failures": 0, "retry_at": None, "error": "", "begun": None}
