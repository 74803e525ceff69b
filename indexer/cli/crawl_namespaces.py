"""Crawling on somebody's behalf: each namespace in turn, with a report of each."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import typer

from indexer.bootstrap import index_and_sources
from indexer.cli.notifications import Telling
from indexer.cli.policy_checks import Judging
from indexer.cli.progress import Progress
from indexer.core.errors import Busy
from indexer.core.model import ChangeFilter, CrawlStatus
from indexer.crawl.crawler import crawl
from indexer.render import json_records
from indexer.render.crawl_report import crawl_report
from indexer.render.formats import TableOrJson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.catalog.ports import Catalog
    from indexer.cli.context import CommandContext
    from indexer.cli.namespace_arguments import WantedNamespace
    from indexer.core.model import Crawl, Mode
    from indexer.crawl.target import Target
    from indexer.store import Store

WAIT_SECONDS = 2.0
"""Between two looks whether a namespace is free."""

EXAMPLES = 5
"""Changes that a summary shows."""


def crawl_each(
    session: CommandContext,
    wanted: Sequence[WantedNamespace],
    mode: Mode,
    *,
    accepted: frozenset[str] = frozenset(),
    wait: bool = False,
    notify: bool = False,
    form: TableOrJson = TableOrJson.TABLE,
) -> None:
    """Crawl namespaces and write what each crawl did.

    Args:
        session: of the command.
        wanted: what to crawl.
        mode: how.
        accepted: namespaces and repositories whose removals are believed, however many.
        wait: for namespaces that another process is crawling.
        notify: tell the sinks of the configuration, new ones what changes from here on.
        form: how to write it.

    Raises:
        typer.Exit: with 1, if something is not complete, or somebody could not be told.
    """
    telling = Telling(session, session.settings.sinks if notify else ())
    judging = Judging(session)
    progress = Progress(session)
    sources = index_and_sources.Sources(session.settings, session.clock, progress.waiting)
    done: list[Crawl] = []
    try:
        for each in wanted:
            sources.prepare(each.registry)
        with session.index(create=True) as store:
            telling.begin(store)
            judging.begin(store)
            for each in wanted:
                target = index_and_sources.target_of(session.settings, *each, mode, accepted)
                one = partial(_crawl, session, target, each, sources, store, progress)
                crawled = _when_free(session, one, wait=wait)
                if crawled is None:
                    continue
                done.append(crawled)
                judging.ask(store, sources, each.registry)
                if form is TableOrJson.TABLE:
                    _report(session, crawled, store.catalog)
            judging.judge(store)
            outcomes = telling.tell(store)
    finally:
        sources.close()
    if form is TableOrJson.JSON:
        crawls = [json_records.crawl(each) for each in done]
        session.out.write(json.dumps({"crawls": crawls}, indent=2) + "\n")
    is_complete = all(each.status is CrawlStatus.COMPLETE for each in done)
    is_told = not any(outcome.error for outcome in outcomes)
    if len(done) < len(wanted) or not (is_complete and is_told):
        raise typer.Exit(1)


def _crawl(
    session: CommandContext,
    target: Target,
    wanted: WantedNamespace,
    sources: index_and_sources.Sources,
    store: Store,
    progress: Progress,
) -> Crawl:
    source = sources.of(wanted.registry)
    with progress.shown(source):
        return crawl(
            target,
            source=source,
            archive=store.archive,
            clock=session.clock,
            observer=progress,
            manifests=store.manifests,
        )


def _when_free(session: CommandContext, one: Callable[[], Crawl], *, wait: bool) -> Crawl | None:
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


def _report(session: CommandContext, done: Crawl, catalog: Catalog) -> None:
    examples = catalog.changes(
        ChangeFilter(
            crawl=done.id, registry=done.registry, namespace=done.namespace, limit=EXAMPLES
        )
    )
    for line in crawl_report(done, list(examples), session.called):
        session.out.write(f"{line}\n")
    session.out.flush()
