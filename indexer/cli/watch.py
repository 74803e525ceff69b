"""`indexer watch`: write changes as JSON lines when they are recorded."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.completion import complete_namespace, complete_repository
from indexer.cli.context import CommandContext, command
from indexer.cli.options import AllOption
from indexer.cli.query import KINDS, parse_kind

if TYPE_CHECKING:
    from indexer.notify.sink import Sink
    from indexer.store import Store

EVERY_SECONDS = 2.0
"""Pause between two looks at the log; a look without changes reads one row."""


@command
def watch(  # noqa: PLR0913 - each is an option of the command
    session: CommandContext,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            "--from",
            metavar="WHEN",
            help="Where to start: after 'change:ID', at 'crawl:ID', '24h' (ago), or ISO 8601. "
            "Default: now.",
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
    namespace: Annotated[
        list[str] | None,
        typer.Option(
            "--namespace",
            "-n",
            metavar="NAMESPACE",
            help="Only these namespaces. May be repeated.",
            autocompletion=complete_namespace,
        ),
    ] = None,
    repository: Annotated[
        list[str] | None,
        typer.Option(
            "--repository",
            "-r",
            metavar="GLOB",
            help="Only these repositories: 'library/*'. May be repeated.",
            autocompletion=complete_repository,
        ),
    ] = None,
    *,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", "-t", metavar="GLOB", help="Only these tags: 'v*'. May be repeated."),
    ] = None,
    pushed_by: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Only what these pushed: 'ci-*'. May be repeated."),
    ] = None,
    everything: AllOption = False,
    once: Annotated[
        bool, typer.Option("--once", help="Exit after writing the changes that exist now.")
    ] = False,
) -> None:
    """Write changes as JSON lines when they are recorded.

    Writes each change once, in the order of the log, without baselines. To continue later, keep the
    'id' of the last line and use '--since change:ID': nothing is missed or repeated.

    Examples:
      indexer watch --kind tag_retagged
      indexer watch --since change:345 --once
    """
    from indexer.cli.notify import cursor_of  # noqa: PLC0415 - help must not wait for it
    from indexer.core.image_selector import ImageSelector  # noqa: PLC0415 - the same
    from indexer.core.model import ChangeKind  # noqa: PLC0415 - the same
    from indexer.notify.sink import Sink  # noqa: PLC0415 - the same

    wanted = Sink(
        "",
        kinds=frozenset(map(ChangeKind, kind or ())),
        selection=ImageSelector(tuple(registry or ()), tuple(repository or ()), tuple(tag or ())),
        companions=everything,
        pushed_by=tuple(pushed_by or ()),
    )
    with session.index() as store:
        cursor = cursor_of(session, store, since) if since else store.outbox.last_change()
        while True:
            cursor = _write(session, store, wanted, cursor, tuple(namespace or ()))
            if once:
                return
            session.clock.wait(EVERY_SECONDS)


def _write(
    session: CommandContext,
    store: "Store",
    wanted: "Sink",
    cursor: int,
    namespaces: tuple[str, ...],
) -> int:
    """Write the changes after `cursor`, and return the number of the last one read."""
    from indexer.render.output import as_json  # noqa: PLC0415 - help must not wait for it

    until = store.outbox.last_change()
    if until > cursor:
        for event in store.outbox.events(cursor, until, wanted.kinds):
            if wanted.wants(event) and _is_in(namespaces, event.change.repository):
                session.out.write(f"{as_json(event.change)}\n")
        session.out.flush()
    return max(until, cursor)


def _is_in(namespaces: tuple[str, ...], repository: str) -> bool:
    return not namespaces or any(repository.startswith(f"{name}/") for name in namespaces)
