"""Crawls namespaces one after the other for a command, and reports each crawl."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import typer

from indexer.bootstrap import index_and_sources, notification_sinks
from indexer.cli.console_reporter import ConsoleReporter
from indexer.cli.progress import Progress
from indexer.core.errors import Busy
from indexer.core.model import CrawlStatus
from indexer.notify.links import Links
from indexer.render import awaiting_review
from indexer.render.formats import Format, TableOrJson
from indexer.render.output import as_json
from indexer.render.records.crawls import Crawl as CrawlRecord
from indexer.render.records.crawls import RemovalPreview
from indexer.service.policy_judge import PolicyJudge
from indexer.service.run_namespace import (
    RunContext,
    judge_and_notify,
    preview_removals,
    run_namespace,
)
from indexer.service.sink_notifier import SinkNotifier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.cli.context import CommandContext
    from indexer.cli.namespace_arguments import WantedNamespace
    from indexer.core.model import Crawl, Mode
    from indexer.notify.delivery import Recipient
    from indexer.store import Store

WAIT_SECONDS = 2.0
"""Pause before trying a locked namespace again."""


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
    """Crawl namespaces and report what each crawl did.

    Args:
        session: the running command.
        wanted: the namespaces to crawl.
        mode: the crawl mode.
        accepted: namespaces and repositories whose removals are recorded, however many they are.
        wait: whether to wait while another process crawls a namespace.
        notify: whether to notify the configured sinks; a new sink starts at this point.
        form: the output format.

    Raises:
        typer.Exit: with code 1 if a crawl is not complete or a sink could not be notified.
    """
    progress = Progress(session)
    recipients = notification_sinks.addresses(session.settings.sinks if notify else ())
    sources = index_and_sources.Sources(session.settings, session.clock, progress.waiting)
    done: list[Crawl] = []
    try:
        for each in wanted:
            sources.prepare(each.registry)
        with session.index(create=True) as store:
            reporter = ConsoleReporter(session, store, crawls=form is TableOrJson.TABLE)
            context = _context(session, sources, store, recipients, reporter)
            for each in wanted:
                one = partial(
                    run_namespace,
                    context,
                    each.registry,
                    each.namespace,
                    mode,
                    observing=progress.shown,
                    accepted=accepted,
                    part=each.part,
                )
                crawled = _when_free(session, one, wait=wait)
                if crawled is not None:
                    done.append(crawled)
            if len(done) < len(wanted):  # another process crawled it: judge and notify anyway
                judge_and_notify(context.judge.judge, context.notify)
    finally:
        sources.close()
    if form is TableOrJson.JSON:
        crawls = [CrawlRecord.of(each) for each in done]
        session.out.write(as_json({"crawls": crawls}, indent=2) + "\n")
    is_complete = all(each.status is CrawlStatus.COMPLETE for each in done)
    if len(done) < len(wanted) or not (is_complete and reporter.is_told):
        raise typer.Exit(1)


def preview_each(
    session: CommandContext,
    wanted: Sequence[WantedNamespace],
    accepted: frozenset[str],
    form: TableOrJson,
) -> None:
    """List what accepting would record as removed. The registry is asked, nothing is recorded.

    Raises:
        typer.Exit: with code 1 if something could not be read.
    """
    progress = Progress(session)
    sources = index_and_sources.Sources(session.settings, session.clock, progress.waiting)
    found: list[RemovalPreview] = []
    is_complete = True
    try:
        with session.index() as store:
            reporter = ConsoleReporter(session, store)
            context = _context(session, sources, store, (), reporter)
            for each in wanted:
                done, removals = preview_removals(
                    context, each.registry, each.namespace, observing=progress.shown,
                    accepted=accepted,
                )  # fmt: skip
                is_complete &= done.status is CrawlStatus.COMPLETE
                found += (RemovalPreview(done.registry, *removal) for removal in removals)
    finally:
        sources.close()
    session.write(found, awaiting_review.previews(), Format(form.value))
    if not found:
        session.note("accepting would remove nothing.")
    if not is_complete:
        raise typer.Exit(1)


def _context(
    session: CommandContext,
    sources: index_and_sources.Sources,
    store: Store,
    recipients: Sequence[Recipient],
    reporter: ConsoleReporter,
) -> RunContext:
    """Build what `run_namespace` needs. New sinks start here, before the first crawl."""
    settings, clock = session.settings, session.clock
    notifier = SinkNotifier(
        recipients,
        store.outbox,
        clock,
        Links(session.program, settings.serve.url),
        reporter,
        judges=settings.policies,
    )
    notifier.begin()
    judge = PolicyJudge(settings, sources.of, store, clock, reporter)
    return RunContext(settings, sources.of, store, clock, judge, notifier.tell, reporter)


def _when_free(session: CommandContext, one: Callable[[], Crawl], *, wait: bool) -> Crawl | None:
    """Crawl a namespace; report and return None if another process is crawling it."""
    told = False
    while True:
        try:
            return one()
        except Busy as busy:
            if not wait:
                session.complain(f"{busy} Use --wait to wait for it, or crawl later.")
                return None
            if not told:
                session.note(f"{busy} Waiting until it has ended.")
                told = True
            session.clock.wait(WAIT_SECONDS)
