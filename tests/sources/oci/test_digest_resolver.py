"""Docker Hub's tags without a digest: what its registry is asked for, and how much."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from indexer.bootstrap.registry_connections import address_of
from indexer.config import RegistrySettings
from indexer.hub_simulator import Hub, Simulator, Status
from tests.sources.oci.in_process import Here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.hub_simulator import Received
    from tests.end_to_end.program import Done

NAME = "acme/api"


class Bench:
    """A simulated Hub, and the command with a configuration for it."""

    def __init__(self, folder: Path, simulator: Simulator, hub: Hub) -> None:
        folder.mkdir(exist_ok=True)
        self.here = Here(folder)
        self.simulator = simulator
        self.hub = hub
        hub.add_repository(NAME)

    def configure(self, more: str = "", *, registry: bool = True) -> None:
        lines = ["[[registry]]", f"hub_url = '{self.simulator.url}'", "namespaces = ['acme']"]
        lines += [f"registry_url = '{self.simulator.url}'"] if registry else []
        (self.here.folder / "indexer.toml").write_text("\n".join([*lines, more]))

    def crawl(self, *options: str) -> Done:
        self.simulator.clear()
        done = self.here.run("-q", "crawl", *options, "--format", "json")
        assert done.code == 0, (done.out, done.err)
        return done

    def digests(self) -> dict[str, str | None]:
        tags = json.loads(self.here.run("tags", NAME, "--format", "json").out)
        return {tag["tag"]: tag["digest"] for tag in tags}

    @property
    def heads(self) -> list[str]:
        """The tags whose digest the registry was asked for."""
        return [
            request.path.rpartition("/")[2]
            for request in self.simulator.requests
            if request.method == "HEAD" and request.status != 401  # of which there is one
        ]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    hub = Hub()
    with Simulator(hub) as simulator:
        yield Bench(tmp_path / "here", simulator, hub)


@pytest.mark.parametrize("form", ["old", "bare"])
def test_a_tag_without_a_digest_is_resolved_and_that_is_no_retag(bench: Bench, form: str) -> None:
    digest = bench.hub.push(NAME, "1.0", form=form)  # type: ignore[arg-type] # its two forms
    bench.configure("resolve = 0")
    bench.crawl()
    assert bench.digests() == {"1.0": None}
    assert bench.heads == []
    bench.configure()
    bench.crawl("--verify")
    assert bench.digests() == {"1.0": digest}
    changes = bench.here.run("query", "--changed-since", "1h", "--format", "json")
    assert json.loads(changes.out) == []
    bench.crawl("--full")
    assert bench.heads == []


def test_the_newest_are_resolved_within_the_budget_and_the_others_in_later_crawls(
    bench: Bench,
) -> None:
    digests = {f"1.{n}": bench.hub.push(NAME, f"1.{n}", form="bare") for n in range(7)}
    bench.configure("resolve = 3")
    bench.crawl()
    assert sorted(bench.heads) == ["1.4", "1.5", "1.6"]
    known = bench.digests()
    assert {tag: known[tag] for tag in ("1.4", "1.5", "1.6")} == {
        tag: digests[tag] for tag in ("1.4", "1.5", "1.6")
    }
    assert [tag for tag in known if known[tag] is None] == ["1.0", "1.1", "1.2", "1.3"]
    bench.crawl("--full")
    assert sorted(bench.heads) == ["1.1", "1.2", "1.3"]
    bench.crawl("--full")
    assert bench.digests() == digests


def test_a_push_without_a_digest_is_a_retag_with_both_digests(bench: Bench) -> None:
    before = bench.hub.push(NAME, "1.0", form="bare")
    bench.configure()
    bench.crawl()
    after = bench.hub.push(NAME, "1.0", form="bare")
    bench.crawl()
    changes = json.loads(bench.here.run("query", "--changed-since", "1h", "--format", "json").out)
    assert [(each["kind"], each["old_digest"], each["new_digest"]) for each in changes] == [
        ("tag_retagged", before, after)
    ]


def test_a_tag_pushed_between_its_list_and_its_digest_is_a_retag_in_the_next_crawl(
    bench: Bench,
) -> None:
    before = bench.hub.push(NAME, "1.0", form="old")
    bench.configure("resolve = 0")
    bench.crawl()
    bench.configure()
    bench.hub.push(NAME, "1.1", form="bare")
    pushed: list[str] = []

    def push(received: Received) -> None:
        if received.method == "HEAD" and not pushed:
            pushed.append(bench.hub.push(NAME, "1.0"))

    bench.simulator.on_request(push)
    assert bench.here.run("-q", "crawl").code == 0
    assert pushed
    assert bench.digests()["1.0"] is None, "what is listed is no longer what the digest is of"
    bench.crawl()
    assert bench.digests()["1.0"] == pushed[0] != before
    changes = json.loads(bench.here.run("query", "--changed-since", "1h", "--format", "json").out)
    assert [(each["kind"], each["tag"], each["new_digest"]) for each in changes][-1] == (
        "tag_retagged",
        "1.0",
        pushed[0],
    )


def test_an_unchanged_namespace_still_costs_one_request(bench: Bench) -> None:
    for number in range(5):
        bench.hub.push(NAME, f"1.{number}", form="bare")
    bench.configure("resolve = 2")
    bench.crawl()
    bench.crawl()
    assert len(bench.simulator.requests) == 1


def test_a_registry_that_refuses_is_not_asked_again_and_the_crawl_is_complete(
    bench: Bench,
) -> None:
    for number in range(30):
        bench.hub.push(NAME, f"1.{number}", form="bare")
    bench.simulator.inject(Status(403), "HEAD *", times=1_000)
    bench.configure()
    done = bench.here.run("-q", "crawl")
    assert done.code == 0, done.err
    assert set(bench.digests().values()) == {None}
    assert len(bench.heads) <= 8


def test_a_hub_elsewhere_is_not_taken_to_have_docker_s_registry_behind_it(bench: Bench) -> None:
    bench.hub.push(NAME, "1.0", form="bare")
    bench.configure(registry=False)
    bench.crawl()
    assert bench.heads == []
    told = bench.here.run("inspect", f"docker.io/{NAME}:1.0")
    assert (told.code, told.out) == (2, "")
    assert "configure 'registry_url'" in told.err


def test_an_image_of_docker_hub_is_inspected_through_its_registry(bench: Bench) -> None:
    bench.hub.push(NAME, "1.0", platforms=["linux/amd64"])
    bench.configure()
    bench.crawl()
    shown = bench.here.run("inspect", NAME + ":1.0", "--raw")
    assert shown.code == 0, shown.err
    assert json.loads(shown.out)["schemaVersion"] == 2
    bench.simulator.clear()
    assert bench.here.run("inspect", NAME + ":1.0", "--raw", "--offline").out == shown.out
    assert bench.simulator.requests == []


def test_where_a_registry_is_follows_from_what_is_configured() -> None:
    assert address_of(RegistrySettings()) == "https://registry-1.docker.io"
    assert address_of(RegistrySettings(hub_url="https://hub.test")) == ""
    hub = RegistrySettings(hub_url="https://hub.test", registry_url="https://registry.test")
    assert address_of(hub) == "https://registry.test"
    for name, address in (
        ("registry.example.com", "https://registry.example.com"),
        ("localhost:5000", "http://localhost:5000"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("10.0.0.1:5000", "https://10.0.0.1:5000"),
    ):
        assert address_of(RegistrySettings(name=name, type="oci")) == address
    given = RegistrySettings(name="r.test", type="oci", url="https://elsewhere.test:8443")
    assert address_of(given) == "https://elsewhere.test:8443"
