"""Why a worker has nothing to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.config import DaemonSettings, RegistrySettings, Settings
from indexer.core.catalog_entries import CrawlHistory, LastCrawl
from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.sharding import QueueStatus
from indexer.service.idle_worker import (
    LOOK_SECONDS,
    QUIET_SECONDS,
    IdleFacts,
    IdleReporter,
    idle_reason,
)
from tests.notify.stage import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 3, 2, 9, 10, tzinfo=UTC)
SETTINGS = Settings(
    daemon=DaemonSettings(workers=True),
    registries=(RegistrySettings(namespaces=("acme",)),),
    file=Path("indexer.toml"),
)
SERVED = QueueStatus(workers=1, daemons=1)


def crawled(ago: timedelta) -> CrawlHistory:
    began = NOW - ago
    return CrawlHistory(
        "docker.io",
        "acme",
        LastCrawl(1, Mode.FULL, CrawlStatus.COMPLETE, began, began),
        done=dict.fromkeys(Mode, began),
    )


def test_a_worker_whose_configuration_switches_workers_off_says_so() -> None:
    alone = replace(SETTINGS, daemon=DaemonSettings(workers=False))

    reason = idle_reason(alone, IdleFacts(QueueStatus(workers=1), []), NOW)

    assert "the configuration says 'workers = false'" in reason
    assert "set '[daemon] workers = true' in indexer.toml" in reason


@pytest.mark.parametrize(
    ("settings", "facts", "said"),
    [
        (SETTINGS, IdleFacts(QueueStatus(workers=1), []), "start 'indexer daemon'"),
        (replace(SETTINGS, registries=()), IdleFacts(SERVED, []), "no namespace to crawl: list"),
        (
            SETTINGS,
            IdleFacts(QueueStatus(workers=1, waiting=2, daemons=1), []),
            "2 jobs in the queue wait for jobs that are running",
        ),
        (SETTINGS, IdleFacts(SERVED, []), "docker.io/acme is due: the daemon has yet to put it"),
        (
            SETTINGS,
            IdleFacts(SERVED, [crawled(timedelta(minutes=5))]),
            "nothing is due; next is docker.io/acme at 2026-03-02 10:0",
        ),
        (SETTINGS, IdleFacts(None, [crawled(timedelta(minutes=5))]), "nothing is due; next is"),
    ],
)
def test_each_reason_is_told_with_what_to_do(
    settings: Settings, facts: IdleFacts, said: str
) -> None:
    assert said in idle_reason(settings, facts, NOW)


def test_a_worker_says_that_it_is_idle_once_and_not_between_two_jobs() -> None:
    clock = FakeClock(NOW)
    looks: list[datetime] = []

    def look() -> IdleFacts:
        looks.append(clock.now())
        return IdleFacts(QueueStatus(workers=1), [])

    reporter = IdleReporter(SETTINGS, look, clock)
    passes: Callable[[float], None] = clock.wait
    passes(QUIET_SECONDS / 2)
    assert reporter.look(is_busy=False) is None, "a job may come any moment"
    assert reporter.look(is_busy=True) is None
    passes(QUIET_SECONDS - 1)
    assert reporter.look(is_busy=False) is None, "it was busy just now"
    passes(1)
    sentence = reporter.look(is_busy=False)
    passes(LOOK_SECONDS)
    again = reporter.look(is_busy=False)

    assert sentence is not None
    assert sentence.startswith("idle: no daemon fills the queue")
    assert reporter.status == sentence
    assert again is None
    assert len(looks) == 2
    reporter.look(is_busy=True)
    assert reporter.status == "working"
