"""`indexer history`: every digest that a tag ever had."""

from typing import Annotated

import typer

from indexer.cli.completion import complete_image
from indexer.cli.context import CommandContext, command
from indexer.cli.option_bundles import Listing
from indexer.cli.options import AllOption, FormatOption, MaxAgeOption
from indexer.core.errors import UsageError
from indexer.render.formats import Format


@command
def history(
    session: CommandContext,
    image: Annotated[
        str,
        typer.Argument(
            metavar="REPOSITORY[:TAG]",
            help="'ansible/awx' or 'ansible/awx:latest'.",
            autocompletion=complete_image,
            show_default=False,
        ),
    ],
    *,
    everything: AllOption = False,
    listing: Listing,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List every digest that a tag had, and in which period.

    Also shows what changed between one digest and the next.

    Examples:
      indexer history nginx:1.27
      indexer history ansible/awx --sort started_at --reverse --limit 10
    """
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.core.clock import is_believed  # noqa: PLC0415 - the same
    from indexer.core.humanize import count, short_time  # noqa: PLC0415 - the same
    from indexer.core.printable import shown  # noqa: PLC0415 - the same
    from indexer.core.reference import parse_reference  # noqa: PLC0415 - help must not wait for it
    from indexer.crawl.schedule.freshness import of_repositories  # noqa: PLC0415 - the same
    from indexer.render import column_sets, tag_comparison  # noqa: PLC0415 - the same

    reference = parse_reference(image)
    if reference.digest:
        raise UsageError("history takes a repository or a tag: leave out '@' and the digest.")
    with session.question(max_age) as store:
        place = store.catalog.locate(reference)
        age = AnswerAge(session, store.catalog, max_age, of_repositories([place]))
        age.rests_on(store.catalog, [place], reference.tag)
        since = store.catalog.known_since(*place)
        companions = tag_comparison.CompanionFilter(lifted=everything or reference.tag is not None)
        wanted = store.catalog.history(*place, reference.tag)
        periods = tag_comparison.history(wanted, store.catalog.history(*place), companions)
        number = session.write(
            periods, column_sets.history(), form, listing._replace(sort=listing.sort or "name")
        )
    if companions.hidden:
        session.note(
            f"{count(companions.hidden, 'digest')} of signatures and similar tags: use --all."
        )
    elif not number:
        session.note(f"the index has never seen a tag of {place[1]}.")
    if since is not None and is_believed(since, session.now()):
        session.note(f"{shown(place[1])} is known since {short_time(since)} UTC.")
    elif since is not None:
        session.note(f"a clock was ahead when {shown(place[1])} was first read: times are wrong.")
    age.tell()
