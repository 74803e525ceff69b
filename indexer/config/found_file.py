"""Refuses files of the working directory that nobody named and that others may have put there."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from indexer.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def check_owner(file: Path, found: os.stat_result, *, what: str, remedy: str) -> None:
    """Refuse a file, or a link that leads to it, that is not only the user's or root's to change.

    Args:
        file: its path, perhaps a link: whoever made it chose what it leads to.
        found: the file itself.
        what: it is, for the sentence.
        remedy: how to use the file nevertheless, and how to do without it.

    Raises:
        ConfigError: somebody else may have put it there.
        OSError: the path cannot be looked at.
    """
    trusted = {0, os.geteuid()}
    if found.st_uid not in trusted:
        why = "it belongs to another user"
    elif file.lstat().st_uid not in trusted:
        why = "the link to it belongs to another user"
    elif found.st_mode & stat.S_IWOTH:
        why = "any user may write it"
    elif found.st_mode & stat.S_IWGRP and found.st_gid != os.getegid():
        why = "another group than yours may write it"
    else:
        return
    raise ConfigError(f"{file}: this {what} was found here, and {why}: {remedy}.")
