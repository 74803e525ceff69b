"""The page of facts: no row without a test, and no field of it that the simulator does not send."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.hub_simulator.conftest import REPOSITORIES, TAGS
from tests.hub_simulator.facts import facts, shows

if TYPE_CHECKING:
    from indexer.hub_simulator import Hub
    from tests.hub_simulator.conftest import Client

NAME = "library/alpine"
FACTS = facts()
ANSWERS = (
    "a list",
    "a repository in a list",
    "a repository by itself",
    "a category",
    "a tag",
    "an old tag",
    "an image of a tag",
    "an event of the audit log",
)


def shown() -> dict[str, list[str]]:
    """The tests of each row."""
    found: dict[str, list[str]] = {name: [] for name in FACTS}
    here = Path(__file__).parent
    for file in sorted(here.rglob("test_*.py")):
        name = ".".join(file.relative_to(here).with_suffix("").parts)
        module = importlib.import_module(f"tests.hub_simulator.{name}")
        for name, test in vars(module).items():
            for fact in getattr(test, "facts", ()) if name.startswith("test_") else ():
                assert fact in found, f"{file.name}: {name} shows '{fact}', which is no row"
                found[fact].append(f"{file.name}: {name}")
    return found


def test_every_row_of_the_facts_has_a_test_against_the_simulator() -> None:
    assert [name for name, tests in shown().items() if not tests] == []
    assert len(FACTS) > 50


@pytest.fixture
def answers(hub: Hub, client: Client) -> dict[str, dict[str, Any]]:
    """What the simulator sends for each answer whose fields are facts."""
    hub.add_repository("library/tools", categories=["Developer Tools"])
    hub.push(NAME, "new")
    hub.push(NAME, "old", form="old")
    hub.accounts.add_user("ann", "password", organisations=["library"])
    hub.accounts.add_organisation("library", plan="business", owners=["ann"])
    log = client.ask("GET", "/v2/auditlogs/library", headers=client.token("ann", "password"))
    page = client.get(REPOSITORIES, name="tools").json()
    return {
        "a list": page,
        "a repository in a list": page["results"][0],
        "a repository by itself": client.get(f"{REPOSITORIES}/tools").json(),
        "a category": page["results"][0]["categories"][0],
        "a tag": client.get(f"{TAGS}/new").json(),
        "an old tag": client.get(f"{TAGS}/old").json(),
        "an image of a tag": client.get(f"{TAGS}/new").json()["images"][0],
        "an event of the audit log": log.json()["logs"][0],
    }


@shows(*ANSWERS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_has_the_fields_of_the_facts_and_no_other(
    answers: dict[str, dict[str, Any]], answer: str
) -> None:
    expected = FACTS[answer].fields
    if answer == "a repository by itself":
        expected = [*FACTS["a repository in a list"].fields, *expected]
    assert list(answers[answer]) == expected
