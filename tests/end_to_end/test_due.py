"""`indexer due`: what is due, and why, for people and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.hub_simulator import Hub
    from tests.end_to_end.program import Program


def test_what_was_never_crawled_is_due_now_and_what_was_is_due_later(program: Program) -> None:
    program.good("db", "upgrade")
    (before,) = program.good("due", "--format", "json").json
    program.good("crawl", "-q")
    (after,) = program.good("due", "--format", "json").json

    assert before == {
        "registry": "docker.io",
        "namespace": "acme",
        "due": True,
        "mode": "incremental",
        "at": None,
        "reason": "it was never crawled",
    }
    assert (after["due"], after["mode"]) == (False, None)
    assert after["reason"] == "a crawl is due every 1h"
    assert after["at"] > "2026"
    assert "docker.io/acme" in program.good("due").out


def test_repositories_with_a_new_date_come_first_and_each_has_its_reason(
    crawled: Program, hub: Hub
) -> None:
    hub.push("acme/web", "2.0")
    with (crawled.folder / "indexer.toml").open("a", encoding="utf-8") as file:
        file.write("[schedule]\nverify_budget = 2\n")
    looks = crawled.good("due", "acme", "--format", "json").json
    shown = crawled.good("due", "acme", "--limit", "1").out

    assert [each["place"] for each in looks] == [1, 2]
    assert all("its tags were last read 0 hours ago" in each["reason"] for each in looks)
    assert len(shown.splitlines()) == 2


def test_a_status_tells_how_much_is_expected_to_be_stale(crawled: Program) -> None:
    (status,) = crawled.good("status", "--format", "json").json["namespaces"]

    assert status["stale"] == 0


def test_what_is_due_and_the_status_come_in_any_order_and_only_some_of_it(
    crawled: Program,
) -> None:
    file = crawled.folder / "indexer.toml"
    text = file.read_text(encoding="utf-8").replace('["acme"]', '["acme", "zoo", "beta"]')
    file.write_text(text, encoding="utf-8")

    def names(*command: str) -> list[str]:
        answer = crawled.good(*command, "--json").json
        found = answer["namespaces"] if command[0] == "status" else answer
        return [each["namespace"] for each in found]

    assert names("due", "--sort", "name", "--reverse", "--limit", "2") == ["zoo", "beta"]
    assert names("status", "--sort", "repositories", "--reverse", "--limit", "1") == ["acme"]
    looks = crawled.good("due", "acme", "--sort", "name", "--columns", "place", "--json").json
    assert [each.keys() for each in looks] == [{"place"}] * len(looks)
    assert len(looks) > 1
    assert crawled.good("status", "--sort", "name", "--columns", "namespace").out.split() == [
        "NAMESPACE", "acme", "beta", "zoo",
    ]  # fmt: skip
    refused = crawled.run("status", "--sort", "age")
    assert (refused.code, "cannot sort by 'age'" in refused.err) == (2, True)
