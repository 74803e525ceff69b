"""Repeats a function whose connection to the database was lost."""

from __future__ import annotations

import logging
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from indexer.store.database.errors import ConnectionLost

if TYPE_CHECKING:
    from collections.abc import Callable

    Given = ParamSpec("Given")
    Result = TypeVar("Result")

log = logging.getLogger("indexer.store")


TRIES = 4
"""Tries of one call. Each waits for the server as long as any connection does."""


def retried(act: Callable[Given, Result]) -> Callable[Given, Result]:
    """Wrap a function that may be run twice: it is repeated if its connection is lost.

    Raises:
        ConnectionLost: in every try.
    """

    @wraps(act)
    def again(*arguments: Given.args, **named: Given.kwargs) -> Result:
        for _ in range(TRIES - 1):
            try:
                return act(*arguments, **named)
            except ConnectionLost:
                log.info("the connection to the database was lost; trying again")
        return act(*arguments, **named)

    return again
