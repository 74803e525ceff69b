"""The usual use: crawl, let a day pass, crawl again, ask. On both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from indexer.hub_simulator import Hub, Simulator
    from tests.end_to_end.program import Program


@pytest.fixture
def stored(program: Program, database_url: str) -> Program:
    """The program on each kind of database."""
    program.environment["INDEXER_DATABASE_URL"] = database_url
    return program


def test_the_index_is_what_the_hub_holds_and_the_log_is_what_happened(
    stored: Program, hub: Hub, simulator: Simulator
) -> None:
    (first,) = stored.good("crawl", "--format", "json").json["crawls"]
    assert _index(stored) == hub.truth("acme")
    assert (first["status"], first["requests"], sum(first["changes"].values())) == (
        "complete",
        4,
        0,
    )

    _live(hub)
    simulator.clear()
    (second,) = stored.good("crawl", "--format", "json").json["crawls"]

    assert _index(stored) == hub.truth("acme")
    log = stored.good("query", "--changed-since", "crawl:2", "--format", "json").json
    assert _happened(log) == {
        ("repository_added", "acme/new", None),
        ("repository_removed", "acme/worker", None),
        ("tag_added", "acme/new", "0.1"),
        ("tag_added", "acme/api", "2.0"),
        ("tag_removed", "acme/api", "1.0"),
        ("tag_retagged", "acme/web", "1.2"),
    }
    assert len(log) == sum(second["changes"].values()) == 6
    assert second["requests"] == len(simulator.requests)


def test_the_past_stays_as_it_was(stored: Program, hub: Hub) -> None:
    stored.good("crawl", "-q")
    before = hub.truth("acme")
    _live(hub)
    stored.good("crawl", "-q")

    then = stored.good("tags", "acme/api", "--as-of", "crawl:1", "--format", "json").json
    history = stored.good("history", "acme/web:1.2", "--format", "json").json
    gone = stored.good("history", "acme/worker", "--format", "json").json

    assert {tag["tag"]: tag["digest"] for tag in then} == before["acme/api"]
    old, new = history
    assert (old["digest"], new["digest"]) == (
        before["acme/web"]["1.2"],
        hub.truth("acme")["acme/web"]["1.2"],
    )
    assert old["ended_at"] == new["started_at"]
    assert new["ended_at"] is None
    assert {each["tag"] for each in gone if each["ended_at"]} == {"1.0", "1.1"}


def test_an_unchanged_namespace_costs_one_request_and_changes_nothing(
    stored: Program, simulator: Simulator
) -> None:
    stored.good("crawl", "-q")
    simulator.clear()

    (crawl,) = stored.good("crawl", "--format", "json").json["crawls"]

    assert (crawl["requests"], len(simulator.requests)) == (1, 1)
    assert stored.good("query", "--changed-since", "1h", "--format", "json").json == []


def test_a_tag_that_was_deleted_silently_is_found_by_verify(
    stored: Program, hub: Hub, simulator: Simulator
) -> None:
    stored.good("crawl", "-q")
    hub.delete_tag("acme/api", "1.3")
    simulator.clear()

    (crawl,) = stored.good("crawl", "--verify", "--format", "json").json["crawls"]

    assert crawl["changes"]["tag_removed"] == 1
    assert len(simulator.requests) == 1 + 3 + 1  # the deleted tag itself is asked for, too
    assert _index(stored) == hub.truth("acme")


def test_a_full_crawl_reads_every_page_and_finds_nothing_new(
    stored: Program, simulator: Simulator
) -> None:
    stored.good("crawl", "-q")
    simulator.clear()

    (crawl,) = stored.good("crawl", "--full", "--format", "json").json["crawls"]

    assert (crawl["mode"], crawl["requests"]) == ("full", 1 + 3)
    assert sum(crawl["changes"].values()) == 0


def _live(hub: Hub) -> None:
    """What happens between two crawls: each kind of change once, and what means nothing."""
    hub.clock.advance(3600)
    hub.add_repository("acme/new")
    hub.push("acme/new", "0.1")
    hub.push("acme/api", "2.0")
    hub.delete_tag("acme/api", "1.0")
    hub.retag("acme/web", "1.2")
    hub.copy_tag("acme/web", "1.1", "1.1")
    hub.pull("acme/web", "1.0")
    hub.remove_repository("acme/worker")


def _index(program: Program) -> dict[str, dict[str, str]]:
    """What the index believes, as the hub tells its truth."""
    repositories = program.good("repos", "--format", "json").json
    return {
        each["repository"]: {
            tag["tag"]: tag["digest"]
            for tag in program.good("tags", each["repository"], "--format", "json").json
        }
        for each in repositories
    }


def _happened(log: list[dict[str, Any]]) -> set[tuple[str, str, str | None]]:
    return {(each["kind"], each["repository"], each["tag"]) for each in log}
