"""What is written to which stream: results, progress, messages, colours; and no secrets."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Status

if TYPE_CHECKING:
    from indexer.hub_simulator import Hub, Simulator
    from tests.end_to_end.program import Program

PASSWORD = "correct horse battery staple"

_LOGGED = re.compile(
    r"\d\d:\d\d:\d\d\.\d{3} (GET|POST) http://127\.0\.0\.1:\d+/\S+: \d+, \d+ bytes, [\d.]+ ms"
)


@pytest.fixture
def private(program: Program, hub: Hub) -> Program:
    """The program with an account that sees a private repository."""
    hub.accounts.add_user("ann", PASSWORD, organisations=["acme"])
    hub.add_repository("acme/secret", private=True)
    hub.push("acme/secret", "1")
    file = program.folder / "indexer.toml"
    account = 'username = "ann"\npassword_env = "THE_PASSWORD"\n'
    file.write_text(file.read_text(encoding="utf-8") + account, encoding="utf-8")
    program.environment["THE_PASSWORD"] = PASSWORD
    return program


def test_in_a_pipe_results_and_progress_are_apart_and_plain(program: Program) -> None:
    done = program.good("crawl")

    assert done.out.startswith("docker.io/acme: complete (incremental crawl 1)\n")
    assert "docker.io/acme: listing its repositories\n" in done.err
    assert "\x1b" not in done.out + done.err
    assert "\r" not in done.out + done.err


def test_quiet_says_nothing_unless_something_is_wrong(program: Program) -> None:
    done = program.good("crawl", "-q")
    assert (done.out, done.err) == ("", "")

    failed = program.run("crawl", "nosuch", "-q")
    assert failed.code == 1
    assert failed.out.startswith("docker.io/nosuch: failed (incremental crawl 2)\n")
    assert "nothing changed" not in failed.out


@pytest.mark.parametrize(
    "command",
    [
        ("status", "--check"),
        ("db", "upgrade"),
        ("db", "check"),
        ("export", "out", "--format", "csv"),
        ("prune", "--older-than", "1d", "--yes"),
        ("config", "check"),
    ],
    ids=" ".join,
)
def test_what_goes_well_is_silent_if_that_is_asked_for(
    crawled: Program, command: tuple[str, ...]
) -> None:
    done = crawled.good(*command, "-q")
    assert (done.out, done.err) == ("", "")
    assert crawled.good("tags", "acme/api", "-q").out, "an answer is shown all the same"


def test_the_summary_names_what_was_removed_however_much_was_added(
    crawled: Program, hub: Hub
) -> None:
    hub.delete_tag("acme/api", "1.0")
    for number in range(10, 20):
        hub.push("acme/api", f"1.{number}")

    done = crawled.good("crawl")

    assert re.search(r"^    tag_removed +acme/api:1\.0 ", done.out, re.MULTILINE), done.out
    assert "    and 5 more\n" in done.out
    crawl = crawled.good("crawl", "--json").json["crawls"][0]
    assert (crawl["id"], crawl["status"]) == (3, "complete")


def test_a_machine_gets_nothing_but_json_on_standard_output(program: Program) -> None:
    done = program.good("crawl", "--format", "json")

    assert list(json.loads(done.out)) == ["crawls"]


def test_on_a_terminal_progress_is_drawn_and_wiped(program: Program) -> None:
    shown = program.terminal("crawl")

    assert shown.code == 0
    assert "docker.io/acme" in shown.out
    assert "\x1b[" in shown.out


def test_verbose_logs_each_request_without_a_secret(private: Program, simulator: Simulator) -> None:
    done = private.good("crawl", "-v")

    logged = [line for line in done.err.splitlines() if _LOGGED.fullmatch(line)]
    assert len(logged) == len(simulator.requests) == 1 + 1 + 4
    _no_secret(private, done.out + done.err)


def test_a_collector_gets_one_json_object_a_line(private: Program) -> None:
    done = private.good("--log-format", "json", "-v", "crawl")

    entries = [json.loads(line) for line in done.err.splitlines()]
    requests = [entry for entry in entries if entry["level"] == "debug" and "path" in entry]
    assert [request["status"] for request in requests] == [200] * 6
    assert {"time", "level", "logger", "message", "method", "origin", "path", "bytes", "ms"} <= set(
        requests[0]
    )
    _no_secret(private, done.err)


def test_a_wrong_password_is_told_without_showing_it(private: Program) -> None:
    done = private.run("crawl", "-v", THE_PASSWORD="a wrong one")

    assert done.code == 1
    assert "refuses the username or secret of 'ann'" in done.out
    assert "THE_PASSWORD" in done.out
    assert "a wrong one" not in done.out + done.err


def test_what_could_not_be_read_is_incomplete_and_pending(
    program: Program, simulator: Simulator, hub: Hub
) -> None:
    simulator.inject(Status(403), "GET */web/tags*", times=99)

    done = program.run("crawl", "--format", "json")
    (crawl,) = done.json["crawls"]
    (status,) = program.good("status", "--format", "json").json["namespaces"]

    assert (done.code, crawl["status"]) == (1, "incomplete")
    assert len(crawl["errors"]) == 1
    assert crawl["errors"][0].startswith("acme/web: ")
    assert status["pending"] == 1
    simulator.clear()
    (again,) = program.good("crawl", "--format", "json").json["crawls"]
    assert (again["status"], again["requests"]) == ("complete", 2)
    assert again["tags"] == sum(map(len, hub.truth("acme").values()))


def test_a_namespace_that_is_not_there_fails_and_changes_nothing(crawled: Program) -> None:
    before = crawled.good("repos").out

    done = crawled.run("crawl", "amce")

    assert done.code == 1
    assert "docker.io/amce: failed" in done.out
    assert (
        "there is no namespace 'amce' on docker.io, neither a user nor an organisation: check the "
        "spelling; did you mean 'acme'?"
    ) in " ".join((done.out + done.err).split())
    assert crawled.good("repos").out == before


def test_a_reader_that_leaves_early_ends_it_without_a_word(crawled: Program) -> None:
    done = crawled.shell(
        "indexer query -q --changed-since 1h --include-baseline --format jsonl | head -n 1; true"
    )

    assert len(done.out.splitlines()) == 1
    assert done.err == ""


def _no_secret(program: Program, text: str) -> None:
    """Neither the password nor a token is in a text or in any file that the program left."""
    assert PASSWORD not in text
    assert "eyJ" not in text
    assert "Bearer" not in text
    for file in program.folder.iterdir():
        assert PASSWORD.encode() not in file.read_bytes()
        assert b"eyJ" not in file.read_bytes()
