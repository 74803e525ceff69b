"""Runs a command, and turns errors into a message and an exit code."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from indexer.cli.context import Stopped
from indexer.core.errors import IndexerError
from indexer.core.keyboard_interrupt import INTERRUPTED, interruptible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from logging import Logger

PROGRAM = "indexer"

COMPLETION = "_INDEXER_COMPLETE"
"""The variable by which Typer's scripts for shells ask for completion."""

USAGE = 2
BROKEN_PIPE = 141
"""128 + SIGPIPE: what shells report when the reader of a pipe closed it first."""

_WRONG_PATH = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
"""Errors of a path that was typed. Others, such as a full disk, are no error of usage."""

_HELP = "NoArgsIsHelpError"
"""What Typer raises for a group without a subcommand; its message is the group's help."""


def run() -> NoReturn:
    """Run the command line of this process, then exit."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            # A terminal without Unicode gets question marks instead of a traceback.
            stream.reconfigure(errors="replace")  # type: ignore[union-attr] # TextIO may be any
    try:
        sys.exit(main())
    finally:  # also after completion, which exits by itself
        gc.freeze()  # else Python searches all that was loaded for garbage before it ends


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code.

    Args:
        arguments: without the program's name; None for those of this process.
    """
    try:
        with interruptible():
            from typer.main import get_command  # noqa: PLC0415 - with the application below

            from indexer.cli.app import app  # noqa: PLC0415 - errors while importing are handled below
            from indexer.cli.completion import whole_names  # noqa: PLC0415 - the same

            typed = _config_first(sys.argv[1:] if arguments is None else arguments)
            with whole_names(COMPLETION):
                code = get_command(app).main(typed, prog_name=PROGRAM, standalone_mode=False)
    except Stopped as stopped:
        return judged(stopped.__cause__ or stopped)
    except KeyboardInterrupt as error:  # before a command ran, or after it
        return judged(error)
    except Exception as error:  # noqa: BLE001 - users get a message, not a traceback
        return judged(error)
    return code if isinstance(code, int) else 0


def _config_first(arguments: Sequence[str]) -> list[str]:
    """Move `--config FILE` of `inspect` before the command's name.

    After it, `--config` alone shows an image's configuration, as in skopeo.
    """
    typed = list(arguments)
    if "inspect" not in typed:
        return typed
    for place in range(typed.index("inspect") + 1, len(typed)):
        option, given, value = typed[place].partition("=")
        if option == "--config" and given:
            return ["--config", value, *typed[:place], *typed[place + 1 :]]
        following = typed[place + 1] if place + 1 < len(typed) else ""
        if typed[place] == "--config" and (
            following.endswith(".toml") or Path(following).is_file()
        ):
            return ["--config", following, *typed[:place], *typed[place + 2 :]]
    return typed


def judged(error: BaseException) -> int:
    """Report an error on standard error, and return the exit code."""
    if isinstance(error, BrokenPipeError):
        _forget_standard_output()
        return BROKEN_PIPE
    if isinstance(error, IndexerError):
        _tell(str(error))
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        _tell("interrupted: what was read so far is kept, and the next crawl continues from there.")
        return INTERRUPTED
    if hasattr(error, "format_message"):  # Typer's and Click's errors of usage have it
        _tell_usage(error)
        return USAGE
    if isinstance(error, OSError) and error.strerror:
        name = f"{error.filename}: " if error.filename else ""
        _tell(f"{name}{error.strerror}.")
        return USAGE if isinstance(error, _WRONG_PATH) else 1
    _tell(
        f"unexpected error ({type(error).__name__}): please report it with the output of the same "
        "command with -v."
    )
    _log().debug("the details", exc_info=error)
    return 1


def _tell_usage(error: BaseException) -> None:
    """Write a usage error as one sentence, and help as it is."""
    if type(error).__name__ == _HELP:
        sys.stderr.write(f"{str(error).rstrip()}\n")
    else:
        _tell(_usage(error))


def _usage(error: BaseException) -> str:
    """Typer's error message as one sentence that points to --help."""
    message = " ".join(str(error.format_message()).split())  # type: ignore[attr-defined] # see above
    message = message[:1].lower() + message[1:]
    if not message.endswith((".", "?")):
        message += "."
    context = getattr(error, "ctx", None)
    path = context.command_path if context else PROGRAM
    return f"{message} See '{path} --help'."


def _tell(sentences: str) -> None:
    _log().error(sentences)


def _log() -> Logger:
    """The program's logger; set up here if parsing the command line failed before it was."""
    from indexer.cli import logging_setup  # noqa: PLC0415 - help needs no logging

    return logging_setup.current() or logging_setup.set_up()


def _forget_standard_output() -> None:
    """Redirect standard output to /dev/null, so that flushing at exit does not fail."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
