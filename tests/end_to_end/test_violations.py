"""`indexer violations` as CI runs it, and how violations reach people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from indexer.cli.query import KINDS
from indexer.cli.violations import SEVERITIES
from indexer.core.model import ChangeKind
from indexer.policies.violation import Severity
from tests.end_to_end.conftest import CONFIGURATION
from tests.notify.receivers import Receiver

if TYPE_CHECKING:
    from indexer.hub_simulator import Hub, Simulator
    from tests.end_to_end.program import Program

POLICIES = """
[[policy]]
name = "releases"
repositories = ["acme/*"]
tags = ["1.*"]
forbid = ["retag", "remove"]

[[policy]]
name = "nothing"
tags = ["zzz*"]
forbid = ["retag"]

[violations]
people = ["ana", "ben"]
"""


def configure(program: Program, simulator: Simulator, more: str) -> None:
    text = CONFIGURATION.format(url=simulator.url) + more
    (program.folder / "indexer.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def guarded(crawled: Program, simulator: Simulator) -> Program:
    """A program with policies that have begun."""
    configure(crawled, simulator, POLICIES)
    done = crawled.run("violations")
    assert (done.code, done.out) == (0, "")
    assert "the policy 'nothing' matches no tag of the index." in done.err
    return crawled


def test_what_a_policy_cannot_judge_is_not_no_violations(guarded: Program, hub: Hub) -> None:
    """The Hub lists a tag without any digest, and the crawl may ask for none."""
    file = guarded.folder / "indexer.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[[policy]]", "resolve = 0\n[[policy]]", 1), encoding="utf-8")
    hub.push("acme/api", "1.9", form="bare")
    assert "no digest of 1 tag" in guarded.good("crawl", "-q").out
    done = guarded.run("violations")
    assert (done.code, done.out) == (1, "")
    assert "the policy 'releases' cannot judge 1 tag (acme/api:1.9)" in done.err
    assert "no violations in what could be judged." in done.err
    guarded.good("violations", "--policy", "nothing")


def test_a_violation_is_found_listed_and_acknowledged(guarded: Program, hub: Hub) -> None:
    hub.push("acme/api", "1.0")
    crawl = guarded.run("crawl")
    assert crawl.code == 0
    assert "1 new violation of policies: see 'indexer violations'." in crawl.err
    done = guarded.run("violations", "--format", "json")
    assert done.code == 1
    (violation,) = done.json
    assert (violation["policy"], violation["breach"], violation["tag"]) == (
        "releases",
        "retagged",
        "1.0",
    )
    assert guarded.run("violations", "--severity", "critical").code == 0
    number = str(violation["id"])
    for arguments, sentence in (
        (["--reason", "x"], "--reason and --by need --acknowledge ID."),
        (["--acknowledge", number, "--by", "ana"], "--reason is missing"),
        (["--acknowledge", number, "--reason", "x"], "--by takes one of ana, ben."),
        (["--acknowledge", "99", "--reason", "x", "--by", "ana"], "there is no violation 99."),
        (["--severity", "bad"], "'bad' is not one of low, medium, high, critical"),
    ):
        refused = guarded.run("violations", *arguments)
        assert (refused.code, sentence in refused.err) == (2, True), refused
    tried = ["violations", "--acknowledge", number, "--reason", "a fix", "--by", "ana", "--dry-run"]
    would = guarded.run(*tried)
    assert (would.code, f"violation {number} would be acknowledged by ana." in would.err) == (
        1,
        True,
    )
    seen = guarded.run("violations", "--acknowledge", number, "--reason", "a fix", "--by", "ana")
    assert seen.code == 0
    assert "Acknowledged by ana: a fix" in guarded.run("violations", "--all").out


def test_the_hub_is_not_asked_about_immutable_tags_without_policies(
    crawled: Program, hub: Hub, simulator: Simulator
) -> None:
    hub.set_immutable("acme/api", r"^1\.\d$")
    hub.push("acme/api", "1.0")
    simulator.clear()
    crawled.good("crawl", "-q")
    assert len(simulator.requests) == 2
    assert crawled.run("violations").code == 2


def test_a_policy_that_does_not_exist_is_an_error_and_those_that_do_are_named(
    guarded: Program,
) -> None:
    assert guarded.good("violations", "--policy", "releases").err.count("no violations.\n") == 1
    done = guarded.run("violations", "--policy", "release")
    assert done.code == 2
    assert done.err == (
        "indexer: there is no policy 'release'; there are 'docker-hub-immutable-tags', 'nothing', "
        "'releases'.\n"
    )


def test_without_policies_nobody_is_told_that_there_are_no_violations(
    guarded: Program, hub: Hub, simulator: Simulator
) -> None:
    hub.push("acme/api", "1.0")
    guarded.good("crawl", "-q")
    configure(guarded, simulator, "")
    listed = guarded.run("violations")
    assert (listed.code, "releases" in listed.out) == (1, True)
    assert "no policy is configured: add a [[policy]] to" in listed.err
    nothing = guarded.run("violations", "--severity", "critical")
    assert (nothing.code, nothing.out) == (2, "")
    assert "no policy is configured: add a [[policy]] to" in nothing.err


def test_what_the_hub_calls_immutable_is_a_violation_whatever_the_policies(
    crawled: Program, hub: Hub, simulator: Simulator
) -> None:
    configure(crawled, simulator, POLICIES.replace("acme/", "other/"))
    hub.set_immutable("acme/api", r"^1\.\d$")
    hub.push("acme/api", "1.0")
    hub.push("acme/api", "latest")
    hub.push("acme/web", "1.0")
    simulator.clear()
    crawled.good("crawl", "-q")
    details = [each for each in simulator.requests if each.path.endswith(("/api", "/web"))]
    assert len(details) == 2
    done = crawled.run("violations", "--format", "json")
    assert [(v["policy"], v["repository"], v["severity"]) for v in done.json] == [
        ("docker-hub-immutable-tags", "acme/api", "critical")
    ]


def test_a_sink_can_be_told_of_violations_alone(
    guarded: Program, hub: Hub, simulator: Simulator
) -> None:
    with Receiver().running() as receiver:
        sink = f'[[notify]]\nname = "alarm"\nseverity = "high"\nwebhook = "{receiver.url}"\n'
        configure(guarded, simulator, POLICIES + sink)
        hub.push("acme/api", "1.0")
        hub.push("acme/api", "latest")
        guarded.good("crawl", "-q", "--notify")
        (event,) = [json.loads(request.body) for request in receiver.requests]
    assert event["type"] == "indexer.violation"
    assert event["data"]["title"] == "VIOLATION (high): acme/api:1.0 was retagged"
    assert event["data"]["violations"][0]["policy"] == "releases"
    assert (
        "Violation of the policy 'releases' (high): it was retagged from" in event["data"]["text"]
    )


def test_a_crawled_change_is_sent_as_a_violation_by_the_next_process(
    guarded: Program, hub: Hub, simulator: Simulator
) -> None:
    with Receiver().running() as receiver:
        sink = f'[[notify]]\nname = "alarm"\nseverity = "high"\nwebhook = "{receiver.url}"\n'
        configure(guarded, simulator, POLICIES + sink)
        guarded.good("notify", "run")
        hub.push("acme/api", "1.0")
        unguarded = CONFIGURATION.format(url=simulator.url)
        (guarded.folder / "plain.toml").write_text(unguarded, encoding="utf-8")
        plain = guarded.run("crawl", "-q", "--config", "plain.toml")  # it has no policies
        assert (plain.code, plain.err) == (0, "")
        told = guarded.run("notify", "run")
        assert told.out == "alarm: 1 message about 1 change\n"
        assert "1 new violation of policies" in told.err
        assert guarded.good("notify", "run").out == "alarm: nothing to send\n"
        (event,) = [json.loads(request.body) for request in receiver.requests]
    assert event["type"] == "indexer.violation"


def test_no_sink_waits_for_a_policy_that_was_forgotten(
    guarded: Program, hub: Hub, simulator: Simulator
) -> None:
    with Receiver().running() as receiver:
        sink = f'[[notify]]\nname = "all"\nwebhook = "{receiver.url}"\n'
        sink += f'[[notify]]\nname = "alarm"\nseverity = "high"\nwebhook = "{receiver.url}"\n'
        left = POLICIES.replace('"nothing"', '"renamed"')
        configure(guarded, simulator, left + sink)
        guarded.good("notify", "run")
        hub.push("acme/api", "latest")
        crawl = guarded.good("crawl", "--notify")
        assert "sink 'all': it waits for a process that evaluates the policy 'nothing'" in crawl.err
        assert receiver.requests == []
        sinks = guarded.good("status", "--format", "json").json["sinks"]
        assert [(each["sink"], each["backlog"], each["waits_for"]) for each in sinks] == [
            ("alarm", 0, ["nothing"]),  # whether the change is a violation is not known yet
            ("all", 1, ["nothing"]),
        ]
        shown = guarded.good("status").out
        assert shown.count("waiting") == 2
        assert "! alarm: it waits for a process that evaluates the policy 'nothing'" in shown
        kept = guarded.good("prune", "--older-than", "1h").err
        waits = "'alarm', sink 'all'"
        assert f"are kept: policy 'nothing', sink {waits} have not processed them yet." in kept or (
            f"are kept: sink {waits}, policy 'nothing' have not processed them yet." in kept
        )
        assert "the policy 'nothing' is not in this configuration" in kept
        assert "'indexer violations --forget nothing' ends the wait" in kept
        assert "the sink 'all' is not" not in kept
        for name, sentence in (
            ("releases", "is configured: remove its [[policy]] first."),
            ("docker-hub-immutable-tags", "is Docker Hub's own and always exists."),
            ("typo", "knows no policy 'typo'; it knows 'nothing', 'releases', 'renamed'."),
        ):
            refused = guarded.run("violations", "--forget", name)
            assert (refused.code, sentence in refused.err) == (2, True), refused
        would = guarded.good("violations", "--forget", "nothing", "--dry-run")
        assert would.err == "would forget the policy 'nothing'.\n"
        done = guarded.good("violations", "--forget", "nothing")
        assert "forgot the policy 'nothing'; its violations stay." in done.err
        assert guarded.good("notify", "run").out == (
            "all: 1 message about 1 change\nalarm: nothing to send\n"
        )
        assert guarded.good("status").out.count("up to date") == 2


def test_a_sink_that_has_left_can_be_forgotten(guarded: Program, simulator: Simulator) -> None:
    sink = '[[notify]]\nname = "all"\nwebhook = "http://127.0.0.1:9/"\n'
    configure(guarded, simulator, POLICIES + sink)
    guarded.good("notify", "run")
    refused = guarded.run("notify", "forget", "all")
    assert (refused.code, "is configured: remove its [[notify]] first." in refused.err) == (2, True)
    configure(guarded, simulator, POLICIES)
    would = guarded.good("notify", "forget", "all", "--dry-run")
    assert "would forget the sink 'all'." in would.err
    assert "forgot the sink 'all'." in guarded.good("notify", "forget", "all").err
    again = guarded.run("notify", "forget", "all")
    assert (again.code, "knows no sink 'all'; it knows none." in again.err) == (2, True)


def test_acknowledging_needs_a_configured_person(crawled: Program) -> None:
    done = crawled.run("violations", "--acknowledge", "1", "--reason", "x")
    assert done.code == 2
    assert "no one may acknowledge violations yet: list 'people' in the section" in done.err


def test_help_knows_the_severities_and_kinds_that_there_are() -> None:
    assert ", ".join(Severity) == SEVERITIES
    assert ", ".join(ChangeKind) == KINDS
