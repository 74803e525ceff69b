"""The reporting views: the same rows on both databases, and there after every migration."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from indexer.store import open_store
from indexer.store.database.engine import Database
from indexer.store.schema import migrate
from indexer.store.schema.reporting_views import NAMES
from indexer.store.sql_reports.reports import Reports
from tests.documents import pages
from tests.store.scribe import START, Scribe, digest, image, tag
from tests.store.sql_reports import story
from tests.store.sql_reports.test_sql_page import answer
from tests.support.databases import postgresql_index, sqlite_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SEMVERS = [
    "1.2.3",
    "v1.2.3",
    "0.0.0",
    "1.20.300",
    "1.2.3-rc.1",
    "1.2.3-alpine",
    "1.2.3--.-x",
    "1.2.3-01",
]
OTHERS = [
    *("1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.03", "1.2.x", "vv1.2.3", "V1.2.3"),
    *("1.2.3-", "1.2.3-a..b", "1.2.3-a_b", "1.2.3_4", "1.2.3-.a", "latest", "v", "_", "1..3"),
    *("1.2.3-a.", "2024.01.15", "1.2.3rc1"),
]

UNITS = "days", "seconds"

DATES = {
    "a": datetime(1, 1, 1, tzinfo=UTC),
    "b": datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    "c": datetime(1970, 1, 1, tzinfo=UTC),
    "d": datetime(2026, 3, 1, 23, 59, 59, 1, tzinfo=UTC),  # a Sunday
    "e": datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
}


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows, without how long a digest is kept until now: a moment later it is longer."""
    reports = Reports(url)
    try:
        found: dict[str, list[tuple[object, ...]]] = {
            view: sorted(map(tuple, reports.rows(view)), key=repr) for view in reports.views()
        }
        held = [list(reports.views()["report_digest_ages"]).index(f"held_{unit}") for unit in UNITS]
    finally:
        reports.close()
    found["report_digest_ages"] = [
        tuple(cell for place, cell in enumerate(row) if place not in held)
        for row in found["report_digest_ages"]
    ]
    return found


@pytest.mark.postgresql
def test_both_databases_have_the_same_rows(tmp_path: Path) -> None:
    urls = [sqlite_index(tmp_path / "index.db"), postgresql_index()]
    for url in urls:
        store = open_store(url, create=False)
        story.tell(store.archive)
        story.keep(store.manifests)
        store.evaluations.judged({}, [story.VIOLATION])
        store.close()
    sqlite, postgresql = map(everything, urls)
    assert sqlite == postgresql
    assert all(sqlite.values())


def test_the_columns_are_those_that_are_promised(reports: Reports, told_url: str) -> None:
    database = Database(told_url)
    with database.reading() as connection:
        for view, columns in reports.views().items():
            found = connection.execute(sa.select(sa.text("*")).select_from(sa.table(view)))
            assert list(found.keys()) == list(columns)
    database.close()


_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?")


def test_values_are_of_the_kinds_that_are_promised(reports: Reports) -> None:
    for view, columns in reports.views().items():
        for row in reports.rows(view):
            for kind, value in zip(columns.values(), row, strict=True):
                assert value is None or isinstance(value, int if kind == "integer" else str)
                assert value is None or kind != "time" or _TIME.fullmatch(str(value)), (view, row)


@pytest.fixture
def odd(database_url: str) -> Iterator[Reports]:
    """An index with tags whose names, dates and images are out of the ordinary."""
    store = open_store(database_url, create=True)
    scribe = Scribe(store.archive)
    long = "sha512:" + "0f" * 64
    images = (
        image("linux/amd64", "one", 5),
        image("linux/arm64", None, None),
        image("windows/amd64", "two")._replace(os_version="10.0.1", digest=long),
        image("/", "three")._replace(os="", architecture="", variant="v8"),
    )
    scribe.crawl(
        {
            "semver": [tag(name, name) for name in (*SEMVERS, *OTHERS)],
            "dates": [tag(name, last_updated=date, pushed_at=date) for name, date in DATES.items()],
            "images": [tag("all", "all", platforms=images), tag("none", platforms=images[1:2])],
            "long": [tag("latest", digest=long)],
        }
    )
    store.close()
    reports = Reports(database_url)
    yield reports
    reports.close()


def test_a_semantic_version_is_told_from_other_tags(odd: Reports) -> None:
    rows = answer(odd, "SELECT tag, is_semver FROM report_tags WHERE repository = 'library/semver'")
    assert {name for name, is_semver in rows if is_semver == 1} == set(SEMVERS)
    assert {name for name, is_semver in rows if is_semver == 0} == set(OTHERS)


def test_times_of_every_year_are_exact(odd: Reports) -> None:
    rows = answer(odd, "SELECT tag, pushed_at FROM report_tags WHERE repository = 'library/dates'")
    assert dict(rows) == {name: str(date.replace(tzinfo=None)) for name, date in DATES.items()}


def test_a_time_is_compared_as_a_time(odd: Reports) -> None:
    text = (
        "SELECT tag FROM report_tags WHERE repository = 'library/dates' AND pushed_at {} ORDER BY 1"
    )
    for comparison, expected in (
        ("< '1970-01-01'", "ab"),
        ("= '1970-01-01 00:00:00'", "c"),
        (">= '2026-03-01 23:59:59'", "de"),
        ("> '2026-03-01 23:59:59.000001'", "e"),
    ):
        assert "".join(row[0] for row in answer(odd, text.format(comparison))) == expected


def test_the_age_of_a_digest_counts_from_its_push_or_from_a_crawl(odd: Reports) -> None:
    for view in ("report_tags", "report_history"):
        text = f"SELECT tag, age_by, age_since = {{}} FROM {view} WHERE repository = 'library/{{}}'"  # noqa: S608 - our own names
        by_push = answer(odd, text.format("pushed_at", "dates"))
        by_crawl = answer(odd, text.format("started_at", "images"))
        first_seen = START.replace(tzinfo=None)
        past = {name for name, date in DATES.items() if date.replace(tzinfo=None) < first_seen}
        assert {row[0] for row in by_push if row[1] == "push" and row[2]} == past
        assert {row[0] for row in by_push if row[1] == "crawl"} == DATES.keys() - past
        assert [(row[1], bool(row[2])) for row in by_crawl] == [("crawl", True)] * 2


def test_images_of_every_kind_are_taken_apart(odd: Reports) -> None:
    text = """
        SELECT tag, platform, os, architecture, variant, os_version, image_digest, image_size
        FROM report_platforms WHERE repository = 'library/images' ORDER BY tag, platform
    """
    assert answer(odd, text) == [
        ("all", "linux/amd64", "linux", "amd64", None, None, digest("one"), 5),
        ("all", "linux/arm64", "linux", "arm64", None, None, None, None),
        ("all", "v8", "", "", "v8", None, digest("three"), None),
        ("all", "windows/amd64", "windows", "amd64", None, "10.0.1", "sha512:" + "0f" * 64, None),
        ("none", "linux/arm64", "linux", "arm64", None, None, None, None),
    ]


def test_a_digest_of_either_algorithm_is_text(odd: Reports) -> None:
    rows = answer(odd, "SELECT digest FROM report_tags WHERE repository = 'library/long'")
    assert rows == [("sha512:" + "0f" * 64,)]


def to(revision: str, connection: sa.Connection) -> None:
    """Migrate as `alembic` does."""
    config = Config(pages.ROOT / "alembic.ini")
    config.attributes["connection"] = connection
    (command.downgrade if revision == "base" else command.upgrade)(config, revision)


def views(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_view_names())


def test_a_migration_drops_the_views_and_makes_them_again(database_url: str) -> None:
    migrate.upgrade(database_url)
    with closing(Database(database_url)) as database:
        with database.writing() as connection:
            assert views(connection) == set(NAMES)
            to("base", connection)
            assert not views(connection)
            to("head", connection)
            assert views(connection) == set(NAMES)
        with database.writing() as connection:
            to("head", connection)
            assert views(connection) == set(NAMES)


@pytest.mark.postgresql
def test_whoever_could_read_a_view_can_read_it_after_a_migration() -> None:
    url = postgresql_index()
    role = f"reader_{uuid4().hex}"  # roles belong to the server, which other tests use too
    may = sa.text(f"SELECT has_table_privilege('{role}', 'report_tags', 'SELECT')")
    revoke = sa.text(f"REVOKE SELECT ON report_tags FROM {role}")  # noqa: S608 - our own name
    with closing(Database(url)) as database, database.writing() as connection:
        connection.execute(sa.text(f"CREATE ROLE {role}"))
        connection.execute(sa.text(f"GRANT SELECT ON report_tags TO {role}"))
        to("head", connection)
        assert connection.scalar(may)
        connection.execute(revoke)
        to("head", connection)
        assert not connection.scalar(may)
