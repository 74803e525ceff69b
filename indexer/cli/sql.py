"""`indexer sql`: query the index in SQL, read-only."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.options import MaxAgeOption
from indexer.core.errors import Limited, UsageError
from indexer.render.formats import AnswerFormat

if TYPE_CHECKING:
    from indexer.catalog.sql_reports import ReportResult, Value

STANDARD_INPUT = "-"

SECONDS = "30s"
MOST_ROWS = 100_000
"""Default of --limit; `indexer export` writes whole views."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]+)?", re.ASCII)


@command
def sql(  # noqa: PLR0913 - each is an option of the command
    session: CommandContext,
    statement: Annotated[
        str | None,
        typer.Argument(
            metavar="SQL",
            help="One SELECT: 'SELECT * FROM report_tags'. '-' or none: read standard input.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the SQL from a file.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Value of :NAME. May be repeated."),
    ] = None,
    when: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=WHEN",
            help="Value of :NAME as a time: '24h', '90d' (ago), or ISO 8601. May be repeated.",
        ),
    ] = None,
    *,
    timeout: Annotated[
        str,
        typer.Option(metavar="TIME", help=f"Time limit for the query. Default: {SECONDS}."),
    ] = SECONDS,
    limit: Annotated[
        int, typer.Option(min=1, metavar="N", help=f"Most rows to return. Default: {MOST_ROWS:,}.")
    ] = MOST_ROWS,
    max_age: MaxAgeOption = None,
    form: Annotated[
        AnswerFormat,
        typer.Option("--format", metavar="table|json|jsonl|csv|parquet", help="Output format."),
    ] = AnswerFormat.TABLE,
) -> None:
    """Query the index in SQL, read-only.

    The views are described in docs/sql.md.

    Examples:
      indexer sql 'SELECT repository, count(*) AS tags FROM report_tags GROUP BY repository'
      indexer sql --file report.sql --when since=90d --format csv -o report.csv
    """
    from indexer.bootstrap import index_and_sources  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.answer_age import tell_of_reports  # noqa: PLC0415 - the same
    from indexer.config.value_readers import seconds_of  # noqa: PLC0415 - the same
    from indexer.render.sql_answers import write_answer  # noqa: PLC0415 - the same

    seconds = seconds_of(timeout)
    if not seconds:
        raise UsageError(f"--timeout: expected a duration, such as '{SECONDS}' or '5m'.")
    if form is AnswerFormat.PARQUET and session.out.isatty():
        raise UsageError("cannot write Parquet to a terminal: write it to a file with '> FILE'.")
    if form is AnswerFormat.PARQUET:
        from indexer.render import parquet  # noqa: PLC0415 - the same

        parquet.require()
    text = _text(statement, file)
    values = _values(session, param or (), when or ())
    left_out: list[str] = []
    with index_and_sources.reports(session.settings) as reports:
        with reports.ask(text, values, seconds=seconds, most_rows=limit) as answer:
            number = write_answer(answer.names, answer, form, session.out, session.width, left_out)
        session.tell_left_out(left_out)
        _tell_limit(answer, limit)
        if not number:
            session.note("no rows.")
        tell_of_reports(session, reports, max_age)


def _tell_limit(answer: "ReportResult", limit: int) -> None:
    """Say that rows were left out.

    Raises:
        Limited: so it is.
    """
    from indexer.core.humanize import count  # noqa: PLC0415 - help must not wait for it

    if answer.cut_at == "rows":
        raise Limited(
            f"the answer has more than {count(limit, 'row')}; the rest was left out: narrow the "
            "query, raise --limit, or use 'indexer export' for whole views."
        )
    if answer.cut_at == "bytes":
        raise Limited(
            "the answer is larger than 256 MiB; the rest was left out: narrow the query, or use "
            "'indexer export' for whole views."
        )


def _text(statement: str | None, file: Path | None) -> str:
    if file is not None:
        if statement is not None:
            raise UsageError("give the SQL as an argument or with --file, not both.")
        try:
            return file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise UsageError(f"{file} is not UTF-8 text.") from None
    if statement not in {None, STANDARD_INPUT}:
        return str(statement)
    if statement is None and sys.stdin.isatty():
        raise UsageError(
            "there is no SQL: give it as an argument, with --file, or on standard input."
        )
    return sys.stdin.read()


def _values(
    session: CommandContext, params: "list[str] | tuple[()]", whens: "list[str] | tuple[()]"
) -> "dict[str, Value]":
    from indexer.core.time_expression import parse_when  # noqa: PLC0415 - help must not wait for it

    values: dict[str, Value] = {}
    for given in params:
        name, value = _named(given, "--param", values)
        values[name] = _value(value)
    for given in whens:
        name, value = _named(given, "--when", values)
        time = parse_when(value, session.local_now()).time
        if time is None:
            raise UsageError(f"--when {name}: expected a time, such as '90d' or '2026-03-02'.")
        values[name] = str(time.replace(tzinfo=None))
    return values


def _named(given: str, option: str, known: "dict[str, Value]") -> tuple[str, str]:
    name, equals, value = given.partition("=")
    name = name.removeprefix(":")
    if not equals or not name.isidentifier():
        raise UsageError(f"{option}: expected NAME=VALUE, as in '{option} name=value'.")
    if name in known:
        raise UsageError(f"{option}: '{name}' is given twice.")
    return name, value


def _value(text: str) -> "Value":
    """Turn text that is an SQL number literal into a number, so that SQLite compares it as one."""
    if not _NUMBER.fullmatch(text):
        return text
    number = float(text) if "." in text else int(text)
    return number if str(number) == text else text
