"""Options that come together, and the help that shows them."""

from __future__ import annotations

from typing import Any

import pytest

from indexer.cli import option_bundles
from indexer.cli.app import GROUPS, with_every_command
from indexer.cli.option_bundles import Scope
from indexer.core.model import WHOLE_REGISTRY


def commands(group: Any, prefix: str = "") -> dict[str, Any]:
    """Each command by its full name, those of groups too."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        is_group = hasattr(command, "commands")
        found |= commands(command, f"{name} ") if is_group else {f"{prefix}{name}": command}
    return found


PROGRAM = with_every_command()
COMMANDS = commands(PROGRAM)


def names_of(command: Any) -> set[str]:
    return {name for each in command.params for name in each.opts}


def test_each_command_is_in_one_group_of_the_help() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert len(grouped) == len(set(grouped))


@pytest.mark.parametrize(
    ("name", "text"), [each for texts in GROUPS.values() for each in texts.items()]
)
def test_the_help_of_the_program_says_of_each_command_what_its_own_help_begins_with(
    name: str, text: str
) -> None:
    assert PROGRAM.commands[name].get_short_help_str(limit=1_000) == text


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command_has_two_examples_of_itself(name: str) -> None:
    _, _, examples = str(COMMANDS[name].help).partition("\b\nExamples:\n")
    lines = examples.strip().splitlines()
    assert len(lines) >= 2
    assert all(f" {name.rsplit(maxsplit=1)[-1]}" in line for line in lines)


@pytest.mark.parametrize("name", COMMANDS)
def test_what_has_a_format_can_be_written_as_json_and_to_a_file(name: str) -> None:
    options = names_of(COMMANDS[name])
    assert (
        ("--format" not in options) or {"--json", "--output", "-o"} <= options or name == "export"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_an_option_has_one_short_name_and_one_meaning(name: str) -> None:
    options = names_of(COMMANDS[name])
    for long, short in (
        ("--namespace", "-n"),
        ("--repository", "-r"),
        ("--tag", "-t"),
        ("--output", "-o"),
        ("--yes", "-y"),
        ("--quiet", "-q"),
        ("--verbose", "-v"),
    ):
        assert (long in options) == (short in options), long
    assert "--sort" not in options or {"--reverse", "--limit", "--columns"} <= options


def test_a_scope_holds_what_all_its_parts_hold() -> None:
    assert option_bundles.WHOLE_REGISTRY == WHOLE_REGISTRY
    assert Scope().holds("docker.io", "library/nginx")
    scope = Scope("docker.io", "library", "*/ng*", "1.*")
    assert scope.holds("docker.io", "library/nginx", "1.27")
    assert not scope.holds("ghcr.io", "library/nginx", "1.27")
    assert not scope.holds("docker.io", "librarything/nginx", "1.27")
    assert not scope.holds("docker.io", "library/redis", "1.27")
    assert not scope.holds("docker.io", "library/nginx", "2.0")
    assert not scope.holds("docker.io", "library/nginx")
    assert Scope(namespace=WHOLE_REGISTRY).holds("ghcr.io", "a/b/c")


@pytest.mark.parametrize("name", COMMANDS)
def test_what_takes_a_time_takes_its_zone(name: str) -> None:
    takes_when = any("WHEN" in (each.metavar or "") for each in COMMANDS[name].params)
    assert ("--timezone" in names_of(COMMANDS[name])) == takes_when


def test_what_deletes_or_accepts_can_be_tried() -> None:
    for name in ("accept", "forget", "prune", "violations", "notify forget"):
        assert "--dry-run" in names_of(COMMANDS[name]), name
