"""`indexer prune`: delete old changes and history."""

from datetime import timedelta
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.store.maintenance.prune import Consumer

A_DAY = timedelta(days=1)
"""If the last crawl is longer ago, it is said that the age is counted from there."""


@command
def prune(
    session: CommandContext,
    older_than: Annotated[
        str,
        typer.Option(
            metavar="WHEN", help="Delete what ended before: '2y', '90d' (ago), or ISO 8601."
        ),
    ],
    *,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only show what would be deleted, as without --yes."),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help="Delete. Without it, only show what would be deleted."),
    ] = False,
) -> None:
    """Delete old changes, history and unused manifests.

    Without --yes it only shows what it would delete. It keeps what tags point to now, and changes
    that a notification or a policy still needs.

    Examples:
      indexer prune --older-than 2y
      indexer prune --older-than 2y --yes
    """
    from indexer.core.humanize import agreed, count, size  # noqa: PLC0415 - the same
    from indexer.core.time_expression import is_ago, parse_when  # noqa: PLC0415 - the same
    from indexer.store.maintenance import prune as pruning  # noqa: PLC0415 - help must not wait for it

    url, now = session.settings.database.url, session.now()
    counted_from = pruning.counted_from(url, now) if is_ago(older_than) else now
    zone = session.local_now().tzinfo
    before = parse_when(older_than, counted_from.astimezone(zone)).time
    if before is None:
        raise UsageError("--older-than: expected a time, such as '730d' or '2024-01-01'.")
    really = yes and not dry_run
    pruned = pruning.prune(url, before, really=really, now=now)
    for table, rows in pruned.rows.items():
        line = f"{NAMES.get(table, table):<24}{rows:>14,}"
        if really:
            session.done(line)
        else:  # then it is the answer
            session.out.write(f"{line}\n")
    verb = "were" if really else "would be"
    total = count(sum(pruned.rows.values()), "row")
    session.note(f"{total} from before {before:%Y-%m-%d %H:%M} UTC {verb} deleted.")
    if now - counted_from > A_DAY:
        session.note(
            f"counted back from the last crawl, {counted_from:%Y-%m-%d %H:%M} UTC; if this clock "
            "is right, give a date: '--older-than 2024-01-01'."
        )
    session.note(f"about {size(pruned.bytes)} {verb} freed.")
    if pruned.waits_for:
        whom = ", ".join(map(str, pruned.waits_for))
        has = agreed(len(pruned.waits_for), "has", "have")
        session.note(
            f"changes after {pruned.needed_after:,} are kept: {whom} {has} not processed them yet."
        )
        for remedy in _remedies(session, pruned.waits_for):
            session.note(remedy)
    if pruned.passed_over:
        whom = ", ".join(map(str, pruned.passed_over))
        session.note(
            f"{whom}: not used for a week; changes that were not processed for it {verb} deleted."
        )
    if not really:
        session.note("nothing was deleted: use --yes to delete.")


def _remedies(session: CommandContext, waits_for: "Sequence[Consumer]") -> "Iterator[str]":
    """How to end the wait for what is not in this configuration."""
    from indexer.core.printable import shown  # noqa: PLC0415 - help must not wait for it
    from indexer.policies.policy import THE_HUBS  # noqa: PLC0415 - the same

    sinks = {each.sink.name for each in session.settings.sinks}
    policies = {THE_HUBS, *(each.name for each in session.settings.policies)}
    for each in waits_for:
        if each.kind == "sink" and each.name not in sinks:
            command = f"notify forget {quote(each.name)}"
        elif each.kind == "policy" and each.name not in policies:
            command = f"violations --forget {quote(each.name)}"
        else:
            continue
        yield (
            f"the {each} is not in this configuration: if no other process uses it any more, "
            f"'{session.program} {shown(command)}' ends the wait; without that it ends a week "
            "after its last use."
        )


NAMES = {
    "change": "changes",
    "hiding": "notices of hidden repos",
    "audit_event": "audit log events",
    "repository_daily": "daily counts",
    "history": "periods",
    "tag": "removed tags",
    "repository": "removed repositories",
    "crawl": "crawls",
    "manifest": "manifests",
    "content": "fetched manifests",
    "content_part": "their parts",
    "content_child": "what they name",
    "image_config": "their settings",
    "image_layer": "their layers",
    "image_label": "their labels",
    "referrers": "lists of signatures",
}
