"""docs/recipes/ci.md: its jobs are of the right shape, and their commands pass and fail builds."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from indexer.hub_simulator import Simulator
from tests.documents import pages
from tests.end_to_end.conftest import a_team, configured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.hub_simulator import Hub
    from tests.end_to_end.program import Program

PAGE = pages.read(pages.ROOT / "docs" / "recipes" / "ci.md")

STEP_KEYS = {"uses", "run", "with", "if", "name", "env"}
GITLAB_KEYS = {"image", "variables", "before_script", "script", "artifacts"}


def block(heading: str, language: str) -> str:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    (found,) = pages.fenced(section, language)
    return found


def github() -> Any:
    return yaml.load(block("GitHub Actions", "yaml"), yaml.BaseLoader)  # noqa: S506 - `on` is a key


def gitlab() -> Any:
    return yaml.safe_load(block("GitLab CI", "yaml"))


def checks() -> Iterator[list[str]]:
    """The arguments of each `indexer check` of the three jobs, without where they write to."""
    lines = [step.get("run", "") for step in github()["jobs"]["check"]["steps"]]
    lines += gitlab()["images"]["script"]
    lines += re.findall(r"sh '\.venv/bin/(indexer .*?)'", block("Jenkins", "groovy"))
    for line in lines:
        if line.startswith("indexer "):
            yield shlex.split(line.partition(" > ")[0])[1:]


def test_the_jobs_have_the_shape_that_their_systems_want() -> None:
    workflow = github()
    job = workflow["jobs"]["check"]

    assert workflow.keys() == {"name", "on", "permissions", "jobs"}
    assert workflow["permissions"]["security-events"] == "write"
    assert all(
        step.keys() <= STEP_KEYS and ("uses" in step) != ("run" in step) for step in job["steps"]
    )
    assert gitlab()["images"].keys() <= GITLAB_KEYS
    assert len(list(checks())) == 4


@pytest.fixture
def hub() -> Hub:
    return a_team()


@pytest.fixture
def program(hub: Hub, tmp_path: Path) -> Iterator[Program]:
    """A checkout with files whose pins are right, beside an index."""
    with Simulator(hub) as simulator:
        program = configured(tmp_path / "here", simulator)
        program.good("crawl", "-q")
        digest = hub.truth("acme")["acme/api"]["1.0"]
        pin = f"acme/api:1.0@{digest}"
        for name, text in {
            "Dockerfile": f"FROM {pin}\n",
            "compose.yaml": f"services:\n  api:\n    image: {pin}\n",
            ".gitlab-ci.yml": f"images:\n  image: {pin}\n  script: [true]\n",
        }.items():
            (program.folder / name).write_text(text, encoding="utf-8")
        yield program


def test_a_build_passes_until_a_tag_is_retagged(program: Program, hub: Hub) -> None:
    before = [program.run(*words).code for words in checks()]
    hub.retag("acme/api", "1.0")
    program.good("crawl", "-q")
    after = [program.run(*words) for words in checks()]

    assert before == [0, 0, 0, 0]
    assert [done.code for done in after] == [1, 1, 1, 1]
    findings = [json.loads(done.out)["runs"][0]["results"] for done in after if done.out[0] == "{"]
    assert len(findings) == 3, "SARIF"
    assert {each["level"] for results in findings for each in results} == {"error"}
