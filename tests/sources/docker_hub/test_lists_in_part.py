"""Crawls without an account of lists that the Hub refuses by their offset.

The first tests are the case anonymous-offset-cap: `library/big` has 1,300 tags.
"""

from __future__ import annotations

import json
import math
import random
from typing import TYPE_CHECKING, Any

import pytest

from indexer.hub_simulator import Hub, OffsetBound, Simulator, Status
from tests.sources.oci.in_process import Here
from tests.support.databases import new_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

BIG = "library/big"


class Site:
    """A simulated Hub, and the command with a configuration and an index for it."""

    def __init__(self, folder: Path, simulator: Simulator, hub: Hub, database_url: str) -> None:
        self.here = Here(folder)
        self.simulator = simulator
        self.hub = hub
        self._database_url = database_url
        self.configure()

    def configure(self, *more: str) -> None:
        """Write the configuration, with more lines for the registry."""
        lines = [
            "[database]",
            f"url = {json.dumps(self._database_url)}",
            "[[registry]]",
            f"hub_url = '{self.simulator.url}'",
            f"registry_url = '{self.simulator.url}'",
            "namespaces = ['library']",
            *more,
        ]
        (self.here.folder / "indexer.toml").write_text("\n".join(lines))

    def log_in(self) -> None:
        """Crawl with an account from now on."""
        self.hub.accounts.add_user("me", "secret")
        (self.here.folder / "secret").write_text("secret")
        self.configure("username = 'me'", f"password_file = '{self.here.folder / 'secret'}'")

    def crawl(self, *options: str) -> dict[str, Any]:
        """Crawl `library`, and return the crawl."""
        done = self.here.run("-q", "crawl", *options, "--format", "json")
        crawls = json.loads(done.out)["crawls"]
        assert len(crawls) == 1, done.err
        found: dict[str, Any] = crawls[0]
        return found

    def news(self, crawl: dict[str, Any]) -> list[tuple[str, str | None]]:
        """What changed in a crawl, and is no baseline."""
        before = f"crawl:{crawl['id']}"
        done = self.here.run("query", "--changed-since", before, "--format", "json")
        return sorted((each["kind"], each["tag"]) for each in json.loads(done.out))

    def fill(self, number: int, name: str = BIG) -> None:
        """Push so many tags to a repository, the oldest first."""
        self.hub.add_repository(name)
        for each in range(number):
            self.hub.push(name, f"{each // 40}.{each % 40}-{'alpine' if each % 2 else 'slim'}")
        self.hub.clock.advance(3_600)  # the head is short: what was pushed in the last minute
        self.hub.push(name, "0.0-slim")

    def indexed(self) -> set[str]:
        """The tags of `library/big` in the index."""
        done = self.here.run("tags", BIG, "--all", "--format", "json")
        return {each["tag"] for each in json.loads(done.out)}

    def held(self) -> set[str]:
        """Its tags at the Hub."""
        return set(self.hub.repo(BIG).tags)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.nightly]),
    ]
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """By day SQLite only: what is stored of such lists `tests/oracle` compares on both."""
    return new_index(request.param, tmp_path)


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    hub = Hub()
    with Simulator(hub) as simulator:
        yield Site(tmp_path, simulator, hub, database_url)


def test_all_1300_tags_of_a_repository_are_read_without_an_account(site: Site) -> None:
    site.fill(1_300)
    done = site.crawl()
    assert (done["status"], done["errors"]) == ("complete", [])
    assert site.indexed() == site.held()
    assert done["requests"] <= 1.5 * (1 + math.ceil(1_300 / 100) + 1)
    assert site.crawl()["requests"] == 1


def test_a_push_is_told_by_the_next_crawl_and_a_deletion_too(site: Site) -> None:
    site.fill(1_300)
    site.crawl()
    site.hub.push(BIG, "new")
    assert site.news(site.crawl()) == [("tag_added", "new")]
    site.hub.delete_tag(BIG, "3.1-alpine")
    site.hub.push(BIG, "newer")
    done = site.crawl()
    assert site.news(done) == [("tag_added", "newer"), ("tag_removed", "3.1-alpine")]
    assert done["status"] == "complete"
    assert site.indexed() == site.held()


def test_the_bound_is_remembered_and_a_full_crawl_finds_it_out_anew(site: Site) -> None:
    site.fill(1_300)
    site.crawl()
    site.simulator.clear()
    assert site.crawl("--full")["status"] == "complete"
    assert [each.status for each in site.simulator.requests].count(403) == 1
    site.simulator.offset_bound = None
    assert site.crawl("--full")["status"] == "complete"
    assert site.indexed() == site.held()


def test_a_namespace_of_181_repositories_is_listed_whole(site: Site) -> None:
    for number in range(181):
        site.hub.add_repository(f"library/image-{number}")
        site.hub.push(f"library/image-{number}", "latest")
    site.hub.clock.advance(3_600)
    site.hub.push("library/image-0", "latest")
    done = site.crawl()
    assert (done["status"], done["repositories"]) == ("complete", 181)
    assert site.crawl()["requests"] == 1


def test_what_stays_out_of_reach_is_said_with_the_remedy_and_is_no_change_when_it_is_seen(
    site: Site,
) -> None:
    site.fill(1_300)
    site.simulator.offset_bound = OffsetBound(repositories=100, tags=100)
    site.simulator.inject(Status(404), "*/tags/list*", times=1_000)
    site.configure("resolve = 0")
    done = site.crawl()
    assert done["status"] == "incomplete"
    assert "any free account sees all" in done["errors"][0]
    assert 100 <= len(site.indexed()) < 1_300
    again = site.crawl()
    assert (again["status"], again["requests"], site.news(again)) == ("incomplete", 2, [])
    site.hub.push(BIG, "new")
    site.log_in()
    done = site.crawl()
    assert done["status"] == "complete"
    assert site.indexed() == site.held()
    assert site.news(done) == [("tag_added", "new")]


@pytest.mark.parametrize("seed", range(2))
def test_whatever_moves_meanwhile_the_index_ends_as_the_hub_is(site: Site, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    site.simulator.offset_bound = OffsetBound(tags=dice.choice([100, 200, 300]))
    site.fill(450)
    site.crawl()

    def move(_: object) -> None:
        if dice.random() < 0.2:
            tag = dice.choice(sorted(site.held()))
            if dice.random() < 0.5:
                site.hub.delete_tag(BIG, tag)
            else:
                site.hub.push(BIG, dice.choice([tag, f"new-{dice.randrange(1_000)}"]))

    site.simulator.on_request(move)
    for _ in range(3):
        site.crawl()
    site.simulator.clear()
    assert site.crawl("--full")["status"] == "complete"
    assert site.indexed() == site.held()


def test_a_crawl_that_needs_the_other_sides_says_what_an_account_saves(site: Site) -> None:
    site.fill(1_300)
    assert "any free account saves that" in site.here.run("crawl").err
    site.log_in()
    assert "account" not in site.here.run("crawl", "--full").err
