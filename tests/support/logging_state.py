"""Keeps how the program logs, around a command that runs within this process."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def logging_as_it_was() -> Iterator[None]:
    """Afterwards the program logs as it did before: a command sets its own level and handlers."""
    log = logging.getLogger("indexer")
    level, propagate, handlers = log.level, log.propagate, log.handlers[:]
    try:
        yield
    finally:
        log.setLevel(level)
        log.propagate, log.handlers[:] = propagate, handlers
