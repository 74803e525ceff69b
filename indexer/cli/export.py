"""`indexer export`: write the reporting views to files, for DuckDB, pandas and others."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.options import MaxAgeOption
from indexer.core import private_file
from indexer.core.errors import UsageError
from indexer.render.formats import FileFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store.sql_reports.reports import Reports


@command
def export(
    session: CommandContext,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="Where to write the files; created if needed.",
            show_default=False,
        ),
    ],
    view: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VIEW", help="Only this view, such as 'report_tags'. May be repeated."
        ),
    ] = None,
    *,
    form: Annotated[
        FileFormat | None,
        typer.Option(
            "--format",
            metavar="parquet|csv|jsonl",
            help="How to write the files. Default: parquet if pyarrow is installed, else csv.",
            show_default=False,
        ),
    ] = None,
    max_age: MaxAgeOption = None,
) -> None:
    """Write each reporting view to a file in a folder.

    All files show the same state of the index. They replace those of an earlier export only once
    all are written. The views are described in docs/sql.md.

    Examples:
      indexer export out/
      indexer export out/ --view report_tags --format csv
    """
    from indexer.bootstrap import index_and_sources  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.answer_age import tell_of_reports  # noqa: PLC0415 - the same
    from indexer.core.humanize import count  # noqa: PLC0415 - the same
    from indexer.render import parquet  # noqa: PLC0415 - the same

    if form is None:
        form = FileFormat.PARQUET if parquet.is_there() else FileFormat.CSV
    if form is FileFormat.PARQUET:
        parquet.require()
    with index_and_sources.reports(session.settings) as reports:
        wanted = _checked(view, reports)
        folder.mkdir(parents=True, exist_ok=True)
        with _replaced([folder / f"{name}.{form.value}" for name in wanted]) as partials:
            numbers = [
                _write(reports, name, form, partial)
                for name, partial in zip(wanted, partials, strict=True)
            ]
        for name, number in zip(wanted, numbers, strict=True):
            session.done(f"{folder / name}.{form.value}: {count(number, 'row')}")
        tell_of_reports(session, reports, max_age)


def _checked(wanted: list[str] | None, reports: "Reports") -> list[str]:
    known = list(reports.views())
    for name in wanted or ():
        if name not in known:
            raise UsageError(f"there is no view '{name}'; there are {', '.join(known)}.")
    return list(dict.fromkeys(wanted or known))


@contextlib.contextmanager
def _replaced(files: list[Path]) -> "Iterator[list[Path]]":
    """Yield a temporary name for each file; rename them all at the end if nothing failed."""
    partials = [file.with_name(f".{file.name}.partial") for file in files]
    try:
        for partial, file in zip(partials, files, strict=True):
            partial.unlink(missing_ok=True)
            private_file.create(partial, like=file)
        yield partials
        for partial, file in zip(partials, files, strict=True):
            partial.replace(file)
    finally:
        for partial in partials:
            partial.unlink(missing_ok=True)


def _write(reports: "Reports", view: str, form: FileFormat, file: Path) -> int:
    from indexer.render import parquet  # noqa: PLC0415 - help must not wait for it
    from indexer.render.formats import AnswerFormat  # noqa: PLC0415 - the same
    from indexer.render.sql_answers import write_answer  # noqa: PLC0415 - the same

    kinds = reports.views()[view]
    rows = reports.rows(view)
    if form is FileFormat.PARQUET:
        with file.open("wb") as out:
            return parquet.write(list(kinds), kinds, rows, out)
    with file.open("w", encoding="utf-8", newline="") as out:
        return write_answer(list(kinds), rows, AnswerFormat(form.value), out, None)
