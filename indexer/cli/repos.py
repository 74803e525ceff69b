"""`indexer repos`: list the repositories of the index."""

from indexer.cli.context import CommandContext, command, default_registry
from indexer.cli.options import ColumnsOption, FormatOption, MaxAgeOption, NamespaceArgument
from indexer.render.formats import Format


@command
def repos(
    session: CommandContext,
    namespace: NamespaceArgument = None,
    *,
    columns: ColumnsOption = None,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the repositories of a namespace, or of all."""
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.name_lookup import find_namespace  # noqa: PLC0415 - help must not wait for it
    from indexer.crawl.schedule.freshness import of_namespace  # noqa: PLC0415 - the same
    from indexer.render import column_sets  # noqa: PLC0415 - the same
    from indexer.render.chosen_columns import chosen  # noqa: PLC0415 - the same
    from indexer.render.output import write  # noqa: PLC0415 - the same

    with session.index() as store:
        place = find_namespace(store.catalog, namespace) if namespace else (None, None)
        age = AnswerAge(session, store.catalog, max_age, of_namespace(*place))
        entries = store.catalog.repositories(*place)
        shape = chosen(column_sets.repositories(default_registry(store.catalog)), columns)
        number = write(entries, shape, form, session.out, session.width)
    if not number:
        session.note(f"no repositories{f' in {namespace}' if namespace else ' yet'}.")
    age.tell()
