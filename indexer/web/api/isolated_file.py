"""Finds the images of a file that a stranger sent, in a process of its own with bounds.

Some files take much longer to read than their size suggests: thousands of services that extend each
other. A thread cannot be stopped, and would keep all others waiting; a process can be killed. It is
forked by a server that has no threads: in a process with threads a fork may never end.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from indexer.core.errors import StoreError, UsageError
from indexer.core.humanize import count
from indexer.pins import arguments

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from indexer.pins.arguments import Found
    from indexer.pins.source_file import Values

SECONDS = 10.0
"""How long it may take; the images of 500 pods take a tenth of that."""

MOST_MEMORY = 192 * 1024**2
"""Bytes of the process's own memory, where the system knows such a limit; a file of a mebibyte with
forty thousand services takes a hundred."""

MOST_CPU_SECONDS = 20
"""Seconds of CPU that the process may take: more than `SECONDS`, which ends it before."""

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["__main__", "indexer.pins.arguments"])


def images(
    name: str,
    content: bytes,
    given: Values,
    kind: str | None,
    most: int,
    seconds: float = SECONDS,
) -> Found:
    """Find the images of one file: see `indexer.pins.arguments.images`.

    Args:
        name: of the file.
        content: what it holds.
        given: values for variables.
        kind: the name of its kind; None: detect it.
        most: the most images that it may name.
        seconds: how long that may take.

    Raises:
        UsageError: the file names more images, or takes too long or too much memory.
        StoreError: no process can be started.
    """
    receiver, sender = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(
        target=_run, args=(sender, name, content, dict(given), kind, most), daemon=True
    )
    try:
        process.start()
    except OSError as error:
        raise StoreError(
            f"no process can be started to read the file ({error.strerror}): see that the server "
            "may write into a folder for temporary files."
        ) from None
    try:
        sender.close()
        if not receiver.poll(seconds):
            raise UsageError(_too_much("time"))
        try:
            found: Found | UsageError = receiver.recv()
        except EOFError:
            raise UsageError(_too_much("memory")) from None
    finally:
        process.kill()
        process.join()
        process.close()
        receiver.close()
    if isinstance(found, UsageError):
        raise found
    return found


def _run(
    sender: Connection, name: str, content: bytes, given: Values, kind: str | None, most: int
) -> None:
    _limit()
    with closing(sender):
        try:
            found = arguments.images([name], given, kind, lambda _name, _most: content)
        except UsageError as error:
            sender.send(error)
            return
        except MemoryError:
            return  # that nothing was sent says it
        if len(found.pins) > most:
            sender.send(
                UsageError(f"the file names more than {count(most, 'image')}: send parts of it.")
            )
            return
        sender.send(found)


def _limit() -> None:
    """Bounds that hold also if the server is killed meanwhile, and cannot stop the process."""
    _lower(resource.RLIMIT_CPU, MOST_CPU_SECONDS)
    if sys.platform == "linux":
        _lower(resource.RLIMIT_DATA, MOST_MEMORY)


def _lower(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _too_much(what: str) -> str:
    return f"reading the file takes too much {what}: send parts of it."
