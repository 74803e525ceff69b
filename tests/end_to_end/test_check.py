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
    assert "not pinned: 0 of 3 images; unknown or unreadable: 1." in done.err


def test_what_the_index_does_not_know_is_no_all_clear(pinned: Program) -> None:
    stays = f"acme/api:1.1@{digest_of(pinned, '1.1')}"
    assert pinned.run("check", stays, "--strict").code == 0
    assert pinned.run("check", stays, "acme/api:1.1").code == 0
    assert pinned.run("check", stays, "acme/api:1.1", "--strict").code == 1
    assert pinned.run("check", stays, "python:3").code == 1


def test_what_is_not_understood_goes_before_drift_and_hides_nothing(pinned: Program) -> None:
    (pinned.folder / "README.md").write_text("# Images\n\nWe use acme/api.\n")
    done = pinned.run("check", "README.md", "Dockerfile", "prod.yaml", "--format", "sarif")
    assert done.code == 2
    (run,) = json.loads(done.out)["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["image-retagged", "image-unknown"]
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    said = [each["message"]["text"] for each in invocation["toolExecutionNotifications"]]
    assert said[0].startswith("README.md is of no kind that is known: say what it is with --as (")
    assert said[1].startswith("there is no file 'prod.yaml'; if it is an image, write its tag")
    assert all(sentence in done.err for sentence in said)


def test_a_file_without_images_is_named(pinned: Program) -> None:
    text = "apiVersion: v1\nkind: Service\nspec: {ports: []}\n"
    for number in range(5):
        (pinned.folder / f"{number}.yaml").write_text(text)
    done = pinned.run("check", *(f"{number}.yaml" for number in range(5)))
    assert (done.code, done.out) == (0, "")
    assert done.err == "no image is named in 0.yaml, 1.yaml, 2.yaml and 2 more.\n"


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
    pod = "{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: acme/api:1.1}]}}"
    found = pinned.shell(f"echo '{pod}' | indexer check - --format jsonl")
    assert json.loads(found.out)["where"] == "Pod"
    built = pinned.shell("echo FROM acme/api:1.1 | indexer check - --as dockerfile --format csv")
    assert built.out.splitlines()[1].startswith("unpinned,acme/api:1.1,'-,1,FROM,")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["Dockerfiel"], "there is no file 'Dockerfiel', and 'Dockerfiel' is not an image name"),
        (["."], ". is a folder: name the files in it."),
        (["x", "--set", "novalue"], "--set takes NAME=VALUE"),
        (["x", "--as", "what"], "'what' is not one of dockerfile, compose, kubernetes, github"),
        (["--as", "list", "nowhere"], "there is no file 'nowhere'."),
    ],
)
def test_a_mistake_is_a_sentence(crawled: Program, arguments: list[str], why: str) -> None:
    done = crawled.run("check", *arguments)
    assert done.code == 2
    assert why in done.err
    assert done.err.count("\n") == 1
