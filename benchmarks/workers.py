"""How much faster many namespaces are crawled with twice the workers, at 100 ms latency.

    python -m benchmarks.workers [--namespaces N] [--workers MOST]

It uses the PostgreSQL of the tests, a simulated Hub that answers each request after a tenth of a
second without a rate limit, and a daemon. Measured is the time from the first job to the end of the
last crawl.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from indexer.hub_simulator import Simulator, Stall
from tests.end_to_end.program import Program
from tests.service.worker_fleet import CONFIGURATION, Fleet, a_hub
from tests.support.databases import postgresql_url

LATENCY_SECONDS = 0.1
REPOSITORIES = 6
CRAWLS = 2
"""Crawls of a worker at a time."""
LEAST_GAIN = 1.6
"""The least speed-up with twice the workers; two would be ideal."""


class Shared(NamedTuple):
    """What it took to crawl everything.

    Attributes:
        seconds: from the first job to the last crawl.
        at_once: how many crawls ran at the same time, on average.
        repeated: requests that were sent before.
    """

    seconds: float
    at_once: float
    repeated: int


def measure(names: list[str], workers: int) -> Shared:
    """Crawl namespaces with some workers."""
    hub = a_hub(*names, repositories=REPOSITORIES)
    with tempfile.TemporaryDirectory() as folder, Simulator(hub) as simulator:
        simulator.inject(Stall(seconds=LATENCY_SECONDS), times=1_000_000)
        text = CONFIGURATION.format(url=simulator.url, namespaces=names, crawl="1h")
        text = text.replace("crawls = 3", f"crawls = {CRAWLS}") + "\n[http]\nconcurrency = 1\n"
        Path(folder, "indexer.toml").write_text(text, encoding="utf-8")
        fleet = Fleet(Program(Path(folder), INDEXER_DATABASE_URL=postgresql_url()))
        try:
            for _ in range(workers):
                fleet.start("worker")
            fleet.log.wait_for("started", workers)
            fleet.start("daemon")
            done = fleet.log.wait_for("crawled", len(names))
            begun = fleet.log.wait_for("due", 1, logger="indexer.worker")
        finally:
            fleet.kill_all()
    moments = [datetime.fromisoformat(each["time"]) for each in (begun[0], done[-1])]
    asked = Counter((each.path, each.query) for each in simulator.requests)
    seconds = (moments[1] - moments[0]).total_seconds()
    at_once = sum(each["seconds"] for each in done) / seconds
    return Shared(seconds, at_once, asked.total() - len(asked))


def main() -> int:
    """Print a line for each number of workers; exit code 1 if doubling gains too little."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers")
    parser.add_argument("--namespaces", type=int, default=24)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    names = [f"team{number}" for number in range(wanted.namespaces)]
    before, kept, number = 0.0, True, 1
    while number <= wanted.workers:
        seconds = measure(names, number).seconds
        gain = f", {before / seconds:.2f} times sooner than half of them" if before else ""
        print(f"{number} workers: {seconds:.1f} s{gain}", flush=True)
        kept = kept and (not before or before / seconds >= LEAST_GAIN)
        before, number = seconds, 2 * number
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
