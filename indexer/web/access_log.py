"""The access log: a line for each answer, in the common form or as JSON, on standard output.

A thread writes it, so that a slow reader of it delays no answer; what does not fit into its queue
is left out and counted. It never holds a token, and of a hook's address not the secret.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from queue import Full, Queue
from typing import TYPE_CHECKING, Any

import msgspec

from indexer.core import humanize
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import TextIO

    from indexer.web.context import AppContext

log = logging.getLogger("indexer.web")

MOST_LINES = 10_000
"""The most lines that wait to be written."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class LogForm(StrEnum):
    """How a line is written."""

    COMMON = "common"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer.

    Attributes:
        time: when the request had been answered.
        client: the address of the client, or of a proxy.
        user: the name of its token; None: it showed none.
        method: of the request.
        target: its path and query; of a hook's path only the beginning.
        protocol: such as `HTTP/1.1`.
        status: of the answer.
        bytes: of its body.
        ms: how long it took, in milliseconds.
        user_agent: as the client calls itself.
    """

    time: datetime
    client: str | None
    user: str | None
    method: str
    target: str
    protocol: str
    status: int
    bytes: int
    ms: int
    user_agent: str


def entry_of(
    scope: Mapping[str, Any], status: int, size: int, seconds: float, now: datetime
) -> Entry:
    """An answer as the log has it.

    Args:
        scope: of the request.
        status: of the answer.
        size: the bytes of its body.
        seconds: how long it took.
        now: the current time.
    """
    client = scope.get("client")
    agents = (value for name, value in scope["headers"] if name == b"user-agent")
    target: bytes = scope["raw_path"]
    if scope["path"].startswith("/hooks/"):
        target = b"/hooks/..."
    elif scope["query_string"]:
        target += b"?" + scope["query_string"]
    return Entry(
        now,
        client[0] if client else None,
        scope.get("indexer.user"),
        shown(scope["method"], 20),
        shown(target.decode("latin-1"), 4_200),
        f"HTTP/{scope['http_version']}",
        status,
        size,
        round(seconds * 1_000),
        shown(next(agents, b"").decode("latin-1"), 300),
    )


def line_of(entry: Entry, form: LogForm) -> str:
    """The line of an answer, without its end."""
    if form is LogForm.JSON:
        fields = {name: getattr(entry, name) for name in Entry.__slots__}
        return msgspec.json.encode(fields | {"time": humanize.iso(entry.time)}).decode()
    time = entry.time.astimezone(UTC)
    at = f"{time:%d}/{_MONTHS[time.month - 1]}/{time:%Y:%H:%M:%S} +0000"
    line = f"{entry.method} {entry.target} {entry.protocol}".replace("\\", "\\\\")
    quoted = line.replace('"', '\\"')
    whom = f"{entry.client or '-'} - {entry.user or '-'}"
    return f'{whom} [{at}] "{quoted}" {entry.status} {entry.bytes or "-"}'


class AccessLog:
    """Writes lines in a thread of its own.

    Args:
        form: how a line is written.
        stream: where to.
        most: how many lines may wait to be written.
    """

    def __init__(self, form: LogForm, stream: TextIO, most: int = MOST_LINES) -> None:
        self._form = form
        self._stream = stream
        self._lines: Queue[str | None] = Queue(most)
        self._thread = threading.Thread(target=self._write, name="indexer-log", daemon=True)
        self._thread.start()
        self.left_out = 0

    def add(self, entry: Entry) -> None:
        """Have a line written, unless too many wait."""
        try:
            self._lines.put_nowait(line_of(entry, self._form))
        except Full:
            self.left_out += 1

    def close(self, seconds: float = 5.0) -> None:
        """Write what waits, for at most some seconds."""
        try:
            self._lines.put(None, timeout=seconds)
        except Full:
            return
        self._thread.join(seconds)
        if self.left_out:
            log.warning("the access log lacks %d lines: it was read too slowly.", self.left_out)

    def _write(self) -> None:
        try:
            while (line := self._lines.get()) is not None:
                self._stream.write(line + "\n")
                if self._lines.empty():
                    self._stream.flush()
        except (OSError, ValueError):  # whoever read it is gone: serving is not the log's business
            log.warning("the access log cannot be written any more.")


def note(
    site: AppContext, scope: Mapping[str, Any], status: int, size: int, seconds: float
) -> None:
    """Write an answer to the access log, if there is one, and to the log of `-v`."""
    is_verbose = log.isEnabledFor(logging.DEBUG)
    if site.access_log is None and not is_verbose:
        return
    entry = entry_of(scope, status, size, seconds, site.now())
    if site.access_log is not None:
        site.access_log.add(entry)
    if is_verbose:
        fields = ("method", "target", "user", "status", "bytes", "ms")
        log.debug(
            "%s %s (%s): %d, %d bytes, %d ms", entry.method, entry.target, entry.user or "-",
            entry.status, entry.bytes, entry.ms,
            extra={name: getattr(entry, name) for name in fields},
        )  # fmt: skip
