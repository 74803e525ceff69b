"""`indexer forget`: take something out of the index on purpose."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.completion import complete_repository
from indexer.cli.session import Session, command
from indexer.errors import UsageError

if TYPE_CHECKING:
    from indexer.ports import Catalog


@command
def forget(
    session: Session,
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
    """Take a namespace or a repository out of the index, with its history.

    That is no removal: nobody is told, and what is crawled again afterwards is new.
    """
    from indexer.names import shown  # noqa: PLC0415 - help must not wait for it
    from indexer.render.words import count  # noqa: PLC0415 - the same

    with session.index() as store:
        registry, which = _meant(store.catalog, name)
        place = f"{registry}/{next(iter(which.values()))}"
        if not yes and not session.confirms(
            f"Forget {shown(place)} with its whole history? It cannot be brought back."
        ):
            raise UsageError("nothing was forgotten: say --yes if that is what you want.")
        gone = store.archive.forget(registry, **which)
    session.note(
        f"{shown(place)} is forgotten: {count(gone.repositories, 'repository')} with "
        f"{count(gone.tags, 'tag')}."
    )


def _meant(catalog: "Catalog", name: str) -> tuple[str, dict[str, str]]:
    """The registry, and the namespace or the repository that is meant.

    Raises:
        UsageError: the index does not know it, or knows it from several registries.
    """
    from indexer.cli import lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.names import parse_namespace  # noqa: PLC0415 - the same

    try:
        parse_namespace(name)
    except UsageError:
        registry, repository = lookup.find_repository(catalog, name)
        return registry, {"repository": repository}
    place = lookup.find_namespace(catalog, name)
    if place.registry is None:
        raise UsageError(f"several registries have '{name}': name one, as in 'docker.io/{name}'.")
    return place.registry, {"namespace": place.namespace}
