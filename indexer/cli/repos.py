"""`indexer repos`: list the repositories of the index."""

from typing import Annotated

import typer

from indexer.cli.context import CommandContext, command, default_registry
from indexer.cli.option_bundles import Listing, RegistryOption, RepositoryOption, Scope
from indexer.cli.options import FormatOption, MaxAgeOption, NamespaceArgument
from indexer.render.formats import Format


@command
def repos(
    session: CommandContext,
    namespace: NamespaceArgument = None,
    repository: RepositoryOption = None,
    registry: RegistryOption = None,
    *,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[=GLOB]",
            help="Only repositories with a tag that points to an image with this label or "
            "annotation, and this value ('https://*'), where manifests were fetched.",
            show_default=False,
        ),
    ] = None,
    listing: Listing,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the repositories of a namespace, or of all.

    Examples:
      indexer repos ansible --sort last_updated --reverse
      indexer repos --label 'org.opencontainers.image.source=https://github.com/acme/*'
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.crawl.schedule.freshness import of_namespace  # noqa: PLC0415 - the same
    from indexer.manifests.image_contents import parse_label  # noqa: PLC0415 - the same
    from indexer.render import column_sets  # noqa: PLC0415 - the same

    wanted = None if label is None else parse_label(label)
    with session.question(max_age) as store:
        scope = name_lookup.resolved(store.catalog, Scope(registry, namespace, repository))
        place = scope.registry, scope.namespace
        age = AnswerAge(session, store.catalog, max_age, of_namespace(*place))
        entries = (
            each
            for each in store.catalog.repositories(*place, label=wanted)
            if scope.holds(each.registry, each.repository)
        )
        shape = column_sets.repositories(default_registry(store.catalog))
        number = session.write(entries, shape, form, listing)
    if not number and label is not None:
        session.note(
            f"no repository{f' in {namespace}' if namespace else ''} has an image with this label "
            'among the manifests that were fetched: manifests = "all" fetches all of them.'
        )
    elif not number:
        session.note(f"no repositories{f' in {namespace}' if namespace else ' yet'}.")
    age.tell()
