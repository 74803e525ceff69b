"""Changes reach every sink at least once, in order, and no sink waits for another."""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.image_selector import ImageSelector
from indexer.core.model import ChangeKind
from indexer.notify.channels.cloudevent import envelope
from indexer.notify.delivery import Recipient, deliver, pause, register, sink_backlog
from indexer.notify.links import Links
from indexer.notify.quiet_hours import DailyHours, QuietHours
from indexer.notify.sink import Sink, Templates
from indexer.policies import evaluation
from indexer.policies.policy import Forbidden, Policy
from indexer.store import open_store
from tests.notify.stage import Keeps
from tests.store.scribe import Scribe, image, tag

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.model import Tag
    from indexer.notify.delivery import DeliveryOutcome
    from indexer.notify.message import Message
    from tests.notify.stage import FakeClock
    from tests.support.memory_index import Index


def tell(
    index: Index, clock: FakeClock, *addresses: Recipient, **more: Any
) -> list[DeliveryOutcome]:
    return deliver(index.outbox, addresses, clock, Links("indexer"), **more)


def begin(index: Index, clock: FakeClock, *addresses: Recipient) -> None:
    register(index.outbox, [address.sink for address in addresses], clock.now())


def ids(keeps: Keeps) -> list[int]:
    """The changes that were told, in order, those of digests too."""
    found = []
    for message in keeps.messages:
        items = message.data.get("changes", [message.data])
        found += [item["change"]["id"] for item in items]
    return found


def test_a_new_sink_starts_now_and_is_told_once_what_changes(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("1", "a")]})
    scribe.crawl({"nginx": [tag("1", "b")]})
    keeps = Keeps()
    address = Recipient(Sink("audit"), keeps)
    begin(index, clock, address)
    assert tell(index, clock, address)[0].messages == 0
    scribe.crawl({"nginx": [tag("1", "c"), tag("2", "d")]})
    for _ in range(2):
        assert not tell(index, clock, address)[0].error
    assert keeps.titles == ["library/nginx:2 is new", "library/nginx:1 was retagged"]
    assert len({message.id for message in keeps.messages}) == 2


def test_baselines_are_silent(index: Index, clock: FakeClock, scribe: Scribe) -> None:
    keeps = Keeps()
    address = Recipient(Sink("audit"), keeps)
    begin(index, clock, address)
    scribe.crawl({"nginx": [tag("1", "a")]})
    (outcome,) = tell(index, clock, address)
    assert (outcome.messages, keeps.messages) == (0, [])
    scribe.crawl({"nginx": [tag("1", "a")], "redis": [tag("1", "b")]})
    tell(index, clock, address)
    assert keeps.titles == ["library/redis is a new repository", "library/redis:1 is new"]


def test_a_sink_is_told_of_what_it_chose(index: Index, clock: FakeClock, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("v1", "a"), tag("latest", "a")], "redis": [tag("v1", "a")]})
    sinks = {
        "kinds": Sink("kinds", kinds=frozenset({ChangeKind.TAG_REMOVED})),
        "repository": Sink("repository", selection=ImageSelector(repositories=("*/redis",))),
        "tags": Sink("tags", selection=ImageSelector(tags=("v*",))),
        "releases": Sink("releases", selection=ImageSelector(releases=True)),
        "elsewhere": Sink("elsewhere", selection=ImageSelector(registries=("quay.io",))),
    }
    keeps = {name: Keeps() for name in sinks}
    addresses = [Recipient(sink, keeps[name]) for name, sink in sinks.items()]
    begin(index, clock, *addresses)
    scribe.crawl({"nginx": [tag("v1", "b")]})
    tell(index, clock, *addresses)
    assert {name: sorted(each.titles) for name, each in keeps.items()} == {
        "kinds": ["library/nginx:latest was removed"],
        "repository": ["library/redis was removed, with all its tags"],
        "tags": [
            "library/nginx:v1 was retagged",
            "library/redis was removed, with all its tags",
        ],
        "releases": [
            "library/nginx:v1 was retagged",
            "library/redis was removed, with all its tags",
        ],
        "elsewhere": [],
    }


def test_a_violation_by_a_tag_that_tools_keep_is_told(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    kept = f"sha256-{'0a' * 32}.sig"
    policy = Policy(
        "signatures", selection=ImageSelector(tags=("*.sig",)), forbid=frozenset(Forbidden)
    )
    scribe.crawl({"nginx": [tag("1", "a"), tag(kept, "s")]})
    keeps = Keeps()
    address = Recipient(Sink("every"), keeps)
    begin(index, clock, address)
    locate = evaluation.locator(index.catalog)
    evaluation.begin(index.evaluations, [policy], clock.now())
    scribe.crawl({"nginx": [tag("1", "a")]})
    evaluation.evaluate(index.evaluations, [policy], locate, clock.now())
    tell(index, clock, address)
    (message,) = keeps.messages
    assert kept in message.title


def test_tags_that_tools_keep_are_no_notification(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    kept = [f"sha256-{'0a' * 32}", f"sha256-{'0a' * 32}.sig"]
    scribe.crawl({"nginx": [tag("1", "a")]})
    sinks = [
        Sink("every"),
        Sink("tags", selection=ImageSelector(tags=("*",))),
        Sink("signatures", selection=ImageSelector(tags=("sha256-*.sig",))),
    ]
    keeps = [Keeps() for _ in sinks]
    addresses = [Recipient(*each) for each in zip(sinks, keeps, strict=True)]
    begin(index, clock, *addresses)
    scribe.crawl({"nginx": [tag("1", "b"), *(tag(name, name) for name in kept)]})
    scribe.crawl({"nginx": [tag("1", "b"), *(tag(name, "again") for name in kept)]})
    tell(index, clock, *addresses)
    assert keeps[0].titles == keeps[1].titles == ["library/nginx:1 was retagged"]
    assert len(keeps[2].messages) == 2


def test_a_message_of_a_retag_says_which_platforms_changed(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    amd, arm = image("linux/amd64", "x"), image("linux/arm64", "y")
    scribe.crawl({"nginx": [tag("1", "a", platforms=(amd,))]})
    keeps = Keeps()
    address = Recipient(Sink("audit"), keeps)
    begin(index, clock, address)
    new = image("linux/amd64", "z")
    scribe.crawl({"nginx": [tag("1", "b", platforms=(new, arm))]})
    tell(index, clock, address)
    (message,) = keeps.messages
    assert "(content of linux/amd64; linux/arm64 added)" in message.text
    assert message.data["move"]["kind"] == "content"


@pytest.mark.parametrize(
    ("repositories", "tags"), [(10, 100), pytest.param(1_000, 1, marks=pytest.mark.nightly)]
)
def test_a_thousand_tags_retagged_at_once_make_few_messages_and_lose_none(
    index: Index, clock: FakeClock, scribe: Scribe, repositories: int, tags: int
) -> None:
    def held(content: str) -> dict[str, list[Tag]]:
        names = [f"r{number:04}" for number in range(repositories)]
        return {name: [tag(f"{n}", content) for n in range(tags)] for name in names}

    scribe.crawl(held("old"))
    program, person = Keeps(lists=True), Keeps(lists=False)
    addresses = [Recipient(Sink("program"), program), Recipient(Sink("person"), person)]
    begin(index, clock, *addresses)
    after = index.outbox.last_change()
    scribe.crawl(held("new"))
    assert [outcome.changes for outcome in tell(index, clock, *addresses)] == [1_000, 1_000]
    assert ids(program) == list(range(after + 1, after + 1_001))
    assert [message.changes for message in program.messages] == [250] * 4
    (digest,) = person.messages
    assert digest.title == "1,000 changes: 1,000 tags retagged"
    assert "1,000  docker.io/library" in digest.text
    assert f"See all: indexer query --changed-since change:{after}" in digest.text
    assert [outcome.messages for outcome in tell(index, clock, *addresses)] == [0, 0]


def test_a_dead_sink_keeps_its_place_and_delays_no_other(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    dead, well = Keeps(fails="it is dead."), Keeps()
    addresses = [Recipient(Sink("dead"), dead), Recipient(Sink("well"), well)]
    begin(index, clock, *addresses)
    scribe.crawl({"nginx": [tag("0", "a")]})
    pauses = []
    state = index.outbox.sinks()[0]
    for number in range(1, 9):
        scribe.crawl({"nginx": [tag(f"{n}", "a") for n in range(number + 1)]})
        for outcome in tell(index, clock, *addresses):
            assert outcome.error == ("it is dead." if outcome.sink == "dead" else "")
        (held, _) = tell(index, clock, *addresses)
        times = "1 time" if number == 1 else f"{number} times"
        assert f"failed {times} and is tried again at" in held.held
        assert held.held.endswith(" UTC: it is dead")  # whoever prints it ends the sentence
        state = index.outbox.sinks()[0]
        assert state.retry_at is not None
        pauses.append(state.retry_at - clock.now())
        clock.time = state.retry_at
    assert pauses == [timedelta(minutes=each) for each in (1, 2, 4, 8, 16, 32, 60, 60)]
    assert len(well.messages) == 8
    assert sink_backlog(index.outbox, addresses[0].sink, state) == 8
    dead.fails = ""
    tell(index, clock, *addresses)
    assert ids(dead) == ids(well)
    assert index.outbox.sinks()[0].error == ""


def test_after_a_long_outage_the_backlog_is_summarised_and_counted(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    keeps = Keeps(fails="down.")
    address = Recipient(Sink("audit"), keeps)
    begin(index, clock, address)
    scribe.crawl({"nginx": []})
    scribe.crawl({"nginx": [tag("first", "a")]})
    tell(index, clock, address)
    many = [tag(f"{number}", "a") for number in range(1_500)]
    scribe.crawl({"nginx": [tag("first", "a"), *many]})
    keeps.fails = ""
    tell(index, clock, address, impatient=True)
    one, rest = keeps.messages
    assert one.title == "library/nginx:first is new"
    assert (rest.changes, rest.data["complete"]) == (1_500, False)
    assert rest.title == "1,500 changes: 1,500 tags added"
    assert rest.data["counts"]["tag_added"] == 1_500


def test_a_receiver_may_ask_to_be_left_alone_but_not_for_ever() -> None:
    assert pause(1, 0) == timedelta(minutes=1)
    assert pause(1, 7_200) == timedelta(hours=2)
    assert pause(10_000, 10**9) == timedelta(days=1)


def test_a_retry_on_request_is_made_at_once(index: Index, clock: FakeClock, scribe: Scribe) -> None:
    keeps = Keeps(fails="no.")
    address = Recipient(Sink("audit"), keeps)
    scribe.crawl({"nginx": []})
    begin(index, clock, address)
    scribe.crawl({"nginx": [tag("1", "a")]})
    tell(index, clock, address)
    keeps.fails = ""
    assert tell(index, clock, address)[0].messages == 0
    assert tell(index, clock, address, impatient=True)[0].messages == 1


def test_what_happens_in_quiet_hours_is_told_afterwards(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    keeps = Keeps()
    quiet = QuietHours((DailyHours.parse("11:00-13:00"),))
    address = Recipient(Sink("audit", quiet=quiet), keeps)
    begin(index, clock, address)
    scribe.crawl({"nginx": []})
    scribe.crawl({"nginx": [tag("1", "a")]})
    (outcome,) = tell(index, clock, address)
    assert outcome.held == "it is quiet until 2026-03-02 13:00 UTC"
    clock.passes(hours=1)
    assert tell(index, clock, address)[0].messages == 1


def test_a_message_that_was_not_recorded_is_sent_again_with_the_same_id(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    class Died(Exception):
        """The process died between sending and recording."""

    keeps = Keeps()
    address = Recipient(Sink("audit", burst=3), keeps)
    begin(index, clock, address)
    scribe.crawl({"nginx": []})
    scribe.crawl({"nginx": [tag(f"{number}", "a") for number in range(600)]})
    sent = index.outbox.sent

    def dies(*_: Any) -> None:
        raise Died

    dying = Outbox(index, dies)
    with pytest.raises(Died):
        deliver(dying, [address], clock, Links("indexer"))
    scribe.crawl({"nginx": [tag(f"{number}", "b") for number in range(600)]})
    assert sent == index.outbox.sent
    tell(index, clock, address)
    first, again, *rest = keeps.messages
    assert envelope(first, "audit") == envelope(again, "audit")
    assert ids(keeps)[250:] == sorted(set(ids(keeps)))
    assert [message.changes for message in rest] == [250, 100, 250, 250, 100]


@dataclass
class Tried(Keeps):
    """Also keeps what it refuses: the bytes of each message as a receiver gets them."""

    tries: list[bytes] = field(default_factory=list)

    def send(self, message: Message, now: datetime) -> str:
        self.tries.append(envelope(message, "audit"))
        return super().send(message, now)


@pytest.mark.parametrize("number", [1, 5], ids=["one change", "a summary"])
def test_a_message_once_begun_stays_the_same_whatever_is_deleted_or_happens_meanwhile(
    index: Index, clock: FakeClock, scribe: Scribe, number: int
) -> None:
    keeps = Tried(fails="down.")
    begun = Recipient(Sink("audit", burst=3), keeps)
    scribe.crawl({"nginx": [], "redis": []})
    begin(index, clock, begun)
    scribe.crawl({"nginx": [tag(f"{n}", "a") for n in range(number)], "redis": []})
    tell(index, clock, begun)
    scribe.crawl({"nginx": [], "redis": [tag("7", "a")]})
    index.archive.forget("docker.io", repository="library/nginx")
    keeps.fails = ""
    narrower = Recipient(replace(begun.sink, kinds=frozenset({ChangeKind.TAG_REMOVED})), keeps)
    state = index.outbox.sinks()[0]
    assert sink_backlog(index.outbox, narrower.sink, state) == 1
    assert "failed 1 time and" in tell(index, clock, narrower)[0].held
    assert tell(index, clock, narrower, impatient=True)[0].changes == number
    assert keeps.tries == [keeps.tries[0]] * 2
    tell(index, clock, begun)
    assert len(keeps.tries) == 2, "what was passed by the narrower filter is not sent"


def test_a_message_that_a_receiver_refuses_is_composed_again_by_other_templates(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    keeps = Keeps(fails="400 Bad Request.")
    broken, mended = (
        Recipient(Sink("chat", templates=Templates(text=text)), keeps) for text in ("<", "{{ id }}")
    )
    scribe.crawl({"nginx": []})
    begin(index, clock, broken)
    scribe.crawl({"nginx": [tag("1", "a")]})
    tell(index, clock, broken)
    keeps.fails = ""
    tell(index, clock, mended, impatient=True)
    assert [message.text for message in keeps.messages] == [f"{index.outbox.last_change()}"]


def test_a_begun_message_that_other_templates_cannot_compose_again_is_dropped(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    keeps = Keeps(fails="400 Bad Request.")
    broken, mended = (
        Recipient(Sink("chat", templates=Templates(text=text)), keeps) for text in ("<", "{{ id }}")
    )
    scribe.crawl({"nginx": []})
    begin(index, clock, broken)
    scribe.crawl({"nginx": [tag("1", "a")]})
    tell(index, clock, broken)
    index.archive.forget("docker.io", repository="library/nginx")
    keeps.fails = ""
    tell(index, clock, mended, impatient=True)
    assert (keeps.messages, index.outbox.sinks()[0].begun) == ([], None)


class Outbox:
    """An outbox whose record of what was sent fails."""

    def __init__(self, index: Index, dies: Any) -> None:
        self._outbox = index.outbox
        self.sent = dies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outbox, name)


def test_two_processes_never_send_to_one_sink_at_once(clock: FakeClock, database_url: str) -> None:
    keeps = Keeps()
    address = Recipient(Sink("audit"), keeps)
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(closing(open_store(database_url, create=False))) for _ in range(2)
        )
        begin(one, clock, address)
        scribe = Scribe(one.archive)
        scribe.crawl({"nginx": []})
        scribe.crawl({"nginx": [tag("1", "a")]})
        seen: list[str] = []
        keeps.before = lambda _message: seen.append(tell(other, clock, address)[0].held)
        tell(one, clock, address)
    assert seen == ["another process is sending to it"]
    assert len(keeps.messages) == 1


def test_a_sink_that_hangs_keeps_none_waiting(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    told = threading.Event()
    hangs, well = Keeps(), Keeps()

    def waits(_message: Message) -> None:
        assert told.wait(60), "the other sink was kept waiting"

    hangs.before = waits
    well.before = lambda _message: told.set()
    addresses = [Recipient(Sink("hangs"), hangs), Recipient(Sink("well"), well)]
    begin(index, clock, *addresses)
    scribe.crawl({"nginx": []})
    scribe.crawl({"nginx": [tag("1", "a")]})
    tell(index, clock, *addresses)
    assert (len(hangs.messages), len(well.messages)) == (1, 1)


def test_a_template_that_fails_sends_the_usual_text_with_the_mistake(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    templates = {
        "good": Templates("{{ kind }} {{ image }}", "{{ change.new_digest[:10] }} {{ closer }}"),
        "syntax": Templates("{{ kind", "{{ default_text }}"),
        "missing": Templates(None, "{{ nothing_like_it }}"),
        "unsafe": Templates(None, "{{ kind.__class__.__mro__ }}"),
        "endless": Templates(None, "{% for a in 'x' * 99999 %}{{ a }}{% endfor %}"),
    }
    keeps = {name: Keeps() for name in templates}
    addresses = [
        Recipient(Sink(name, templates=each), keeps[name]) for name, each in templates.items()
    ]
    begin(index, clock, *addresses)
    scribe.crawl({"nginx": []})
    scribe.crawl({"nginx": [tag("1", "a")]})
    problems = {each.sink: each.problems for each in tell(index, clock, *addresses)}
    messages = {name: each.messages[0] for name, each in keeps.items()}
    assert messages["good"].title == "tag_added library/nginx:1"
    assert messages["good"].text.endswith("indexer history library/nginx:1")
    assert problems["good"] == []
    usual = replace(messages["missing"]).text.partition("\nThe template")[0]
    assert usual.endswith("Look closer: indexer history library/nginx:1")
    for name, why in (
        ("syntax", "unexpected end of template"),
        ("missing", "'nothing_like_it' is undefined"),
        ("unsafe", "access to attribute '__class__' of 'str' object is unsafe"),
        ("endless", "it writes more than 20,000 characters"),
    ):
        assert messages[name].text.startswith(usual)
        assert why in messages[name].text
        assert len(problems[name]) == 1
    assert messages["syntax"].title == "library/nginx:1 is new"


def test_a_sink_can_be_set_back(index: Index, clock: FakeClock, scribe: Scribe) -> None:
    keeps = Keeps()
    address = Recipient(Sink("audit"), keeps)
    scribe.crawl({"nginx": []})
    before = scribe.now
    scribe.crawl({"nginx": [tag("1", "a")]})
    begin(index, clock, address)
    assert index.outbox.last_before(clock.now()) == index.outbox.last_change()
    index.outbox.restart("audit", index.outbox.last_before(before), clock.now())
    assert tell(index, clock, address)[0].messages == 1


def test_a_next_try_that_a_wrong_clock_put_off_for_a_year_is_made_now(
    index: Index, clock: FakeClock, scribe: Scribe
) -> None:
    keeps = Keeps(fails="down.")
    address = Recipient(Sink("audit"), keeps)
    scribe.crawl({"nginx": []})
    begin(index, clock, address)
    scribe.crawl({"nginx": [tag("1", "a")]})
    clock.passes(days=365)
    tell(index, clock, address)
    clock.passes(days=-365)
    keeps.fails = ""
    assert tell(index, clock, address)[0].messages == 1
