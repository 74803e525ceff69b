"""`indexer notify`, `crawl --notify` and `watch`, with receivers that take, refuse and kill."""

from __future__ import annotations

import base64
import json
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from tests.end_to_end.conftest import CONFIGURATION
from tests.notify.receivers import Answer, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.hub_simulator import Hub, Simulator
    from tests.end_to_end.program import Program

SECRET = base64.b64encode(b"hunter2-hunter2-hunter2-hunter2!").decode()

SINK = """
[[notify]]
name = "audit"
webhook_env = "HOOK"
secret_env = "HOOK_SECRET"
timeout = "5s"
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().running() as receiver:
        yield receiver


@pytest.fixture
def told(crawled: Program, simulator: Simulator, receiver: Receiver) -> Program:
    """A program whose sink is the receiver; its first crawl is done."""
    configure(crawled, simulator, SINK)
    crawled.environment |= {"HOOK": f"{receiver.url}/x?token=hunter22", "HOOK_SECRET": SECRET}
    assert "audit: new, nothing to send" in crawled.good("notify", "run").out
    return crawled


def configure(program: Program, simulator: Simulator, more: str) -> None:
    text = CONFIGURATION.format(url=simulator.url) + more
    (program.folder / "indexer.toml").write_text(text, encoding="utf-8")


def events(receiver: Receiver) -> list[Any]:
    return [json.loads(request.body) for request in receiver.requests]


def test_a_crawl_tells_what_it_found_in_signed_messages(
    told: Program, hub: Hub, receiver: Receiver
) -> None:
    hub.push("acme/api", "1.0")
    done = told.run("crawl", "-q", "--notify")
    assert done.code == 0, done
    (event,) = events(receiver)
    assert (event["type"], event["subject"]) == (
        "indexer.tag_retagged",
        "docker.io/acme/api:1.0",
    )
    (request,) = receiver.requests
    Verifier(SECRET).verify(request.body, request.headers)


def test_a_sink_that_is_new_with_a_crawl_is_told_what_that_crawl_finds(
    crawled: Program, simulator: Simulator, hub: Hub, receiver: Receiver
) -> None:
    configure(crawled, simulator, f'[[notify]]\nname = "new"\nwebhook = "{receiver.url}"\n')
    hub.push("acme/api", "2.0")
    crawled.good("crawl", "-q", "--notify")
    assert [event["subject"] for event in events(receiver)] == ["docker.io/acme/api:2.0"]


def test_a_process_killed_between_sending_and_recording_sends_the_same_message_again(
    told: Program, hub: Hub, receiver: Receiver
) -> None:
    hub.push("acme/api", "1.0")
    told.good("crawl", "-q")
    process = told.start("notify", "run")

    def kills(number: int) -> Answer:
        if number == 0:
            os.kill(process.pid, signal.SIGKILL)
        return Answer()

    receiver.answer = kills
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    hub.push("acme/api", "3.0")
    told.good("crawl", "-q")
    told.good("notify", "run")
    told.good("notify", "run")
    first, again, rest = events(receiver)
    assert first == again
    assert rest["subject"] == "docker.io/acme/api:3.0"


def test_a_sink_that_fails_is_in_the_exit_code_and_in_status_and_is_told_later(
    told: Program, hub: Hub, receiver: Receiver
) -> None:
    receiver.answer = lambda _number: Answer(500)
    hub.push("acme/api", "1.0")
    done = told.run("crawl", "-q", "--notify")
    assert (done.code, "did not take the message: it answers 500." in done.err) == (1, True)
    (sink,) = told.good("status", "--format", "json").json["sinks"]
    assert (sink["sink"], sink["backlog"], sink["failures"]) == ("audit", 1, 1)
    assert "it answers 500." in told.good("status").out
    receiver.answer = lambda _number: Answer()
    waiting = told.run("notify", "run", "-q")
    assert waiting.code == 1
    assert waiting.out.startswith("audit: it failed 1 time and")
    assert told.good("notify", "run", "--retry").out == "audit: 1 message about 1 change\n"


def test_a_trial_sends_one_of_each_kind_and_says_what_came_back(
    told: Program, receiver: Receiver
) -> None:
    done = told.good("notify", "test", "audit", "--format", "json")
    assert [each["taken"] for each in done.json["messages"]] == [True] * 8
    assert all(event["data"]["test"] for event in events(receiver))
    receiver.answer = lambda _number: Answer(302, {"Location": "https://example.com/"})
    done = told.run("notify", "test", "audit")
    assert done.code == 1
    assert "redirects to https://example.com (302), which is not followed" in done.out


def test_no_secret_is_in_any_output_or_in_the_database(
    told: Program, hub: Hub, receiver: Receiver
) -> None:
    receiver.answer = lambda _number: Answer(500, body=b"hunter22")
    hub.push("acme/api", "1.0")
    said = [
        told.run("-v", "crawl", "--notify"),
        told.run("-v", "notify", "test", "audit"),
        told.run("status", "--format", "json"),
        told.run("notify", "run", HOOK="http://example.com/hunter22"),
        told.run("notify", "run", HOOK="hunter22"),
        told.run("notify", "run", HOOK_SECRET="hunter22"),
    ]
    files = [path.read_bytes() for path in told.folder.glob("indexer.db*")]
    assert all("hunter2" not in each.out + each.err for each in said)
    assert all(b"hunter2" not in content and SECRET.encode() not in content for content in files)


def test_a_mistake_in_a_sink_is_a_sentence(crawled: Program, simulator: Simulator) -> None:
    configure(crawled, simulator, '[[notify]]\nname = "a"\napprise = "slakc://hunter22"\n')
    done = crawled.run("notify", "run")
    assert done.code == 2
    assert done.err.endswith("got 'slakc://'; did you mean 'slack://'?\n")
    assert crawled.good("query", "--changed-since", "24h").err  # it needs no sink


def test_changes_are_watched_from_where_one_left_off(crawled: Program, hub: Hub) -> None:
    assert crawled.good("watch", "--once").out == ""
    hub.push("acme/api", "1.0")
    hub.push("acme/web", "1.0", by="eve")
    crawled.good("crawl", "-q")
    lines = crawled.good("watch", "--once", "--from", "24h").out.splitlines()
    first, second = map(json.loads, lines)
    assert (first["kind"], second["kind"]) == ("tag_retagged", "tag_retagged")
    rest = crawled.good("watch", "--once", "--from", f"change:{first['id']}").out
    assert json.loads(rest) == second
    one = crawled.good("watch", "--once", "--from", "crawl:2", "--repository", "*/web").out
    assert json.loads(one)["repository"] == "acme/web"
    assert crawled.good("watch", "--once", "--from", "crawl:2", "--pushed-by", "e*").out == one
    queried = crawled.good("query", "--changed-since", f"change:{first['id']}", "--format", "json")
    assert queried.json == [second]


def test_a_watch_goes_on_until_it_is_ended(crawled: Program, hub: Hub) -> None:
    with crawled.start("watch", "--from", "change:0", "--tag", "9.9") as process:
        hub.push("acme/api", "9.9")
        crawled.good("crawl", "-q")
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["tag"] == "9.9"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


def test_a_run_while_a_sink_waits_is_not_done(
    told: Program, hub: Hub, simulator: Simulator, receiver: Receiver
) -> None:
    configure(told, simulator, SINK + 'quiet = ["mon-sun 00:00-24:00"]\n')
    assert told.run("notify", "run").code == 0
    hub.push("acme/api", "1.0")
    assert told.run("crawl", "-q", "--notify").code == 0
    done = told.run("notify", "run")
    assert (done.code, receiver.requests) == (1, [])
    assert "it is quiet until" in done.out


def test_a_sink_that_waits_for_its_next_try_is_not_done(
    told: Program, hub: Hub, receiver: Receiver
) -> None:
    receiver.answer = lambda number: Answer(500 if number == 0 else 200)
    hub.push("acme/api", "1.0")
    assert told.run("crawl", "-q", "--notify").code == 1
    assert told.run("crawl", "-q", "--notify").code == 1
    done = told.run("notify", "run")
    assert (done.code, len(receiver.requests)) == (1, 1)
    assert told.run("notify", "run", "--retry").code == 0
