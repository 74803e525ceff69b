"""Limits the time of reading, in each database's own way."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import exc

from indexer.catalog.answers import AnswerTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

_STEPS = 50_000
"""Steps of SQLite's virtual machine between two looks at the clock: about a millisecond."""

_CANCELED = "57014"
"""PostgreSQL's SQLSTATE of a cancelled statement."""


@contextmanager
def limited(connection: sa.Connection, seconds: float) -> Iterator[None]:
    """Cancel what is read on a connection when it takes too long.

    Raises:
        AnswerTimeout: it took longer than `seconds`.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        end = time.monotonic() + seconds
        driver.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    else:
        milliseconds = int(seconds * 1_000)
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
    try:
        yield
    except exc.OperationalError as error:
        stopped = str(error.orig) == "interrupted" if is_sqlite else _state(error) == _CANCELED
        if not stopped:
            raise
        raise AnswerTimeout(
            f"that takes longer than {seconds:g} seconds: ask for less, with a narrower filter."
        ) from None
    finally:
        if is_sqlite:
            driver.set_progress_handler(None, 0)


def _state(error: exc.OperationalError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
