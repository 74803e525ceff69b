"""`indexer prune`: forget what is old."""

from typing import Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.core.errors import UsageError


@command
def prune(
    session: CommandContext,
    older_than: Annotated[
        str,
        typer.Option(metavar="WHEN", help="What ended before that: '2y', '90d' ago, or ISO 8601."),
    ],
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; else only say what it would free.")
    ] = False,
) -> None:
    """Delete changes and history that are old, and what nobody points to any more.

    Says first what it would free. What tags point to now stays, whatever its age, and so does every
    change that a notification or a policy still needs.
    """
    from indexer.core.humanize import count, size  # noqa: PLC0415 - the same
    from indexer.core.time_expression import parse_when  # noqa: PLC0415 - the same
    from indexer.store.maintenance.prune import prune as delete  # noqa: PLC0415 - help must not wait for it

    before = parse_when(older_than, session.now()).time
    if before is None:
        raise UsageError("--older-than: expected a time, as '730d' or '2024-01-01'.")
    url, now = session.settings.database.url, session.now()
    pruned = delete(url, before, really=yes, now=now)
    for table, rows in pruned.rows.items():
        session.out.write(f"{_NAMES.get(table, table):<24}{rows:>14,}\n")
    verb = "were" if yes else "would be"
    total = count(sum(pruned.rows.values()), "row")
    session.note(f"{total} from before {before:%Y-%m-%d %H:%M} UTC {verb} deleted.")
    session.note(f"about {size(pruned.bytes)} {verb} free for what comes.")
    if pruned.waits_for:
        has = "has" if len(pruned.waits_for) == 1 else "have"
        session.note(
            f"changes after {pruned.needed_after:,} are spared: {', '.join(pruned.waits_for)} "
            f"{has} not dealt with them."
        )
    if not yes:
        session.note("nothing was deleted: say --yes to do it.")


_NAMES = {
    "change": "changes",
    "hiding": "notices of hidden ones",
    "history": "periods",
    "tag": "removed tags",
    "repository": "removed repositories",
    "crawl": "crawls",
    "manifest": "manifests",
    "content": "fetched manifests",
    "content_part": "their parts",
}
