"""One crawl of a namespace at a time: a crawl holds the lock as long as its process lives."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.engine import make_url

from indexer.core.errors import Busy, Conflict
from indexer.core.model import CrawlStatus, Repository
from indexer.crawl.diff import RepositoriesDiff, TagsDiff
from indexer.store import open_store
from indexer.store.coordination.locks import FileLocks
from tests.store.scribe import MINUTE, START, Scribe, changes, remembered, tag
from tests.support.databases import postgresql_index
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store

ROOT = Path(__file__).resolve().parent.parent.parent.parent
HOLDING = Path(__file__).parent.parent / "holding.py"
ME = f"process {os.getpid()} on {socket.gethostname()}"


@contextmanager
def another_process(url: str, namespace: str = "library") -> Iterator[subprocess.Popen[str]]:
    """A process that crawls a namespace until it is told to end, or killed."""
    process = subprocess.Popen(
        [sys.executable, str(HOLDING), url, namespace],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with process:
        yield process
        process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip()


@pytest.fixture
def other(database_url: str) -> Iterator[Store]:
    """The same index, opened a second time in this process."""
    with closing(open_store(database_url, create=True)) as other:
        yield other


def test_a_second_archive_is_told_who_crawls_and_since_when(other: Store, scribe: Scribe) -> None:
    scribe.begin()
    with pytest.raises(Busy) as refused:
        Scribe(other.archive).begin()
    assert str(refused.value) == (
        f"docker.io/library is being crawled by {ME} since 2026-03-01 12:01:00 UTC."
    )


def test_a_refused_crawl_has_written_nothing(store: Store, other: Store, scribe: Scribe) -> None:
    record = scribe.begin()
    for _ in range(3):
        with pytest.raises(Busy):
            Scribe(other.archive).begin()
    running = store.catalog.crawl(record.id)
    assert running is not None
    assert running.status is CrawlStatus.RUNNING
    done = scribe.finish(record)
    assert done.status is CrawlStatus.COMPLETE
    assert Scribe(other.archive).begin().id == done.id + 1


def test_a_finished_crawl_frees_its_namespace_at_once(other: Store, scribe: Scribe) -> None:
    for _ in range(20):
        scribe.finish(scribe.begin())
        second = Scribe(other.archive)
        second.finish(second.begin())


@pytest.mark.parametrize("status", [CrawlStatus.FAILED, CrawlStatus.INTERRUPTED])
def test_a_crawl_that_failed_is_finished_too(
    other: Store, scribe: Scribe, status: CrawlStatus
) -> None:
    scribe.finish(scribe.begin(), status)
    assert Scribe(other.archive).begin().id


def test_what_was_never_finished_is_given_back_with_the_archive(
    store: Store, other: Store, scribe: Scribe
) -> None:
    record = scribe.begin()
    store.close()
    Scribe(other.archive).begin()
    dead = other.catalog.crawl(record.id)
    assert dead is not None
    assert (dead.status, dead.finished_at) == (CrawlStatus.INTERRUPTED, START + MINUTE)


def test_a_crawl_of_another_process_is_busy_until_that_process_ends(
    database_url: str, store: Store, scribe: Scribe
) -> None:
    with another_process(database_url) as process:
        assert said(process) == "held"
        with pytest.raises(Busy) as refused:
            scribe.begin()
        assert str(refused.value) == (
            f"docker.io/library is being crawled by process {process.pid} on "
            f"{socket.gethostname()} since 2026-03-01 13:00:00 UTC."
        )
        Scribe(store.archive, namespace="ansible").begin()
        process.communicate()
    scribe.begin()


def test_our_crawl_is_busy_for_another_process(database_url: str, scribe: Scribe) -> None:
    scribe.begin()
    with another_process(database_url) as process:
        assert said(process).startswith(f"docker.io/library is being crawled by {ME} since")


def test_the_lock_of_a_killed_process_is_free_at_once(
    database_url: str, store: Store, scribe: Scribe
) -> None:
    with another_process(database_url) as process:
        assert said(process) == "held"
        process.kill()
        process.wait()
        until_unlocked(database_url)
        record = scribe.begin()
    dead = store.catalog.crawl(record.id - 1)
    assert dead is not None
    assert dead.status is CrawlStatus.INTERRUPTED
    assert dead.finished_at == scribe.now


def until_unlocked(url: str) -> None:
    """Wait until PostgreSQL has noticed that a process is gone; the operating system knows."""
    if url.startswith("sqlite"):
        return
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    held = (
        "SELECT count(*), pg_sleep(0.01) FROM pg_locks WHERE locktype = 'advisory' AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with psycopg.connect(address, autocommit=True) as connection:
        while (row := connection.execute(held).fetchone()) and row[0]:
            pass


def test_only_the_dead_are_said_to_be_interrupted(
    database_url: str, store: Store, scribe: Scribe
) -> None:
    done = scribe.crawl({"nginx": []})
    failed = scribe.finish(scribe.begin(), CrawlStatus.FAILED)
    elsewhere = Scribe(store.archive, namespace="ansible").begin()
    with another_process(database_url, "bitnami") as process:
        assert said(process) == "held"
        scribe.begin()
        assert store.catalog.crawl(done.id) == done
        assert store.catalog.crawl(failed.id) == failed
        for number in (elsewhere.id, elsewhere.id + 1):
            crawl = store.catalog.crawl(number)
            assert crawl is not None
            assert crawl.status is CrawlStatus.RUNNING


def test_a_lock_survives_everything_else_that_happens_to_the_database_in_this_process(
    database_url: str, store: Store, scribe: Scribe
) -> None:
    """POSIX's locks would be lost as soon as any handle of their file is closed."""
    record = scribe.begin()
    for _ in range(3):
        with closing(open_store(database_url, create=True)) as again:
            with pytest.raises(Busy):
                Scribe(again.archive).begin()
            third = Scribe(again.archive, namespace="ansible")
            third.finish(third.begin())
    scribe.list(record, [Repository("library/nginx", START)])
    with another_process(database_url) as process:
        assert "is being crawled" in said(process)
    assert len(changes(store)) == 1


def test_readers_are_not_blocked_by_a_crawl(other: Store, scribe: Scribe) -> None:
    record = scribe.begin()
    scribe.list(record, [Repository("library/nginx", START)])
    scribe.read(record, "library/nginx", [tag("latest", "one")])
    assert len(changes(other)) == 2
    assert [each.tag for each in other.catalog.tags("docker.io", "library/nginx")] == ["latest"]


def test_a_database_by_another_name_has_the_same_locks(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path}/index.db", create=True)) as store:
        (tmp_path / "link.db").symlink_to(tmp_path / "index.db")
        (tmp_path / "folder").mkdir()
        Scribe(store.archive).begin()
        for name in ("link.db", "folder/../index.db"):
            with (
                closing(open_store(f"sqlite:///{tmp_path}/{name}", create=False)) as other,
                pytest.raises(Busy),
            ):
                Scribe(other.archive).begin()


@pytest.mark.postgresql
def test_two_databases_of_one_server_have_nothing_to_do_with_each_other() -> None:
    with (
        closing(open_store(postgresql_index(), create=False)) as one,
        closing(open_store(postgresql_index(), create=False)) as other,
    ):
        Scribe(one.archive).begin()
        Scribe(other.archive).begin()


@pytest.fixture
def on_postgresql() -> Iterator[tuple[str, Store]]:
    url = postgresql_index()
    with closing(open_store(url, create=False)) as store:
        yield url, store


def end_all_sessions(url: str) -> None:
    """As a server does that is restarted, or that ends what has been idle for long."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.postgresql
def test_a_crawl_whose_session_the_server_ended_takes_its_lock_again(
    on_postgresql: tuple[str, Store],
) -> None:
    url, store = on_postgresql
    scribe = Scribe(store.archive)
    record = scribe.begin()
    scribe.list(record, [Repository("library/nginx", START)])
    end_all_sessions(url)
    scribe.read(record, "library/nginx", [tag("latest", "one")])
    with closing(open_store(url, create=False)) as other:
        with pytest.raises(Busy):
            Scribe(other.archive).begin()
        scribe.finish(record)
        Scribe(other.archive).begin()


@pytest.mark.postgresql
def test_a_crawl_whose_lock_was_lost_and_taken_writes_no_more(
    on_postgresql: tuple[str, Store],
) -> None:
    url, store = on_postgresql
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": []})
    record = scribe.begin()
    record.known_repositories()
    record.known_tags("library/nginx")
    end_all_sessions(url)
    with closing(open_store(url, create=False)) as other:
        second = Scribe(other.archive)
        took_over = second.begin()
        told = re.escape("another crawl has taken over this namespace meanwhile; crawl again.")
        with pytest.raises(Conflict, match=told):
            record.record_repositories(RepositoriesDiff(), remembered(), START)
        with pytest.raises(Conflict, match=told):
            record_tags(record, "library/nginx", TagsDiff(), remembered(), START, START)
        assert scribe.finish(record, CrawlStatus.INCOMPLETE).status is CrawlStatus.INCOMPLETE
        with pytest.raises(Busy):
            scribe.begin()
        assert second.finish(took_over).status is CrawlStatus.COMPLETE


@pytest.mark.parametrize("mode", [0o600, 0o660])
def test_a_lock_file_is_for_whom_the_database_is(tmp_path: Path, mode: int) -> None:
    """Whoever may read it can lock it too, and so keep every crawl from beginning."""
    database = tmp_path / "index.db"
    database.touch()
    database.chmod(mode)
    with closing(FileLocks(database)) as locks:
        assert locks.take(1)
        assert (tmp_path / "index.db-lock").stat().st_mode & 0o777 == mode
