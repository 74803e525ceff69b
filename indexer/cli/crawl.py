"""`indexer crawl`: read namespaces, remember them, say what changed."""

from typing import Annotated

import typer

from indexer.cli.completion import complete_namespace
from indexer.cli.context import CommandContext, command
from indexer.cli.options import TableOrJsonOption
from indexer.core.errors import UsageError
from indexer.render.formats import TableOrJson


@command
def crawl(
    session: CommandContext,
    namespaces: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAMESPACE]...",
            help="As 'ansible' or 'docker.io/ansible'; without any, all that are configured.",
            autocompletion=complete_namespace,
            show_default=False,
        ),
    ] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read every page of every list.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Also look into repositories whose date did not move.")
    ] = False,
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Wait for namespaces that another process is crawling."),
    ] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Then tell the configured sinks what changed.")
    ] = False,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Crawl namespaces and say what changed.

    Without --full or --verify only what has a newer date is read: one request where nothing has.
    Exit code 0 if every crawl is complete, 1 if something could not be read; it is kept as it was.
    """
    from indexer.cli.crawl_namespaces import crawl_each  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.namespace_arguments import wanted_namespaces  # noqa: PLC0415 - the same
    from indexer.core.model import Mode  # noqa: PLC0415 - the same

    if full and verify:
        raise UsageError("--full includes --verify: give one of them.")
    mode = Mode.FULL if full else Mode.VERIFY if verify else Mode.INCREMENTAL
    wanted = wanted_namespaces(session.settings, namespaces or [])
    crawl_each(session, wanted, mode, wait=wait, notify=notify, form=form)
