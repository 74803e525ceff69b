"""Turns database errors into sentences.

The databases' own messages are never shown: they may hold the URL with its password, or rows.
"""

from __future__ import annotations

import contextlib
import logging
import re
from typing import TYPE_CHECKING

from sqlalchemy import exc

from indexer.core.errors import StoreError, UsageError
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger("indexer.store")

_SQLITE = (
    ("locked", "is locked by another program: try again when that has finished"),
    ("readonly", "may not be written: check the permissions of the file and of its folder"),
    ("read-only", "may not be written: check the permissions of the file and of its folder"),
    ("disk is full", "has no room left on its disk: free some, and crawl again"),
    ("disk i/o error", "cannot be read or written: check that its disk has room, and works"),
    ("unable to open", "cannot be opened: check that its folder is there and may be written"),
    ("not a database", "is not an SQLite database: choose another file"),
    (
        "malformed",
        "is damaged: restore a copy ('indexer.db.before-…' may be one), or crawl into a new one",
    ),
)
"""Parts of SQLite's messages, in lower case, and their meaning for a person."""

_POSTGRESQL = {
    "28P01": "refuses the username or the password: check '[database] url' or INDEXER_DATABASE_URL",
    "28000": "refuses this user: check '[database] url' and the server's pg_hba.conf",
    "22P05": "cannot hold every character: create it again, with ENCODING 'UTF8'",
    "3D000": "is not there on its server: create it first ('createdb NAME')",
    "25P03": "ended a reading that stood still for ten minutes: ask again",
    "40001": "was written by another program at the same moment: try again",
    "40P01": "was written by another program at the same moment: try again",
    "42501": "does not give this user the rights that are needed: see docs/configuration.md",
    "25006": "may not be written (it is a replica, or set read-only): use the primary",
    "53100": "has no room left on its disk: free some, and crawl again",
    "53300": "has too many connections: try again, or allow more",
    "55P03": "is locked by another program: try again when that has finished",
    "57014": "stopped a statement that took too long: try again",
    "57P01": "ended the connection, as it does when it restarts: try again when it runs",
    "57P02": "ended the connection because of a crash: try again when it runs",
    "57P03": "is starting or stopping: try again in a moment",
}
"""PostgreSQL's SQLSTATE codes (its manual, appendix A)."""

_UNKNOWN_OPTION = "is named with an unknown option: check '[database] url' after its '?'"
_CONNECTING = (
    ("password authentication failed", _POSTGRESQL["28P01"]),
    ("no password supplied", _POSTGRESQL["28P01"]),
    ("pg_hba.conf", _POSTGRESQL["28000"]),
    ("fatal:  role ", _POSTGRESQL["28000"]),
    ("fatal:  database ", _POSTGRESQL["3D000"]),
    ("too many clients", _POSTGRESQL["53300"]),
    ("too many connections", _POSTGRESQL["53300"]),
    ("connection slots", _POSTGRESQL["53300"]),
    ("the database system is", _POSTGRESQL["57P03"]),
    ("resolve host", "is on an unknown host: check '[database] url'"),
    ("ssl", "cannot be reached safely (TLS): check the server's certificate and 'sslmode'"),
    ("certificate", "cannot be reached safely (TLS): check the server's certificate and 'sslmode'"),
    ("invalid connection option", _UNKNOWN_OPTION),
    ("invalid uri query", _UNKNOWN_OPTION),
    ("bad value for", "is named with a wrong option: check '[database] url' after its '?'"),
)
"""Parts of messages about failed connections, in lower case: these come without a code."""


_SECRET = re.compile(r"(password\s*=\s*|://[^:@\s/]*:)[^@\s]+", re.IGNORECASE)
"""A password in an address or in its options."""


class ConnectionLost(StoreError):
    """An open connection was lost; it is unknown whether its last commit was done."""


@contextlib.contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn the database's exceptions into a `StoreError` with a sentence.

    Args:
        where: the database's name, without secrets.

    Raises:
        StoreError: the database failed; a `ConnectionLost` if the connection was lost.
        KeyboardInterrupt: it broke the connection, so the database is not at fault.
    """
    try:
        yield
    except exc.SQLAlchemyError as error:
        if _is_interrupted(error):
            raise KeyboardInterrupt from error
        log.debug("the database failed: %s", _own_words(error))
        is_lost = isinstance(error, exc.DBAPIError) and error.connection_invalidated
        kind = ConnectionLost if is_lost else StoreError
        raise kind(f"the database {where} {_why(error)}.") from None
    except UnicodeEncodeError as error:
        told = shown(error.object, 60)
        raise UsageError(
            f"'{told}' is not valid text: it holds a character that does not exist."
        ) from None


def _own_words(error: exc.SQLAlchemyError) -> str:
    """What the database itself says, without secrets.

    A driver that cannot read an address repeats parts of it: of these only the kind is told.
    """
    cause = getattr(error, "orig", None)
    names = f"{type(error).__name__}, {type(cause).__name__}"
    text = " ".join(str(cause or "").split())
    is_of_server = getattr(cause, "sqlstate", None) is not None
    is_of_file = type(cause).__module__ == "sqlite3"
    if not text or not (is_of_server or is_of_file or text.startswith("connection ")):
        return names
    masked = _SECRET.sub(r"\1***", text)
    return f"{names}: {shown(masked, 500)}"


def _is_interrupted(error: BaseException | None) -> bool:
    """Whether a KeyboardInterrupt caused an error: it makes drivers fail while they wait."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _why(error: exc.SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None)
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return postgresql_trouble(state)
    if type(cause).__module__.startswith("psycopg"):
        text = str(cause).lower()
        return next((why for sign, why in _CONNECTING if sign in text), postgresql_trouble(None))
    known = sqlite_trouble(str(cause or ""))
    if known is not None:
        return known
    if type(cause).__module__ == "sqlite3":
        return "is not as this program made it: restore a copy, or crawl into a new file"
    return f"failed ({type(cause or error).__name__})"


def sqlite_trouble(said: str) -> str | None:
    """The meaning of SQLite's message for a person; None if it is unknown."""
    text = said.lower()
    return next((meaning for sign, meaning in _SQLITE if sign in text), None)


def postgresql_trouble(state: str | None) -> str:
    """The meaning of PostgreSQL's code for a person."""
    if state is None:
        return "cannot be reached, or the connection was lost: check that it runs"
    return _POSTGRESQL.get(state, f"failed (SQLSTATE {shown(state, 10)}): see the server's log")
