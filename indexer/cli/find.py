"""`indexer find`: which tags point to a digest, or ever did."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command, default_registry
from indexer.cli.option_bundles import Listing, Scope
from indexer.cli.options import FormatOption, MaxAgeOption
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
    listing: Listing,
    scope: Scope,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the tags that point to a digest, or ever did.

    The digest of one platform's image leads to the tags of the index that holds it. Exit code 1 if
    the index knows no tag that led there.

    Examples:
      indexer find 4bcff63
      indexer find docker-pullable://nginx@sha256:4bcff63...
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.core.digest_text import parse_digest  # noqa: PLC0415 - the same
    from indexer.render import column_sets  # noqa: PLC0415 - the same

    wanted = parse_digest(digest)
    with session.index() as store:
        wanted_images = name_lookup.resolved(store.catalog, scope)
        age = AnswerAge(session, store.catalog, max_age)
        found = store.catalog.find(wanted)
        shape = column_sets.found(default_registry(store.catalog))
        tags = [
            each
            for each in _only(found, wanted)
            if wanted_images.holds(each.registry, each.repository, each.tag)
        ]
        age.rests_on(store.catalog, [(each.registry, each.repository) for each in tags])
    session.write(tags, shape, form, listing._replace(sort=listing.sort or "name"))
    if not tags:
        session.complain(
            f"the index knows no tag that points or pointed to {wanted}: crawl where it may be, as "
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
