"""Ctrl-C ends what runs, except for what must be finished."""

from __future__ import annotations

import contextlib
import signal
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from indexer.core.keyboard_interrupt import interruptible, whole
from indexer.core.model import ANONYMOUS, Cost, CrawlStatus, Mode
from indexer.store import Store, open_store
from indexer.store.database.engine import Database
from tests.store.scribe import Scribe, tag

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NUMBERS = [signal.SIGINT, signal.SIGTERM]


def ask_to_stop(number: signal.Signals, times: int, done: list[str]) -> None:
    """Send signals from within two parts that must be whole, and note how far it got."""
    with interruptible():
        with whole(), whole():
            for _ in range(times):
                signal.raise_signal(number)
            done.append("the part")
        done.append("the rest")


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(("times", "gets_to"), [(0, ["the part", "the rest"]), (1, ["the part"])])
def test_what_must_be_whole_comes_to_its_end_first(
    number: signal.Signals, times: int, gets_to: list[str]
) -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt) if times else contextlib.nullcontext():
        ask_to_stop(number, times, done)
    assert done == gets_to


def test_a_second_signal_ends_the_program_at_once() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        ask_to_stop(signal.SIGTERM, 2, done)
    assert done == []
    ask_to_stop(signal.SIGTERM, 0, done)
    assert done == ["the part", "the rest"], "nothing is left of what was asked before"


@pytest.mark.parametrize("number", NUMBERS)
def test_work_that_may_be_interrupted_ends_at_once(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(number)


def test_outside_the_block_signals_keep_their_handlers() -> None:
    before = [signal.getsignal(number) for number in NUMBERS]
    with interruptible():
        assert [signal.getsignal(number) for number in NUMBERS] != before
    assert [signal.getsignal(number) for number in NUMBERS] == before


@pytest.mark.integration
def test_a_crawl_that_is_stopped_while_it_writes_can_still_say_so(tmp_path: Path) -> None:
    """SQLite has one writer: with its lock left behind nothing more could be written."""
    url = f"sqlite:///{tmp_path / 'index.db'}"
    open_store(url, create=True).close()
    with closing(Database(url)) as database:
        store = Store(database)
        Scribe(store.archive).crawl({"nginx": [tag("1", "a")]})
        record = store.archive.begin("docker.io", "library", Mode.FULL, ANONYMOUS, NOW)
        engine = database.engine

        def stop(_: Any) -> None:
            signal.raise_signal(signal.SIGINT)

        sa.event.listen(engine, "begin", stop)
        with pytest.raises(KeyboardInterrupt), interruptible():
            record.finish(CrawlStatus.FAILED, spent=Cost(), errors=(), rate_limit=None, now=NOW)
        sa.event.remove(engine, "begin", stop)
        finished = store.catalog.crawl(record.id)
        assert finished is not None
        assert finished.status is CrawlStatus.FAILED


@pytest.mark.integration
def test_a_crawl_that_is_stopped_while_it_begins_does_not_say_that_it_runs(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'index.db'}"
    open_store(url, create=True).close()
    with closing(Database(url)) as database:
        store = Store(database)
        Scribe(store.archive).crawl({"nginx": [tag("1", "a")]})

        def stop(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("INSERT INTO crawl "):
                signal.raise_signal(signal.SIGINT)

        sa.event.listen(database.engine, "before_cursor_execute", stop)
        with pytest.raises(KeyboardInterrupt), interruptible():
            store.archive.begin("docker.io", "library", Mode.FULL, ANONYMOUS, NOW)
        sa.event.remove(database.engine, "before_cursor_execute", stop)

        (status,) = store.catalog.namespaces()
        assert status.last_crawl is not None
        assert (status.last_crawl.mode, status.last_crawl.status) == (
            Mode.FULL,
            CrawlStatus.INTERRUPTED,
        )
        again = store.archive.begin("docker.io", "library", Mode.FULL, ANONYMOUS, NOW)
        assert again.id > status.last_crawl.id, "nobody holds the namespace any more"
