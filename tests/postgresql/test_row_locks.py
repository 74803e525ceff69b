"""Rows of several repositories are locked in the order of their ids, so that none waits forever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.engine import make_url

from indexer.store import open_store
from tests.store.scribe import Scribe
from tests.support.databases import postgresql_index

if TYPE_CHECKING:
    from typing import LiteralString

pytestmark = pytest.mark.postgresql

NGINX, REDIS = "library/nginx", "library/redis"

HOME = "UPDATE namespace SET revision = revision WHERE name = 'library' AND %s <> ''"
MOVE = "UPDATE repository SET revision = revision WHERE name = %s"
"""A new version of a row stands behind all others, and the server visits it last."""

WAITING = """
    SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.mark.parametrize(
    "order",
    [
        pytest.param([(MOVE, REDIS), (MOVE, NGINX)], id="their tags, by id"),
        pytest.param([(HOME, "it"), (MOVE, NGINX), (MOVE, REDIS)], id="their list"),
    ],
)
def test_a_hint_about_several_repositories_and_a_crawl_that_writes_them_do_not_deadlock(
    order: list[tuple[LiteralString, str]],
) -> None:
    url = postgresql_index()
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
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
        assert [row[0] for row in found] == [REDIS, NGINX]
        watcher.execute(MOVE, [REDIS])  # neither by name nor as they stand are they in that order
        for statement, name in order[:-1]:
            crawl.execute(statement, [name])
        hint = pool.submit(store.hints.hint, "docker.io", [NGINX, REDIS])
        while (row := watcher.execute(WAITING).fetchone()) and not row[0]:
            assert not hint.done()
        statement, name = order[-1]
        crawl.execute(statement, [name])
        crawl.commit()
        assert hint.result() == len({NGINX, REDIS})
