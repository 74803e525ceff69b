"""Send requests to `indexer serve` at a steady rate while a crawl runs, and count errors.

    python benchmarks/serving.py [--seconds 60] [--rate 200]

A simulated Docker Hub is crawled and served by the installed command. Another process runs full
crawls again and again, while this process sends requests at a steady rate over persistent
connections, on the same cores. An answer's time counts from when its request was due. The exit code
is 1 if an answer was not 200, or came too late. docs/serve.md has the results.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import measure  # noqa: E402 - the checkout is found first
from benchmarks import served as answering  # noqa: E402 - the same
from indexer.hub_simulator import Hub, Simulator, populate  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

COMMAND = [sys.executable, "-m", "indexer"]
CONNECTIONS = 16
PATIENCE_SECONDS = 30.0

PATHS = (
    "/v2/_catalog?n=50",
    "/v2/docker.io/acme/api/tags/list",
    "/api/v1/changes?limit=50",
    "/api/v1/tags/acme/base?limit=50",
    "/api/v1/status",
    "/",
    "/image/docker.io/acme/api:latest",
    "/search?q=wether",
    "/feed.atom",
    "/metrics",
)


@dataclass
class Outcome:
    """The results of the requests."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def at(self, share: float) -> float:
        """The time that this share of the answers took at most."""
        return sorted(self.seconds)[min(int(len(self.seconds) * share), len(self.seconds) - 1)]


async def ask(port: int, jobs: asyncio.Queue[tuple[float, str] | None], outcome: Outcome) -> None:
    """Send requests over one connection, which is opened again if it ends."""
    reader = writer = None
    while (job := await jobs.get()) is not None:
        due, path = job
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                if reader is None or writer is None or writer.is_closing():
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            outcome.wrong.append(f"{path}: {type(error).__name__}")
            reader = writer = None
            continue
        outcome.seconds.append(time.perf_counter() - due)
        if b" 200 " not in head[:13]:
            outcome.wrong.append(f"{path}: {head[:40]!r}")
    if writer is not None:
        writer.close()


async def load(port: int, seconds: float, rate: float, paths: Sequence[str] = PATHS) -> Outcome:
    """Send requests at a steady rate. An answer's time counts from when its request was due."""
    outcome = Outcome()
    jobs: asyncio.Queue[tuple[float, str] | None] = asyncio.Queue()
    workers = [asyncio.create_task(ask(port, jobs, outcome)) for _ in range(CONNECTIONS)]
    start = time.perf_counter()
    for number in range(int(seconds * rate)):
        due = start + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        jobs.put_nowait((due, paths[number % len(paths)]))
    for _ in workers:
        jobs.put_nowait(None)
    await asyncio.gather(*workers)
    return outcome


@contextlib.contextmanager
def served(folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """Run the command; yield it and its port."""
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        match = re.search(r":(\d+)/", process.stderr.readline())
        assert match is not None
        try:
            yield int(match[1])
        finally:
            process.terminate()


def crawl_fully(
    folder: Path, environment: dict[str, str], stop: threading.Event, ends: list[int]
) -> None:
    """Run full crawls again and again, until `stop` is set."""
    while not stop.is_set():
        done = subprocess.run(
            [*COMMAND, "crawl", "--full", "-q"],
            cwd=folder,
            env=environment,
            check=False,
            stderr=subprocess.DEVNULL,
        )
        ends.append(done.returncode)


QUICK = (
    "/v2/",
    "/v2/_catalog?n=50",
    f"/v2/docker.io/{measure.NAMESPACE}/repo-00000/tags/list",
    "/api/v1/changes?limit=50",
)
RATE, SECONDS, ROUNDS = 60.0, 5.0, 3
READERS = 100


def verdicts(scale: float) -> Iterator[measure.Verdict]:
    """How late the latest of a hundred answers is, beside a crawl and beside slow readers."""
    seconds = max(SECONDS * scale, 1.0)
    environment = {"INDEXER_CONFIG": "indexer.toml"}
    with (
        measure.simulated(repositories=50, tags=100) as url,
        measure.folder(url) as folder,
        measure.folder(url) as other,
    ):
        measure.run([*measure.INDEXER, "crawl", "-q"], folder)
        with answering.served(folder, environment) as server:

            def latest() -> float:
                outcome = asyncio.run(load(server.port, seconds, RATE, QUICK))
                assert not outcome.wrong, outcome.wrong[:3]
                return outcome.at(0.99)

            beside: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
                "alone": contextlib.nullcontext,
                "while crawls write": lambda: crawling(folder),
                "while crawls write another index": lambda: crawling(other),
                f"with {READERS} slow readers": lambda: slow_readers(server.port),
            }
            latest()
            times: dict[str, list[float]] = {what: [] for what in beside}
            for _ in range(ROUNDS):
                for what, context in beside.items():
                    with context():
                        times[what].append(latest())
    yield from _ratios({what: min(found) for what, found in times.items()})


def _ratios(best: dict[str, float]) -> Iterator[measure.Verdict]:
    bare, crawl, elsewhere, readers = best.values()
    name = "99 % of answers"
    for what, time_, floor, limit, reason in (
        ("while crawls write, to crawls of another index", crawl, elsewhere, 5, _BUSY),
        ("while crawls write, to alone", crawl, bare, 60, _SHARED),
        (f"with {READERS} slow readers, to alone", readers, bare, 10, _BUSY),
    ):  # fmt: skip
        note = f"{time_ * 1e3:.1f} ms to {floor * 1e3:.1f} ms, {RATE:g} requests a second"
        yield measure.Verdict(f"{name} {what}", time_ / floor, 1.5, note, "", limit, reason)


_SHARED = (
    "the crawls, their Hub, the client and the server share two cores: crawls of another index "
    "delay answers as much"
)
_BUSY = "other programs ran on the two cores: repeat it on a quiet machine"


@contextlib.contextmanager
def crawling(folder: Path) -> Iterator[None]:
    """Run full crawls of the configuration in a folder, one after another."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "INDEXER_CONFIG": "indexer.toml"}
    stop = threading.Event()
    thread = threading.Thread(target=crawl_fully, args=(folder, environment, stop, list[int]()))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextlib.contextmanager
def slow_readers(port: int) -> Iterator[None]:
    """Clients that ask for a thousand changes each, and do not read the answer that has begun."""
    with contextlib.ExitStack() as stack:
        request = "GET /api/v1/changes?limit=1000&include_baseline=true HTTP/1.1\r\nHost: localhost"
        clients = [stack.enter_context(socket.socket()) for _ in range(READERS)]
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", port))
            client.sendall(f"{request}\r\n\r\n".encode())
        for client in clients:
            assert client.recv(9) == b"HTTP/1.1 "
        yield


def main() -> int:
    """Run the benchmark and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=200)
    wanted = parser.parse_args()
    hub = Hub()
    populate(hub)
    with TemporaryDirectory() as scratch, Simulator(hub) as simulator:
        folder = Path(scratch)
        text = f'[[registry]]\nhub_url = "{simulator.url}"\nnamespaces = ["acme", "tinkers"]\n'
        (folder / "indexer.toml").write_text(text, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "INDEXER_CONFIG": "indexer.toml"}
        subprocess.run([*COMMAND, "crawl", "-q"], cwd=folder, env=environment, check=True)
        stop, ends = threading.Event(), list[int]()
        crawling = threading.Thread(target=crawl_fully, args=(folder, environment, stop, ends))
        with served(folder, environment) as port:
            crawling.start()
            outcome = asyncio.run(load(port, wanted.seconds, wanted.rate))
            stop.set()
            crawling.join()
    print(
        f"{len(outcome.seconds):,} answers at {wanted.rate:g} a second for {wanted.seconds:g} s, "
        f"while {len(ends)} full crawls ran ({ends.count(0)} complete)"
    )
    print(f"median {outcome.at(0.5) * 1e3:.0f} ms, 99 % within {outcome.at(0.99) * 1e3:.0f} ms")
    print(f"wrong: {len(outcome.wrong)}", *outcome.wrong[:5], sep="\n  ")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
