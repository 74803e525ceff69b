"""The daemon as a service manager runs it: started, told things, and stopped."""

from __future__ import annotations

import json
import signal
import socket
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from indexer.hub_simulator import Stall
from indexer.store import open_store
from tests.notify.receivers import Receiver

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.hub_simulator import Hub, Simulator
    from tests.end_to_end.program import Program

GUARDED = """
[schedule]
crawl = "1s"
jitter = "0s"

[[policy]]
name = "releases"
forbid = ["retag"]

[[notify]]
name = "alarm"
severity = "high"
webhook = "{url}"
"""

PROMISED_SECONDS = 10
"""From SIGTERM to the end of the process."""


@dataclass
class Service:
    """A daemon that runs, and what it says: to a log, and to its service manager."""

    process: subprocess.Popen[str]
    manager: socket.socket

    def logged(self, event: str) -> dict[str, Any]:
        """Read the log up to an event, and return that."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            entry: dict[str, Any] = json.loads(line)
            if entry.get("event") == event:
                return entry
        raise AssertionError(f"the daemon ended without '{event}'")

    def said(self, word: str) -> str:
        """Read what the service manager hears, up to a word."""
        while True:
            text = self.manager.recv(1_000).decode()
            if text.startswith(word):
                return text

    def stop(self) -> tuple[int, str]:
        """Ask it to end, as a service manager does, and return its code and last messages."""
        self.process.send_signal(signal.SIGTERM)
        _, messages = self.process.communicate(timeout=PROMISED_SECONDS)
        return self.process.returncode, messages


@dataclass
class Services:
    """Starts daemons in a program's folder."""

    program: Program
    manager: socket.socket
    running: list[Service]

    def start(self) -> Service:
        process = self.program.start("daemon", "--log-format", "json")
        self.running.append(Service(process, self.manager))
        return self.running[-1]


@pytest.fixture
def services(program: Program, tmp_path: Path) -> Iterator[Services]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(60)
        manager.bind(str(tmp_path / "notify"))
        program.environment["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        program.environment["WATCHDOG_USEC"] = "900000"
        services = Services(program, manager, [])
        yield services
        for service in services.running:
            service.process.kill()
            service.process.communicate()


def status(program: Program) -> Any:
    (only,) = program.good("status", "--format", "json").json["namespaces"]
    return only


def test_a_daemon_crawls_at_once_and_alone_what_a_hook_names(
    services: Services, program: Program, hub: Hub
) -> None:
    service = services.start()
    service.logged("crawled")
    hub.push("acme/api", "9.9")
    with closing(open_store(f"sqlite:///{program.folder / 'indexer.db'}", create=False)) as store:
        assert store.hints.hint("docker.io", ["acme/api"]) == 1
    assert "pushed to acme/api" in service.logged("due")["message"]
    assert service.logged("crawled")["status"] == "complete"
    assert service.stop()[0] == 0
    found = program.good("query", "--changed-since", "1d", "--format", "json").json
    assert [(each["repository"], each["tag"]) for each in found] == [("acme/api", "9.9")]


def test_a_daemon_crawls_what_is_due_at_once_and_ends_when_it_is_told(
    services: Services, program: Program
) -> None:
    service = services.start()
    # The first crawl may have begun by then: both are right.
    ready = {f"READY=1\nSTATUS=crawling {number} of 1 namespace" for number in (0, 1)}
    assert service.said("READY=1") in ready
    assert service.logged("due")["message"] == "docker.io/acme: it was never crawled"
    crawled = service.logged("crawled")
    service.said("WATCHDOG=1")
    code, _ = service.stop()
    service.said("STOPPING=1")

    assert code == 0
    assert (crawled["status"], crawled["namespace"], crawled["errors"]) == ("complete", "acme", 0)
    assert status(program)["last_crawl"]["id"] == crawled["crawl"]
    assert status(program)["tags"] == 10


def test_a_daemon_that_was_stopped_in_a_crawl_goes_on_where_it_was(
    services: Services, program: Program, simulator: Simulator, hub: Hub
) -> None:
    with (program.folder / "indexer.toml").open("a", encoding="utf-8") as file:
        file.write("[http]\nconcurrency = 1\n")
    simulator.inject(Stall(seconds=60), "GET */api/tags*")
    service = services.start()
    assert simulator.wait_until_stalled()
    code, messages = service.stop()
    simulator.release()
    simulator.clear()

    assert code == 0
    assert "Traceback" not in messages
    stopped = status(program)
    assert stopped["last_crawl"]["status"] == "interrupted"
    assert stopped["pending"] == 1

    service = services.start()
    crawled = service.logged("crawled")
    service.stop()
    assert (crawled["status"], crawled["requests"]) == ("complete", 2)
    assert status(program)["tags"] == sum(map(len, hub.truth("acme").values()))


def test_sighup_reads_the_configuration_again_and_a_bad_one_changes_nothing(
    services: Services, program: Program, hub: Hub
) -> None:
    hub.add_repository("tools/cli")
    hub.push("tools/cli", "1.0")
    file = program.folder / "indexer.toml"
    good = file.read_text(encoding="utf-8")
    service = services.start()
    service.logged("crawled")

    file.write_text(good + "\n[http]\ntries = 0\n", encoding="utf-8")
    service.process.send_signal(signal.SIGHUP)
    service.said("RELOADING=1")
    service.said("READY=1")
    file.write_text(good.replace('["acme"]', '["acme", "tools"]'), encoding="utf-8")
    service.process.send_signal(signal.SIGHUP)
    service.said("RELOADING=1")
    assert "of 2 namespaces" in service.said("READY=1")

    assert service.process.stderr is not None
    sentence = json.loads(service.process.stderr.readline())["message"]
    assert sentence.startswith("the old configuration stays in force: ")
    assert sentence.endswith("[http] tries: expected a whole number from 1 to 20, got 0.")
    assert service.logged("crawled")["namespace"] == "tools"
    assert service.stop()[0] == 0


def test_a_daemon_with_nothing_to_crawl_waits_for_a_configuration(
    services: Services, program: Program
) -> None:
    file = program.folder / "indexer.toml"
    complete = file.read_text(encoding="utf-8")
    file.write_text(complete.replace('["acme"]', "[]"), encoding="utf-8")
    service = services.start()
    assert service.said("READY=1") == "READY=1\nSTATUS=waiting: no namespace is configured"
    waiting = service.logged("waiting")["message"]
    probe = program.good("status", "--check")
    file.write_text(complete, encoding="utf-8")
    service.process.send_signal(signal.SIGHUP)
    crawled = service.logged("crawled")

    assert waiting.startswith("waiting: no namespace to crawl: list some as 'namespaces'")
    assert "reload it (SIGHUP" in waiting
    assert "nothing was crawled yet" in probe.err
    assert crawled["status"] == "complete"
    assert service.stop()[0] == 0


def test_a_probe_learns_from_the_exit_code_whether_anything_is_overdue(program: Program) -> None:
    with (program.folder / "indexer.toml").open("a", encoding="utf-8") as file:
        file.write('[schedule]\ncrawl = "1h"\n')
    assert program.run("status", "--check").code == 2, "there is no index yet"
    program.good("db", "upgrade")
    late = program.run("status", "--check")
    assert (late.code, "a crawl is due every 1h; there was none yet" in late.out) == (1, True)
    program.good("crawl", "-q")
    assert program.good("status", "--check").out


def test_a_violation_is_known_before_the_daemon_tells_its_change(
    services: Services, program: Program, hub: Hub
) -> None:
    """What another process crawled without judging it is judged and told, and so is its own."""
    program.good("crawl", "-q")
    with Receiver().running() as receiver:
        guarded = GUARDED.format(url=receiver.url)
        with (program.folder / "indexer.toml").open("a", encoding="utf-8") as file:
            file.write(guarded)
        program.good("notify", "run")
        hub.push("acme/api", "1.0")
        text = (program.folder / "indexer.toml").read_text(encoding="utf-8")
        (program.folder / "plain.toml").write_text(text.replace(guarded, ""), encoding="utf-8")
        program.good("crawl", "-q", "--config", "plain.toml")
        hub.push("acme/web", "1.0")

        service = services.start()
        subjects: list[str] = []
        while len(subjects) < 2:
            service.logged("told")
            subjects = [json.loads(each.body)["subject"] for each in receiver.requests]
        assert service.stop()[0] == 0
    assert subjects == ["docker.io/acme/api:1.0", "docker.io/acme/web:1.0"]
    found = program.run("violations", "--format", "json").json
    assert [each["repository"] for each in found] == ["acme/api", "acme/web"]
