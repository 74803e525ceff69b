"""Random histories of crawling, judging and telling, in which processes die and clocks jump.

Whatever happens, in whatever order:

- no sink's cursor passes what the policies in force have judged;
- a message that is sent again is the same, and no change is in two messages;
- in the end every sink has been told of every change that it wants, and with its violations.
"""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, cast

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from indexer.core.errors import NotDelivered, UsageError
from indexer.core.model import CrawlStatus
from indexer.notify.channels.cloudevent import envelope
from indexer.policies.policy import Forbidden, Policy
from indexer.store import open_store
from tests.notify.stage import Keeps
from tests.service.stage import STILL, BusyClock, Process
from tests.store.scribe import Scribe, tag
from tests.support.databases import new_index
from tests.support.memory_index import MemoryIndex
from tests.support.selection import examples

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from indexer.core.model import Tag
    from indexer.crawl.ports import CrawlRecord
    from indexer.notify.message import Message
    from indexer.store import Store
    from tests.support.memory_index import Index

THEIRS = Policy("theirs", forbid=frozenset({Forbidden.REMOVE}))

HOURS = (0, 0, -1, 1, -30, 30)
"""By how much the clock may be off, so that both policies stay in force."""

CONTENTS = st.fixed_dictionaries(
    {name: st.lists(st.sampled_from(["b", "c", "-"]), min_size=6, max_size=6) for name in "pq"}
)
"""What six tags of two repositories point to; a dash: the tag is not there."""


class Step(NamedTuple):
    """Something that happens: what, where it needs it with which contents, and a number."""

    doing: str
    held: Mapping[str, list[str]]
    number: int


STEPS = st.lists(
    st.builds(
        Step,
        doing=st.sampled_from(
            [
                *["crawl", "second judges", "die while sending"] * 3,
                *["forget", "fail to send"] * 2,
                "first judges",
                "first comes by",
                "second comes by",
                "begin a crawl",
                "end the crawl",
                "clock jumps",
            ]
        ),
        held=CONTENTS,
        number=st.integers(0, 11),
    ),
    min_size=5,
    max_size=16,
)

ALL_NEW = {name: ["b"] * 6 for name in "pq"}
FORGOTTEN_IN_BETWEEN = [
    Step(doing, ALL_NEW, 0)
    for doing in ("crawl", "second judges", "die while sending", "forget", "first comes by")
]
"""A summary is sent, and before that is recorded half of its changes are forgotten."""


class Died(BaseException):
    """A process died after a message was sent, and before that was recorded."""


class World:
    """An index, two processes with policies of their own, and somebody who only crawls."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.scribe = Scribe(index.archive)
        self.scribe.crawl(self.held({name: ["a"] * 6 for name in "pq"}))
        self.clock = BusyClock(self.scribe.now)
        self.everything, self.alarms = Keeps(), Keeps()
        self.first, self.second = self.process(STILL), self.process(THEIRS)
        self.running: CrawlRecord | None = None
        self.start = index.outbox.last_change()
        self.first.begins()
        self.second.begins()

    def process(self, policy: Policy) -> Process:
        return Process(
            cast("Store", self.index),  # all of it that is used here
            [policy],
            clock=self.clock,
            everything=self.everything,
            alarms=self.alarms,
        )

    def held(self, contents: Mapping[str, list[str]]) -> dict[str, list[Tag]]:
        return {
            name: [tag(f"{place}", each) for place, each in enumerate(found) if each != "-"]
            for name, found in contents.items()
        }

    def take(self, step: Step) -> None:
        self.clock.time += timedelta(minutes=7)
        getattr(self, step.doing.replace(" ", "_"))(step)
        self.check_cursors()

    def crawl(self, step: Step) -> None:
        if self.running is None:
            self.scribe.crawl(self.held(step.held))

    def begin_a_crawl(self, step: Step) -> None:
        if self.running is None:
            self.running = self.scribe.begin()
            known = self.running.known_repositories().repositories
            if "library/p" in known:
                self.scribe.read(self.running, "library/p", self.held(step.held)["p"])

    def end_the_crawl(self, _step: Step) -> None:
        if self.running is not None:
            self.scribe.finish(self.running, CrawlStatus.INTERRUPTED)
            self.running = None

    def first_comes_by(self, _step: Step) -> None:
        self.first.comes_by()

    def second_comes_by(self, _step: Step) -> None:
        self.second.comes_by()

    def first_judges(self, _step: Step) -> None:
        self.first.judge.judge(running=True)

    def second_judges(self, _step: Step) -> None:
        self.second.judge.catch_up()

    def die_while_sending(self, _step: Step) -> None:
        def dies(message: Message) -> None:
            self.everything.messages.append(message)
            raise Died

        self.everything.before = dies
        with suppress(Died):
            self.first.comes_by()
        self.everything.before = lambda _message: None

    def fail_to_send(self, _step: Step) -> None:
        """The receiver takes the message, and its answer is lost."""

        def fails(message: Message) -> None:
            self.everything.messages.append(message)
            raise NotDelivered("its answer was cut short.")

        self.everything.before = fails
        self.second.comes_by()
        self.everything.before = lambda _message: None

    def forget(self, step: Step) -> None:
        with suppress(UsageError):
            if self.running is None:
                name = f"library/{'pq'[step.number % 2]}"
                self.index.archive.forget("docker.io", repository=name)

    def clock_jumps(self, step: Step) -> None:
        by = timedelta(hours=HOURS[step.number % len(HOURS)])
        self.clock.time += by
        self.scribe.now += by

    def check_cursors(self) -> None:
        judged = min(state.cursor for state in self.index.evaluations.policies(self.clock.now()))
        for sink in self.index.outbox.sinks():
            assert sink.cursor <= judged, "telling has overtaken judging"

    def end(self) -> None:
        self.end_the_crawl(Step("", {}, 0))
        for _ in range(3):
            self.clock.time += timedelta(days=1, hours=1)
            self.first.comes_by()
            self.second.comes_by()
        self.first.comes_by()
        last = self.index.outbox.last_change()
        log = {each.change.id: each for each in self.index.outbox.events(self.start, last)}
        everything, alarms = told(self.everything), told(self.alarms)
        assert log.keys() <= everything.keys(), "a change was not told"
        broken = {number for number, each in log.items() if each.violations}
        assert broken <= alarms.keys(), "a violation was not told"


def told(keeps: Keeps) -> dict[int, str]:
    """Which message told of each change."""
    contents: dict[str, bytes] = {}
    found: dict[int, str] = {}
    for message in keeps.messages:
        content = envelope(message, "sink")
        assert contents.setdefault(message.id, content) == content, "it was sent again as another"
        for item in message.data.get("changes", [message.data]):
            number = item["change"]["id"]
            assert found.setdefault(number, message.id) == message.id, "a change was told twice"
    return found


def play(index: Index, steps: list[Step]) -> None:
    world = World(index)
    for step in steps:
        world.take(step)
    world.end()


@settings(max_examples=examples(100, at_night=3_000), deadline=None, derandomize=True)
@given(steps=STEPS)
@example(steps=FORGOTTEN_IN_BETWEEN)
def test_telling_never_overtakes_judging_and_loses_nothing(steps: list[Step]) -> None:
    play(MemoryIndex(), steps)


@settings(
    max_examples=examples(2, at_night=100),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each has an index of its own
)
@given(steps=STEPS)
def test_telling_never_overtakes_judging_in_a_database(tmp_path: Path, steps: list[Step]) -> None:
    with closing(open_store(new_index("sqlite", tmp_path), create=False)) as store:
        play(store, steps)
