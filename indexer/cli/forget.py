"""`indexer forget`: delete a namespace or a repository from the index."""

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
            help="'ansible' or 'ansible/awx'.",
            autocompletion=complete_repository,
        ),
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be deleted; delete nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without asking.")] = False,
) -> None:
    """Delete a namespace or a repository from the index.

    Its history is deleted too. This is not recorded as a removal, and no sink is notified. If it is
    crawled again, it is new.

    Examples:
      indexer forget ansible/awx --dry-run
      indexer forget ansible --yes
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.core.humanize import count  # noqa: PLC0415 - the same
    from indexer.core.printable import shown  # noqa: PLC0415 - the same

    with session.index() as store:
        meant = name_lookup.find(store.catalog, name)
        place = f"{meant.registry}/{meant.repository or meant.namespace}"
        if dry_run:
            entries = [
                each
                for each in store.catalog.repositories(meant.registry, meant.namespace)
                if meant.repository in {None, each.repository}
            ]
            session.note(
                f"would forget {shown(place)}: {count(len(entries), 'repository')} with "
                f"{count(sum(each.tags for each in entries), 'tag')}, what was removed there, and "
                "the history. Nothing was deleted."
            )
            return
        if not yes and not session.confirms(
            f"Forget {shown(place)} with its whole history? This cannot be undone."
        ):
            raise UsageError("nothing was forgotten: confirm, or use --yes.")
        forgotten = (
            store.archive.forget(meant.registry, repository=meant.repository)
            if meant.repository
            else store.archive.forget(meant.registry, namespace=meant.namespace)
        )
    session.note(
        f"forgot {shown(place)}: {count(forgotten.repositories, 'repository')} with "
        f"{count(forgotten.tags, 'tag')}."
    )
