"""The rights that docs/postgresql.md grants are enough, and no more than that."""

from __future__ import annotations

from contextlib import closing

import pytest
import sqlalchemy as sa

from indexer.core.errors import StoreError, UsageError
from indexer.crawl.sharding import QueueStatus
from indexer.service.job_queue import Queue, address_of, make_ready
from indexer.service.queue_status import queue_status
from indexer.store import open_store
from indexer.store.database.engine import Database
from indexer.store.sql_reports.reports import Reports
from tests.postgresql.roles import Roles
from tests.store.scribe import Scribe
from tests.store.sql_reports import story
from tests.store.sql_reports.test_reporting_views import to
from tests.store.sql_reports.test_sql_page import answer

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def roles() -> Roles:
    roles = Roles()
    with closing(open_store(roles.of("crawler"), create=False)) as store:
        story.tell(store.archive)
    return roles


def test_the_crawler_crawls_asks_and_forgets(roles: Roles) -> None:
    with closing(open_store(roles.of("crawler"), create=False)) as store:
        assert len(list(store.catalog.repositories())) == 5
        scribe = Scribe(store.archive, "later")
        scribe.crawl({"new": []})
        assert store.archive.forget("docker.io", namespace="later").repositories == 1


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE indexer.mine (a int)",
        "DROP TABLE indexer.tag",
        "ALTER TABLE indexer.tag ADD COLUMN mine int",
        "UPDATE indexer.alembic_version SET version_num = 'x'",
        "COPY indexer.tag TO PROGRAM 'true'",
    ],
)
def test_the_crawler_does_nothing_else(roles: Roles, statement: str) -> None:
    with (
        closing(Database(roles.of("crawler"))) as database,
        pytest.raises(StoreError, match="the rights that are needed"),
        database.writing() as connection,
    ):
        connection.execute(sa.text(statement))


def test_the_crawler_fills_the_schema_of_the_queue_for_workers(roles: Roles) -> None:
    address = address_of(roles.of("crawler"))
    make_ready(address)
    with Queue(address) as queue:
        assert queue.crawl("docker.io", "library")
    assert queue_status(roles.of("crawler")) == QueueStatus(waiting=1)
    assert queue_status(roles.of("reporter")) is None


def test_the_reporter_reads_every_view(roles: Roles) -> None:
    with closing(Reports(roles.of("reporter"))) as reports:
        for view in reports.views():
            list(reports.rows(view))
        assert list(reports.rows("report_tags"))


@pytest.mark.parametrize("table", ["tag", "crawl", "sink", "content"])
def test_the_reporter_reads_no_table(roles: Roles, table: str) -> None:
    with (
        closing(Reports(roles.of("reporter"))) as reports,
        pytest.raises(UsageError, match=f"permission denied for table {table}"),
    ):
        answer(reports, f"SELECT * FROM {table}")  # noqa: S608 - our own names


def test_the_reporter_keeps_the_views_over_a_migration(roles: Roles) -> None:
    with closing(Database(roles.of("owner"))) as database, database.writing() as connection:
        to("head", connection)
    with closing(Reports(roles.of("reporter"))) as reports:
        assert list(reports.rows("report_tags"))
