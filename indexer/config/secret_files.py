"""Reads files with secrets, when they are needed; nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import ConfigError
from indexer.core.printable import shown

if TYPE_CHECKING:
    from pathlib import Path


MOST_SECRET_BYTES = 64 * 1024
"""The most bytes of a file with a password; organisation tokens have some fifty."""


def lines_of(file: Path, name: str) -> tuple[str, ...]:
    """The lines of a file with secrets, without blank ones; `name` names it in messages.

    Raises:
        ConfigError: it cannot be read, or has no lines.
    """
    where = f"{name}, {shown(str(file))},"
    try:
        with file.open("rb") as stream:
            text = stream.read(MOST_SECRET_BYTES + 1).decode()
    except OSError as error:
        why = error.strerror or "it cannot be opened"
        raise ConfigError(f"{where} cannot be read: {why}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{where} holds no text.") from None
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not lines or len(text) > MOST_SECRET_BYTES:
        raise ConfigError(f"{where} must hold the secret, on a line of its own, and nothing else.")
    return lines
