"""The daemon notifies its sinks, and one that hangs does not delay the others."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from indexer.config import Settings
from indexer.core.errors import Denied
from indexer.notify.delivery import Recipient
from indexer.notify.links import Links
from indexer.notify.sink import Sink
from indexer.service.log_reporter import LogReporter
from indexer.service.notification_runner import LOOK_SECONDS, NotificationRunner
from indexer.service.policy_judge import PolicyJudge
from indexer.service.sink_notifier import SinkNotifier
from indexer.store import open_store
from tests.notify.stage import FakeClock, Keeps
from tests.service.stage import STILL
from tests.store.scribe import Scribe, tag
from tests.support.databases import sqlite_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from indexer.config import RegistrySettings
    from indexer.crawl.ports import Source
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


@dataclass
class Daemon:
    """What a daemon does between its crawls."""

    store: Store
    keeps: Keeps = field(default_factory=Keeps)
    started: Started = field(default_factory=Started)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        settings, reporter = Settings(policies=(STILL,)), LogReporter()
        recipients = [Recipient(Sink("audit"), self.keeps)]
        notifier = SinkNotifier(
            recipients, self.store.outbox, self.clock, Links("indexer"), reporter, judges=[STILL]
        )
        judge = PolicyJudge(settings, _nowhere, self.store, self.clock, reporter)
        notifier.begin()
        judge.begin()
        self.telling = NotificationRunner(judge, notifier, self.clock, self.started)


def _nowhere(_registry: RegistrySettings) -> Source:
    raise Denied("it answers nobody.")


@pytest.fixture
def daemon(store: Store, scribe: Scribe) -> Daemon:
    del scribe
    return Daemon(store)


def test_what_changed_is_told_after_a_crawl_and_once(daemon: Daemon, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("1", "b")]})
    daemon.telling.soon()
    daemon.telling.tick()
    daemon.telling.soon()
    daemon.telling.tick()
    assert len(daemon.started.waiting) == 1, "two at once"
    daemon.started.goes_on()
    daemon.telling.tick()
    daemon.started.goes_on()

    assert daemon.keeps.titles == ["VIOLATION (high): library/nginx:1 was retagged"]


def test_what_could_not_be_asked_and_what_was_found_are_logged_once(
    daemon: Daemon, scribe: Scribe, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "indexer.daemon"):
        for content in ("b", "c"):
            scribe.crawl({"nginx": [tag("1", content)]})
            daemon.telling.soon()
            daemon.telling.tick()
            daemon.started.goes_on()
    assert caplog.text.count("it answers nobody.") == 1
    assert caplog.text.count("1 new violation of policies: see 'indexer violations'") == 2


def test_a_sink_that_fails_is_reported_once_and_tried_again(
    daemon: Daemon, scribe: Scribe, caplog: pytest.LogCaptureFixture
) -> None:
    daemon.keeps.fails = "it is down"
    scribe.crawl({"nginx": [tag("1", "b")]})
    with caplog.at_level(logging.INFO, "indexer.daemon"):
        for _ in range(3):
            daemon.telling.tick()
            daemon.started.goes_on()
            daemon.clock.passes(seconds=1)
        assert caplog.text.count("it is down") == 1
        daemon.keeps.fails = ""
        daemon.clock.passes(seconds=10 * LOOK_SECONDS)
        daemon.telling.tick()
        daemon.started.goes_on()

    assert len(daemon.keeps.messages) == 1
    assert "sink 'audit': 1 message, 1 change" in caplog.text


def test_errors_in_notifying_do_not_end_the_daemon(
    daemon: Daemon, scribe: Scribe, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(_message: object) -> None:
        raise ZeroDivisionError("a bug")

    daemon.keeps.before = breaks
    scribe.crawl({"nginx": [tag("1", "b")]})
    daemon.telling.tick()
    daemon.started.goes_on()
    daemon.keeps.before = lambda _message: None
    daemon.telling.soon()
    daemon.telling.tick()
    daemon.started.goes_on()

    assert "unexpected error while notifying; the daemon continues" in caplog.text
    assert len(daemon.keeps.messages) == 1
