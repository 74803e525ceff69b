"""`indexer forget`: take something out of the index on purpose."""

from typing import Annotated

import typer

from indexer.cli.completion import complete_repository
from indexer.cli.context import CommandContext, command
from indexer.core.errors import UsageError


@command
def forget(
    session: CommandContext,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="As 'ansible' or 'ansible/awx'.",
            autocompletion=complete_repository,
        ),
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take a namespace or a repository out of the index.

    Its history goes too. That is no removal: nobody is told, and what is crawled again afterwards
    is new.
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.core.humanize import count  # noqa: PLC0415 - the same
    from indexer.core.printable import shown  # noqa: PLC0415 - the same

    with session.index() as store:
        meant = name_lookup.find(store.catalog, name)
        place = f"{meant.registry}/{meant.repository or meant.namespace}"
        if not yes and not session.confirms(
            f"Forget {shown(place)} with its whole history? It cannot be brought back."
        ):
            raise UsageError("nothing was forgotten: say --yes if that is what you want.")
        gone = (
            store.archive.forget(meant.registry, repository=meant.repository)
            if meant.repository
            else store.archive.forget(meant.registry, namespace=meant.namespace)
        )
    session.note(
        f"{shown(place)} is forgotten: {count(gone.repositories, 'repository')} with "
        f"{count(gone.tags, 'tag')}."
    )
