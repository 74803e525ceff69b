"""`indexer check` on files as people have them, and what it tells machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.databases import missing

if TYPE_CHECKING:
    from indexer.hub_simulator import Hub
    from tests.end_to_end.program import Program


def digest_of(program: Program, tag: str) -> str:
    tags = program.good("tags", "acme/api", "--format", "json").json
    return str(next(each["digest"] for each in tags if each["tag"] == tag))


@pytest.fixture
def pinned(crawled: Program, hub: Hub) -> Program:
    """A Dockerfile that pins two tags, of which one has moved since."""
    moves, stays = digest_of(crawled, "1.0"), digest_of(crawled, "1.1")
    hub.push("acme/api", "1.0")
    crawled.good("crawl", "-q")
    (crawled.folder / "Dockerfile").write_text(
        f"ARG V=1.0\nFROM acme/api:$V@{moves} AS a\nFROM acme/api:1.1@{stays}\nFROM python:3\n"
    )
    return crawled


def test_a_retagged_tag_is_drift(pinned: Program) -> None:
    done = pinned.run("check", "Dockerfile", "--format", "json")
    assert done.code == 1
    assert [(each["verdict"], each["file"], each["line"]) for each in done.json] == [
        ("retagged", "Dockerfile", 2),
        ("ok", "Dockerfile", 3),
        ("unknown", "Dockerfile", 4),
    ]
    assert done.json[0]["now"] == digest_of(pinned, "1.0")
    assert "0 of 3 images are not pinned; 1 are unknown or unreadable." in done.err


def test_an_ok_verdict_is_not_drift_unless_strict_is_given(pinned: Program) -> None:
    stays = f"acme/api:1.1@{digest_of(pinned, '1.1')}"
    assert pinned.run("check", stays, "--strict").code == 0
    assert pinned.run("check", stays, "python:3").code == 0
    assert pinned.run("check", stays, "python:3", "--strict").code == 1


def test_a_table_names_the_line(pinned: Program) -> None:
    out = pinned.run("check", "Dockerfile").out.splitlines()
    assert out[1].split()[:2] == ["retagged", "Dockerfile:2"]


def test_findings_are_sarif_to_an_independent_reader(pinned: Program) -> None:
    try:
        from sarif_pydantic import Sarif  # noqa: PLC0415 - it may be missing
    except ImportError:
        missing("no reader of SARIF is here: pip install sarif-pydantic")
    (pinned.folder / "a b.txt").write_text("acme/api:7\n")
    done = pinned.run("check", "Dockerfile", "a b.txt", "--format", "sarif")
    log = Sarif.model_validate(json.loads(done.out))
    found = [
        (
            result.rule_id,
            result.level,
            result.locations[0].physical_location.artifact_location.uri,
            result.locations[0].physical_location.region.start_line,
        )
        for result in log.runs[0].results
    ]
    assert found == [
        ("image-retagged", "error", "Dockerfile", 2),
        ("image-unknown", "note", "Dockerfile", 4),
        ("image-unknown", "note", "a%20b.txt", 1),
    ]


def test_standard_input_is_a_list_or_what_is_said(pinned: Program) -> None:
    listed = pinned.shell("echo acme/api:1.1 | indexer check - --format jsonl")
    assert json.loads(listed.out)["verdict"] == "unpinned"
    built = pinned.shell("echo FROM acme/api:1.1 | indexer check - --as dockerfile --format csv")
    assert built.out.splitlines()[1].startswith("unpinned,acme/api:1.1,'-,1,FROM,")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["Dockerfiel"], "there is no file 'Dockerfiel', and 'Dockerfiel' is not an image name"),
        (["."], ". is a folder: name the files in it."),
        (["x", "--set", "novalue"], "--set takes NAME=VALUE"),
        (["x", "--as", "what"], "'what' is not one of dockerfile, compose, kubernetes, github"),
        (["--as", "list", "nowhere"], "nowhere: No such file or directory."),
    ],
)
def test_a_mistake_is_a_sentence(crawled: Program, arguments: list[str], why: str) -> None:
    done = crawled.run("check", *arguments)
    assert done.code == 2
    assert why in done.err
    assert done.err.count("\n") == 1
