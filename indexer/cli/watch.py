"""`indexer watch`: changes as they are seen, as JSON lines."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.query import KINDS, parse_kind

if TYPE_CHECKING:
    from indexer.notify.sink import Sink
    from indexer.store import Store

EVERY_SECONDS = 2.0
"""Between two looks at the log; a look that finds nothing is one row of the database."""


@command
def watch(
    session: CommandContext,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="WHEN",
            help="Where to begin: 'change:ID', the last one that you have seen, 'crawl:ID', "
            "'24h' ago, or ISO 8601. Else now.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help=f"Only this kind: {KINDS}. May be repeated.",
            parser=parse_kind,
            autocompletion=lambda: KINDS.split(", "),
        ),
    ] = None,
    registry: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Only these registries.")
    ] = None,
    repository: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Only these repositories, as 'library/*'."),
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Only these tags, as 'v*'.")
    ] = None,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End when everything that there is was written.")
    ] = False,
) -> None:
    """Write changes as JSON lines, as they are seen.

    Each is written once, in the order of the log. Keep the 'id' of the last line, and go on after
    it with '--from change:ID': nothing is missed and nothing comes twice. Baselines are left out.
    """
    from indexer.cli.notify import cursor_of  # noqa: PLC0415 - help must not wait for it
    from indexer.core.image_selector import ImageSelector  # noqa: PLC0415 - the same
    from indexer.core.model import ChangeKind  # noqa: PLC0415 - the same
    from indexer.notify.sink import Sink  # noqa: PLC0415 - the same

    wanted = Sink(
        "",
        kinds=frozenset(map(ChangeKind, kind or ())),
        selection=ImageSelector(tuple(registry or ()), tuple(repository or ()), tuple(tag or ())),
    )
    with session.index() as store:
        cursor = cursor_of(session, store, since) if since else store.outbox.last_change()
        while True:
            cursor = _write(session, store, wanted, cursor)
            if once:
                return
            session.clock.wait(EVERY_SECONDS)


def _write(session: CommandContext, store: "Store", wanted: "Sink", cursor: int) -> int:
    """Write what came after a change, and return the last one that was looked at."""
    from indexer.render.output import as_json  # noqa: PLC0415 - help must not wait for it

    until = store.outbox.last_change()
    if until > cursor:
        for event in store.outbox.events(cursor, until, wanted.kinds):
            if wanted.wants(event):
                session.out.write(f"{as_json(event.change)}\n")
        session.out.flush()
    return max(until, cursor)
