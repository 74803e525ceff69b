"""Docker Hub alone: one repository, one tag, two accounts of it, and names from a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Hub, Simulator
from tests.end_to_end.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = (
    "https://hub.docker.com/_/nginx",
    "hub.docker.com/_/nginx/tags",
    "https://hub.docker.com/r/library/nginx",
    "registry.hub.docker.com/library/nginx",
    "https://registry.hub.docker.com/library/nginx",
    "index.docker.io/library/nginx",
    "registry-1.docker.io/library/nginx",
    "nginx",
)
each_name = pytest.mark.parametrize("name", NAMES)
HUB = '[[registry]]\nhub_url = "{url}"\n'
TWO = """\
[[registry]]
name = "ours"
host = "docker.io"
hub_url = "{url}"
namespaces = ["acme"]
username = "ann"
password_file = "ann"

[[registry]]
name = "theirs"
host = "docker.io"
hub_url = "{url}"
namespaces = ["corp"]
username = "bob"
password_file = "bob"
"""


@pytest.fixture(scope="module")
def hub() -> Hub:
    hub = Hub()
    hub.add_repository("library/nginx")
    hub.push("library/nginx", "1.26", by="doi")
    hub.push("library/nginx", "1.27", by="doi")
    hub.add_repository("library/redis")
    hub.push("library/redis", "7", by="eve")
    return hub


@pytest.fixture(scope="module")
def simulator(hub: Hub) -> Iterator[Simulator]:
    with Simulator(hub) as simulator:
        yield simulator


def program_in(folder: Path, simulator: Simulator, text: str = HUB) -> Program:
    folder.mkdir(exist_ok=True)
    (folder / "indexer.toml").write_text(text.format(url=simulator.url), encoding="utf-8")
    return Program(folder)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, simulator: Simulator) -> Program:
    """An index of `library` that is only asked."""
    program = program_in(tmp_path_factory.mktemp("names") / "here", simulator)
    program.good("crawl", "-q", "library")
    return program


@pytest.mark.parametrize(
    ("name", "tags", "requests"),
    [("library/nginx", ["1.26", "1.27"], 2), ("library/nginx:1.27", ["1.27"], 2)],
)
def test_one_repository_or_one_tag_is_crawled_alone(
    tmp_path: Path, simulator: Simulator, name: str, tags: list[str], requests: int
) -> None:
    program = program_in(tmp_path / "here", simulator)
    (crawl,) = program.good("crawl", name, "--format", "json").json["crawls"]
    assert (crawl["part"], crawl["status"], crawl["requests"]) == (name, "complete", requests)
    assert [each["tag"] for each in program.good("tags", "nginx", "--format", "json").json] == tags
    assert [each["repository"] for each in program.good("repos", "--format", "json").json] == [
        "library/nginx"
    ]


def test_changes_are_asked_for_by_who_pushed(asked: Program) -> None:
    question = ("query", "--changed-since", "1h", "--include-baseline", "--format", "json")
    told = asked.good(*question, "--pushed-by", "e*").json
    assert [(each["repository"], each["pushed_by"]) for each in told] == [("library/redis", "eve")]
    assert asked.good(*question, "--pushed-by", "nobody").json == []


@pytest.mark.parametrize("name", NAMES[:-1])
def test_a_name_from_a_browser_is_understood_wherever_an_image_is_named(
    asked: Program, name: str
) -> None:
    for question in (("tags",), ("history",)):
        told = asked.good(*question, name, "--format", "json").json
        assert {each["repository"] for each in told} == {"library/nginx"}
    (verdict,) = asked.run("check", name, "--format", "json").json
    assert verdict["repository"] == "library/nginx"
    assert asked.good("query", "--changed-since", "1h", "--repository", name).code == 0


@pytest.mark.parametrize("name", NAMES[:-1])
def test_a_name_from_a_browser_is_understood_where_something_is_crawled(
    tmp_path: Path, simulator: Simulator, name: str
) -> None:
    program = program_in(tmp_path / "here", simulator)
    (crawl,) = program.good("crawl", name, "--format", "json").json["crawls"]
    assert (crawl["registry"], crawl["part"]) == ("docker.io", "library/nginx")


@pytest.mark.parametrize("name", ["docker.io", "registry.hub.docker.com", "hub.docker.com"])
def test_every_name_of_the_hub_means_one_registry(asked: Program, name: str) -> None:
    told = asked.good(
        "query", "--changed-since", "1h", "--include-baseline", "--registry", name,
        "--format", "json",
    ).json  # fmt: skip
    assert {each["registry"] for each in told} == {"docker.io"}
    user = asked.good("repos", "https://hub.docker.com/u/library", "--format", "json").json
    assert len(user) == 2


def test_two_accounts_of_the_hub_fill_one_registry(tmp_path: Path) -> None:
    hub = Hub()
    for name, who in (("acme", "ann"), ("corp", "bob")):
        hub.accounts.add_user(who, f"secret of {who}", organisations=[name])
        hub.add_repository(f"{name}/vault", private=True)
        hub.push(f"{name}/vault", "1")
    with Simulator(hub) as simulator:
        program = program_in(tmp_path / "here", simulator, TWO)
        for who in ("ann", "bob"):
            (program.folder / who).write_text(f"secret of {who}", encoding="utf-8")
            (program.folder / who).chmod(0o600)
        crawls = program.good("crawl", "--format", "json").json["crawls"]
        found = program.good("repos", "--format", "json").json
        status = program.good("status", "--format", "json").json["namespaces"]
    assert [(each["registry"], each["status"]) for each in crawls] == [
        ("docker.io", "complete")
    ] * 2
    assert [(each["registry"], each["repository"]) for each in found] == [
        ("docker.io", "acme/vault"),
        ("docker.io", "corp/vault"),
    ]
    assert [(each["namespace"], each["last_crawl"]["identity"]) for each in status] == [
        ("acme", "ann"),
        ("corp", "bob"),
    ]
