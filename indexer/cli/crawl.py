"""`indexer crawl`: read namespaces, remember them, say what changed."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.completion import complete_namespace
from indexer.cli.options import TableOrJsonOption
from indexer.cli.session import Session, command
from indexer.errors import Busy, UsageError
from indexer.render.formats import TableOrJson

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.cli.progress import Progress
    from indexer.cli.targets import Wanted
    from indexer.model import Crawl, Mode
    from indexer.ports import Catalog
    from indexer.store import Store
    from indexer.wiring import Sources

WAIT_SECONDS = 2.0
"""Between two looks whether a namespace is free."""

EXAMPLES = 5
"""Changes that a summary shows."""


@command
def crawl(
    session: Session,
    namespaces: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAMESPACE",
            help="As 'ansible' or 'docker.io/ansible'; without any, all that are configured.",
            autocompletion=complete_namespace,
            show_default=False,
        ),
    ] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read every page of every list.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Also look into repositories that did not move.")
    ] = False,
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Wait for namespaces that another process is crawling."),
    ] = False,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Crawl namespaces and say what changed.

    Without --full or --verify only what moved is read: one request where nothing did. Exit code 0
    if every crawl is complete, 1 if something could not be read; it is kept as it was.
    """
    from indexer import wiring  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.progress import Progress  # noqa: PLC0415 - the same
    from indexer.cli.targets import wanted_namespaces  # noqa: PLC0415 - the same
    from indexer.model import CrawlStatus, Mode  # noqa: PLC0415 - the same

    if full and verify:
        raise UsageError("--full includes --verify: give one of them.")
    mode = Mode.FULL if full else Mode.VERIFY if verify else Mode.INCREMENTAL
    wanted = wanted_namespaces(session.settings, namespaces or [])
    progress = Progress(session)
    sources = wiring.Sources(session.settings, session.clock, progress.waiting)
    try:
        for each in wanted:
            sources.prepare(each.registry)
        with session.index(create=True) as store:
            done = []
            for each in wanted:
                one = partial(_one, session, each, mode, sources, store, progress)
                crawled = _when_free(session, one, wait=wait)
                if crawled is None:
                    continue
                done.append(crawled)
                if form is TableOrJson.TABLE:
                    _report(session, crawled, store.catalog)
    finally:
        sources.close()
    if form is TableOrJson.JSON:
        _print_json(session, done)
    is_complete = all(each.status is CrawlStatus.COMPLETE for each in done)
    if len(done) < len(wanted) or not is_complete:
        raise typer.Exit(1)


def _when_free(session: Session, one: "Callable[[], Crawl]", *, wait: bool) -> "Crawl | None":
    """Crawl a namespace; None, and a sentence, if another process is crawling it."""
    told = False
    while True:
        try:
            return one()
        except Busy as busy:
            if not wait:
                session.complain(f"{busy} Wait for it with --wait, or crawl later.")
                return None
            if not told:
                session.note(f"{busy} Waiting until that has ended.")
                told = True
            session.clock.wait(WAIT_SECONDS)


def _one(
    session: Session,
    wanted: "Wanted",
    mode: "Mode",
    sources: "Sources",
    store: "Store",
    progress: "Progress",
) -> "Crawl":
    from indexer.crawl import Target, crawl  # noqa: PLC0415 - help must not wait for it

    http = session.settings.http
    source = sources.of(wanted.registry)
    target = Target(
        wanted.registry.name,
        wanted.namespace,
        mode,
        concurrency=http.concurrency,
        tries=http.passes,
    )
    with progress.shown(source):
        return crawl(
            target,
            source=source,
            archive=store.archive,
            clock=session.clock,
            observer=progress,
        )


def _report(session: Session, done: "Crawl", catalog: "Catalog") -> None:
    from indexer.model import ChangeFilter  # noqa: PLC0415 - help must not wait for it
    from indexer.render.report import crawl_report  # noqa: PLC0415 - help must not wait for it

    examples = catalog.changes(
        ChangeFilter(
            crawl=done.id, registry=done.registry, namespace=done.namespace, limit=EXAMPLES
        )
    )
    for line in crawl_report(done, list(examples), session.called):
        session.out.write(f"{line}\n")
    session.out.flush()


def _print_json(session: Session, done: "list[Crawl]") -> None:
    import json  # noqa: PLC0415 - help must not wait for it

    from indexer.render import records  # noqa: PLC0415 - the same

    crawls = [records.crawl(each) for each in done]
    session.out.write(json.dumps({"crawls": crawls}, indent=2) + "\n")
