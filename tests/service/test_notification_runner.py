"""The daemon tells its sinks what changed, and one that hangs keeps nobody waiting."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from indexer.notify.delivery import Recipient
from indexer.notify.sink import Sink
from indexer.service.notification_runner import LOOK_SECONDS, NotificationRunner
from indexer.store import open_store
from tests.notify.stage import FakeClock, Keeps
from tests.store.scribe import Scribe, tag
from tests.support.databases import sqlite_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from indexer.store import Store


@dataclass
class Started:
    """What was let go on by itself; it goes on when the test says so."""

    waiting: list[Callable[[], None]] = field(default_factory=list)

    def __call__(self, _name: str, work: Callable[[], None]) -> None:
        self.waiting.append(work)

    def goes_on(self) -> None:
        for work in self.waiting[:]:
            self.waiting.remove(work)
            work()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(sqlite_index(tmp_path / "index.db"), create=False)
    yield store
    store.close()


@pytest.fixture
def scribe(store: Store) -> Scribe:
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag("1", "a")]})
    return scribe


def test_what_changed_is_told_after_a_crawl_and_once(store: Store, scribe: Scribe) -> None:
    keeps, started = Keeps(), Started()
    telling = NotificationRunner(
        [Recipient(Sink("audit"), keeps)], store.outbox, FakeClock(), "indexer", started
    )
    scribe.crawl({"nginx": [tag("1", "b")]})
    telling.soon()
    telling.tick()
    telling.soon()
    telling.tick()
    assert len(started.waiting) == 1, "two at once"
    started.goes_on()
    telling.tick()
    started.goes_on()

    assert keeps.titles == ["library/nginx:1 was retagged"]


def test_a_sink_that_fails_is_said_once_and_tried_again(
    store: Store, scribe: Scribe, caplog: pytest.LogCaptureFixture
) -> None:
    keeps, started, clock = Keeps(fails="it is down"), Started(), FakeClock()
    telling = NotificationRunner(
        [Recipient(Sink("audit"), keeps)], store.outbox, clock, "indexer", started
    )
    scribe.crawl({"nginx": [tag("1", "b")]})
    with caplog.at_level(logging.INFO, "indexer.daemon"):
        for _ in range(3):
            telling.tick()
            started.goes_on()
            clock.passes(seconds=1)
        assert caplog.text.count("it is down") == 1
        keeps.fails = ""
        clock.passes(seconds=10 * LOOK_SECONDS)
        telling.tick()
        started.goes_on()

    assert len(keeps.notices) == 1
    assert "sink 'audit': 1 messages, 1 changes" in caplog.text


def test_whatever_goes_wrong_in_telling_it_goes_on(
    store: Store, scribe: Scribe, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(_notice: object) -> None:
        raise ZeroDivisionError("a bug")

    keeps, started, clock = Keeps(before=breaks), Started(), FakeClock()
    telling = NotificationRunner(
        [Recipient(Sink("audit"), keeps)], store.outbox, clock, "indexer", started
    )
    scribe.crawl({"nginx": [tag("1", "b")]})
    telling.tick()
    started.goes_on()
    keeps.before = lambda _notice: None
    telling.soon()
    telling.tick()
    started.goes_on()

    assert "telling broke off; the daemon goes on" in caplog.text
    assert len(keeps.notices) == 1


def test_without_sinks_nothing_is_begun(store: Store) -> None:
    started = Started()
    NotificationRunner([], store.outbox, FakeClock(), "indexer", started).tick()
    assert started.waiting == []
