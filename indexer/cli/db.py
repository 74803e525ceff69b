"""`indexer db`: the database's own version."""

import typer

from indexer.cli.session import Session, command

app = typer.Typer(
    help="Look after the database's schema; a crawl does this by itself.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("upgrade")
@command
def upgrade(session: Session) -> None:
    """Bring the database to the schema of this version; make it if there is none."""
    from indexer.store import migrate  # noqa: PLC0415 - help must not wait for it

    url = session.settings.database.url
    migrate.upgrade(url)
    session.out.write(f"{migrate.current(url)}\n")


@app.command("current")
@command
def current(session: Session) -> None:
    """Show the revision of the database's schema."""
    from indexer.store import migrate  # noqa: PLC0415 - help must not wait for it

    session.out.write(f"{migrate.current(session.settings.database.url)}\n")
