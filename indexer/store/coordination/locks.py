"""Locks that end with the process that holds them: one crawl of a namespace at a time.

They use no clock: a lock that is a row with a date can be stolen from a living process when a clock
jumps, or stays after a process died. SQLite: a lock on one byte of a file beside the database,
which the operating system releases. PostgreSQL: an advisory lock, which the server releases with
the connection.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import struct
import threading
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from indexer.core import private_file
from indexer.core.errors import StoreError
from indexer.store.database.errors import translated

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.store.database.engine import Database

_SPACE = 0x1D6E7865
"""Distinguishes our advisory locks from those of other programs in the same database."""


class Locks(Protocol):
    """Locks by number."""

    def take(self, number: int) -> bool:
        """Take a lock; False if any process holds it, this one included."""

    def keep(self, number: int) -> bool:
        """Check that a lock is still held; False if another process has it by now."""

    def release(self, number: int) -> None:
        """Release a lock."""

    def close(self) -> None:
        """Release all."""


def locks_of(database: Database) -> Locks:
    """The kind of locks for a database."""
    file = database.file
    return AdvisoryLocks(database) if file is None else FileLocks(file)


def is_held(database: Database, number: int) -> bool:
    """Whether any process holds a lock, this one included. Does not take it.

    Where open file description locks do not exist (see `_lock_byte`) the answer is always False;
    taking the lock still fails.
    """
    if database.file is None:
        with database.reading() as connection:
            return connection.scalar(_HELD, {"space": _SPACE, "number": number}) is not None
    path = _lock_file(database.file)
    if not (path.exists() and hasattr(fcntl, "F_OFD_GETLK")):
        return False
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            answer = fcntl.fcntl(handle, fcntl.F_OFD_GETLK, _on_byte(fcntl.F_WRLCK, number))
        finally:
            os.close(handle)
    except OSError as error:
        raise StoreError(f"the lock file '{path}' cannot be read ({error.strerror}).") from None
    return bool(struct.unpack_from("h", answer)[0] != fcntl.F_UNLCK)


_HELD = sa.text(
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = :space"
    " AND objid = :number AND objsubid = 2"  # 2: a lock of two numbers
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def _lock_file(database: Path) -> Path:
    real = database.resolve()  # the same lock file for every path to the database
    return real.with_name(f"{real.name}-lock")


def _on_byte(kind: int, number: int) -> bytes:
    """C's `struct flock` for one byte of a file."""
    return struct.pack("hhqqi4x", kind, os.SEEK_SET, number, 1, 0)


class FileLocks(Locks):
    """Locks on single bytes of the file `DATABASE-lock`; it is never written, and may stay."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = _lock_file(database)
        self._guard = threading.Lock()
        self._held: dict[int, int] = {}

    def take(self, number: int) -> bool:
        """See `Locks`."""
        with self._guard:
            if number in self._held:
                return False
            try:
                # Whoever may read a file can keep others from locking it.
                private_file.create(self._path, like=self._database)
                handle = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
            except OSError as error:
                raise StoreError(
                    f"the lock file '{self._path}' cannot be opened ({error.strerror}): check the "
                    "permissions of the database's folder."
                ) from None
            if _lock_byte(handle, number):
                self._held[number] = handle
                return True
            os.close(handle)
            return False

    def keep(self, number: int) -> bool:
        """See `Locks`. The operating system never drops such a lock."""
        del number
        return True

    def release(self, number: int) -> None:
        """See `Locks`."""
        with self._guard:
            handle = self._held.pop(number, None)
            if handle is not None:
                os.close(handle)

    def close(self) -> None:
        """See `Locks`."""
        for number in list(self._held):
            self.release(number)


def _lock_byte(handle: int, number: int) -> bool:
    """Lock one byte of an open file; False if another process has it.

    Linux's open file description locks belong to this handle alone. Elsewhere POSIX locks are used,
    which a process loses when it closes any handle of the file: there only one crawl may run.
    """
    try:
        if hasattr(fcntl, "F_OFD_SETLK"):
            fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _on_byte(fcntl.F_WRLCK, number))
        else:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EAGAIN}:
            return False
        raise StoreError(
            f"the file system of the database cannot lock ({error.strerror}): keep the database "
            "on a local disk, or use PostgreSQL."
        ) from None
    return True


class AdvisoryLocks(Locks):
    """PostgreSQL's advisory locks, each on a connection of its own while it is held."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: dict[int, sa.Connection] = {}

    def take(self, number: int) -> bool:
        """See `Locks`."""
        connection = None if number in self._held else self._locked(number)
        if connection is None:
            return False
        self._held[number] = connection
        return True

    def keep(self, number: int) -> bool:
        """See `Locks`. If the server restarts or ends the session, the lock is lost."""
        held = self._held.get(number)
        if held is None:
            return True
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            if not held.invalidated:  # SQLAlchemy would silently reconnect such a connection
                held.execute(sa.select(1))
                return True
        again = self._locked(number)
        if again is None:
            return False
        self.release(number)
        self._held[number] = again
        return True

    def _locked(self, number: int) -> sa.Connection | None:
        """A connection that holds the lock; None if another process has it."""
        with translated(self._database.shown):
            connection = self._database.connected()
            try:
                if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_SPACE, number))):
                    return connection
            except BaseException:
                connection.close()
                raise
            connection.close()
        return None

    def release(self, number: int) -> None:
        """See `Locks`."""
        connection = self._held.pop(number, None)
        if connection is None:
            return
        with contextlib.suppress(sa.exc.SQLAlchemyError):  # the connection and the lock are lost
            if not connection.invalidated:
                connection.execute(sa.select(sa.func.pg_advisory_unlock_all()))
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            connection.close()

    def close(self) -> None:
        """See `Locks`."""
        for number in list(self._held):
            self.release(number)
