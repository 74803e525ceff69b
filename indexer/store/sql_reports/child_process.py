"""Runs a statement on an SQLite file in a process of its own, which can be stopped at any moment.

SQLite looks at the clock between the steps of a statement, but not inside one function, and neither
does Python look at Ctrl-C there: `instr` on megabytes takes minutes. A process can be killed.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import threading
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from indexer.core.errors import IndexerError, Limited, StoreError
from indexer.store.sql_reports.fetch_size import FetchSize
from indexer.store.sql_reports.sqlite_session import SqliteSession
from indexer.store.sql_reports.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from multiprocessing.connection import Connection
    from pathlib import Path

    from indexer.catalog.sql_reports import Value
    from indexer.store.sql_reports.sql_statement import Raw, Statement

GRACE_SECONDS = 0.5
"""Seconds after the time limit in which the process ends by itself, and says so."""

MOST_MEMORY = 2 * 1024**3
"""Bytes of address space of the process, where the system knows such a limit."""


def ask(
    file: Path, where: str, statement: Statement, values: Mapping[str, Value], seconds: float
) -> Generator[list[Raw], None, None]:
    """Run a statement; yields one list with the columns' names, and then the rows, in lists.

    Args:
        file: the database.
        where: its name for messages.
        statement: one SELECT.
        values: its parameters.
        seconds: that the database may work on it.

    Raises:
        UsageError: the statement is wrong, or does more than read.
        Limited: it took too long, or too much memory.
        StoreError: the database failed.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    arguments = (sender, file, where, statement, values, seconds)
    process = context.Process(target=_run, args=arguments, daemon=True)
    process.start()
    sender.close()
    try:
        yield from _received(receiver, Stopwatch(seconds + GRACE_SECONDS), seconds)
    finally:
        process.kill()
        process.join()
        process.close()
        receiver.close()


def _received(receiver: Connection, watch: Stopwatch, seconds: float) -> Iterator[list[Raw]]:
    while True:
        with watch.running():
            if not receiver.poll(watch.left):
                raise Stopwatch(seconds).limited()
        try:
            sent = receiver.recv()
        except EOFError:
            raise StoreError("the process that asked the database was killed: try again.") from None
        if isinstance(sent, IndexerError):
            raise sent
        if sent is None:
            return
        yield sent


def _run(
    sender: Connection,
    file: Path,
    where: str,
    statement: Statement,
    values: Mapping[str, Value],
    seconds: float,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit_memory()
    try:
        with closing(SqliteSession(file, where)) as session:
            names, rows = session.ask(statement, values, Stopwatch(seconds))
            sender.send([tuple(names)])
            _send(sender, rows)
        sender.send(None)
    except IndexerError as error:
        sender.send(error)
    except MemoryError:
        sender.send(Limited("the question takes more memory than is allowed: ask for less."))


def _end_with_parent() -> None:
    """End this process as soon as the one that waits for its answer was killed, or crashed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _limit_memory() -> None:
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _send(sender: Connection, rows: Iterator[Raw]) -> None:
    size = FetchSize()
    while some := list(islice(rows, size.rows)):
        sender.send(some)
        size.learn(some)
