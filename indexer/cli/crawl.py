"""`indexer crawl`: read namespaces, record them, report what changed."""

from dataclasses import replace
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
            metavar="[NAMESPACE|REPOSITORY[:TAG]]...",
            help="'ansible', 'library/nginx', 'library/nginx:1.27', 'docker.io/ansible'. "
            "Default: all configured namespaces.",
            autocompletion=complete_namespace,
            show_default=False,
        ),
    ] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read every page of every list.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Also check repositories whose date did not change.")
    ] = False,
    details: Annotated[
        bool,
        typer.Option(
            "--details",
            help="Also read full descriptions: one request for each new or updated repository.",
        ),
    ] = False,
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Wait while another process crawls a namespace."),
    ] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Notify the configured sinks afterwards.")
    ] = False,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Crawl namespaces and report what changed.

    Reads only repositories with a newer date: one request for a namespace without changes. What
    cannot be read stays in the index as it was. Exit code 0 if every crawl is complete, else 1.

    Examples:
      indexer crawl ansible
      indexer crawl library/nginx:1.27 --verify --json
    """
    from indexer.cli.crawl_namespaces import crawl_each  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.namespace_arguments import wanted_namespaces  # noqa: PLC0415 - the same
    from indexer.core.model import Mode  # noqa: PLC0415 - the same

    if full and verify:
        raise UsageError("--full includes --verify: give one of them.")
    mode = Mode.FULL if full else Mode.VERIFY if verify else Mode.INCREMENTAL
    wanted = wanted_namespaces(session.settings, namespaces or [])
    if details:
        wanted = [each._replace(registry=replace(each.registry, details=True)) for each in wanted]
    crawl_each(session, wanted, mode, wait=wait, notify=notify, form=form)
