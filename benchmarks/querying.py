"""Questions to a log of a million changes, in the milliseconds that the database takes.

`--scale 10` asks one of ten million, whose generation takes ten minutes.

The database's time is that of its statements, executed again without the program around them: the
processor's time of SQLite, and what PostgreSQL itself says of its planning and execution.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from benchmarks import many
from benchmarks.databases import KINDS, empty
from benchmarks.measure import Verdict, scaled
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import ChangeKind
from indexer.store import ANSWER_SECONDS, Store
from indexer.store.database.engine import Database
from indexer.store.maintenance.forget import forget
from indexer.store.maintenance.prune import prune
from indexer.store.schema.codec import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.store.catalog.browser import Browser

CHANGES = 1_000_000
TIMES = 5
PAGE = 50
"""Changes of a page of the server, and of a command with `--limit`."""

MOST_MILLISECONDS = 10
MOST_FOR_A_PAGE = 50

END = time_of(many.START + many.LENGTH)
TWO_YEARS = timedelta(days=730)
REMOVED = frozenset({ChangeKind.TAG_REMOVED})
NEVER = frozenset({ChangeKind.REPOSITORY_REMOVED})

QUESTIONS = {
    "--changed-since 15m": ChangeFilter(since=END - timedelta(minutes=15)),
    "--changed-since 2y --limit 50": ChangeFilter(since=END - TWO_YEARS, limit=PAGE),
    "--changed-since 90d --kind tag_removed --limit 50": ChangeFilter(
        since=END - timedelta(days=90), kinds=REMOVED, limit=PAGE
    ),
    "--changed-since 7d --repository team-3/repo-2": ChangeFilter(
        since=END - timedelta(days=7), repository="team-3/repo-2"
    ),
    "--changed-since 1h --namespace team-3": ChangeFilter(
        since=END - timedelta(hours=1), namespace="team-3"
    ),
}

NAMESPACE = ChangeFilter(namespace="team-3")
NO_SUCH_TAG = ChangeFilter(tag="no-such-tag")

PAGES = {
    "none": ChangeFilter(),
    "kind": ChangeFilter(kinds=REMOVED),
    "kind that never was": ChangeFilter(kinds=NEVER),
    "namespace": NAMESPACE,
    "registry": ChangeFilter(registry="docker.io"),
    "registry that is not there": ChangeFilter(registry="quay.io"),
    "repository": ChangeFilter(repository="team-3/repo-2"),
    "repository glob": ChangeFilter(repository="team-3/*"),
    "repository glob that none has": ChangeFilter(repository="nothing/*"),
    "tag": ChangeFilter(tag="1.7"),
    "tag glob": ChangeFilter(tag="1.7*"),
    "tag that none has": NO_SUCH_TAG,
    "tag glob that none has": ChangeFilter(tag="no-such-*"),
    "until": ChangeFilter(until=END - timedelta(days=299)),
    "since": ChangeFilter(since=END - timedelta(days=700)),
    "kind and until": ChangeFilter(kinds=REMOVED, until=END - timedelta(days=299)),
    "namespace and kind that never was": ChangeFilter(namespace="team-3", kinds=NEVER),
    "namespace and tag": ChangeFilter(namespace="team-3", tag="1.7"),
    "namespace and until": ChangeFilter(namespace="team-3", until=END - timedelta(days=299)),
    "baseline": ChangeFilter(baseline=True),
}
"""Filters of pages, feeds and the API: the newest first, and oldest first after a number."""

BOUNDED = {
    "pushed by nobody": ChangeFilter(pushed_by="nobody"),
    "namespace, pushed by nobody": ChangeFilter(namespace="team-3", pushed_by="nobody"),
    "tag glob without a beginning, that none has": ChangeFilter(tag="*-nothing"),
}
"""Filters that no index serves: the answer says how far it searched, and goes on from there."""


def verdicts(scale: float) -> Iterator[Verdict]:
    """How long the database takes for each question, and for what is counted or forgotten."""
    size = many.Size(changes=scaled(CHANGES, scale, least=20_000))
    for kind in KINDS:
        with empty(kind) as url:
            many.fill(url, size)
            with closing(Database(url)) as database:
                where = f"ms in {kind}, {size.changes:,} changes"
                yield from _of_log(database, where)
                yield from _of_deleting(url, database, where)
    yield _of_metrics(scaled(1_000_000, min(scale, 1), least=20_000))


def _of_log(database: Database, where: str) -> Iterator[Verdict]:
    store = Store(database)
    for text, wanted in QUESTIONS.items():
        milliseconds = database_time(database, partial(_all_changes, store, wanted))
        yield Verdict(f"{where}: {text}", milliseconds, MOST_MILLISECONDS)
    browser = store.browser(private=True)
    yield Verdict(
        f"{where}: the newest {PAGE} of a namespace",
        database_time(database, lambda: browser.newest(NAMESPACE, None, PAGE)),
        *(0.3, "", "6.5"),
        limit=MOST_MILLISECONDS,
        reason="PostgreSQL takes some 3 ms to plan the joins that name what a change is of",
    )
    yield Verdict(
        f"{where}: a tag that none has",
        database_time(database, lambda: browser.newest(NO_SUCH_TAG, None, PAGE)),
        *(1, "", "1,300 on SQLite"),
    )
    yield from _of_pages(database, browser, where)


def _all_changes(store: Store, wanted: ChangeFilter) -> None:
    for _ in store.catalog.changes(wanted):
        pass


def _of_pages(database: Database, browser: Browser, where: str) -> Iterator[Verdict]:
    times = {
        f"{name}{order}": database_time(database, look)
        for name, wanted in PAGES.items()
        for order, look in _both_orders(browser, wanted).items()
    }
    slowest = max(times, key=lambda name: times[name])
    yield Verdict(
        f"{where}: first page, the slowest of {len(times)} filters",
        times[slowest],
        *(MOST_FOR_A_PAGE, slowest, "1,300"),
        limit=1_000,
        reason="it is looked for in steps from one end of the log, and goes on by a cursor",
    )
    seconds = {
        f"{name}{order}": _seconds(look)
        for name, wanted in BOUNDED.items()
        for order, look in _both_orders(browser, wanted).items()
    }
    longest = max(seconds, key=lambda name: seconds[name])
    yield Verdict(
        f"{where}, but seconds: filters without an index, the slowest of {len(seconds)}",
        seconds[longest],
        *(ANSWER_SECONDS, f"{longest}; bounded, goes on by a cursor"),
    )


def _both_orders(browser: Browser, wanted: ChangeFilter) -> dict[str, Callable[[], object]]:
    return {
        "": lambda: browser.newest(wanted, None, PAGE),
        ", oldest first": lambda: browser.changes(wanted, 0, PAGE),
    }


def _seconds(look: Callable[[], object]) -> float:
    began = time.perf_counter()
    look()
    return time.perf_counter() - began


def _of_deleting(url: str, database: Database, where: str) -> Iterator[Verdict]:
    """The longest transaction while old changes, and a twentieth of everything, are deleted."""
    taken: list[float] = []
    prune(url, END - TWO_YEARS + timedelta(days=60), really=True, now=END, pause=taken.append)
    yield _longest(f"{where}: the longest lock while 60 days are pruned", taken, "12,500")
    taken = []
    forget(database, 3, None, check_alone=lambda: None, pause=taken.append)
    yield _longest(f"{where}: the longest lock while a namespace is forgotten", taken, "all of it")


def _longest(what: str, taken: list[float], before: str) -> Verdict:
    return Verdict(
        what,
        max(taken) * 1_000,
        *(100, f"{len(taken)} transactions, {sum(taken):.1f} s in all", before),
        limit=3_000,
        reason="by the clock: a checkpoint of the database, or other processes, fell into one",
    )


def _of_metrics(tags: int) -> Verdict:
    """What `/metrics` and `status` read, for an index and for a tenth of it, measured in turn."""
    with empty("SQLite") as large, empty("SQLite") as small:
        for url, number in ((large, tags), (small, tags // 10)):
            size = many.Size(20_000, repositories=number // 100, tags=number, manifests=1_000)
            many.fill(url, size)
        with closing(Database(large)) as more, closing(Database(small)) as less:
            both = [Store(each).browser(private=True) for each in (more, less)]
            times = [[_cpu(browser) for browser in both] for _ in range(2 * TIMES)]
    largest, smallest = (min(each) for each in zip(*times, strict=True))
    return Verdict(
        f"/metrics, {tags:,} tags to {tags // 10:,}: what it asks the index, CPU",
        largest / smallest,
        *(1.2, f"{largest * 1_000:.1f} ms to {smallest * 1_000:.1f} ms", "5.5"),
    )


def _cpu(browser: Browser) -> float:
    began = time.process_time()
    browser.namespaces()
    browser.change_counts()
    browser.last_change()
    return time.process_time() - began


def database_time(database: Database, ask: Callable[[], object]) -> float:
    """The milliseconds that the database takes for all statements of a question, the best of some.

    Args:
        database: the index.
        ask: asks the question.
    """
    ask()  # what is read once a process is read before
    with _listening(database) as asked:
        ask()
    run = _sqlite_time if database.is_sqlite else _postgresql_time
    return min(sum(run(database, *each) for each in asked) for _ in range(TIMES))


@contextmanager
def _listening(database: Database) -> Iterator[list[tuple[str, Any]]]:
    asked: list[tuple[str, Any]] = []

    def hear(_: Any, __: Any, text: str, parameters: Any, *___: Any) -> None:
        if text.lstrip().startswith(("SELECT", "WITH")):
            asked.append((text, parameters))

    sa.event.listen(database.engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", hear)


def _sqlite_time(database: Database, text: str, parameters: Any) -> float:
    with database.reading() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        began = time.process_time()
        driver.execute(text, parameters).fetchall()
        return (time.process_time() - began) * 1_000


def _postgresql_time(database: Database, text: str, parameters: Any) -> float:
    with database.reading() as connection:
        explained = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {text}", parameters
        ).scalar_one()[0]
    return float(explained["Planning Time"] + explained["Execution Time"])
