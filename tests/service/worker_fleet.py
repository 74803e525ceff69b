"""Processes of a daemon and of workers on one PostgreSQL, as people run them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from indexer.hub_simulator import Hub, WallClock

if TYPE_CHECKING:
    from tests.end_to_end.program import Program

PROMISED_SECONDS = 10
"""From SIGTERM to the end of the process."""

PATIENCE_SECONDS = 120
"""Where nothing is promised: a machine may have other things to do."""

CONFIGURATION = """\
[daemon]
workers = true
crawls = 3

[schedule]
jitter = "0s"
crawl = "{crawl}"

[[registry]]
hub_url = "{url}"
namespaces = {namespaces}
"""


@dataclass
class Log:
    """What all processes have logged."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def read(self, process: subprocess.Popen[str]) -> None:
        """Take in what a process logs, to its end."""
        assert process.stderr is not None
        for line in process.stderr:
            entry = json.loads(line) if line.startswith("{") else {"message": line}
            with self.changed:
                self.entries.append({**entry, "process": process.pid})
                self.changed.notify_all()

    def wait_for(self, event: str, number: int = 1, **facts: object) -> list[dict[str, Any]]:
        """Wait until an event was logged so often, by whomever, and return these entries."""
        wanted = {"event": event, **facts}

        def found() -> list[dict[str, Any]]:
            return [each for each in self.entries if wanted.items() <= each.items()]

        with self.changed:
            there = self.changed.wait_for(lambda: len(found()) >= number, PATIENCE_SECONDS)
            assert there, self.entries
            return found()

    def wait_for_more(self, seen: int, *events: str) -> None:
        """Wait until one of these events is logged after the first `seen` entries."""

        def found() -> bool:
            return any(each.get("event") in events for each in self.entries[seen:])

        with self.changed:
            assert self.changed.wait_for(found, PATIENCE_SECONDS), self.entries[seen:]


@dataclass
class Fleet:
    """Processes in one folder."""

    program: Program
    log: Log = field(default_factory=Log)
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, command: str) -> subprocess.Popen[str]:
        process = self.program.start(command, "--log-format", "json")
        return self._watch(process)

    def start_hurried(self) -> subprocess.Popen[str]:
        """A worker that shares small crawls, and takes others for dead soon."""
        return self._watch(
            subprocess.Popen(
                [sys.executable, "-m", "tests.service.hurried_worker"],
                cwd=self.program.folder,
                env=self.program.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        )

    def _watch(self, process: subprocess.Popen[str]) -> subprocess.Popen[str]:
        self.running.append(process)
        threading.Thread(target=self.log.read, args=(process,), daemon=True).start()
        return process

    def kill_all(self) -> None:
        """End everything at once."""
        for process in self.running:
            process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()

    def stop(self, process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> int:
        process.send_signal(number)
        return process.wait(PROMISED_SECONDS)

    def index(self) -> dict[str, dict[str, str | None]]:
        """What the index says, repository by repository."""
        rows = self.sql("SELECT repository, tag, digest FROM report_tags")
        found: dict[str, dict[str, str | None]] = {}
        for row in rows:
            found.setdefault(row["repository"], {})[row["tag"]] = row["digest"]
        return found

    def sql(self, statement: str) -> list[dict[str, Any]]:
        """What the index answers to SQL."""
        rows: list[dict[str, Any]] = self.program.good("sql", statement, "--format", "json").json
        return rows


def a_hub(*namespaces: str, repositories: int = 3) -> Hub:
    hub = Hub(clock=WallClock())
    for namespace in namespaces:
        for number in range(repositories):
            hub.add_repository(f"{namespace}/r{number}")
            hub.push(f"{namespace}/r{number}", "1.0")
    return hub
