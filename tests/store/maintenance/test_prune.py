"""`indexer prune`: what it deletes, and what it never does."""

from __future__ import annotations

import itertools
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from indexer.core.errors import UsageError
from indexer.core.model import RateLimit, Tag
from indexer.store import open_store
from indexer.store.database.engine import Database
from indexer.store.maintenance import prune as pruning
from indexer.store.maintenance.integrity_check import check
from indexer.store.maintenance.prune import Consumer, counted_from, prune
from indexer.store.schema.codec import microseconds
from indexer.store.schema.tables import change_counter, metadata, repository, repository_daily
from tests.store.scribe import MINUTE, Scribe, changes
from tests.store.sql_reports import story
from tests.support.selection import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store

LATE = story.NOW + MINUTE


@pytest.fixture
def url(database_url: str) -> str:
    store = open_store(database_url, create=True)
    story.tell(store.archive)
    store.close()
    return database_url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with closing(open_store(url, create=False)) as store:
        yield store


def rows(url: str) -> dict[str, int]:
    with closing(Database(url)) as database, database.reading() as connection:
        return {
            table.name: int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
            for table in metadata.sorted_tables
        }


def present(store: Store) -> list[object]:
    catalog = store.catalog
    return [
        *catalog.repositories(),
        *(
            tag
            for each in catalog.repositories()
            for tag in catalog.tags(each.registry, each.repository)
        ),
        *catalog.namespaces(),
    ]


def test_a_trial_deletes_nothing_and_says_what_it_would(url: str) -> None:
    before = rows(url)
    would = prune(url, LATE, really=False, now=LATE)
    assert rows(url) == before
    did = prune(url, LATE, really=True, now=LATE)
    assert did.rows == would.rows
    assert {name: before[name] - number for name, number in rows(url).items()} == {
        name: did.rows.get(name, 0) for name in before
    }


def test_what_there_is_stays_whatever_its_age(url: str, store: Store) -> None:
    before = present(store)
    pruned = prune(url, LATE, really=True, now=LATE)
    assert present(store) == before
    assert pruned.rows["change"] == 26
    assert pruned.rows["repository"] == 1
    assert changes(store) == []
    assert not [finding for finding in check(url) if finding.broken]


def test_only_what_ended_before_that_goes(url: str, store: Store) -> None:
    pruned = prune(url, story.day(2, 15), really=True, now=LATE)
    assert pruned.rows["change"] == 19
    assert [change.id for change in changes(store)] == list(range(20, 27))
    # The first period of each tag that is there still says since when it is.
    spans = list(store.catalog.history("docker.io", "acme/api", "latest"))
    assert [each.started_at.month for each in spans] == [1, 2, 3]
    assert not [finding for finding in check(url) if finding.broken]


def is_at(url: str, table: str, name: str, cursor: int, used_at: datetime) -> None:
    """Let a sink or a policy have come so far."""
    values = {"name": name, "cursor": cursor, "started_at": 0, "used_at": microseconds(used_at)}
    if table == "sink":
        values |= {"batch_until": cursor}
    columns = ", ".join(values)
    places = ", ".join(f":{each}" for each in values)
    with closing(Database(url)) as database, database.writing() as connection:
        connection.execute(
            sa.text(f"INSERT INTO {table} ({columns}) VALUES ({places})"),  # noqa: S608 - our own names
            values,
        )


def test_changes_that_a_sink_or_policy_has_not_passed_are_kept(url: str, store: Store) -> None:
    is_at(url, "sink", "audit", 20, LATE)
    is_at(url, "policy", "p", 22, LATE)
    pruned = prune(url, LATE, really=True, now=LATE)
    assert (pruned.needed_after, pruned.waits_for) == (20, (Consumer("sink", "audit"),))
    left = changes(store)
    assert [change.id for change in left] == list(range(21, 27))
    assert left[0].old_digest is not None
    assert left[4].repository == "acme/gone"
    assert not [finding for finding in check(url) if finding.broken]


def test_nothing_is_kept_for_unused_sinks_or_those_that_have_passed_all(url: str) -> None:
    is_at(url, "sink", "left", 1, LATE - timedelta(days=8))
    is_at(url, "policy", "ahead of time", 2, LATE + timedelta(days=365))
    is_at(url, "policy", "done", 26, LATE)
    pruned = prune(url, LATE, really=True, now=LATE)
    assert (pruned.needed_after, pruned.waits_for) == (26, ())
    assert list(map(str, pruned.passed_over)) == ["sink 'left'", "policy 'ahead of time'"]
    assert pruned.rows["change"] == 26
    assert prune(url, LATE, really=True, now=LATE).passed_over == ()


def test_an_index_that_was_pruned_is_crawled_on_as_if_nothing_were(url: str, store: Store) -> None:
    prune(url, LATE, really=True, now=LATE)
    scribe = Scribe(store.archive, "beta", identity="beta-bot", now=LATE)
    scribe.crawl({"tool": [story.api("api-copy", "1", story.day(1, 5)), Tag("none", None)]})
    assert changes(store) == []
    scribe.crawl({"tool": [story.api("api-copy", "2", story.day(3, 11)), Tag("none", None)]})
    assert [(change.id, change.tag) for change in changes(store)] == [(27, "api-copy")]
    assert not [finding for finding in check(url) if finding.broken]


def test_times_before_the_pruning_cannot_be_asked_for(url: str, store: Store) -> None:
    prune(url, story.day(2, 15), really=True, now=LATE)
    with pytest.raises(UsageError, match="before 2026-02-15 12:00 UTC was pruned"):
        store.catalog.tags("docker.io", "acme/api", story.day(2, 1))
    assert len(list(store.catalog.tags("docker.io", "acme/api", story.day(2, 16)))) == 4


def test_pruning_twice_forgets_no_later_date(url: str) -> None:
    prune(url, LATE, really=True, now=LATE)
    again = prune(url, story.day(1, 1), really=True, now=LATE)
    assert sum(again.rows.values()) == 0
    with closing(Database(url)) as database, database.reading() as connection:
        date = connection.scalar(sa.text("SELECT pruned_before FROM change_counter"))
    assert date == int(LATE.timestamp()) * 1_000_000


YEAR = timedelta(days=365)


def test_an_age_is_counted_from_the_last_crawl_by_its_number_if_the_clock_is_later(
    url: str, store: Store
) -> None:
    scribe = Scribe(store.archive, "beta", identity="beta-bot", now=LATE)
    ended = scribe.crawl({}).finished_at
    assert ended is not None
    assert counted_from(url, LATE + YEAR) == ended
    assert counted_from(url, ended - MINUTE) == ended - MINUTE
    scribe.now = LATE + 2 * YEAR
    scribe.crawl({})
    scribe.now = LATE
    assert scribe.crawl({}).finished_at == ended
    assert counted_from(url, LATE + YEAR) == ended, "a crawl of the future counts no more"


def test_the_clock_of_the_registry_bounds_an_age_where_crawls_were_dated_by_a_wrong_one(
    url: str, store: Store
) -> None:
    scribe = Scribe(store.archive, "beta", identity="beta-bot", now=LATE + YEAR)
    reset = LATE + MINUTE
    scribe.finish(scribe.begin(), rate_limit=RateLimit(180, 100, reset))
    assert counted_from(url, LATE + YEAR + 9 * MINUTE) == reset
    ended = scribe.finish(scribe.begin()).finished_at
    assert counted_from(url, LATE + 2 * YEAR) == reset, "this one was told nothing"
    wait = datetime.fromtimestamp(60, UTC)
    scribe.finish(scribe.begin(), rate_limit=RateLimit(180, 100, wait))
    assert counted_from(url, LATE + 2 * YEAR) == reset, "that is no time"
    right = scribe.finish(scribe.begin(), rate_limit=RateLimit(180, 100, ended)).finished_at
    assert counted_from(url, LATE + 2 * YEAR) == right


def test_a_clock_that_is_a_year_ahead_takes_nothing_from_a_sink_in_use(url: str) -> None:
    is_at(url, "sink", "audit", 20, LATE)
    pruned = prune(url, LATE, really=True, now=LATE + YEAR)
    assert (pruned.needed_after, pruned.waits_for) == (20, (Consumer("sink", "audit"),))


def test_an_index_without_crawls_is_pruned_by_the_clock(empty_database_url: str) -> None:
    open_store(empty_database_url, create=True).close()
    assert counted_from(empty_database_url, LATE) == LATE
    assert sum(prune(empty_database_url, LATE, really=True, now=LATE).rows.values()) == 0


def test_between_two_transactions_others_write_and_the_index_is_whole(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "ROWS_AT_ONCE", 3)
    pauses = []

    def look(_: float) -> None:
        pauses.append([finding for finding in check(url) if finding.broken])
        is_at(url, "sink", f"sink {len(pauses)}", 26, LATE)

    prune(url, LATE, really=True, now=LATE, pause=look)

    assert len(pauses) > 10
    assert not any(pauses)


@pytest.mark.parametrize("turn", range(2, 9, examples(3, at_night=1)))
def test_what_a_crawl_needs_again_meanwhile_stays(
    url: str, store: Store, monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    """The removed repository comes back while it is pruned, with the image that it had."""
    monkeypatch.setattr(pruning, "ROWS_AT_ONCE", 7)
    pauses = iter(range(1, 1_000))

    def crawl(_: float) -> None:
        if next(pauses) == turn:
            scribe = Scribe(store.archive, "acme", now=LATE)
            scribe.crawl({"gone": [story.api("1.0", "1", story.day(1, 5))]})

    prune(url, LATE, really=True, now=LATE, pause=crawl)

    assert [each.tag for each in store.catalog.tags("docker.io", "acme/gone")] == ["1.0"]
    assert not [finding for finding in check(url) if finding.broken]


def test_changes_that_a_sink_wants_again_meanwhile_stay(
    url: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "ROWS_AT_ONCE", 5)
    pauses = []

    def begin(_: float) -> None:
        pauses.append(1)
        if len(pauses) == 2:
            is_at(url, "sink", "audit", 12, LATE)

    prune(url, LATE, really=True, now=LATE, pause=begin)

    left = changes(store)
    assert [change.id for change in left] == list(range(13, 27))
    assert left[0].new_digest or left[0].old_digest
    assert not [finding for finding in check(url) if finding.broken]


def test_the_days_of_a_repository_are_not_deleted_all_at_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "ROWS_AT_ONCE", 3)
    with closing(Database(url)) as database, database.writing() as connection:
        connection.execute(sa.delete(repository_daily))
        ids = list(connection.scalars(sa.select(repository.c.id).order_by(repository.c.id)))
        days = [{"repository_id": each, "day": day, "pulls": 1} for each in ids for day in range(6)]
        connection.execute(sa.insert(repository_daily), days)
    taken: list[int] = []

    def look(_: float) -> None:
        taken.append(rows(url)["repository_daily"])

    prune(url, LATE, really=True, now=LATE, pause=look)

    assert taken[-1] == 0
    steps = [earlier - later for earlier, later in itertools.pairwise(taken)]
    assert max(steps) == 6  # one repository in a transaction


def test_a_trial_asks_for_no_lock(url: str) -> None:
    with closing(Database(url)) as database, database.writing() as connection:
        connection.execute(sa.update(change_counter).values(last_id=change_counter.c.last_id))
        assert prune(url, LATE, really=False, now=LATE).rows["change"] == 26
