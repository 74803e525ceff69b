"""The queue in PostgreSQL: its schema beside the index's, and the jobs in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import conninfo, sql

from indexer.core.errors import StoreError, UsageError
from indexer.crawl.due_repositories import DueRepository
from indexer.crawl.sharding import QueueStatus, Shard
from indexer.render.job_queue import lines
from indexer.service import job_queue as queues
from indexer.service.job_queue import Queue, address_of, make_ready, shard_of
from indexer.service.queue_status import queue_status
from indexer.store import open_store
from tests.store.scribe import START
from tests.support.databases import postgresql_url

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.postgresql


@pytest.fixture
def url() -> str:
    return postgresql_url()


@pytest.fixture
def address(url: str) -> str:
    address = address_of(url)
    make_ready(address)
    return address


@pytest.fixture
def queue(address: str) -> Iterator[Queue]:
    with Queue(address) as queue:
        yield queue


def jobs(address: str) -> list[tuple[str, str]]:
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "SELECT task_name, status::text FROM procrastinate_jobs ORDER BY priority DESC, id"
        )
        return [(str(name), str(status)) for name, status in rows]


def a_shard(number: int) -> Shard:
    due = DueRepository("library/nginx", START, baseline=True, reason="it moved", full=False)
    return Shard(7, number, (due, due), ("library/old",))


def test_an_index_in_sqlite_cannot_be_shared_and_the_sentence_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="run 'indexer daemon' alone, which needs no workers"):
        address_of("sqlite:///indexer.db")


def test_the_queue_has_a_schema_of_its_own(url: str, address: str) -> None:
    store = open_store(url, create=True)
    store.close()
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "SELECT table_schema FROM information_schema.tables WHERE table_name LIKE %s",
            ["procrastinate%"],
        )
        assert {schema for (schema,) in rows} == {queues.SCHEMA}


def test_a_schema_is_made_once_and_an_older_one_brought_up_to_date(address: str) -> None:
    make_ready(address)
    with psycopg.connect(address) as connection:
        connection.execute(
            "ALTER FUNCTION procrastinate_fetch_job_v2 RENAME TO procrastinate_fetch_job_old"
        )
        connection.execute(
            "COMMENT ON SCHEMA indexer_queue IS"
            " 'Procrastinate''s, for ''indexer worker''; its last migration: 03.04.00_50_post_z'"
        )
    make_ready(address)  # nothing is newer than that
    with psycopg.connect(address) as connection:
        (comment,) = connection.execute(
            "SELECT obj_description('indexer_queue'::regnamespace, 'pg_namespace')"
        ).fetchone() or ("",)
    assert comment.endswith("03.04.00_50_post_z")


def a_role(connection: psycopg.Connection[Any]) -> str:
    """Somebody new who may connect, and nothing else."""
    name = f"role_{uuid4().hex}"
    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    return name


def in_schema(url: str, name: str) -> str:
    return f"{url}&options=-csearch_path%3D{name}"


def test_indexes_in_one_database_have_queues_of_their_own(url: str) -> None:
    addresses = [address_of(each) for each in (url, in_schema(url, "one"), in_schema(url, "Two-2"))]
    for number, address in enumerate(addresses):
        make_ready(address)
        make_ready(address)
        with Queue(address) as queue:
            queue.crawl("docker.io", f"n{number}")
        assert jobs(address) == [("crawls", "todo")]
    with psycopg.connect(addresses[0]) as connection:
        found = connection.execute(
            "SELECT schemaname FROM pg_tables WHERE tablename = 'procrastinate_jobs' ORDER BY 1"
        ).fetchall()
    assert [name for (name,) in found] == [
        "indexer_queue", "indexer_queue_one", "indexer_queue_two_2",
    ]  # fmt: skip


def test_a_user_who_may_not_make_a_schema_can_use_one(url: str) -> None:
    with psycopg.connect(address_of(url)) as connection:
        role = a_role(connection)
    theirs = address_of(url.replace("postgres:@", f"{role}:@"))
    with pytest.raises(StoreError, match="the right to make a schema"):
        make_ready(theirs)
    with psycopg.connect(address_of(url)) as connection:
        make = sql.SQL("CREATE SCHEMA indexer_queue AUTHORIZATION {}")
        connection.execute(make.format(sql.Identifier(role)))
    make_ready(theirs)
    make_ready(theirs)
    with Queue(theirs) as queue:
        queue.crawl("docker.io", "library")
    assert jobs(theirs) == [("crawls", "todo")]


@pytest.mark.parametrize("form", ["postgresql+psycopg", "postgresql", "postgres"])
def test_each_way_to_write_postgresql_is_one(form: str) -> None:
    found = conninfo.conninfo_to_dict(address_of(f"{form}://me@db.example.com/indexer"))
    assert (found["host"], found["dbname"]) == ("db.example.com", "indexer")
    assert found["options"] == "-c search_path=indexer_queue"


def test_a_database_that_is_away_is_a_sentence() -> None:
    with pytest.raises(StoreError, match="the queue in PostgreSQL cannot be used"):
        make_ready("postgresql://127.0.0.1:1/none")


def test_a_namespace_waits_once(queue: Queue, address: str) -> None:
    assert queue.crawl("docker.io", "library")
    assert not queue.crawl("docker.io", "library")
    assert queue.crawl("docker.io", "ansible")
    assert jobs(address) == [("crawls", "todo")] * 2


def test_crawls_come_before_shards_and_first_shards_before_second_ones(
    queue: Queue, address: str
) -> None:
    target = {"registry": "docker.io", "namespace": "huge", "mode": "full"}
    numbers = queue.share([a_shard(number) for number in range(3)], **target)
    queue.crawl("docker.io", "small")
    queue.share([a_shard(0)], **{**target, "namespace": "medium"})
    assert [name for name, _ in jobs(address)] == ["crawls", "shards", "shards", "shards", "shards"]
    with psycopg.connect(address) as connection:
        order = connection.execute(
            "SELECT args->>'namespace' FROM procrastinate_jobs WHERE task_name = 'shards'"
            " ORDER BY priority DESC, id"
        ).fetchall()
    assert [name for (name,) in order] == ["huge", "medium", "huge", "huge"]
    assert sorted(numbers) == [0, 1, 2]


def test_what_was_not_begun_can_be_taken_back(queue: Queue, address: str) -> None:
    numbers = queue.share([a_shard(0), a_shard(1)], registry="r", namespace="n", mode="full")
    assert not queue.is_over(numbers[0])
    queue.take_back(numbers.values())
    queue.take_back(numbers.values())

    assert jobs(address) == []
    assert queue.is_over(numbers[0])


def test_a_shard_travels_as_it_is(queue: Queue, address: str) -> None:
    queue.share([a_shard(3)], registry="r", namespace="n", mode="full")
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT args->'shard' FROM procrastinate_jobs").fetchone()
    assert row is not None
    assert shard_of(row[0]) == a_shard(3)


def test_how_the_queue_stands_is_told_without_touching_it(url: str, queue: Queue) -> None:
    queue.crawl("docker.io", "library")
    queue.crawl("docker.io", "ansible")
    assert queue_status(url) == QueueStatus(waiting=2)
    with psycopg.connect(address_of(url)) as connection:
        connection.execute("UPDATE procrastinate_jobs SET attempts = 2 WHERE lock LIKE '%library'")
        connection.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert queue_status(url) == QueueStatus(workers=1, waiting=2, again=1)
    with psycopg.connect(address_of(url)) as connection:
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        connection.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE attempts > 0")
        connection.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - '1 h'::interval"
        )
    assert queue_status(url) == QueueStatus(doing=1, given_up=(("docker.io", "library", 1),))


@pytest.mark.usefixtures("queue")
def test_whether_a_daemon_fills_the_queue_is_known(url: str) -> None:
    before = queue_status(url)
    with psycopg.connect(address_of(url, is_daemon=True)), psycopg.connect(address_of(url)):
        during = queue_status(url)

    assert before is not None
    assert during is not None
    assert (before.daemons, during.daemons) == (0, 1)
    assert "no daemon fills the queue" in list(lines(before))[-1]


def test_an_index_without_a_queue_reports_none(url: str) -> None:
    assert queue_status(url) is None
    assert queue_status("sqlite:///indexer.db") is None


def test_a_user_who_may_not_read_the_queue_gets_no_report_of_it(url: str, queue: Queue) -> None:
    assert queue.crawl("docker.io", "library")
    with psycopg.connect(address_of(url)) as connection:
        role = a_role(connection)
    assert queue_status(url.replace("postgres:@", f"{role}:@")) is None


def test_a_person_is_told_of_retries_and_of_what_was_given_up() -> None:
    stands = QueueStatus(2, 3, doing=1, again=1, given_up=(("docker.io", "library", 2),), daemons=1)
    assert list(lines(stands)) == [
        "queue: 2 workers, 1 job running, 3 waiting, 1 of them repeated",
        "  docker.io/library: 2 jobs given up after the last try: see the worker's log",
    ]
    assert "no worker is running" in list(lines(QueueStatus(waiting=1)))[1]
