"""Says which configuration a program obeys that nobody named, before it contacts anybody."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from indexer.core.printable import shown

if TYPE_CHECKING:
    from indexer.config import Settings

log = logging.getLogger("indexer")


def announce(settings: Settings) -> None:
    """Log the file that was found in the working directory, once a process.

    It names hosts, accounts and commands, and whoever runs the program may not know of it.
    """
    if settings.is_file_found:
        _say(str(settings.file))


@cache
def _say(file: str) -> None:
    log.info("using the configuration that was found here: %s", shown(file))
