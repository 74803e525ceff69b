"""`indexer diff`: what two digests of a tag differ in."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.completion import complete_image
from indexer.cli.context import CommandContext, command
from indexer.cli.options import MaxAgeOption, TableOrJsonOption
from indexer.core.errors import NotInIndex, UsageError
from indexer.render.formats import TableOrJson

if TYPE_CHECKING:
    from indexer.catalog.tag_diff import TagDiff
    from indexer.core.catalog_entries import Period
    from indexer.core.reference import Reference
    from indexer.manifests.ports import StoredManifest
    from indexer.store import Store
    from indexer.store.catalog.catalog import Catalog


@command
def diff(
    session: CommandContext,
    image: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE:TAG",
            help="'nginx:1.27', 'registry.example.com/team/app:2'. Without a tag: latest.",
            autocompletion=complete_image,
            show_default=False,
        ),
    ],
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="WHEN|DIGEST",
            help="What the tag pointed to then, '7d' or '2026-03-02', or one of its digests, full "
            "or its first 7 or more digits. Default: the digest before.",
            show_default=False,
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="WHEN|DIGEST",
            help="The same. Default: the last digest.",
            show_default=False,
        ),
    ] = None,
    *,
    max_age: MaxAgeOption = None,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Show what two digests of a tag differ in.

    Compares platforms, layers, settings and labels. Layers,
    settings and labels are compared where manifests were fetched; the message says where
    they were not. Exit code 1 if the tag had no such digest, or the index does not know the image.

    Examples:
      indexer diff nginx:1.27
      indexer diff nginx:1.27 --from 7d --json
    """
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.core.reference import parse_reference  # noqa: PLC0415 - the same
    from indexer.crawl.schedule.freshness import of_repositories  # noqa: PLC0415 - the same

    reference = parse_reference(image)
    if reference.digest:
        raise UsageError("diff takes a tag: leave out '@' and the digest, and use --to DIGEST.")
    with session.question(max_age) as store:
        periods = _periods(store.catalog, reference)
        place = periods[0].registry, periods[0].repository
        age = AnswerAge(session, store.catalog, max_age, of_repositories([place]))
        age.rests_on(store.catalog, [place], periods[0].tag)
        found = _ask(session, store, periods, start, end)
    if form is TableOrJson.JSON:
        from indexer.render import freshness  # noqa: PLC0415 - only for JSON
        from indexer.render.output import as_json  # noqa: PLC0415 - the same
        from indexer.render.records.inside import Diff  # noqa: PLC0415 - the same

        answer = Diff.of(found, freshness.record(age.freshness))
        session.out.write(f"{as_json(answer, indent=2)}\n")
    else:
        from indexer.render.tag_diff import lines  # noqa: PLC0415 - only for people

        session.out.writelines(f"{line}\n" for line in lines(found, session.width))
    if found.advice:
        session.complain(found.advice)
    age.tell()


def _periods(catalog: "Catalog", reference: "Reference") -> "list[Period]":
    """Every digest of the tag.

    Raises:
        NotInIndex: the index does not know the image.
    """
    from indexer.catalog.settled import UNNAMED  # noqa: PLC0415 - help must not wait for it
    from indexer.pins.check import locate  # noqa: PLC0415 - the same

    place, tag = locate(catalog, reference), reference.tag or UNNAMED
    periods = list(catalog.history(*place, tag))
    if not periods:
        raise NotInIndex(f"the history of {place[1]}:{tag} was pruned.")
    return periods


def _ask(
    session: CommandContext,
    store: "Store",
    periods: "list[Period]",
    start: str | None,
    end: str | None,
) -> "TagDiff":
    """Answer from the index.

    Raises:
        UsageError: a time or a digest cannot be read, or fits several.
        NotInIndex: the tag has no such digest.
    """
    from functools import partial  # noqa: PLC0415 - help must not wait for it

    from indexer.catalog.tag_diff import Times, tag_diff  # noqa: PLC0415 - the same
    from indexer.cli.name_lookup import find_crawl  # noqa: PLC0415 - the same

    place = periods[0].registry, periods[0].repository
    times = Times(
        session.local_now(),
        lambda number: find_crawl(store.catalog, number).finished_at,
        partial(store.catalog.check_known, *place),
    )

    def find(digest: str) -> "StoredManifest | None":
        kept = store.manifests.find(digest)
        return kept and kept.content

    return tag_diff(periods, start, end, times, find)
