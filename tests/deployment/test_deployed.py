"""What is shipped to run it, run: the commands of each file, with the configuration it names.

Docker, systemd and Kubernetes are not: what they add (mounts, users, probes) is checked in
test_shipping.py only.
"""

from __future__ import annotations

import json
import re
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from indexer.hub_simulator import Hub, Simulator
from tests.end_to_end.program import Program
from tests.support.databases import postgresql_url

if TYPE_CHECKING:
    import subprocess

ROOT = Path(__file__).parent.parent.parent


def logged(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    """Read a log in JSON up to an event."""
    assert process.stderr is not None
    for line in process.stderr:
        entry: dict[str, Any] = json.loads(line)
        if entry.get("event") == event or entry["message"].startswith(event):
            return entry
    raise AssertionError(f"it ended without '{event}'")


def stopped(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    return process.returncode


@pytest.mark.postgresql
def test_compose_as_it_is_starts_and_waits_for_namespaces(tmp_path: Path) -> None:
    """With a copy of config.example.toml. Workers are run in tests/service/test_worker.py."""
    (tmp_path / "indexer.toml").write_bytes((ROOT / "config.example.toml").read_bytes())
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    program = Program(
        tmp_path,
        INDEXER_CONFIG=str(tmp_path / "indexer.toml"),
        INDEXER_DATABASE_URL=postgresql_url(),
    )
    program.good(*services["schema"]["command"])
    commands = {name: list(services[name]["command"]) for name in ("daemon", "serve")}
    assert commands["serve"].count("8080") == 1
    commands["serve"][commands["serve"].index("8080")] = "0"
    running = {name: program.start(*command) for name, command in commands.items()}
    try:
        waiting = logged(running["daemon"], "waiting")["message"]
        serving = logged(running["serve"], "serving")["message"]
        port = re.findall(r":(\d+)/", serving)[0]
        _, *healthy = services["serve"]["healthcheck"]["test"]
        probe = shlex.join([each.replace("8080", port) for each in healthy])
        probed = program.shell(probe.replace("python", sys.executable, 1))
        assert [stopped(process) for process in running.values()] == [0, 0]
    finally:
        for process in running.values():
            process.kill()
            process.communicate()

    assert waiting.startswith("waiting: no namespace to crawl: list some")
    assert probed.code == 0, probed.err
    assert program.good("status", "--check", "--quiet").out == "", "the image's health check"


def test_each_line_of_cron_crawls(tmp_path: Path) -> None:
    hub = Hub()
    hub.add_repository("acme/api")
    hub.push("acme/api", "1.0")
    lines = (ROOT / "deploy" / "indexer.cron").read_text(encoding="utf-8").splitlines()
    jobs = [line.partition("/opt/indexer/bin/indexer ")[2] for line in lines if line[:1].isdigit()]
    with Simulator(hub) as simulator:
        file = tmp_path / "indexer.toml"
        file.write_text(
            f'[[registry]]\nhub_url = "{simulator.url}"\nnamespaces = ["acme"]\n', encoding="utf-8"
        )
        program = Program(tmp_path, INDEXER_CONFIG=str(file))
        done = [program.good(*shlex.split(job)) for job in jobs]
        (namespace,) = program.good("status", "--format", "json").json["namespaces"]

    assert len(done) == 3
    assert [each.err for each in done] == ["", "", ""]
    last = namespace["last_crawl"]
    assert (last["id"], last["mode"], last["status"]) == (3, "full", "complete")


def test_the_unit_of_the_server_makes_the_index_that_it_serves(tmp_path: Path) -> None:
    unit = (ROOT / "deploy" / "indexer-serve.service").read_text(encoding="utf-8")
    config = ROOT / "config.example.toml"
    before, start = re.findall(r"^ExecStart(?:Pre)?=\S+ (.*)$", unit, re.MULTILINE)
    program = Program(tmp_path, INDEXER_DATABASE_URL=f"sqlite:///{tmp_path}/indexer.db")

    def words(line: str) -> list[str]:
        return shlex.split(line.replace("/etc/indexer/indexer.toml", str(config)))

    refused = program.run(*words(start), "--port", "0")
    program.good(*words(before))

    assert refused.code == 2, "without an index"
    assert (tmp_path / "indexer.db").is_file()
