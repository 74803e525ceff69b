"""The command line, called in this process: what a person would see, without the wait."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

from indexer.cli import main
from tests.end_to_end.program import Done
from tests.support.logging_state import logging_as_it_was

if TYPE_CHECKING:
    from pathlib import Path


class Here:
    """Runs commands in a folder, as `tests.end_to_end.program.Program` does in processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str) -> Done:
        """Run a command to its end."""
        out, err = io.BytesIO(), io.BytesIO()
        # Kept by name: a wrapper that nobody holds closes what it wraps.
        wrapped = [io.TextIOWrapper(each, "utf-8", write_through=True) for each in (out, err)]
        with (
            logging_as_it_was(),  # fixtures of a module run commands too
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(wrapped[0]),
            contextlib.redirect_stderr(wrapped[1]),
        ):
            code = main(arguments)
        return Done(code, out.getvalue().decode(), err.getvalue().decode())
