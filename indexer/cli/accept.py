"""`indexer accept`: believe removals that were held back."""

from typing import Annotated

import typer

from indexer.cli.completion import complete_repository
from indexer.cli.context import CommandContext, command
from indexer.cli.options import TableOrJsonOption
from indexer.render.formats import TableOrJson


@command
def accept(
    session: CommandContext,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="As 'ansible' for its repositories, or 'ansible/awx' for its tags.",
            autocompletion=complete_repository,
        ),
    ],
    *,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Believe removals that were held back, after you have looked.

    A crawl that misses more than half of them, and more than ten, keeps them and says so.
    Once you have looked, this crawls again and believes it.
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.crawl_namespaces import crawl_each  # noqa: PLC0415 - the same
    from indexer.cli.namespace_arguments import wanted_namespaces  # noqa: PLC0415 - the same
    from indexer.core.model import Mode  # noqa: PLC0415 - the same

    with session.index() as store:
        place = name_lookup.find(store.catalog, name)
    wanted = wanted_namespaces(session.settings, [f"{place.registry}/{place.namespace}"])
    accepted = frozenset({place.repository or place.namespace})
    crawl_each(session, wanted, Mode.INCREMENTAL, accepted=accepted, form=form)
