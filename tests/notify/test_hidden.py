"""Hidden repositories are reported once, to the sinks that would get their removal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.image_selector import ImageSelector
from indexer.core.model import ChangeKind, Repository
from indexer.notify import sample_messages
from indexer.notify.delivery import Recipient, deliver, register, sink_backlog
from indexer.notify.links import Links
from indexer.notify.sink import Sink
from indexer.policies.violation import Severity
from tests.notify.stage import Keeps
from tests.store.scribe import START, tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.core.model import Crawl
    from indexer.notify.delivery import DeliveryOutcome
    from tests.notify.stage import FakeClock
    from tests.store.scribe import Scribe
    from tests.support.memory_index import Index

ONE, TWO = (
    Repository("library/one", START, private=True),
    Repository("library/two", START, private=True),
)


@pytest.fixture
def keeps(scribe: Scribe) -> Keeps:
    """Two private repositories and a public one are known."""
    scribe.identity = "alice"
    scribe.repositories = {ONE.name: ONE, TWO.name: TWO}
    scribe.crawl({"one": [tag("1", "a")], "two": [tag("1", "a")], "web": [tag("1", "a")]})
    return Keeps()


def hide(scribe: Scribe, *names: str) -> Crawl:
    record = scribe.begin()
    scribe.list(record, [], removed=(), hidden=names)
    return scribe.finish(record)


def tell(index: Index, clock: FakeClock, *whom: Recipient, **more: Any) -> list[DeliveryOutcome]:
    return deliver(index.outbox, whom, clock, Links("indexer"), **more)


def begin(index: Index, clock: FakeClock, whom: Iterable[Recipient]) -> None:
    register(index.outbox, [each.sink for each in whom], clock.now())


def test_what_one_crawl_finds_hidden_is_one_message_told_once(
    index: Index, clock: FakeClock, scribe: Scribe, keeps: Keeps
) -> None:
    whom = Recipient(Sink("audit"), keeps)
    begin(index, clock, [whom])
    found = hide(scribe, ONE.name, TWO.name)
    for _ in range(2):
        assert not tell(index, clock, whom)[0].error
    (message,) = keeps.messages
    assert (message.type, message.subject) == ("hidden", "docker.io/library")
    assert message.title == "2 private repositories of library are no longer visible to alice"
    assert message.data["hidden"] == {
        "registry": "docker.io",
        "namespace": "library",
        "account": "alice",
        "since": message.data["hidden"]["since"],
        "crawl_id": found.id,
        "count": 2,
        "repositories": [ONE.name, TWO.name],
    }
    assert "library/one" in message.text
    assert not list(index.outbox.events(0, index.outbox.last_change()))


def test_it_comes_after_the_changes_and_later_changes_go_on(
    index: Index, clock: FakeClock, scribe: Scribe, keeps: Keeps
) -> None:
    whom = Recipient(Sink("audit"), keeps)
    begin(index, clock, [whom])
    hide(scribe, ONE.name)
    record = scribe.begin()
    scribe.read(record, "library/web", [tag("1", "b")])
    scribe.finish(record)
    assert tell(index, clock, whom)[0].messages == 2
    assert [each.type for each in keeps.messages] == ["tag_retagged", "hidden"]
    record = scribe.begin()
    scribe.read(record, "library/web", [tag("1", "c")])
    scribe.finish(record)
    assert tell(index, clock, whom)[0].messages == 1
    assert tell(index, clock, whom)[0].messages == 0


@pytest.mark.parametrize(
    ("sink", "told"),
    [
        (Sink("all"), [ONE.name, TWO.name]),
        (Sink("a", frozenset({ChangeKind.REPOSITORY_REMOVED})), [ONE.name, TWO.name]),
        (Sink("a", frozenset({ChangeKind.TAG_REMOVED})), []),
        (Sink("a", selection=ImageSelector(repositories=("library/t*",))), [TWO.name]),
        (Sink("a", selection=ImageSelector(repositories=("other/*",))), []),
        (Sink("a", selection=ImageSelector(tags=("latest",))), [ONE.name, TWO.name]),
        (Sink("a", severity=Severity.LOW), []),
    ],
    ids=["all", "removals", "other kind", "one", "none", "tags", "violations only"],
)
def test_it_passes_filters_as_a_removal_would(
    index: Index, clock: FakeClock, scribe: Scribe, keeps: Keeps, sink: Sink, told: list[str]
) -> None:
    whom = Recipient(sink, keeps)
    begin(index, clock, [whom])
    hide(scribe, ONE.name, TWO.name)
    tell(index, clock, whom)
    named = [name for each in keeps.messages for name in each.data["hidden"]["repositories"]]
    assert named == told


def test_what_is_not_taken_is_told_later_as_the_same_message(
    index: Index, clock: FakeClock, scribe: Scribe, keeps: Keeps
) -> None:
    whom = Recipient(Sink("audit"), keeps)
    begin(index, clock, [whom])
    hide(scribe, ONE.name)
    tried: list[str] = []
    keeps.before = lambda message: tried.append(message.id)
    keeps.fails = "the receiver is down"
    assert tell(index, clock, whom)[0].error == "the receiver is down"
    assert "it failed 1 time and" in tell(index, clock, whom)[0].held
    hide(scribe, TWO.name)
    keeps.fails = ""
    clock.passes(minutes=2)
    assert tell(index, clock, whom)[0].messages == 2
    assert tried[0] == tried[1]
    assert len({*tried}) == 2


def test_a_new_sink_is_not_told_what_was_hidden_before_and_a_rewound_one_is(
    index: Index, clock: FakeClock, scribe: Scribe, keeps: Keeps
) -> None:
    whom = Recipient(Sink("audit"), keeps)
    hide(scribe, ONE.name)
    begin(index, clock, [whom])
    assert tell(index, clock, whom)[0].messages == 0
    index.outbox.restart("audit", 0, clock.now())
    tell(index, clock, whom)
    assert [each.type for each in keeps.messages] == ["hidden"]


def test_what_is_seen_again_and_hidden_again_is_told_again(
    index: Index, clock: FakeClock, scribe: Scribe, keeps: Keeps
) -> None:
    whom = Recipient(Sink("audit"), keeps)
    begin(index, clock, [whom])
    hide(scribe, ONE.name)
    record = scribe.begin()
    scribe.list(record, [ONE], removed=())
    scribe.finish(record)
    hide(scribe, ONE.name)
    tell(index, clock, whom)
    assert [each.type for each in keeps.messages] == ["hidden", "hidden"]
    assert len({each.id for each in keeps.messages}) == 2


def test_what_is_hidden_counts_as_waiting_until_it_is_sent(
    index: Index, clock: FakeClock, scribe: Scribe, keeps: Keeps
) -> None:
    wants, deaf = Sink("audit"), Sink("deaf", frozenset({ChangeKind.TAG_ADDED}))
    begin(index, clock, [Recipient(wants, keeps), Recipient(deaf, keeps)])
    hide(scribe, ONE.name, TWO.name)

    def waiting() -> list[int]:
        states = {state.name: state for state in index.outbox.sinks()}
        return [sink_backlog(index.outbox, sink, states[sink.name]) for sink in (wants, deaf)]

    assert waiting() == [2, 0]
    tell(index, clock, Recipient(wants, keeps))
    assert waiting() == [0, 0]


def test_a_sink_is_tried_with_a_message_of_each_type_and_one_of_them_is_hidden() -> None:
    messages, problems = sample_messages.messages(Sink("audit"), Links("indexer"), START)
    assert problems == []
    assert {*ChangeKind, "violation", "summary", "hidden"} == {message.type for message in messages}
    hidden = messages[-1]
    assert (hidden.title[:7], hidden.data["test"]) == ("[test] ", True)
    assert len({message.id for message in messages}) == len(messages)
