"""Workflows, hooks and forms: what they name is there, and they agree with the Makefile."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml"))

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in read(path)["jobs"].values():
        yield from job["steps"]


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([\w./-]+):", makefile, re.MULTILINE))


def test_there_is_a_workflow_for_each_change_each_night_and_each_release() -> None:
    assert {path.name for path in WORKFLOWS} == {"ci.yml", "nightly.yml", "release.yml"}


@each_workflow
def test_a_workflow_runs_targets_and_scripts_that_there_are(path: Path) -> None:
    commands = [line for step in steps(path) if "run" in step for line in step["run"].split("&&")]
    made = {word for line in commands for word in re.findall(r"\bmake ([\w-]+)", line)}
    scripts = {word for line in commands for word in re.findall(r"\bbash (\S+)", line)}

    assert made <= targets()
    assert [name for name in scripts if not (ROOT / name).is_file()] == []


@each_workflow
def test_a_workflow_pins_what_it_uses_and_may_only_read_by_default(path: Path) -> None:
    uses = [step["uses"] for step in steps(path) if "uses" in step]

    assert [each for each in uses if not re.search(r"@[0-9a-f]{40}$", each)] == []
    assert read(path)["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in read(path)["jobs"].values())


def test_ci_runs_what_everybody_can_run() -> None:
    assert "bash .ci/run" in [step.get("run") for step in steps(GITHUB / "workflows" / "ci.yml")]


def test_hooks_are_the_projects_own_tools() -> None:
    (local,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")

    assert local["repo"] == "local"
    for hook in local["hooks"]:
        program, *_ = shlex.split(hook["entry"])
        assert hook["language"] == "system"
        assert program.startswith(".venv/bin/")
        tool = {"lint-imports": "import-linter"}.get(Path(program).name, Path(program).name)
        assert tool == "python" or f"\n{tool}==" in lock


def test_hooks_run_whatever_lint_runs() -> None:
    (local,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    hooks = {" ".join(shlex.split(hook["entry"])[:2]) for hook in local["hooks"]}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe is not None

    linted = {
        " ".join(line.replace("$(BIN)", ".venv/bin").split()[:2])
        for line in recipe[1].splitlines()
        if "$(BIN)" in line
    }
    assert hooks == linted


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_a_form_asks_for_what_it_needs(path: Path) -> None:
    form = read(path)
    if path.name == "config.yml":
        assert form["blank_issues_enabled"] is True
        return

    asked = [field for field in form["body"] if field["type"] != "markdown"]
    assert form["name"]
    assert form["description"]
    assert len({field["id"] for field in asked}) == len(asked)
    assert any(field.get("validations", {}).get("required") for field in asked)
