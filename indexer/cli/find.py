"""`indexer find`: which tags point to a digest, or ever did."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command, default_registry
from indexer.cli.options import ColumnsOption, FormatOption, MaxAgeOption
from indexer.core.errors import UsageError
from indexer.render.formats import Format

if TYPE_CHECKING:
    from indexer.core.catalog_entries import FoundTag
    from indexer.core.digest_text import DigestPrefix


@command
def find(
    session: CommandContext,
    digest: Annotated[
        str,
        typer.Argument(
            metavar="DIGEST",
            help="'sha256:…', its first 7 or more digits, or what names it: 'nginx@sha256:…', an "
            "imageID of Kubernetes.",
            show_default=False,
        ),
    ],
    *,
    columns: ColumnsOption = None,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the tags that point to a digest, or ever did, of all repositories.

    The digest of one platform's image leads to the tags of the index that holds it. Exit code 1 if
    the index knows no tag that led there.

    Examples: 'indexer find 4bcff63' and 'indexer find docker-pullable://nginx@sha256:…'.
    """
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.core.digest_text import parse_digest  # noqa: PLC0415 - help must not wait for it
    from indexer.render import column_sets  # noqa: PLC0415 - the same
    from indexer.render.chosen_columns import chosen  # noqa: PLC0415 - the same
    from indexer.render.output import write  # noqa: PLC0415 - the same

    wanted = parse_digest(digest)
    with session.index() as store:
        age = AnswerAge(session, store.catalog, max_age)
        found = store.catalog.find(wanted)
        shape = chosen(column_sets.found(default_registry(store.catalog)), columns)
    write(_only(found, wanted), shape, form, session.out, session.width)
    if not found:
        session.complain(
            f"no tag that the index knows points or pointed to {wanted}: crawl where it may be, as "
            "in 'indexer crawl ansible'."
        )
        age.tell()
        raise typer.Exit(1)
    age.tell()


def _only(found: "dict[str, list[FoundTag]]", wanted: "DigestPrefix") -> "list[FoundTag]":
    """The tags of the one digest that fits.

    Raises:
        UsageError: several do.
    """
    from indexer.core.digest_text import several  # noqa: PLC0415 - the same

    if len(found) > 1:
        raise UsageError(several(wanted, found))
    return [each for tags in found.values() for each in tags]
