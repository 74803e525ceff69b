"""`indexer db check`: a sound index passes, and each rule finds what breaks it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from indexer.store import open_store
from indexer.store.database.engine import Database
from indexer.store.maintenance.integrity_check import check
from tests.store.sql_reports import story

if TYPE_CHECKING:
    from collections.abc import Iterator

BREAKS = {
    "a period ends when it began or later": ["UPDATE history SET ended_at = started_at - 1"],
    "no two periods of a tag overlap": [
        "UPDATE history SET ended_at = ended_at + 9000000000000",
        "UPDATE tag SET since = since + 90000000000000",
    ],
    "what a tag points to began when the past had ended": ["UPDATE tag SET since = 5"],
    "a removed repository has no tags": ["UPDATE repository SET present = NOT present"],
    "a repository's tags are counted right": ["UPDATE repository SET tags = tags + 1"],
    "a tag is what its last change made of it": [
        "UPDATE tag SET manifest_id = (SELECT min(id) FROM manifest) WHERE manifest_id IS NULL"
    ],
    "a repository is what its last change made of it": [
        "UPDATE repository SET present = NOT present"
    ],
    "each change of a tag has its period, and each period its change": [
        "DELETE FROM change WHERE kind = 5"
    ],
    "no change has a number that is still to be given": ["UPDATE change_counter SET last_id = 7"],
    "what is private is not shown to the public": ["UPDATE repository SET private = NOT private"],
    "a crawl has an end unless it is running": ["UPDATE crawl SET finished_at = NULL WHERE id = 1"],
    "every change is counted": ["UPDATE change_counter SET tag_added = 0"],
    "a change is of its repository's namespace": ["UPDATE change SET namespace_id = 0"],
    "a crawl knows the first and the last of its changes": ["UPDATE crawl SET last_change = 1"],
    "a namespace's repositories are counted right": ["UPDATE namespace_count SET tags = tags + 1"],
    "nothing refers to what is not there": ["UPDATE change SET new_manifest_id = 999"],
    "a manifest has a digest for each image": ["UPDATE manifest SET images = '[[1,5]]'"],
}


@pytest.fixture
def url(database_url: str) -> str:
    store = open_store(database_url, create=True)
    story.tell(store.archive)
    store.close()
    return database_url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with closing(Database(url)) as database:
        yield database


def broken(url: str) -> set[str]:
    return {finding.rule for finding in check(url) if finding.broken}


def test_an_index_that_crawls_wrote_keeps_every_rule(url: str) -> None:
    findings = list(check(url))
    assert [finding for finding in findings if finding.broken] == []
    assert set(BREAKS) < {finding.rule for finding in findings}


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_finds_what_breaks_it(url: str, database: Database, rule: str) -> None:
    with database.writing() as connection:
        for statement in BREAKS[rule]:
            connection.execute(sa.text(statement))
    assert rule in broken(url)
    (finding,) = (finding for finding in check(url) if finding.rule == rule)
    assert 0 < len(finding.examples) <= 5
    assert finding.broken >= len(finding.examples)


@pytest.mark.postgresql
def test_a_number_that_would_be_given_again_is_found(url: str, database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite looks at the rows themselves")
    with database.writing() as connection:
        connection.execute(sa.text("SELECT setval('tag_id_seq', 1)"))
    assert broken(url) == {"the next number of each table is free"}


def test_a_damaged_file_is_found(url: str, database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's files are its own affair")
    with database.writing() as connection:
        connection.execute(sa.text("PRAGMA writable_schema = ON"))
        connection.execute(
            sa.text(
                "UPDATE sqlite_master SET sql = replace(sql, 'manifest_id)', 'crawl_id)') "
                "WHERE name = 'ix_tag_manifest_id'"
            )
        )
    assert "the file is whole" in broken(url)
