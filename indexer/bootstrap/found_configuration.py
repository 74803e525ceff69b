"""Says which configuration is obeyed that nobody named, and which secrets lie open.

It does so before anybody is contacted.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from indexer.bootstrap.open_secret_files import open_secret_files
from indexer.core.printable import shown

if TYPE_CHECKING:
    from indexer.config import Settings

log = logging.getLogger("indexer")


def announce(settings: Settings) -> None:
    """Log the file that was found in the working directory, and open secrets, once a process.

    The file names hosts, accounts and commands, and whoever runs the program may not know of it.
    """
    if settings.is_file_found:
        _say(
            logging.INFO,
            f"using the configuration that was found here: {shown(str(settings.file))}",
        )
    for sentence in open_secret_files(settings):
        _say(logging.WARNING, sentence)


@cache
def _say(level: int, sentence: str) -> None:
    log.log(level, "%s", sentence)
