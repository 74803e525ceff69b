"""What every command uses: common options, settings, index, terminal and clock."""

from __future__ import annotations

import functools
import inspect
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from indexer.cli.options import (
    Common,
    ConfigOption,
    LogFormat,
    LogFormatOption,
    QuietOption,
    VerboseOption,
)
from indexer.core.errors import IndexerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import TextIO

    from indexer.config import Settings
    from indexer.core.clock import Clock
    from indexer.store import Store
    from indexer.store.catalog.catalog import Catalog


class Stopped(Exception):
    """Carries a command's error past Typer, which would handle some errors in its own way."""


class CommandContext:
    """One run of a command."""

    def __init__(self, common: Common) -> None:
        from indexer.cli.logging_setup import set_up  # noqa: PLC0415 - help needs no logging

        self.common = common
        self.is_json = common.log_format is LogFormat.JSON
        self._log = set_up(verbose=common.verbose, quiet=common.quiet, as_json=self.is_json)

    @functools.cached_property
    def settings(self) -> Settings:
        """The configuration, loaded on first use."""
        from indexer.config import load  # noqa: PLC0415 - help needs none

        return load(self.common.config)

    @functools.cached_property
    def clock(self) -> Clock:
        """The real clock."""
        from indexer.bootstrap.index_and_sources import SystemClock  # noqa: PLC0415 - help needs none

        return SystemClock()

    def now(self) -> datetime:
        """The current time."""
        return self.clock.now()

    @contextmanager
    def index(self, *, create: bool = False) -> Iterator[Store]:
        """Open the index; without `create` it must already exist."""
        from indexer.bootstrap import index_and_sources  # noqa: PLC0415 - help needs none

        with index_and_sources.opened(self.settings, create=create) as store:
            yield store

    @property
    def out(self) -> TextIO:
        """Standard output, for results only."""
        return sys.stdout

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None if standard output is not a terminal."""
        return shutil.get_terminal_size().columns if self.out.isatty() else None

    @property
    def may_draw(self) -> bool:
        """Whether to draw a progress line: standard error is a terminal without log output."""
        common = self.common
        return sys.stderr.isatty() and not (common.verbose or common.quiet or self.is_json)

    @property
    def program(self) -> str:
        """The command line prefix that uses the same configuration, to quote in messages."""
        config = self.common.config
        return f"indexer --config {quoted(str(config))}" if config else "indexer"

    def complain(self, sentence: str) -> None:
        """Report a problem on standard error; the command continues."""
        self._log.error(sentence)

    def note(self, sentence: str) -> None:
        """Write a message (not a result) to standard error."""
        self._log.info(sentence)

    def confirms(self, question: str) -> bool:
        """Ask for confirmation; False if standard input is not a terminal."""
        return sys.stdin.isatty() and typer.confirm(question, err=True)


def default_registry(catalog: Catalog) -> str:
    """The registry whose name tables leave out: the only one of the index, else Docker Hub."""
    from indexer.core.reference import DOCKER_HUB  # noqa: PLC0415 - help must not wait for it

    names = {status.registry for status in catalog.namespaces()}
    return names.pop() if len(names) == 1 else DOCKER_HUB


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a Typer command of a function whose first argument is a `CommandContext`.

    Adds the common options, so that they may also stand after the command's name. Where the
    function has a parameter of the same name (`inspect --config`), its own is used.
    """
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    taken = {parameter.name for parameter in own}
    shared = {name: option for name, option in _COMMON.items() if name not in taken}

    @functools.wraps(function)
    def run(ctx: typer.Context, **given: Any) -> None:
        earlier = ctx.find_root().obj
        common = Common(**{name: given.pop(name) for name in shared})
        try:
            session = CommandContext(
                common.over(earlier) if isinstance(earlier, Common) else common
            )
            function(session, **given)
            sys.stdout.flush()
        except (IndexerError, OSError, EOFError, KeyboardInterrupt) as error:
            raise Stopped from error

    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    named = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    parameters = [context, *named, *shared.values()]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # as inspect asks
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def _option(name: str, annotation: object, default: object) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


_COMMON = {
    "config": _option("config", ConfigOption, None),
    "verbose": _option("verbose", VerboseOption, default=False),
    "quiet": _option("quiet", QuietOption, default=False),
    "log_format": _option("log_format", LogFormatOption, None),
}
"""In the order of `Common`."""


def quoted(text: str) -> str:
    """Quote an argument for a shell, as `shlex` does, whose import would take too long."""
    plain = all(character.isalnum() or character in "/._-+:@%" for character in text)
    return text if plain else "'" + text.replace("'", "'\"'\"'") + "'"
