"""The commands of the table in docs/serve.md do what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.documents import pages
from tests.support.databases import missing
from tests.web.client_commands import COMMANDS, program, run, site_for_clients, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.client_commands import Command

PAGE = pages.ROOT / "docs" / "serve.md"

OPTIONAL = {"docker"}
"""What Debian has only with its daemon; without it these commands are not tried."""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with site_for_clients(tmp_path_factory.mktemp("clients")) as found:
        yield found


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: f"{each.client} {each.arguments}")
def test_each_command_does_what_the_table_says(command: Command, host: str, tmp_path: Path) -> None:
    if program(command.client) is None:
        if command.client in OPTIONAL:
            pytest.skip(f"there is no {command.client} here")
        missing(f"there is no {command.client} here: apt-get install {command.client}")
    code, told = run(command, host, tmp_path)
    assert (code != 0) == command.fails, told
    assert command.shows in told


def test_the_table_has_each_command() -> None:
    section = pages.read(PAGE).partition("### Which clients work")[2].partition("\n#")[0]
    lines = [line for line in section.splitlines() if re.match(r"\| [a-z]+ \| \d", line)]
    versions = {line.split(" | ")[0].strip("| "): line.split(" | ")[1] for line in lines}
    assert lines == table(versions)[2:]
