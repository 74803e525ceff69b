"""`indexer db`: upgrade, check and copy the database, and grant the right to read it."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.options import TableOrJsonOption
from indexer.core import printable
from indexer.core.errors import IndexerError
from indexer.render.formats import TableOrJson

if TYPE_CHECKING:
    from indexer.store.maintenance.integrity_check import Finding

app = typer.Typer(
    name="db",
    help="Upgrade, check and copy the database. (A crawl upgrades the schema itself.)",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("upgrade")
@command
def upgrade(session: CommandContext) -> None:
    """Upgrade the database to the schema of this version; create it if needed.

    Examples:
      indexer db upgrade
      INDEXER_DATABASE_URL=postgresql://db/index indexer db upgrade
    """
    from indexer.store.schema import migrate  # noqa: PLC0415 - help must not wait for it

    url = session.settings.database.url
    migrate.upgrade(url)
    session.done(str(migrate.current(url)))


@app.command("current")
@command
def current(session: CommandContext) -> None:
    """Show the revision of the database's schema.

    Examples:
      indexer db current
      INDEXER_DATABASE_URL=sqlite:///old.db indexer db current
    """
    from indexer.store.schema import migrate  # noqa: PLC0415 - help must not wait for it

    session.out.write(f"{migrate.current(session.settings.database.url)}\n")


@app.command("check")
@command
def check(session: CommandContext, *, form: TableOrJsonOption = TableOrJson.TABLE) -> None:
    """Check the consistency of the index. Exit code 1 if a rule is broken.

    Reads the whole index. Crawls may run at the same time.

    Examples:
      indexer db check
      indexer db check --json
    """
    from indexer.core.humanize import count  # noqa: PLC0415 - help must not wait for it
    from indexer.render.output import as_json  # noqa: PLC0415 - the same
    from indexer.store.maintenance.integrity_check import check as find  # noqa: PLC0415 - the same

    findings: list[Finding] = []
    for finding in find(session.settings.database.url):
        findings.append(finding)
        if form is TableOrJson.TABLE and (finding.broken or not session.common.quiet):
            session.out.write(f"{'broken' if finding.broken else 'holds ':<8}{finding.rule}\n")
            session.out.writelines(f"          {example}\n" for example in finding.examples)
    if form is TableOrJson.JSON:
        session.out.write(f"{as_json({'rules': [each._asdict() for each in findings]})}\n")
    broken = [finding for finding in findings if finding.broken]
    if broken:
        raise IndexerError(
            f"broken: {len(broken)} of {count(len(findings), 'rule')}. Please report it. To repair "
            "a repository, run 'indexer forget' and crawl again."
        )


@app.command("copy")
@command
def copy(
    session: CommandContext,
    source: Annotated[
        str, typer.Option("--from", metavar="URL", help="The index to copy; it is not changed.")
    ],
    target: Annotated[str, typer.Option("--to", metavar="URL", help="An empty database.")],
) -> None:
    """Copy the index into another database, from SQLite to PostgreSQL or back.

    Run the same command again to continue an interrupted copy. At the end, row counts and
    checksums of both databases are compared.

    Examples:
      indexer db copy --from sqlite:///indexer.db --to postgresql://db/index
      indexer db copy --from postgresql://db/index --to sqlite:///copy.db
    """
    from indexer.core.humanize import count  # noqa: PLC0415 - the same
    from indexer.store.maintenance.database_copy import copy as copy_index  # noqa: PLC0415 - help must not wait

    def progress(table: str, done: int) -> None:
        if not session.common.quiet and done % NOTED_ROWS == 0:
            session.note(f"{table}: {count(done, 'row')}")

    copied = copy_index(source, target, progress)
    for table in copied:
        session.done(f"{table.table:<16}{table.rows:>14,}  {table.checksum[:16]}")
    session.note(
        f"{count(sum(table.rows for table in copied), 'row')}: counts and checksums of both sides "
        "are the same."
    )


@app.command("grant-reader")
@command
def grant_reader(
    session: CommandContext,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="An existing role of PostgreSQL.")],
    *,
    views_only: Annotated[
        bool, typer.Option("--views-only", help="Only the views (report_...), for dashboards.")
    ] = False,
) -> None:
    """Let a role of PostgreSQL read the index, and nothing else.

    Run it as the owner of the tables. 'indexer sql', 'indexer export' and 'indexer serve' read as
    that role where '[database] reader_url' says so.

    Examples:
      indexer db grant-reader grafana --views-only
      INDEXER_DATABASE_URL=postgresql://owner@db/index indexer db grant-reader reader
    """
    from indexer.core.humanize import count  # noqa: PLC0415 - help must not wait for it
    from indexer.store.maintenance import reader_role  # noqa: PLC0415 - the same

    url = session.settings.database.url
    granted = reader_role.grant_reader(url, role, views_only=views_only)
    session.done(
        f"{printable.shown(role, 60)} may read {count(granted.tables, 'table')} and "
        f"{count(granted.views, 'view')} in the schema {granted.schema}, and write nothing"
    )


NOTED_ROWS = 100_000
"""Progress of a copy is reported after every so many rows of a table."""
