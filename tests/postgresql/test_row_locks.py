"""Rows of several repositories are locked in the order of their ids, so that none waits forever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from sqlalchemy.engine import make_url

from indexer.store import open_store
from tests.store.scribe import Scribe
from tests.support.databases import postgresql_index

pytestmark = pytest.mark.postgresql

MOVE = "UPDATE repository SET revision = revision WHERE name = %s"
"""A new version of a row stands behind all others, and the server visits it last."""

WAITING = """
    SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def test_a_hint_about_several_repositories_and_a_crawl_that_writes_them_do_not_deadlock() -> None:
    url = postgresql_index()
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    names = "library/nginx", "library/redis"
    with (
        closing(open_store(url, create=False)) as store,
        psycopg.connect(address, autocommit=True) as watcher,
        psycopg.connect(address) as crawl,
        ThreadPoolExecutor(1) as pool,
    ):
        scribe = Scribe(store.archive)
        scribe.crawl({"redis": []})
        scribe.crawl({"redis": [], "nginx": []})
        found = watcher.execute("SELECT name FROM repository ORDER BY id").fetchall()
        second, first = names  # neither in the order of their names nor as they stand in the table
        assert [row[0] for row in found] == [first, second]
        watcher.execute(MOVE, [first])
        crawl.execute(MOVE, [first])
        hint = pool.submit(store.hints.hint, "docker.io", names)
        while (row := watcher.execute(WAITING).fetchone()) and not row[0]:
            assert not hint.done()
        crawl.execute(MOVE, [second])
        crawl.commit()
        assert hint.result() == len(names)
