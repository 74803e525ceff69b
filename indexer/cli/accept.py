"""`indexer accept`: record removals that were held back, and hidden repositories as removed."""

from typing import Annotated

import typer

from indexer.cli.completion import complete_repository
from indexer.cli.context import CommandContext, command
from indexer.cli.options import TableOrJsonOption
from indexer.core.errors import UsageError
from indexer.render.formats import TableOrJson


@command
def accept(
    session: CommandContext,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="'ansible' for its repositories, or 'ansible/awx' for its tags.",
            autocompletion=complete_repository,
            show_default=False,
        ),
    ] = None,
    *,
    listed: Annotated[
        bool, typer.Option("--list", help="List what waits for review, of NAME or of all.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Crawl, record nothing, and list what would be removed."),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help="Record hidden repositories as removed without asking."),
    ] = False,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Accept removals that were held back for review, or list them.

    A crawl that misses more than half of the known repositories or tags, and more than ten, holds
    these removals back. 'accept' crawls again and records what is still missing as removed.
    Hidden repositories (private ones that the account can no longer see) are listed first; after
    you confirm, those that answer 404 are recorded as removed.

    --list asks no registry. --dry-run crawls without recording anything.

    Examples:
      indexer accept --list
      indexer accept ansible --dry-run
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.crawl_namespaces import crawl_each, preview_each  # noqa: PLC0415 - the same
    from indexer.cli.namespace_arguments import wanted_namespaces  # noqa: PLC0415 - the same
    from indexer.core.model import Mode  # noqa: PLC0415 - the same

    if listed:
        _list(session, name, form)
        return
    if name is None:
        raise UsageError("name a namespace or a repository to accept; --list lists what waits.")
    with session.index() as store:
        place = name_lookup.find(store.catalog, name)
        hidden = [
            entry.repository
            for entry in store.catalog.repositories(place.registry, place.namespace)
            if entry.hidden_since and place.repository in {None, entry.repository}
        ]
    wanted = wanted_namespaces(session.settings, [f"{place.registry}/{place.namespace}"])
    accepted = frozenset({place.repository or place.namespace})
    if dry_run:
        preview_each(session, wanted, accepted, form)
        return
    if hidden:
        _confirm(session, hidden, yes=yes)
    crawl_each(session, wanted, Mode.INCREMENTAL, accepted=accepted, form=form)


def _list(session: CommandContext, name: str | None, form: TableOrJson) -> None:
    """List what waits for review."""
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.render import awaiting_review  # noqa: PLC0415 - the same
    from indexer.render.formats import Format  # noqa: PLC0415 - the same

    with session.index() as store:
        place = name_lookup.find(store.catalog, name) if name else None
        home = (place.registry, place.namespace) if place else (None, None)
        namespaces = [
            each
            for each in store.catalog.namespaces()
            if place is None or (each.registry, each.namespace) == home
        ]
        lists = [
            each
            for each in store.catalog.held_back()
            if place is None or (each.registry, each.namespace) == home
        ]
        found = [
            each
            for each in awaiting_review.awaiting(lists, store.catalog.repositories(*home))
            if place is None or place.repository in {None, each.name}
        ]
        session.write(found, awaiting_review.shape(), Format(form.value))
    untold = list(awaiting_review.not_told(namespaces))
    for sentence in untold:
        session.complain(sentence)
    if not (found or untold):
        session.note("nothing waits for review.")


def _confirm(session: CommandContext, hidden: list[str], *, yes: bool) -> None:
    """List the hidden repositories and ask before they are recorded as removed.

    Raises:
        UsageError: nobody confirmed.
    """
    from indexer.core.humanize import count  # noqa: PLC0415 - help must not wait for it
    from indexer.core.printable import shown  # noqa: PLC0415 - the same

    session.note(f"{count(len(hidden), 'hidden repository')}; what answers 404 will be removed:")
    for name in hidden:
        session.note(f"  {shown(name)}")
    if not yes and not session.confirms("Record these as removed? Their history is kept."):
        raise UsageError("nothing was accepted: confirm, or use --yes.")
