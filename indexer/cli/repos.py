"""`indexer repos`: list the repositories of the index."""

from typing import Annotated

import typer

from indexer.cli.context import CommandContext, command, default_registry
from indexer.cli.options import ColumnsOption, FormatOption, MaxAgeOption, NamespaceArgument
from indexer.render.formats import Format


@command
def repos(
    session: CommandContext,
    namespace: NamespaceArgument = None,
    *,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Only repositories with a tag that points to an image with this label or "
            "annotation, where manifests were fetched.",
            show_default=False,
        ),
    ] = None,
    columns: ColumnsOption = None,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the repositories of a namespace, or of all.

    Examples: 'indexer repos ansible' and 'indexer repos --label
    org.opencontainers.image.source=https://github.com/ansible/awx'.
    """
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.name_lookup import find_namespace  # noqa: PLC0415 - help must not wait for it
    from indexer.crawl.schedule.freshness import of_namespace  # noqa: PLC0415 - the same
    from indexer.manifests.image_contents import parse_label  # noqa: PLC0415 - the same
    from indexer.render import column_sets  # noqa: PLC0415 - the same
    from indexer.render.chosen_columns import chosen  # noqa: PLC0415 - the same
    from indexer.render.output import write  # noqa: PLC0415 - the same

    wanted = None if label is None else parse_label(label)
    with session.index() as store:
        place = find_namespace(store.catalog, namespace) if namespace else (None, None)
        age = AnswerAge(session, store.catalog, max_age, of_namespace(*place))
        entries = store.catalog.repositories(*place, label=wanted)
        shape = chosen(column_sets.repositories(default_registry(store.catalog)), columns)
        number = write(entries, shape, form, session.out, session.width)
    if not number and label is not None:
        session.note(
            f"no repository{f' in {namespace}' if namespace else ''} has an image with this label, "
            'as far as manifests were fetched: manifests = "all" in the configuration fetches them.'
        )
    elif not number:
        session.note(f"no repositories{f' in {namespace}' if namespace else ' yet'}.")
    age.tell()
