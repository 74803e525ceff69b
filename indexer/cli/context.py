"""What every command uses: common options, settings, index, terminal and clock."""

from __future__ import annotations

import contextlib
import functools
import inspect
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, get_args

import typer

from indexer.cli.option_bundles import BUNDLES, Output, Zone, options_of
from indexer.cli.options import (
    Common,
    ConfigOption,
    LogFormat,
    LogFormatOption,
    QuietOption,
    VerboseOption,
)
from indexer.core.errors import IndexerError, NotInIndex, Unanswered, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from typing import TextIO, TypeVar

    from indexer.cli.option_bundles import Listing
    from indexer.config import Settings
    from indexer.core.clock import Clock
    from indexer.render.column_sets import ColumnSet
    from indexer.render.formats import Format
    from indexer.store import Store
    from indexer.store.catalog.catalog import Catalog

    T = TypeVar("T")


STANDARD_OUTPUT = "-"
"""What `--output` calls it, as other programs do."""


class Stopped(Exception):
    """Carries a command's error past Typer, which would handle some errors in its own way."""


class CommandContext:
    """One run of a command."""

    def __init__(
        self, common: Common, output: Output | None = None, zone: Zone | None = None
    ) -> None:
        from indexer.cli.logging_setup import set_up  # noqa: PLC0415 - help needs no logging

        self.common = common
        self._output = output or Output()
        self._zone = zone or Zone()
        self._file: TextIO | None = None
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

    def local_now(self) -> datetime:
        """The current time in the zone of `--timezone`: what a typed WHEN is read by.

        Raises:
            UsageError: this machine knows no such zone.
        """
        from datetime import UTC  # noqa: PLC0415 - help needs none
        from zoneinfo import ZoneInfo  # noqa: PLC0415 - the same

        name = self._zone.timezone
        try:
            return self.now().astimezone(UTC if name is None else ZoneInfo(name))
        except (KeyError, ValueError, OSError):
            raise UsageError(
                f"--timezone: this machine knows no time zone '{name}': write 'Europe/Berlin' or "
                "'UTC'."
            ) from None

    @contextmanager
    def index(self, *, create: bool = False) -> Iterator[Store]:
        """Open the index; without `create` it must already exist."""
        from indexer.bootstrap import index_and_sources  # noqa: PLC0415 - help needs none

        with index_and_sources.opened(self.settings, create=create) as store:
            yield store

    @contextmanager
    def question(self, max_age: str | None = None) -> Iterator[Store]:
        """Open the index for a question: what it does not know is said, with how to add it.

        Args:
            max_age: what was typed as --max-age, if anything.

        Raises:
            UsageError: nothing was ever crawled.
            Unanswered: the index does not know what was asked about.
        """
        with self.index() as store:
            try:
                yield store
            except NotInIndex as unknown:
                from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - the same
                from indexer.core.suggestions import remedy  # noqa: PLC0415 - the same

                AnswerAge(self, store.catalog, max_age)  # refuses an index that knows nothing yet
                sentence = f"{unknown} {remedy(unknown, self.program)}".rstrip()
                raise Unanswered(sentence) from None

    @property
    def out(self) -> TextIO:
        """Standard output or the file of `--output`, for results only."""
        return self._file or sys.stdout

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None if there is none, or nothing is to be shortened."""
        is_bounded = self.out.isatty() and not self._output.wide
        return shutil.get_terminal_size().columns if is_bounded else None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write results where `--output` says. The file is replaced once all is written.

        Raises:
            UsageError: the file cannot be written.
        """
        file = self._output.output
        if file is None or str(file) == STANDARD_OUTPUT:
            yield
            sys.stdout.flush()
            return
        from indexer.core.private_file import replacing  # noqa: PLC0415 - help must not wait for it

        with contextlib.ExitStack() as stack:
            try:
                self._file = stack.enter_context(replacing(file))
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", None) or "this name is not possible"
                raise UsageError(f"{file} cannot be written: {why}.") from None
            yield

    def write(
        self, values: Iterable[T], shape: ColumnSet[T], form: Format, listing: Listing | None = None
    ) -> int:
        """Write a list, and return how many values there were.

        Args:
            values: consumed one by one, unless they have to be sorted.
            shape: their fields and columns.
            form: the output format.
            listing: the columns that are shown, and the order; None: as they are.

        Raises:
            UsageError: there is no field of a name that was typed.
        """
        from indexer.render.arrangement import arranged  # noqa: PLC0415 - help must not wait for it
        from indexer.render.chosen_columns import chosen  # noqa: PLC0415 - the same
        from indexer.render.output import write  # noqa: PLC0415 - the same

        columns = None
        if listing is not None:
            columns = listing.columns
            values = arranged(
                values, shape, listing.sort, reverse=listing.reverse, limit=listing.limit
            )
        left_out: list[str] = []
        number = write(values, chosen(shape, columns), form, self.out, self.width, left_out)
        self.tell_left_out(left_out)
        return number

    def tell_left_out(self, columns: Sequence[str]) -> None:
        """Name the columns for which the terminal is too narrow."""
        if columns:
            self.out.flush()  # the answer first
            self.note(f"--wide also shows {', '.join(columns)}.")

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

    def done(self, line: str) -> None:
        """Write what was done to standard output; with --quiet not, for nothing is wrong."""
        if not self.common.quiet:
            self.out.write(f"{line}\n")

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

    names = {registry for registry, _ in catalog.namespace_names()}
    return names.pop() if len(names) == 1 else DOCKER_HUB


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a Typer command of a function whose first argument is a `CommandContext`.

    Adds the common options, so that they may also stand after the command's name; `--json` and
    `--output` where it has `--format`, and `--wide` where that can be a table; and the options of
    each bundle that it has a parameter for. Where the function has a parameter of the same name
    (`inspect --config`), its own is used.
    """
    given_ones = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    bundles = {each.name: each.annotation for each in given_ones if each.annotation in BUNDLES}
    own = [each for each in given_ones if each.name not in bundles]
    form = next(filter(_is_format, own), None)
    output = _missing(Output, own) if form else {}
    if form and not hasattr(_kind_of(form), "TABLE"):
        output.pop("wide", None)
    parameters: dict[str, inspect.Parameter] = {}
    for each in given_ones:
        parameters |= _missing(bundles[each.name], own) if each.name in bundles else {
            each.name: each
        }  # fmt: skip
        parameters |= output if each is form else {}
    has_when = any(map(_is_when, parameters.values()))
    zone = _missing(Zone, own) if has_when else {}
    parameters |= zone
    shared = {name: option for name, option in _COMMON.items() if name not in parameters}
    parameters |= shared

    @functools.wraps(function)
    def run(ctx: typer.Context, **given: Any) -> None:
        earlier = ctx.find_root().obj
        common = Common(**{name: given.pop(name) for name in shared})
        out = Output(**{name: given.pop(name) for name in output})
        where = Zone(**{name: given.pop(name) for name in zone})
        taken = {
            name: bundle(**{option: given.pop(option) for option in _missing(bundle, own)})
            for name, bundle in bundles.items()
        }
        try:
            session = CommandContext(
                common.over(earlier) if isinstance(earlier, Common) else common, out, where
            )
            if form and out.as_json:
                given[form.name] = _as_json(form, given[form.name])
            ended = None
            with session.writing():
                try:
                    function(session, **given, **taken)
                except typer.Exit as answered:  # with 1 the answer is as complete as with 0
                    if answered.exit_code > 1:
                        raise
                    ended = answered
            if ended is not None:
                raise ended
        except (IndexerError, OSError, EOFError, KeyboardInterrupt) as error:
            raise Stopped from error

    run.__doc__ = _with_examples(function.__doc__ or "")
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    named = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters.values()]
    run.__signature__ = inspect.Signature([context, *named])  # type: ignore[attr-defined] # as inspect asks
    run.__annotations__ = {each.name: each.annotation for each in (context, *named)}
    return run


def _with_examples(text: str) -> str:
    """A docstring whose examples keep their lines: Click asks for a backspace before them."""
    return inspect.cleandoc(text).replace("Examples:\n", "\b\nExamples:\n")


def _is_format(parameter: inspect.Parameter) -> bool:
    """Whether it is the option `--format` of an answer, which can be JSON."""
    about = getattr(parameter.annotation, "__metadata__", ())
    # Typer keeps the first name of an annotated option as its default.
    named = any("--format" in (each.default, *(each.param_decls or ())) for each in about)
    return named and (_kind_of(parameter) is str or hasattr(_kind_of(parameter), "JSON"))


def _is_when(parameter: inspect.Parameter) -> bool:
    """Whether it takes a WHEN."""
    about = getattr(parameter.annotation, "__metadata__", ())
    return any("WHEN" in (each.metavar or "") for each in about)


def _kind_of(form: inspect.Parameter) -> Any:
    """The formats of a command: an enumeration, or `str` for a template or `json`."""
    kind = form.annotation.__origin__
    return next((each for each in get_args(kind) if each is not type(None)), kind)


def _missing(bundle: Any, own: list[inspect.Parameter]) -> dict[str, inspect.Parameter]:
    """The options of a bundle that a command does not have itself."""
    mine = {each.name for each in own}
    return {name: option for name, option in options_of(bundle).items() if name not in mine}


def _as_json(form: inspect.Parameter, given: Any) -> Any:
    """The format that `--json` means.

    Raises:
        UsageError: another one was asked for.
    """
    meant = getattr(_kind_of(form), "JSON", "json")
    if given not in {form.default, meant}:
        raise UsageError(f"--json and --format {given} contradict each other: give one of them.")
    return meant


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
