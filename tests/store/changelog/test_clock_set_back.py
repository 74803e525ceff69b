"""The clock was set back: every query for the changes since a time gives the same ones.

A crawl may end before its own changes were observed: its clock was set back meanwhile, or it died
and the next crawl, which writes down when it ended, began under the earlier time.
"""

from __future__ import annotations

import itertools
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import ChangeKind, Repository
from indexer.store import open_store
from indexer.web.feeds import id_of
from tests.store.scribe import MINUTE, START, Scribe, changes, tag
from tests.web.serving import StillClock, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.core.model import Change
    from indexer.store import Store
    from tests.web.serving import Running

NGINX = "library/nginx"
HOUR = timedelta(hours=1)

JUMPS = [timedelta(minutes=3), pytest.param(timedelta(days=400), marks=pytest.mark.nightly)]
"""By how much the clock is set back."""


def set_back_during_a_crawl(url: str, by: timedelta) -> None:
    with closing(open_store(url, create=True)) as store:
        scribe = Scribe(store.archive)
        scribe.crawl({"nginx": [tag("moves", "one")]})
        record = scribe.begin()
        scribe.list(record, [Repository(NGINX, START), Repository("library/redis", START)])
        scribe.read(record, NGINX, [tag("moves", "two"), tag("new", "one")])
        scribe.now -= by
        scribe.finish(record)


def set_back_after_a_crawl_that_died(url: str, by: timedelta) -> None:
    with closing(open_store(url, create=True)) as store:
        dying = Scribe(store.archive)
        dying.crawl({"nginx": [tag("moves", "one")]})
        record = dying.begin()
        dying.list(record, [Repository(NGINX, START), Repository("library/redis", START)])
        dying.read(record, NGINX, [tag("moves", "two"), tag("new", "one")])
    with closing(open_store(url, create=False)) as store:
        Scribe(store.archive, now=dying.now - by).crawl({"nginx": [tag("moves", "three")]})


def set_back_between_two_crawls(url: str, by: timedelta) -> None:
    with closing(open_store(url, create=True)) as store:
        scribe = Scribe(store.archive)
        scribe.crawl({"nginx": [tag("moves", "one")]})
        scribe.crawl({"nginx": [tag("moves", "two"), tag("new", "one")], "redis": []})
        scribe.now -= by
        scribe.crawl({"nginx": [tag("moves", "three")], "redis": [tag("7", "one")]})


@pytest.fixture(
    params=[set_back_during_a_crawl, set_back_after_a_crawl_that_died, set_back_between_two_crawls]
)
def happened(request: pytest.FixtureRequest) -> Callable[[str, timedelta], None]:
    """What writes such a log into the database of an address."""
    write: Callable[[str, timedelta], None] = request.param
    return write


@pytest.fixture(params=JUMPS, ids=str)
def store(
    request: pytest.FixtureRequest,
    database_url: str,
    happened: Callable[[str, timedelta], None],
) -> Iterator[Store]:
    happened(database_url, request.param)
    with closing(open_store(database_url, create=False)) as store:
        yield store


def filters(log: list[Change]) -> Iterator[ChangeFilter]:
    """Filters by each time at which anything was observed, and by each crawl and number."""
    times = sorted({change.observed_at for change in log})
    kinds = frozenset({ChangeKind.TAG_ADDED, ChangeKind.TAG_RETAGGED})
    for since, baseline in itertools.product([*times, times[-1] + MINUTE], (False, True)):
        yield ChangeFilter(since=since, baseline=baseline)
        yield ChangeFilter(since=since, baseline=baseline, kinds=kinds)
        yield ChangeFilter(since=since, baseline=baseline, namespace="library")
        yield ChangeFilter(since=since, baseline=baseline, repository="*/ngin?", tag="*e*")
    for crawl in sorted({change.crawl_id for change in log}):
        yield ChangeFilter(crawl=crawl, baseline=True)
    for change in log:
        yield ChangeFilter(after=change.id)


def fits(change: Change, wanted: ChangeFilter) -> bool:
    return (
        (wanted.since is None or change.observed_at >= wanted.since)
        and (wanted.crawl is None or change.crawl_id >= wanted.crawl)
        and (wanted.after is None or change.id > wanted.after)
        and (not wanted.kinds or change.kind in wanted.kinds)
        and (wanted.repository is None or change.repository == NGINX)
        and (wanted.tag is None or "e" in (change.tag or ""))
        and (wanted.baseline or not change.baseline)
    )


def test_commands_and_the_server_find_the_same_changes_however_a_clock_jumped(
    store: Store,
) -> None:
    log = changes(store)
    browser = store.browser(private=True)
    for wanted in filters(log):
        expected = [change for change in log if fits(change, wanted)]
        found = sorted(store.catalog.changes(wanted), key=lambda change: change.id)
        assert found == expected, wanted
        assert browser.changes(wanted, 0, 99) == (expected, None), wanted
        assert browser.newest(wanted, None, 99) == (expected[::-1], None), wanted


def test_days_are_counted_however_a_clock_jumped(store: Store) -> None:
    log = [change for change in changes(store) if not change.baseline]
    for since in {change.observed_at for change in log}:
        counted = store.browser(private=True).days(ChangeFilter(since=since))
        assert sum(each.number for each in counted) == sum(
            change.observed_at >= since for change in log
        )


def test_api_and_feeds_tell_what_the_command_line_tells(store: Store) -> None:
    now = max(change.observed_at for change in changes(store)) + MINUTE
    with running(store, clock=StillClock(now)) as site:
        for since in sorted({change.observed_at for change in changes(store, baseline=False)}):
            told = list(store.catalog.changes(ChangeFilter(since=since)))
            assert told
            assert _of_the_api(site, f"changed_since={since:%Y-%m-%dT%H:%M:%SZ}") == {
                change.id for change in told
            }
            feed = site.json(f"/feed.json?changed_since={since:%Y-%m-%dT%H:%M:%SZ}")
            assert {item["id"] for item in feed["items"]} == set(map(id_of, told))


def _of_the_api(site: Running, query: str) -> set[int]:
    return {change["id"] for change in site.json(f"/api/v1/changes?{query}")["changes"]}


def test_a_reader_with_a_cursor_is_told_every_change_once(
    database_url: str, happened: Callable[[str, timedelta], None]
) -> None:
    happened(database_url, HOUR)
    with closing(open_store(database_url, create=False)) as store, running(store) as site:
        seen: list[int] = []
        cursor, is_more = 0, True
        while is_more:
            page = site.json(f"/api/v1/changes?after={cursor}&limit=2&include_baseline=true")
            seen += [change["id"] for change in page["changes"]]
            cursor, is_more = page["next"], page["more"]
        assert seen == [change.id for change in changes(store)]
