"""Finds files with secrets that other users of the machine can read."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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
    found: list[Path | None] = []
    for registry in settings.registries:
        found += [registry.password_file, registry.client_key]
    for sink in settings.sinks:
        found += [sink.apprise_file, sink.secret_file]
    found += [token.file for token in settings.serve.tokens]
    if _has_secrets(settings):
        found.append(settings.file)
    yield from (file for file in found if file is not None)


def _has_secrets(settings: Settings) -> bool:
    """Whether the configuration itself holds secrets: a password, or addresses that are secret."""
    if any(each.apprise or each.webhook for each in settings.sinks):
        return True
    database = settings.database
    return database.is_of_file and any(
        urlsplit(url).password for url in (database.url, database.reader_url or "")
    )
