"""Sets up logging to standard error; the only place that does."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from indexer.core.printable import shown

LONGEST_LINE = 2_000

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""Attributes of every log record; any others are fields that the program added."""


def set_up(*, verbose: bool = False, quiet: bool = False, as_json: bool = False) -> logging.Logger:
    """Send the program's messages to standard error, and return its logger."""
    log = logging.getLogger("indexer")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else Lines())
    for old in log.handlers[:]:
        log.removeHandler(old)
    log.addHandler(handler)
    log.propagate = False
    log.setLevel(logging.DEBUG if verbose else logging.ERROR if quiet else logging.INFO)
    return log


def current() -> logging.Logger | None:
    """The program's logger, if it was set up for this standard error."""
    log = logging.getLogger("indexer")
    streams = [getattr(handler, "stream", None) for handler in log.handlers]
    return log if sys.stderr in streams else None


class Lines(logging.Formatter):
    """Text: the message, with the program's name before a problem, the time before a request."""

    def format(self, record: logging.LogRecord) -> str:
        """One line for each line of the message, safe to print."""
        lines = [shown(line, LONGEST_LINE) for line in record.getMessage().splitlines()]
        if record.levelno >= logging.WARNING:
            lines = [f"indexer: {line}" for line in lines]
        elif record.levelno <= logging.DEBUG:
            moment = datetime.fromtimestamp(record.created, UTC)
            lines = [f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03} {line}" for line in lines]
        if record.exc_info:
            lines.append(self.formatException(record.exc_info))
        return "\n".join(lines)


class JsonLines(logging.Formatter):
    """JSON: one object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, and the fields that the program added."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry: dict[str, object] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)
