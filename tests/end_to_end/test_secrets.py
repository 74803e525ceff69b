"""Everything that the program writes, searched for every secret that it was given."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from indexer.cli.app import app
from indexer.hub_simulator import HtmlPage, Redirect, Reset, Status, TruncatedGzip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.hub_simulator import Fault, Hub, Simulator
    from tests.end_to_end.program import Done, Program

PLANTED = "pl4nted"
PASSWORD = f"{PLANTED}-password"
TOKEN = base64.b64encode(b'"simulated"').decode().rstrip("=")
"""The end of every access token that the simulated Hub gives."""

NOBODY = "127.0.0.1:9"

COMMANDS: dict[str, list[list[str]]] = {
    "crawl": [["acme"], ["acme", "--full"], ["acme", "--verify", "--format", "json"]],
    "query": [["--changed-since", "1d", "--include-baseline", "--format", "jsonl"]],
    "repos": [["--format", "csv"]],
    "tags": [["acme/api"]],
    "history": [["acme/api"]],
    "find": [["sha256:" + 64 * "0"]],
    "status": [[], ["--format", "json"]],
    "check": [["acme/api:1.0"]],
    "accept": [["acme"]],
    "forget": [["acme/web", "--yes"]],
    "inspect": [["acme/api:1.0"]],
    "sql": [["SELECT repository, tag FROM report_tags"]],
    "export": [["--format", "jsonl", "exported"]],
    "outdated": [["acme/api:1.0"]],
    "watchlist": [["acme/api:1.0", "nginx"]],
    "diff": [["acme/api:1.0"]],
    "settled": [["acme/api:1.0", "--for", "7d"]],
    "stats": [["acme"]],
    "violations": [[]],  # no policy
    "watch": [["--from", "1d", "--once"]],
    "due": [[]],
    "prune": [["--older-than", "2y"]],
    "notify": [["run"]],  # no sink
    "config": [["check"], ["show"], ["show", "--format", "json"]],
    "db": [["current"], ["upgrade"], ["check"]],
    "demo": [["--directory", "."]],
}
"""Each command as it is run here."""


LONG_RUNNING = {"daemon", "serve", "worker"}
"""Commands that do not end by themselves; what they write goes the same ways."""

LACKING = {"diff", "find", "inspect", "notify", "outdated", "settled", "violations"}
"""Commands that say what is not here: a registry, a sink, a policy, the newest tag, one so old, a
digest before."""


WITHOUT_INDEX = {"config", "demo", "watchlist"}
"""Commands that do not open the index."""


def every_command() -> list[list[str]]:
    return [[name, *arguments] for name, runs in COMMANDS.items() for arguments in runs]


@pytest.fixture
def private(program: Program, hub: Hub) -> Program:
    """The program with an account, which alone sees the namespace."""
    hub.accounts.add_user("me", PASSWORD, organisations=["acme"])
    for name in ("acme/api", "acme/web", "acme/worker"):
        hub.set_private(name)
    file = program.folder / "indexer.toml"
    account = 'username = "me"\npassword_env = "HUB_PASSWORD"\n'
    file.write_text(file.read_text(encoding="utf-8") + account, encoding="utf-8")
    program.environment["HUB_PASSWORD"] = PASSWORD
    return program


def assert_clean(*done: Done) -> None:
    for each in done:
        for text in (each.out, each.err):
            assert PLANTED not in text
            assert TOKEN not in text
        assert "Traceback" not in each.err


def files_of(program: Program) -> Iterator[bytes]:
    for path in program.folder.rglob("*"):
        if path.is_file():
            yield path.read_bytes()


def test_every_command_is_searched() -> None:
    assert set(get_command(app).commands) == set(COMMANDS) | LONG_RUNNING  # type: ignore[attr-defined] # a group


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_command_writes_a_secret_when_all_goes_well(private: Program, log_format: str) -> None:
    for command in every_command():
        done = private.run(*command, "-v", "--log-format", log_format)
        assert done.code == 0 or command[0] in LACKING, done
        assert_clean(done)
        if command[0] == "forget":
            private.good("crawl", "-q")  # the commands after it find it again
    for content in files_of(private):
        assert PLANTED.encode() not in content
        assert TOKEN.encode() not in content


ADDRESSES = ["postgresql", "postgresql+psycopg", "mysql", "sqlite"]


def with_a_database() -> list[list[str]]:
    return [command for command in every_command() if command[0] not in WITHOUT_INDEX]


@pytest.mark.parametrize(
    ("address", "commands"),
    [
        *((address, [["crawl", "acme"], ["status"]]) for address in ADDRESSES[1:]),
        (ADDRESSES[0], with_a_database()),
        *(
            pytest.param(address, with_a_database(), marks=pytest.mark.nightly)
            for address in ADDRESSES[1:]
        ),
    ],
)
def test_no_command_shows_the_password_of_its_database(
    program: Program, address: str, commands: list[list[str]]
) -> None:
    url = f"{address}://me:{PASSWORD}@{NOBODY}/index?connect_timeout=1"
    for command in commands:
        done = program.run(*command, "-v", INDEXER_DATABASE_URL=url)
        assert done.code in {1, 2}, done
        assert_clean(done)


@pytest.mark.parametrize(
    "fault",
    [
        Status(401),
        Status(403),
        Status(500),
        HtmlPage(),
        Redirect(f"https://me:{PASSWORD}@hub.example.com/{PASSWORD}?token={PASSWORD}"),
        Reset(),
        TruncatedGzip(),
    ],
    ids=lambda fault: type(fault).__name__ + str(getattr(fault, "status", "")),
)
@pytest.mark.parametrize("match", ["POST *", "GET */tags?*"])
def test_no_fault_makes_a_crawl_show_a_secret(
    private: Program, simulator: Simulator, fault: Fault, match: str
) -> None:
    file = private.folder / "indexer.toml"
    quick = "[http]\ntries = 1\n" + file.read_text(encoding="utf-8")
    file.write_text(quick, encoding="utf-8")
    simulator.inject(fault, match, times=1_000)
    done = private.run("crawl", "-v", "--log-format", "json")
    assert done.code == 1
    assert_clean(done)
    for content in files_of(private):
        assert PLANTED.encode() not in content


def test_no_address_shows_the_password_in_it(program: Program) -> None:
    file = program.folder / "indexer.toml"
    for scheme in ("http", "https"):
        address = f'hub_url = "{scheme}://me:{PASSWORD}@{NOBODY}"'
        file.write_text(f"[[registry]]\n{address}\n", encoding="utf-8")
        assert_clean(program.run("crawl", "acme", "-v"))
    file.write_text("[http]\ntries = 1\n", encoding="utf-8")
    proxy = f"http://me:{PASSWORD}@{NOBODY}"
    done = program.run("crawl", "acme", "-v", HTTPS_PROXY=proxy, HTTP_PROXY=proxy)
    assert done.code == 1
    assert f"the proxy http://{NOBODY} cannot be reached" in done.out + done.err
    assert_clean(done)


def test_no_mistake_in_the_configuration_shows_a_secret(program: Program) -> None:
    file = program.folder / "indexer.toml"
    mistakes = (
        f'password = "{PASSWORD}"',
        f'password_env = "{PASSWORD} is no name"',
        f'username = "me"\npassword_env = 7\npassword = "{PASSWORD}"',
    )
    for mistake in mistakes:
        file.write_text(f"[[registry]]\n{mistake}\n", encoding="utf-8")
        done = program.run("crawl", "acme", "-v")
        assert done.code == 2
        assert_clean(done)


def test_credentials_stored_by_docker_are_never_shown(private: Program) -> None:
    docker = private.folder / ".docker"
    docker.mkdir()
    helper = private.folder / "docker-credential-test"
    helper.write_text(
        "#!/bin/sh\n"
        'tr "\\0" " " < /proc/$$/cmdline > "$HOME/called"\n'
        f'cat > /dev/null; echo \'{{"Username": "me", "Secret": "{PASSWORD}"}}\'\n',
        encoding="utf-8",
    )
    helper.chmod(0o755)
    (docker / "config.json").write_text(json.dumps({"credsStore": "test"}), encoding="utf-8")
    file = private.folder / "indexer.toml"
    text = file.read_text(encoding="utf-8").replace('password_env = "HUB_PASSWORD"\n', "")
    file.write_text(text, encoding="utf-8")
    path = f"{private.folder}:{private.environment['PATH']}"
    done = private.good("crawl", "-v", PATH=path)
    assert_clean(done)
    assert PLANTED not in (private.folder / "called").read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no list of processes in /proc")
def test_no_secret_is_in_the_list_of_processes(private: Program, simulator: Simulator) -> None:
    from indexer.hub_simulator import Stall  # noqa: PLC0415 - only here

    simulator.inject(Stall(), "GET */api/tags*")
    with private.start("crawl", "-v") as process:
        assert simulator.wait_until_stalled()
        listed = [
            path.read_bytes()
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if path.parent.exists()
        ]
        simulator.release()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert not [line for line in listed if PLANTED.encode() in line]
    assert PLANTED not in out + err
