"""docs/recipes: their configurations and commands, tried on a simulated Docker Hub.

Those of ci.md have a test of their own, and so have those of registries.md.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.hub_simulator import Hub, Simulator
from tests.documents import pages
from tests.end_to_end.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = pages.ROOT / "docs" / "recipes"

PLACES = ("/var/lib/indexer/", "/backup/", "/etc/")
"""Folders that pages name; here they are the folder of the test."""

NOT_HERE = re.compile(r"indexer (daemon|worker|db grant-reader)|postgresql|sha256:…")
"""Commands that need another test: they do not end, or need PostgreSQL."""


class Recipe(NamedTuple):
    """A page, and the exit codes of its commands that are not 0, by their beginnings."""

    page: str
    codes: dict[str, int]


RECIPES = [
    Recipe("organisation.md", {"indexer notify test": 1}),  # no chat is there
    Recipe("immutable-tags.md", {"indexer violations --acknowledge": 2}),  # there is none to see
    Recipe("cooldown.md", {}),
]
AT_NIGHT = [Recipe("scaling.md", {}), Recipe("backup.md", {})]

FILES = {
    "Dockerfile": "FROM python:3.13-slim\n",
    "compose.yaml": "services: {a: {image: debian:12}}\n",
}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    hub = Hub()
    for name, tag in (
        ("our-company/app", "1.0"),
        ("library/python", "3.13-slim"),
        ("library/debian", "12"),
    ):
        hub.add_repository(name)
        hub.push(name, tag)
    hub.accounts.add_user("our-robot", "secret", organisations=["our-company"])
    with Simulator(hub) as simulator:
        yield simulator


def here(text: str, folder: Path) -> str:
    for place in PLACES:
        text = text.replace(place, f"{folder}/")
    return text


def commands(text: str) -> Iterator[str]:
    """Each line that calls the program, with what cron or a shell put before it left away."""
    for block in [*pages.fenced(text, ""), *pages.fenced(text, "sh")]:
        for line in block.splitlines():
            found = re.search(r"(?:^|\s\s|\$\()((?:[A-Z_]+=\S+ )?indexer .*?)(?:\)|$)", line)
            if found and not NOT_HERE.search(found[1]):
                yield found[1].partition(" #")[0].strip()


@pytest.mark.parametrize(
    "recipe",
    [*RECIPES, *(pytest.param(each, marks=pytest.mark.nightly) for each in AT_NIGHT)],
    ids=lambda each: each.page,
)
def test_each_command_of_a_recipe_does_what_it_is_there_for(
    recipe: Recipe, simulator: Simulator, tmp_path: Path
) -> None:
    text = here(pages.read(FOLDER / recipe.page), tmp_path)
    blocks = [block for block in pages.fenced(text, "toml") if "postgresql" not in block]
    given = blocks[0] if blocks else '[[registry]]\nnamespaces = ["our-company"]\n'
    file = tmp_path / "indexer.toml"
    file.write_text(
        given.replace("[[registry]]", f'[[registry]]\nhub_url = "{simulator.url}"'),
        encoding="utf-8",
    )
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    program = Program(
        tmp_path,
        DOCKER_TOKEN="secret",
        TEAM_CHAT="json://127.0.0.1:9",
        ON_CALL="json://127.0.0.1:9",
        INDEXER_DATABASE_URL=f"sqlite:///{tmp_path}/indexer.db",
    )
    program.good("crawl", "-q")
    typed = [*commands(text)]

    wrong = []
    for line in typed:
        variables, _, rest = line.partition("indexer ")
        done = program.run(*shlex.split(rest), **dict(re.findall(r"(\w+)=(\S+)", variables)))
        expected = next((code for start, code in recipe.codes.items() if line.startswith(start)), 0)
        if done.code != expected or "Traceback" in done.err:
            wrong.append((line, done))

    assert len(typed) >= 2
    assert not wrong
