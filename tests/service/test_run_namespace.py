"""Crawl, judge, notify: a violation is stored before its change is sent, by any process."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.image_selector import ImageSelector
from indexer.core.immutable_tags import Immutability
from indexer.core.model import Mode
from indexer.notify.channels.cloudevent import envelope
from indexer.policies.policy import THE_HUBS, Forbidden, Policy
from indexer.store import open_store
from tests.service.stage import STILL, Process
from tests.store.scribe import Scribe, tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.notify.message import Message
    from indexer.store import Store

WEEK = timedelta(days=7)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(open_store(database_url, create=True)) as store:
        yield store


@pytest.fixture
def scribe(store: Store) -> Scribe:
    """Another process, which only crawls: it dies before it judges."""
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag("1", "a"), tag("2", "a")]})
    return scribe


def test_a_violation_is_known_before_its_change_is_told(store: Store) -> None:
    process = Process(store)
    process.registry.add("acme/api", "1.0")
    process.begins()
    process.runs()
    process.registry.push("acme/api", "1.0")
    known: list[list[tuple[str, str]]] = []
    process.everything.before = lambda _message: known.append(process.found())

    process.runs()

    assert known == [[("still", "1.0")]]
    assert len(process.alarms.messages) == 1
    assert process.hears.violations == 1
    process.runs()
    process.comes_by()
    assert (len(process.everything.messages), len(process.alarms.messages)) == (1, 1)


def test_what_the_hub_calls_immutable_is_asked_before_it_is_judged(store: Store) -> None:
    process = Process(store, ask=lambda _name: Immutability(enabled=True))
    process.registry.add("acme/api", "1.0")
    process.begins()
    process.runs()
    process.registry.push("acme/api", "1.0")
    process.runs()

    assert sorted(process.found()) == [(THE_HUBS, "1.0"), ("still", "1.0")]
    (message,) = process.alarms.messages
    assert len(message.data["violations"]) == 2


def test_what_a_process_crawled_that_died_before_it_judged_is_judged_and_told_by_the_next(
    store: Store, scribe: Scribe
) -> None:
    asked: list[str] = []

    def ask(name: str) -> Immutability:
        asked.append(name)
        return Immutability(enabled=True)

    Process(store).begins()
    scribe.crawl({"nginx": [tag("1", "b"), tag("2", "a")]})

    first, second = Process(store, ask=ask), Process(store, ask=ask)
    first.comes_by()
    second.comes_by()
    assert sorted(first.found()) == [(THE_HUBS, "1"), ("still", "1")]
    assert (len(first.everything.messages), len(first.alarms.messages)) == (1, 1)
    assert (second.everything.messages, second.alarms.messages) == ([], [])
    assert asked == ["library/nginx"]


def test_sinks_wait_for_judging(store: Store, scribe: Scribe) -> None:
    process = Process(store)
    process.begins()
    scribe.crawl({"nginx": [tag("1", "b"), tag("2", "a")]})

    process.notifier.tell()
    assert process.everything.messages == []
    process.comes_by()
    assert (len(process.everything.messages), len(process.alarms.messages)) == (1, 1)


def test_sinks_wait_for_a_policy_of_another_process_and_say_for_which(
    store: Store, scribe: Scribe
) -> None:
    other = Process(store, [Policy("theirs", forbid=frozenset(Forbidden))])
    ours = Process(store)
    other.judge.begin()
    ours.begins()
    scribe.crawl({"nginx": [tag("1", "b"), tag("2", "a")]})

    ours.comes_by()
    assert ours.everything.messages == []
    (held,) = {each.held for each in ours.hears.outcomes}
    assert held == (
        "it waits for a process that evaluates the policy 'theirs': if none is configured with it "
        "any more, run 'indexer violations --forget NAME'"
    )
    other.judge.judge()
    ours.comes_by()
    (alarm,) = ours.alarms.messages
    assert {each["policy"] for each in alarm.data["violations"]} == {"still", "theirs"}


@pytest.mark.parametrize("how", ["forgotten", "unused", "never told the time"])
def test_no_sink_waits_for_a_policy_that_is_not_used_any_more(
    store: Store, scribe: Scribe, how: str
) -> None:
    process = Process(store)
    other = Process(store, [Policy("theirs", forbid=frozenset(Forbidden))])
    if how == "never told the time":  # its clock was a year ahead
        other.clock.passes(days=365)
    other.judge.begin()
    process.begins()
    scribe.crawl({"nginx": [tag("1", "b"), tag("2", "a")]})
    process.comes_by()
    if how == "forgotten":
        assert store.evaluations.forget("theirs")
        assert not store.evaluations.forget("theirs")
    if how == "unused":
        assert process.everything.messages == []
        process.clock.time += WEEK
        process.comes_by()
        assert process.everything.messages == []
        process.clock.passes(hours=1)
    process.comes_by()
    assert (len(process.everything.messages), len(process.alarms.messages)) == (1, 1)


def test_who_has_no_policies_leaves_the_hubs_to_those_who_ask_the_hub(
    store: Store, scribe: Scribe
) -> None:
    guard = Process(store, ask=lambda _name: Immutability(enabled=True))
    guard.begins()
    scribe.crawl({"nginx": [tag("1", "b"), tag("2", "a")]})
    plain = Process(store, ())
    plain.comes_by()
    assert (plain.everything.messages, plain.found()) == ([], [])
    assert plain.hears.outcomes[0].held.startswith(
        "it waits for a process that evaluates the policy 'still'"
    )

    guard.comes_by()
    assert sorted(guard.found()) == [(THE_HUBS, "1"), ("still", "1")]
    assert len(guard.alarms.messages) == 1


def test_without_any_policy_no_sink_waits(store: Store, scribe: Scribe) -> None:
    process = Process(store, ())
    process.begins()
    scribe.crawl({"nginx": [tag("1", "b"), tag("2", "a")]})
    process.comes_by()
    assert (len(process.everything.messages), process.found()) == (1, [])


def test_a_new_policy_starts_at_the_end_of_the_log(store: Store, scribe: Scribe) -> None:
    Process(store).begins()
    scribe.crawl({"nginx": [tag("1", "b"), tag("2", "a")]})
    later = Process(store, [STILL, Policy("later", forbid=frozenset(Forbidden))])
    later.comes_by()
    assert later.found() == [("still", "1")]
    assert len(later.alarms.messages) == 1


def test_a_crawl_that_still_runs_is_judged_by_who_ends_it_and_told_after_that(
    store: Store, scribe: Scribe, database_url: str
) -> None:
    process = Process(store)
    process.begins()
    with closing(open_store(database_url, create=False)) as elsewhere:
        crawling = Scribe(elsewhere.archive, now=scribe.now)
        record = crawling.begin(Mode.VERIFY)
        crawling.read(record, "library/nginx", [tag("1", "b"), tag("2", "a")])
        process.comes_by()
        process.judge.catch_up()
        assert (process.found(), process.everything.messages) == ([], [])
        crawling.finish(record)
    process.judge.catch_up()
    process.notifier.tell()
    assert process.found() == [("still", "1")]
    assert (len(process.everything.messages), len(process.alarms.messages)) == (1, 1)


def test_a_crawl_that_still_runs_keeps_no_other_from_being_judged_and_told(
    store: Store, scribe: Scribe
) -> None:
    process = Process(store)
    process.registry.add("acme/api", "1.0")
    process.begins()
    process.runs()
    record = scribe.begin(Mode.VERIFY)
    process.registry.push("acme/api", "1.0")
    process.runs()
    assert len(process.alarms.messages) == 1
    scribe.finish(record)


def test_a_crawl_whose_process_was_killed_is_judged_as_far_as_it_came(
    store: Store, scribe: Scribe, database_url: str
) -> None:
    process = Process(store)
    process.begins()
    with closing(open_store(database_url, create=False)) as killed:
        crawling = Scribe(killed.archive, now=scribe.now)
        record = crawling.begin(Mode.VERIFY)
        crawling.read(record, "library/nginx", [tag("1", "b"), tag("2", "a")])
    process.judge.catch_up()
    assert process.found() == [("still", "1")]


def test_what_a_daemon_saw_that_was_stopped_in_mid_crawl_is_judged_and_told_by_the_next(
    store: Store,
) -> None:
    process = Process(store)
    for number in range(10):
        process.registry.add(f"acme/r{number}", "1.0")
    process.begins()
    process.runs()
    for number in range(10):
        process.registry.push(f"acme/r{number}", "1.0")
    read: list[str] = []

    def stopped(asked: str) -> None:
        read.append(asked)
        if len(read) == 8:
            raise KeyboardInterrupt

    process.before = stopped
    with pytest.raises(KeyboardInterrupt):
        process.runs()
    assert (process.found(), process.alarms.messages) == ([], [])
    again = Process(store, registry=process.registry)
    again.judge.catch_up()
    again.notifier.tell()
    first = len(again.alarms.messages)
    assert 0 < first < 10
    again.runs()
    assert len(again.alarms.messages) == len(again.found()) == 10


@dataclass(frozen=True, slots=True)
class Broken(ImageSelector):
    """A selection with a bug."""

    def has_repository(self, registry: str, repository: str) -> bool:
        raise ZeroDivisionError((registry, repository))


def test_a_policy_that_cannot_be_judged_is_told_once_and_passed_over(
    store: Store, scribe: Scribe
) -> None:
    broken = [
        Policy("broken", selection=Broken(), forbid=frozenset(Forbidden)),
        Policy("unsigned", selection=Broken(), signed=True),
    ]
    process = Process(store, [*broken, STILL])
    process.begins()
    scribe.crawl({"nginx": [tag("1", "b"), tag("2", "b")]})
    process.comes_by()
    assert sorted(process.hears.problems) == [
        f"the policy '{name}' cannot be evaluated, and skips these changes: ZeroDivisionError"
        for name in ("broken", "unsigned")
    ]
    assert (len(process.alarms.messages), len(process.everything.messages)) == (2, 2)
    assert {policy for policy, _ in process.found()} == {"still"}


def test_a_message_that_was_begun_is_sent_as_it_was_whatever_is_judged_later(
    store: Store, scribe: Scribe
) -> None:
    process = Process(store)
    process.begins()
    scribe.crawl({"nginx": [tag("1", "b"), tag("2", "b")]})
    sent: list[Message] = []

    def dies(message: Message) -> None:
        sent.append(message)
        raise KeyboardInterrupt

    process.everything.before = dies
    with pytest.raises(KeyboardInterrupt):
        process.comes_by()
    Process(store, [STILL, Policy("more", forbid=frozenset(Forbidden))]).judge.begin()
    scribe.crawl({"nginx": [tag("1", "c"), tag("2", "b")]})

    process.everything.before = lambda _message: None
    process.notifier.tell()
    again = process.everything.messages[0]
    assert envelope(again, "everything") == envelope(sent[0], "everything")
    assert len(process.everything.messages) == 2, "what is not judged yet waits"
