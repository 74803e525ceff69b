"""`indexer db copy`: the same index in another database, where crawls continue."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from indexer.core.errors import StoreError, UsageError
from indexer.core.model import Tag
from indexer.store import open_store
from indexer.store.database.engine import Database
from indexer.store.maintenance import database_copy
from indexer.store.maintenance.database_copy import copy
from indexer.store.maintenance.integrity_check import check
from indexer.store.schema import migrate
from tests.store.scribe import MINUTE, Scribe, changes
from tests.store.sql_reports import story
from tests.store.sql_reports.test_reporting_views import everything
from tests.support.databases import empty_database, new_index

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.postgresql

WAYS = [
    pytest.param(("sqlite", "postgresql"), id="sqlite-postgresql"),
    pytest.param(("postgresql", "sqlite"), id="postgresql-sqlite"),
    pytest.param(("sqlite", "sqlite"), id="sqlite-sqlite", marks=pytest.mark.nightly),
]


class Stop(Exception):
    """What interrupts a copy."""


def quiet(_: str, __: int) -> None:
    """See a piece pass."""


@pytest.fixture(params=WAYS)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """An index that holds the story, and an empty database."""
    from_kind, to_kind = request.param
    source = new_index(from_kind, tmp_path)
    (tmp_path / "elsewhere").mkdir()
    target = empty_database(to_kind, tmp_path / "elsewhere")
    store = open_store(source, create=False)
    story.tell(store.archive)
    store.close()
    return source, target


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_copy, "PIECE", 4)


def crawl_on(url: str) -> list[object]:
    """What two more crawls find: nothing, and then one retag."""
    with closing(open_store(url, create=False)) as store:
        scribe = Scribe(store.archive, "beta", identity="beta-bot", now=story.NOW + MINUTE)
        for build in "12":
            tags = [story.api("api-copy", build, story.day(1, 5)), Tag("none", None)]
            scribe.crawl({"tool": tags})
        return [*changes(store), *store.catalog.namespaces()]


def test_a_copy_is_the_same_index_and_can_be_crawled_in_the_same_way(urls: tuple[str, str]) -> None:
    source, target = urls
    copied = copy(source, target, quiet)
    assert {each.table: each.rows for each in copied}["change"] == 26
    assert everything(source) == everything(target)
    assert not [finding for finding in check(target) if finding.broken]
    assert crawl_on(source) == crawl_on(target)
    assert everything(source) == everything(target)


@pytest.mark.parametrize("pieces", [1, 5, 20])
def test_a_copy_that_was_interrupted_is_finished(urls: tuple[str, str], pieces: int) -> None:
    source, target = urls
    seen: list[str] = []

    def stop(table: str, _: int) -> None:
        seen.append(table)
        if len(seen) == pieces:
            raise Stop

    with pytest.raises(Stop):
        copy(source, target, stop)
    with pytest.raises(StoreError, match="was not finished: run 'indexer db copy' again"):
        open_store(target, create=False)
    crawl_on(source)  # the source goes on meanwhile
    with closing(open_store(source, create=False)) as store:
        store.archive.forget("docker.io", repository="acme/old")
    copy(source, target, quiet)
    assert everything(source) == everything(target)
    assert not [finding for finding in check(target) if finding.broken]


def test_an_index_is_never_copied_over(urls: tuple[str, str]) -> None:
    source, target = urls
    copy(source, target, quiet)
    with pytest.raises(UsageError, match="there is an index"):
        copy(source, target, quiet)
    with pytest.raises(UsageError, match="the same database"):
        copy(source, source, quiet)


def test_a_schema_without_an_index_is_copied_into(urls: tuple[str, str]) -> None:
    source, target = urls
    migrate.upgrade(target)
    copy(source, target, quiet)
    assert everything(source) == everything(target)


def test_a_copy_that_is_not_the_same_is_told(urls: tuple[str, str]) -> None:
    source, target = urls
    migrate.upgrade(target)

    def spoil(table: str, _: int) -> None:
        if table == "history":
            with closing(Database(target)) as database, database.writing() as connection:
                connection.execute(sa.text("UPDATE platform SET os = 'plan9'"))

    with pytest.raises(StoreError, match="platform has"):
        copy(source, target, spoil)


def test_no_number_is_given_twice_in_a_copy(urls: tuple[str, str]) -> None:
    source, target = urls
    with closing(open_store(source, create=False)) as store:
        store.archive.forget("docker.io", namespace="acme")  # with the last crawl
    copy(source, target, quiet)
    with closing(open_store(target, create=False)) as store:
        scribe = Scribe(store.archive, "beta", identity="beta-bot", now=story.NOW)
        assert scribe.crawl({"tool": [Tag("none", None)]}).id == 6
        assert [change.id for change in changes(store)][-1] == 27
