"""Judging continues after errors, and two processes never judge at once."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import ConfigError, Denied, StoreError
from indexer.core.immutable_tags import Immutability
from indexer.manifests.retag_kind import RetagKind
from indexer.policies.policy import THE_HUBS, Forbidden, Policy
from indexer.service.policy_judge import PATIENCE_SECONDS
from indexer.store import open_store
from tests.service.stage import HUB, Process
from tests.store.scribe import Scribe, tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store

PATIENCE = 60
"""Seconds of real time after which a test that hangs ends."""


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(open_store(database_url, create=True)) as store:
        yield store


@pytest.fixture
def scribe(store: Store) -> Scribe:
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag("1", "a")]})
    return scribe


def test_what_a_crawl_saw_is_judged_once_by_the_policies_and_by_the_hub(
    store: Store, scribe: Scribe
) -> None:
    process = Process(store, ask=lambda _name: Immutability(enabled=True))
    process.begins()
    scribe.crawl({"nginx": [tag("1", "b")]})
    process.judge.judge()
    process.judge.judge()
    assert sorted(process.found()) == [(THE_HUBS, "1"), ("still", "1")]
    assert (process.hears.violations, process.hears.problems) == (2, [])


@pytest.mark.parametrize("error", [Denied("it refuses."), ConfigError("its password is missing.")])
def test_what_cannot_be_asked_is_told_and_the_rest_is_judged(
    store: Store, scribe: Scribe, error: Exception
) -> None:
    def refuses(_name: str) -> Immutability:
        raise error

    process = Process(store, ask=refuses)
    process.begins()
    scribe.crawl({"nginx": [tag("1", "b")]})
    process.judge.judge()
    process.judge.judge()
    (problem,) = process.hears.problems
    assert problem.endswith(str(error))
    assert process.found() == [("still", "1")]


def test_an_index_that_fails_is_reported_and_unjudged_changes_are_not_sent(
    store: Store, scribe: Scribe
) -> None:
    def fails(_name: str) -> Immutability:
        raise StoreError("the disk is full.")

    process = Process(store, ask=fails)
    process.begins()
    scribe.crawl({"nginx": [tag("1", "b")]})
    process.comes_by()
    assert [str(each) for each in process.hears.errors] == ["the disk is full."]
    assert (process.found(), process.everything.messages) == ([], [])


def test_two_processes_that_judge_at_once_judge_and_tell_everything_once(
    store: Store, scribe: Scribe, database_url: str
) -> None:
    """One asks the Hub, slowly, while the other has just crawled and wants to judge as well."""
    asks, may_go_on = threading.Event(), threading.Event()
    asked: list[str] = []

    def slowly(name: str) -> Immutability:
        asked.append(name)
        asks.set()
        assert may_go_on.wait(PATIENCE)
        return Immutability(enabled=True)

    def quickly(name: str) -> Immutability:
        asked.append(name)
        return Immutability(enabled=True)

    with closing(open_store(database_url, create=False)) as elsewhere:
        first, second = Process(store, ask=slowly), Process(elsewhere, ask=quickly)
        first.begins()
        scribe.crawl({"nginx": [tag("1", "b")], "redis": [tag("7", "a")]})
        thread = threading.Thread(target=first.comes_by)
        thread.start()
        assert asks.wait(PATIENCE)
        Scribe(elsewhere.archive, "tools").crawl({"cli": [tag("1", "a")]})
        scribe.crawl({"nginx": [tag("1", "c")], "redis": [tag("7", "b")]})

        second.clock.meanwhile = lambda: _goes_on(may_go_on, thread)  # while it waits for the other
        second.judge.judge(running=True)
        second.notifier.tell()
        thread.join(PATIENCE)
        first.comes_by()

    assert asked == ["library/nginx", "library/redis"]
    assert sorted(first.found()) == sorted(
        [(policy, each) for policy in (THE_HUBS, "still") for each in ("1", "1", "7")]
    )
    assert first.hears.violations + second.hears.violations == 6
    told = [message.id for each in (first, second) for message in each.alarms.messages]
    assert len(told) == len(set(told)) == 3


def _goes_on(may_go_on: threading.Event, thread: threading.Thread) -> None:
    may_go_on.set()
    thread.join(0.01)


def test_a_judge_that_waits_too_long_leaves_it_to_the_other(
    store: Store, scribe: Scribe, database_url: str
) -> None:
    process = Process(store)
    process.begins()
    scribe.crawl({"nginx": [tag("1", "b")]})
    before = process.clock.monotonic()
    with (
        closing(open_store(database_url, create=False)) as elsewhere,
        elsewhere.evaluations.alone() as is_alone,
    ):
        assert is_alone
        process.comes_by()
        assert process.clock.monotonic() - before >= PATIENCE_SECONDS
        assert process.hears.problems == [
            "another process is evaluating the policies: its violations are reported later"
        ]
        assert (process.found(), process.everything.messages) == ([], [])
    process.comes_by()
    assert process.found() == [("still", "1")]
    assert len(process.alarms.messages) == 1


def test_a_judge_who_was_overtaken_sets_no_cursor_back_and_finds_nothing_twice(
    store: Store, scribe: Scribe
) -> None:
    """As if its lock had been lost with its connection."""
    process = Process(store)
    process.begins()
    scribe.crawl({"nginx": [tag("1", "b")]})
    process.judge.judge()
    evaluations = store.evaluations
    (violation,) = evaluations.violations(only_open=True)
    assert evaluations.judged({"still": 1}, [violation.found]) == 0
    (cursor,) = {each.cursor for each in evaluations.policies(process.clock.now())}
    assert cursor == evaluations.last_change()


def test_what_is_there_is_looked_through_by_who_crawled_and_not_at_every_look(
    store: Store, scribe: Scribe
) -> None:
    process = Process(store, [Policy("signed", signed=True, after=60.0)])
    process.begins()
    process.judge.catch_up()
    assert process.found() == []
    scribe.crawl({"nginx": [tag("1", "a"), tag("2", "b")]})
    process.judge.catch_up()
    assert process.found() == [("signed", "1"), ("signed", "2")]


@pytest.mark.parametrize(
    ("manifests", "allowed", "waits"),
    [("new", True, True), ("none", True, False), ("new", False, False)],
)
def test_a_retag_of_a_running_crawl_waits_for_its_manifests_where_they_tell_whether_it_is_allowed(
    store: Store, scribe: Scribe, *, manifests: str, allowed: bool, waits: bool
) -> None:
    allow = frozenset({RetagKind.ATTESTATIONS} if allowed else ())
    policy = Policy("still", forbid=frozenset(Forbidden), allow=allow)
    process = Process(store, [policy], replace(HUB, manifests=manifests))
    process.begins()
    running = scribe.begin()
    scribe.read(running, "library/nginx", [tag("1", "b")])
    Scribe(store.archive, namespace="acme").crawl({"app": []})
    process.judge.judge(running=True)
    assert process.found() == ([] if waits else [("still", "1")])
    scribe.finish(running)
    process.judge.judge(running=True)
    assert process.found() == [("still", "1")]
