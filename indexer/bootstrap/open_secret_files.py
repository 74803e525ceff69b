"""Finds files with secrets that other users of the machine can read."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.config import Settings


def open_secret_files(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each file with a secret that every user of the machine can read.

    A folder above it may still keep them out; that is not looked at, because a mount, a backup or a
    later `chmod` changes it without anybody thinking of the file.

    Args:
        settings: name the files; none is read.
    """
    for file in dict.fromkeys(_named(settings)):
        try:
            mode = file.stat().st_mode
        except OSError:  # whoever needs it will say so
            continue
        if mode & stat.S_IROTH:
            name = shown(str(file))
            yield f"every user of this machine can read the secret in {name}: 'chmod o= {name}'."


def _named(settings: Settings) -> Iterator[Path]:
    for registry in settings.registries:
        if registry.password_file is not None:
            yield registry.password_file
    yield from (token.file for token in settings.serve.tokens if token.file is not None)
    for sink in settings.sinks:
        yield from (file for file in (sink.apprise_file, sink.secret_file) if file is not None)
