"""Files that only their owner may read: an index names private repositories."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

PRIVATE = 0o600
"""Its owner may read and write it, nobody else may do anything."""


def create(file: Path, like: Path | None = None) -> None:
    """Create an empty file for its owner alone, whatever the umask; one that exists stays as it is.

    Args:
        file: where.
        like: a file whose permissions it has instead, if that exists: somebody who gave others
            access to the one gave it to the other.

    Raises:
        OSError: it cannot be created.
    """
    mode = PRIVATE
    if like is not None:
        with contextlib.suppress(FileNotFoundError):
            mode = like.stat().st_mode & 0o666
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, PRIVATE)
    except FileExistsError:
        return
    try:
        os.fchmod(handle, mode)
    finally:
        os.close(handle)


@contextlib.contextmanager
def replacing(file: Path) -> Iterator[TextIO]:
    """Open a file to write text to; what it held stays until all is written without an error.

    What is not a regular file (`/dev/null`, a pipe) is written to as it is.

    Args:
        file: its folder must exist. A new file can be read by its owner only.

    Raises:
        OSError: it cannot be written.
    """
    if file.exists() and not file.is_file():
        with file.open("w", encoding="utf-8", newline="") as out:
            yield out
        return
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    create(partial, like=file)
    try:
        with partial.open("w", encoding="utf-8", newline="") as out:
            yield out
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
