"""Statements on SQLite run where they can be killed."""

from __future__ import annotations

import multiprocessing
import os
import select
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import IndexerError, Limited
from indexer.store.sql_reports import child_process
from indexer.store.sql_reports.reports import Reports
from tests.store.sql_reports.test_reports import ENDLESS, ask
from tests.store.sql_reports.test_sql_page import answer
from tests.support.databases import new_index

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sqlite_index(tmp_path: Path) -> str:
    return new_index("sqlite", tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT instr(hex(zeroblob(8000000)), hex(zeroblob(4000000)) || '1')",
        "SELECT hex(zeroblob(4000000)) LIKE '%' || hex(zeroblob(20000)) || '1%'",
    ],
)
def test_a_function_that_takes_minutes_is_stopped(
    text: str, sqlite_index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite looks at no clock inside one function."""
    monkeypatch.setattr(child_process, "GRACE_SECONDS", 0.0)
    with closing(Reports(sqlite_index)) as reports:
        with pytest.raises(Limited, match=r"longer than 0\.2 seconds"):
            list(ask(reports, text, seconds=0.2))
        assert not multiprocessing.active_children()
        assert answer(reports, "SELECT 1") == [(1,)]


def test_an_answer_that_nobody_reads_to_its_end_leaves_no_process(sqlite_index: str) -> None:
    with closing(Reports(sqlite_index)) as reports:
        rows = ask(reports, ENDLESS.format("x"), seconds=30)
        assert next(rows) == (1,)
        rows.close()
        assert not multiprocessing.active_children()


def test_a_statement_may_not_take_all_memory(sqlite_index: str) -> None:
    text = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 90)"
        " SELECT length(a) FROM (SELECT zeroblob(60000000) || x AS a FROM c) ORDER BY a"
    )
    with closing(Reports(sqlite_index)) as reports, pytest.raises(IndexerError, match="memory"):
        list(ask(reports, text, seconds=30))


def test_a_process_ends_with_the_one_that_waits_for_it(sqlite_index: str) -> None:
    """Who is killed cannot kill it: it went on for minutes inside one function."""
    slow = "instr(hex(zeroblob(8000000)), hex(zeroblob(4000000)) || '1')"
    reading, writing = os.pipe()

    def asking() -> None:
        text = f"SELECT 1 UNION ALL SELECT {slow}"
        with (
            closing(Reports(sqlite_index)) as reports,
            reports.ask(text, {}, seconds=60, most_rows=10) as found,
        ):
            os.write(writing, b"x")  # by now the other process has begun
            next(iter(found))

    waiting = multiprocessing.get_context("fork").Process(target=asking)
    waiting.start()
    os.close(writing)
    try:
        assert os.read(reading, 1) == b"x"
        waiting.kill()
        waiting.join()
        ready, _, _ = select.select([reading], [], [], 10)
        assert ready, "it goes on"
        assert os.read(reading, 1) == b""  # each process that held the other end is gone
    finally:
        os.close(reading)
