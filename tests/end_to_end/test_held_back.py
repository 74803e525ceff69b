"""Removals that are held back for review, and how a person accepts them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Status

if TYPE_CHECKING:
    from indexer.hub_simulator import Hub, Simulator
    from tests.end_to_end.program import Program


@pytest.fixture
def emptied(program: Program, hub: Hub) -> Program:
    """An index that knows of 15 repositories, 12 of which were deleted."""
    for number in range(12):
        hub.add_repository(f"acme/old-{number}")
        hub.push(f"acme/old-{number}", "1.0")
    program.good("crawl", "-q")
    for number in range(12):
        hub.remove_repository(f"acme/old-{number}")
    return program


def test_many_removals_at_once_wait_for_a_person_who_accepts_them(emptied: Program) -> None:
    held = emptied.run("crawl", "--format", "json")
    (crawl,) = held.json["crawls"]
    assert (held.code, crawl["status"], crawl["repositories"]) == (1, "incomplete", 15)
    assert "'indexer accept acme'" in crawl["errors"][0]

    found = emptied.good("accept", "--list", "--format", "json").json
    assert [(each["name"], each["state"]) for each in found] == [("acme", "held_back")]
    assert found[0]["reason"].startswith("12 of 15 repositories are missing: acme/old-0, ")
    assert found[0]["reason"].endswith(" and 7 more")
    assert (found[0]["number"], found[0]["names"]) == (
        12,
        sorted(f"acme/old-{number}" for number in range(12)),
    )
    waits = (
        "acme: 12 of 15 repositories are missing: acme/old-0, acme/old-1, acme/old-10, "
        "acme/old-11, acme/old-2 and 7 more; held back for review: 'indexer accept acme'."
    )
    for question in (("repos",), ("status",)):
        assert waits in emptied.good(*question).err
    checked = emptied.run("check", "acme/old-3:1.0")
    assert (checked.code, checked.out.count("unknown")) == (1, 1)
    assert waits in checked.err
    preview = emptied.good("accept", "acme", "--dry-run", "--format", "json").json
    assert sorted(each["repository"] for each in preview) == sorted(
        f"acme/old-{number}" for number in range(12)
    )
    assert "acme/old-3" in emptied.good("accept", "acme", "--dry-run").out
    assert "12 of 15 repositories" in emptied.good("accept", "--list", "acme").out
    assert len(emptied.good("repos", "--format", "json").json) == 15

    accepted = emptied.good("accept", "acme", "--format", "json")
    (crawl,) = accepted.json["crawls"]
    assert (crawl["status"], crawl["repositories"]) == ("complete", 3)
    assert crawl["changes"]["repository_removed"] == 12
    assert emptied.good("crawl").code == 0
    assert emptied.good("accept", "--list").err == "nothing waits for review.\n"


def test_what_is_held_back_is_listed_whatever_the_last_crawl_said(
    emptied: Program, simulator: Simulator
) -> None:
    """Its errors are not those of the list of repositories."""
    emptied.run("crawl", "-q")
    emptied.good("crawl", "-q", "acme/api")
    assert "12 of 15 repositories" in emptied.good("accept", "--list").out
    simulator.inject(Status(500), "*", times=99)
    assert emptied.run("crawl", "-q").code == 1
    done = emptied.good("accept", "--list")
    assert "12 of 15 repositories are missing" in done.out
    assert "docker.io/acme could not be read by its last crawl: crawl it" in done.err


def test_the_configuration_says_how_many_are_too_many(emptied: Program) -> None:
    file = emptied.folder / "indexer.toml"
    file.write_text(file.read_text(encoding="utf-8") + "hold_back_share = 0.9\n", encoding="utf-8")
    (crawl,) = emptied.good("crawl", "--format", "json").json["crawls"]
    assert crawl["changes"]["repository_removed"] == 12


def test_forgetting_is_not_a_removal(crawled: Program, simulator: Simulator) -> None:
    refused = crawled.run("forget", "acme/api")
    assert (refused.code, refused.err) == (
        2,
        "indexer: nothing was forgotten: confirm, or use --yes.\n",
    )
    done = crawled.good("forget", "acme/api", "-y")
    assert done.err == "forgot docker.io/acme/api: 1 repository with 5 tags.\n"
    assert crawled.good("query", "--changed-since", "1d", "--format", "json").json == []
    assert len(crawled.good("repos", "--format", "json").json) == 2
    assert simulator.requests == []


def test_accepting_takes_a_name_but_listing_does_not(crawled: Program) -> None:
    for command in (("accept",), ("accept", "--dry-run")):
        done = crawled.run(*command)
        assert (done.code, "--list lists" in done.err) == (2, True)


def test_a_dry_run_previews_tags_too_and_records_nothing(program: Program, hub: Hub) -> None:
    for number in range(20):
        hub.push("acme/api", f"2.{number}")
    program.good("crawl", "-q")
    for number in range(20):
        hub.delete_tag("acme/api", f"2.{number}", moves_date=True)
    assert program.run("crawl", "-q").code == 1
    before = program.good("status", "--format", "json").json
    (found,) = program.good("accept", "--list", "--format", "json").json
    assert (found["name"], found["state"]) == ("acme/api", "held_back")
    preview = program.good("accept", "acme/api", "--dry-run", "--format", "json").json
    assert {(each["repository"], each["tag"]) for each in preview} == {
        ("acme/api", f"2.{number}") for number in range(20)
    }
    after = program.good("status", "--format", "json").json
    assert after["namespaces"][0]["last_crawl"]["id"] == before["namespaces"][0]["last_crawl"]["id"]
    assert len(program.good("tags", "acme/api", "--format", "json").json) == 25


DRY_RUNS = (
    *(("accept", "acme"), ("forget", "acme"), ("forget", "acme/api")),
    ("prune", "--older-than", "1d"),
)


def test_a_dry_run_takes_no_write_lock(emptied: Program) -> None:
    """So it fails nobody who writes: here somebody does, and nobody waits for it."""
    emptied.run("crawl", "-q")
    index = emptied.folder / "indexer.db"
    with closing(sqlite3.connect(index, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for command in DRY_RUNS:
            url = f"sqlite:///{index}?timeout=0"
            done = emptied.good(*command, "--dry-run", INDEXER_DATABASE_URL=url)
            assert "locked" not in done.err


def test_an_unknown_name_is_neither_accepted_nor_forgotten(crawled: Program) -> None:
    for command in (("accept", "acme/apj"), ("forget", "acme/apj", "--yes")):
        done = crawled.run(*command)
        assert done.code == 2
        assert "did you mean 'acme/api'" in done.err


def test_what_an_account_no_longer_sees_is_hidden_until_a_person_accepts_it(
    program: Program, hub: Hub
) -> None:
    hub.accounts.add_user("alice", "s3cret", organisations=["acme"])
    program.environment["HUB_PASSWORD"] = "s3cret"
    file = program.folder / "indexer.toml"
    account = 'username = "alice"\npassword_env = "HUB_PASSWORD"\n'
    file.write_text(file.read_text(encoding="utf-8") + account, encoding="utf-8")
    hub.add_repository("acme/secret", private=True)
    hub.push("acme/secret", "1.0")
    program.good("crawl", "-q")
    hub.remove_repository("acme/secret")

    found = program.run("crawl", "--format", "json")
    (crawl,) = found.json["crawls"]
    assert (found.code, crawl["status"]) == (1, "incomplete")
    assert "no longer visible to alice and kept as hidden: acme/secret" in crawl["errors"][0]
    assert program.good("crawl", "-q").code == 0
    shown = {each["repository"]: each for each in program.good("repos", "--format", "json").json}
    assert shown["acme/secret"]["hidden_from"] == "alice"
    assert "1 private repository is not visible to alice since" in program.good("status").out
    for command in ("tags", "history"):
        said = program.good(command, "acme/secret").err
        assert "acme/secret is private, and not visible to alice since 20" in said
        assert "this is what was known then" in said
    changes = program.good("query", "--changed-since", "crawl:1").err
    assert "1 private repository is not visible to alice since 20" in changes
    assert "later changes there are not known" in changes

    (waiting,) = program.good("accept", "--list", "--format", "json").json
    assert (waiting["name"], waiting["state"]) == ("acme/secret", "hidden")
    assert waiting["reason"] == "private, and no longer visible to alice"

    (preview,) = program.good("accept", "acme", "--dry-run", "--format", "json").json
    assert preview == {"registry": "docker.io", "repository": "acme/secret", "tag": None}

    refused = program.run("accept", "acme")
    assert refused.code == 2
    assert "acme/secret" in refused.err
    assert "nothing was accepted: confirm, or use --yes." in refused.err
    accepted = program.good("accept", "acme", "-y", "--format", "json")
    assert accepted.json["crawls"][0]["changes"]["repository_removed"] == 1


def test_of_a_tag_that_the_configuration_leaves_out_it_is_said_that_nobody_looks(
    crawled: Program, hub: Hub
) -> None:
    hub.push("acme/api", "1.0")
    crawled.good("crawl", "-q")
    file = crawled.folder / "indexer.toml"
    file.write_text(file.read_text(encoding="utf-8") + 'exclude = ["1.0"]\n', encoding="utf-8")
    crawled.good("crawl", "-q")
    for question in ("history", "diff"):
        said = crawled.good(question, "acme/api:1.0").err
        assert "indexer: acme/api:1.0 is not watched since " in said
        assert "UTC: this is what was known then." in said
    assert "not watched" not in crawled.good("history", "acme/api:1.1").err
