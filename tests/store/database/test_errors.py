from __future__ import annotations

import pytest
from sqlalchemy import exc

from indexer.core.errors import StoreError
from indexer.store.database.errors import translated


class DriverError(Exception):
    """What a driver raises."""


def test_an_interruption_stays_one_though_the_driver_stumbles_over_it() -> None:
    with pytest.raises(KeyboardInterrupt), translated("'x'"):
        _stumble(KeyboardInterrupt())


def test_what_stumbles_over_anything_else_is_the_databases_fault() -> None:
    with pytest.raises(StoreError, match="the database 'x' failed"), translated("'x'"):
        _stumble(ValueError())


def _stumble(first: BaseException) -> None:
    """Fail as SQLAlchemy does when a driver fails while something else ends it."""
    try:
        try:
            raise first
        finally:
            raise DriverError
    except DriverError as error:
        raise exc.OperationalError("SELECT 1", {}, error) from error


@pytest.mark.parametrize(
    ("text", "state", "told"),
    [
        ("connection failed: port 1 refused", None, "connection failed: port 1 refused"),
        ("duplicate key\nDETAIL: it is there", "23505", "duplicate key DETAIL: it is there"),
        ("bad url ://u:hunter2@host", "08001", "bad url ://u:***@host"),
        ("no option password = hunter2", "08001", "no option password = ***"),
        ('missing "=" after "hunter2"', None, "OperationalError, DriverError"),
    ],
)
def test_verbose_shows_the_databases_own_words_and_no_secret(
    text: str, state: str | None, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    cause = DriverError(text)
    cause.sqlstate = state  # type: ignore[attr-defined] # as a driver of PostgreSQL has it
    with caplog.at_level("DEBUG"), pytest.raises(StoreError), translated("'x'"):
        raise exc.OperationalError("SELECT 1", {}, cause)
    assert caplog.messages[0].endswith(told)
    assert "hunter2" not in caplog.text
