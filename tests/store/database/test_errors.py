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
