"""Every query that a command asks is served by an index: the plans of both databases say so.

A table is called large if it grows with the tags or with the changes. Through one of those no
query may walk from one end to the other, be it over an index.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import sqlalchemy as sa

from benchmarks import many
from indexer.catalog.answers import RepositoryKey, TagSort
from indexer.catalog.stats import StatsQuestion, StatsScope
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.digest_text import parse_digest
from indexer.core.errors import UsageError
from indexer.core.model import ANONYMOUS, ChangeKind, Cost, CrawlStatus, Mode, Repository
from indexer.core.reference import Reference
from indexer.crawl import diff
from indexer.manifests.image_contents import LabelFilter
from indexer.store import Store
from indexer.store.database.engine import Database
from indexer.store.manifests.inside import label_hash
from indexer.store.schema.codec import time_of
from indexer.store.schema.manifest_tables import content, content_part, image_label
from indexer.store.schema.tables import manifest
from tests.store.scribe import Scribe, remembered, tag
from tests.support.databases import postgresql_url
from tests.support.query_plans import NOT_FOR_SMALL_TABLES, postgresql_scans, sqlite_scans
from tests.support.selection import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.core.catalog_entries import RepositoryEntry
    from indexer.store.catalog.browser import Browser
    from indexer.store.catalog.catalog import Catalog

GROWTH = examples(1, at_night=17)
"""At night there are more than a million changes: a planner may choose otherwise then."""

SIZE = many.Size(
    changes=60_000 * GROWTH,
    repositories=1_200 * GROWTH,
    tags=12_000 * GROWTH,
    manifests=15_000 * GROWTH,
    crawls=3_000 * GROWTH,
    days=30,
)
LARGE = {
    "tag",
    "manifest",
    "history",
    "change",
    "repository_daily",
    "content",
    "content_part",
    "image_label",
}
MEDIUM = {"repository", "crawl"}
"""They grow too, and are a thousandth of the others."""

END = time_of(many.START + many.LENGTH)
HOUR, DAY, YEARS = timedelta(hours=1), timedelta(days=1), timedelta(days=730)
WHERE = "docker.io", "team-3/repo-2"
PLACE = RepositoryKey(*WHERE)


class Asked(NamedTuple):
    """A statement as the driver got it."""

    text: str
    parameters: Any


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    url = (
        f"sqlite:///{tmp_path_factory.mktemp('plans') / 'index.db'}"
        if request.param == "sqlite"
        else postgresql_url()
    )
    many.fill(url, SIZE)
    with closing(Database(url)) as database:
        yield database


@contextmanager
def listening(database: Database) -> Iterator[list[Asked]]:
    """Collect what is asked."""
    asked: list[Asked] = []

    def hear(_: Any, __: Any, text: str, parameters: Any, *___: Any) -> None:
        if text.lstrip().startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            asked.append(Asked(text, parameters))

    sa.event.listen(database.engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", hear)


def plan(database: Database, asked: Asked) -> str:
    """How the database would answer, as it says itself."""
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    with database.reading() as connection:
        rows = connection.exec_driver_sql(f"{explain} {asked.text}", asked.parameters)
        return "\n".join(str(row) for row in rows)


def scans(database: Database, asked: Asked) -> list[tuple[str, str]]:
    """The tables that are walked from end to end, each with the line of the plan that says so."""
    with database.reading() as connection:
        if database.is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.text}", asked.parameters)
            return list(sqlite_scans(asked.text, [str(row[3]) for row in plan]))
        # So small a table is read faster as a whole: ask whether it could be done otherwise.
        for way in NOT_FOR_SMALL_TABLES:
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {asked.text}", asked.parameters)
        return list(postgresql_scans(plan.scalar_one()[0]["Plan"]))


def check(database: Database, ask: Callable[[], object], allowed: set[str] = frozenset()) -> None:  # type: ignore[assignment] # only read
    with listening(database) as asked:
        ask()
    assert asked
    for each in asked:
        walked = [
            (table, line)
            for table, line in scans(database, each)
            if table in LARGE | MEDIUM and table not in allowed
        ]
        assert not walked, (walked, each.text, each.parameters)


FILTERS: dict[str, ChangeFilter] = {
    "the last hour": ChangeFilter(since=END - HOUR),
    "the newest of two years": ChangeFilter(since=END - YEARS, limit=50),
    "a rare kind": ChangeFilter(
        since=END - YEARS, kinds=frozenset({ChangeKind.TAG_REMOVED}), limit=50
    ),
    "two kinds": ChangeFilter(
        since=END - DAY, kinds=frozenset({ChangeKind.TAG_REMOVED, ChangeKind.TAG_ADDED})
    ),
    "a repository": ChangeFilter(since=END - YEARS, registry=WHERE[0], repository=WHERE[1]),
    "a repository, the newest": ChangeFilter(since=END - YEARS, repository=WHERE[1], limit=9),
    "a namespace, lately": ChangeFilter(since=END - HOUR, namespace="team-3"),
    "a tag, lately": ChangeFilter(since=END - DAY, tag="1.7"),
    "a tag of a repository": ChangeFilter(since=END - YEARS, repository=WHERE[1], tag="1.*"),
    "with the baseline": ChangeFilter(since=END - DAY, baseline=True),
    "the baseline of a repository": ChangeFilter(
        since=END - YEARS, baseline=True, repository=WHERE[1]
    ),
    "a day long ago": ChangeFilter(since=END - 300 * DAY, until=END - 299 * DAY),
    "the newest until a day": ChangeFilter(until=END - 299 * DAY, limit=50),
    "since a crawl": ChangeFilter(crawl=SIZE.crawls - 3),
    "since a crawl, the newest": ChangeFilter(crawl=1, limit=50),
    "since a crawl, a namespace": ChangeFilter(crawl=1, namespace="team-3", limit=50),
    "after a change": ChangeFilter(after=SIZE.changes - 100),
}


@pytest.mark.parametrize("glob", ["nothing", "nothing-*", "no[!a-c]hing"])
def test_a_tag_that_there_is_not_is_found_to_be_none_over_an_index(
    database: Database, glob: str
) -> None:
    wanted = ChangeFilter(since=END - YEARS, tag=glob)
    store = Store(database)
    browser = store.browser(private=True)
    check(database, lambda: list(store.catalog.changes(wanted)))
    check(database, lambda: browser.newest(wanted, None, 9))


@pytest.mark.parametrize("name", FILTERS)
def test_changes_are_found_over_an_index(database: Database, name: str) -> None:
    catalog = Store(database).catalog
    assert list(catalog.changes(FILTERS[name]))
    check(database, lambda: list(catalog.changes(FILTERS[name])))


@pytest.mark.parametrize(
    "wanted",
    [
        ChangeFilter(since=END - DAY, repository="*/repo-2?"),
        ChangeFilter(since=END - YEARS, namespace="team-3"),
        ChangeFilter(since=END - YEARS, namespace="team-3", limit=9),
        ChangeFilter(since=END - YEARS, registry="docker.io", limit=9),
    ],
)
def test_changes_of_many_repositories_lead_through_these_and_through_nothing_larger(
    database: Database, wanted: ChangeFilter
) -> None:
    catalog = Store(database).catalog
    check(database, lambda: list(catalog.changes(wanted)), allowed={"repository"})


PAGES: dict[str, ChangeFilter] = {
    "a namespace": ChangeFilter(namespace="team-3"),
    "a namespace, no such name": ChangeFilter(namespace="nothing"),
    "a repository": ChangeFilter(repository=WHERE[1]),
    "a registry that is not there": ChangeFilter(registry="quay.io"),
    "below a namespace": ChangeFilter(repository="team-3/*"),
    "a namespace, until a day": ChangeFilter(namespace="team-3", until=END - 299 * DAY),
    "until a day": ChangeFilter(until=END - 299 * DAY),
    "a kind that there is not": ChangeFilter(kinds=frozenset({ChangeKind.REPOSITORY_ADDED})),
    "the same of a namespace": ChangeFilter(
        namespace="team-3", kinds=frozenset({ChangeKind.REPOSITORY_ADDED})
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_changes_is_found_over_an_index(database: Database, name: str) -> None:
    browser = Store(database).browser(private=True)
    check(database, lambda: browser.newest(PAGES[name], None, 9), allowed={"repository"})


def test_the_newest_of_a_namespace_are_read_in_the_order_of_their_numbers(
    database: Database,
) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL decides by its statistics of the namespace")
    browser = Store(database).browser(private=True)
    with listening(database) as asked:
        (newest, *_) = browser.newest(PAGES["a namespace"], None, 9).changes
    assert newest.repository.startswith("team-3/")
    assert any("ix_change_namespace_id_id" in plan(database, each) for each in asked)


STATS = StatsQuestion(END - 30 * DAY, None, END - 90 * DAY, 20)

QUESTIONS: dict[str, Callable[[Catalog], object]] = {
    "repos NAMESPACE": lambda catalog: list(catalog.repositories("docker.io", "team-3")),
    "tags": lambda catalog: list(catalog.tags(*WHERE)),
    "tags --as-of": lambda catalog: list(catalog.tags(*WHERE, END - DAY)),
    "history REPOSITORY": lambda catalog: list(catalog.history(*WHERE)),
    "history REPOSITORY:TAG": lambda catalog: list(catalog.history(*WHERE, "1.1")),
    "diff": lambda catalog: catalog.check_known(*WHERE, END - DAY),
    "settled": lambda catalog: catalog.unwatched(*WHERE, ["1.1"]),
    "outdated, the names": lambda catalog: catalog.tag_names(*WHERE),
    "outdated, the digests": lambda catalog: catalog.named_tags(*WHERE, ["1.1", "1.7"]),
    "stats REPOSITORY": lambda catalog: catalog.stats(StatsScope(WHERE[0], None, WHERE[1]), STATS),
    "stats NAMESPACE": lambda catalog: catalog.stats(StatsScope("docker.io", "team-3"), STATS),
    "query --pushed-by": lambda catalog: list(
        catalog.changes(ChangeFilter(since=END - DAY, pushed_by="ci-*"))
    ),
    "tags --tag, in a namespace": lambda catalog: catalog.with_tag("1.7*", "docker.io", "team-3"),
    "where nobody looks": lambda catalog: catalog.unseen(*WHERE),
    "a name": lambda catalog: catalog.locate(Reference(None, WHERE[1])),
    "status": lambda catalog: catalog.namespaces(),
    "a crawl": lambda catalog: catalog.crawl(7),
    "completion": lambda catalog: catalog.repository_names("team-3/repo-1", 20),
}


SERVED: dict[str, Callable[[Browser], object]] = {
    "tags by their push": lambda browser: browser.tags_sorted(PLACE, TagSort.PUSHED_AT, None, 9),
    "tags of a glob, by size": lambda browser: browser.tags_sorted(
        PLACE, TagSort.SIZE, (1_000, "1.7"), 9, glob="1.*"
    ),
    "what a tag had": lambda browser: browser.tag_periods(PLACE, "1.1", 500),
    "stats": lambda browser: browser.stats(StatsScope(WHERE[0], None, WHERE[1]), STATS),
}


@pytest.mark.parametrize("name", SERVED)
def test_each_page_is_served_by_an_index(database: Database, name: str) -> None:
    browser = Store(database).browser(private=True)
    check(database, lambda: SERVED[name](browser))


ALLOWED = {"stats NAMESPACE": {"repository"}}
"""PostgreSQL may walk the repositories in the order of their numbers, in which days are summed."""


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_command_is_served_by_an_index(database: Database, name: str) -> None:
    check(database, lambda: QUESTIONS[name](Store(database).catalog), ALLOWED.get(name, set()))


@pytest.mark.parametrize("digits", [8, 64])
def test_a_digest_is_found_over_indexes_but_for_the_images_of_indexes(
    database: Database, digits: int
) -> None:
    """Which index holds the image of a platform is told by the indexes themselves, each read."""
    catalog = Store(database).catalog
    (entry, *_) = catalog.tags(*WHERE)
    assert entry.digest
    wanted = parse_digest(entry.digest.removeprefix("sha256:")[:digits])
    assert entry.digest in catalog.find(wanted)
    check(database, lambda: catalog.find(wanted), allowed={"manifest"})


def test_a_label_is_found_over_indexes(database: Database) -> None:
    label = "title", "some"
    number = 2_000
    with database.writing() as connection:
        if connection.scalar(sa.select(sa.func.count()).select_from(content)) == 0:
            keys = connection.scalars(sa.select(manifest.c.key).limit(number // 2)).all()
            keys = [*keys, *(each.to_bytes(32) for each in range(number // 2))]
            rows = [
                {"id": each, "key": key, "size": 1, "body": b"", "fetched_at": 1, "whole": True}
                for each, key in enumerate(keys, 1)
            ]
            connection.execute(sa.insert(content), rows)
            half = range(1, number // 2 + 1)
            parts = [{"content_id": each, "part_id": each + number // 2} for each in half]
            connection.execute(sa.insert(content_part), parts)
            labels = [
                {"content_id": each, "position": 1, "name": label[0], "value": value}
                | {"hash": label_hash(label[0], value)}
                for each in range(1, number + 1)
                for value in (label[1] if each == number else str(each),)
            ]
            rare = {"content_id": number, "position": 2, "name": "rare", "value": "one"}
            labels.append(rare | {"hash": label_hash("rare", "one")})
            connection.execute(sa.insert(image_label), labels)
        connection.exec_driver_sql("ANALYZE")
    catalog = Store(database).catalog
    for wanted in (LabelFilter(*label), LabelFilter("rare", "on?"), LabelFilter("rare", None)):
        assert list(catalog.repositories(label=wanted))
        check(database, partial(_all_with, catalog, wanted))


def _all_with(catalog: Catalog, label: LabelFilter) -> list[RepositoryEntry]:
    return list(catalog.repositories(label=label))


def test_the_digests_of_a_tag_are_found_over_indexes_in_sql_too(database: Database) -> None:
    text = (
        "SELECT digest FROM report_digest_ages "  # noqa: S608 - our own names
        f"WHERE repository = '{WHERE[1]}' AND tag = '1.1' AND held_days >= 7"
    )

    def ask() -> None:
        with database.reading() as connection:
            assert connection.exec_driver_sql(text).all()

    check(database, ask)


def test_an_unknown_name_is_compared_with_names_only(database: Database) -> None:
    catalog = Store(database).catalog

    def ask() -> None:
        with pytest.raises(UsageError, match="team-3/repo-"):
            catalog.locate(Reference(None, "team-3/repo-twelve"))

    check(database, ask, allowed={"repository"})


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda catalog: list(catalog.repositories()), id="repos"),
        pytest.param(lambda catalog: catalog.crawl_history(), id="what is due"),
        pytest.param(lambda catalog: catalog.ages(END), id="how fresh it is"),
        pytest.param(lambda catalog: catalog.with_tag("1.7"), id="tags --tag"),
        pytest.param(lambda catalog: catalog.known_since(*WHERE), id="since when it is known"),
    ],
)
def test_what_is_about_all_repositories_reads_them_and_nothing_larger(
    database: Database, ask: Callable[[Catalog], object]
) -> None:
    check(database, lambda: ask(Store(database).catalog), allowed={"repository"})


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda each: each.crawl_history({("docker.io", "team-3")}), id="what is due"),
        pytest.param(lambda each: list(each.tags(*WHERE, None, ["1.2", "1.1"])), id="some tags"),
        pytest.param(lambda each: list(each.tag_digests(*WHERE)), id="digests of tags"),
    ],
)
def test_what_is_about_a_part_is_read_over_indexes(
    database: Database, ask: Callable[[Catalog], object]
) -> None:
    check(database, lambda: ask(Store(database).catalog))


@pytest.mark.parametrize(
    ("ask", "indexes"),
    [
        pytest.param(
            lambda each: each.namespaces(),
            {"ix_crawl_thorough", "ix_crawl_not_incremental"},
            id="status",
        ),
        pytest.param(lambda each: each.crawl_history(), {"ix_crawl_thorough"}, id="what is due"),
    ],
)
def test_the_last_crawl_that_read_more_is_found_without_reading_the_incremental_ones(
    database: Database, ask: Callable[[Catalog], object], indexes: set[str]
) -> None:
    with listening(database) as asked:
        ask(Store(database).catalog)
    plans = "\n".join(plan(database, each) for each in asked)
    assert {name for name in indexes if name in plans} == indexes


def test_what_was_crawled_since_a_look_is_at_the_end_of_the_crawls(database: Database) -> None:
    catalog = Store(database).catalog
    mark = catalog.crawled_since(None).mark
    before = mark._replace(newest=mark.newest - 1)
    # PostgreSQL reads the last number of the key by a scan that ends after it.
    check(database, lambda: catalog.crawled_since(before), allowed={"crawl"})


def test_changes_without_stored_manifests_are_found_over_an_index(database: Database) -> None:
    manifests = Store(database).manifests
    since = END - HOUR
    check(database, lambda: list(manifests.unread("docker.io", "team-3", since)))


def test_a_crawl_reads_and_writes_over_indexes(database: Database) -> None:
    store = Store(database)
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def crawl() -> None:
        record = store.archive.begin("docker.io", "team-3", Mode.FULL, ANONYMOUS, now)
        record.known_repositories()
        record.known_tags(WHERE[1])
        record.finish(CrawlStatus.COMPLETE, spent=Cost(), errors=(), rate_limit=None, now=now)

    check(database, crawl)


def test_the_tags_of_a_new_repository_are_written_over_indexes(database: Database) -> None:
    scribe = Scribe(Store(database).archive, "team-3", now=datetime(2026, 1, 2, tzinfo=UTC))

    def crawl() -> None:
        record = scribe.begin()
        record.known_repositories()
        new = Repository("team-3/new", scribe.now)
        changed = diff.repositories({}, {new.name: new}, baseline=False, identity=ANONYMOUS)
        record.record_repositories(changed, remembered(), scribe.passes())
        scribe.read(record, new.name, [tag("1", "new", pushed_at=scribe.now)])
        scribe.finish(record)

    check(database, crawl)
