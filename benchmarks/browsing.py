"""Open each page of a large index in a real browser, and print how long it takes.

    python benchmarks/browsing.py [--tags 1000000] [--changes 3000000] [--database FILE]

The database generates the index; one of its repositories has a tenth of all tags. The installed
command serves it. Each page is opened three times in Debian's Chromium, each time with a new
profile, until it is loaded with its styles. A filter without results and the API are requested
without a browser. The exit code is 1 if the best of three takes longer than a second for a page, or
an answer longer than the server promises.
"""

# ruff: noqa: S608 - SQL made of our own numbers
from __future__ import annotations

import argparse
import contextlib
import json
import re
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import requests  # noqa: E402 - the checkout is found first

from benchmarks import many  # noqa: E402 - the same
from benchmarks import served as answering  # noqa: E402 - the same
from benchmarks.measure import Verdict, scaled  # noqa: E402 - the same
from indexer.store import ANSWER_SECONDS  # noqa: E402 - the same
from indexer.store.database.engine import Database  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "indexer"]
MOST_SECONDS = 1.0
TURNS = 3
LARGE = "team-2/repo-1"
"""The repository with a tenth of all tags."""

PAGES = (
    "/",
    "/?days=90",
    "/?kind=tag_removed",
    "/?repository=team-3/*",
    f"/?repository={LARGE}&tag=1.5-*",
    "/?before=1000",
    "/namespaces",
    "/repositories",
    "/repositories?after=docker.io/team-5",
    "/search?q=rpeo-77",
    f"/image/docker.io/{LARGE}",
    f"/image/docker.io/{LARGE}?after=1.5",
    f"/image/docker.io/{LARGE}:1.0-999",
    "/image/docker.io/team-3/repo-2",
    f"/compare/docker.io/{LARGE}?from=365d",
    "/api/docs",
)
ANSWERS = (
    "/v2/_catalog",
    f"/v2/docker.io/{LARGE}/tags/list?n=1000",
    f"/api/v1/tags/{LARGE}?limit=1000",
    f"/api/v1/history/{LARGE}?limit=1000",
    "/api/v1/changes?limit=1000&include_baseline=true",
    "/api/v1/changes?tag=no-such-tag",
    "/?tag=no-such-tag",
    "/feed.atom?tag=no-such-*",
    "/feed.json",
    "/metrics",
)


GOAL_MS, BEFORE_MS = 10, "34"
TAGS, CHANGES = 200_000, 600_000
ORDINARY = "team-3/repo-2"
"""A repository with a hundred tags."""

COUNTED = {
    "/": ("changes", ""),
    "/repositories": ("repositories", ""),
    f"/image/docker.io/{ORDINARY}": ("a repository", "100 tags, a chart, and 28 questions"),
    f"/image/docker.io/{ORDINARY}:{{tag}}": ("a tag, in a repository of 100", ""),
    f"/image/docker.io/{LARGE}:1.0-999": (
        "a tag, in a repository of 20,000", "the names of all are read, to find newer versions"
    ),
    "/violations": ("violations", ""),
    "/api/v1/changes?limit=50": ("50 changes, API", "the questions are made anew for each filter"),
    "/api/v1/status": ("status, API", ""),
}  # fmt: skip
"""Pages whose processor time is measured: what they are, and why some take longer."""

MOST_MS = 120.0
"""What these may take while the goal is not met."""


def verdicts(scale: float) -> Iterator[Verdict]:
    """The processor's time that a page takes, of a generated index."""
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "index.db"
        fill(file, scaled(TAGS, scale, least=20_000), scaled(CHANGES, scale, least=20_000))
        environment = {"INDEXER_DATABASE_URL": f"sqlite:///{file}"}
        with answering.served(Path(scratch), environment) as server:
            tag = _first_tag(server)
            for address, (what, reason) in COUNTED.items():
                path = address.format(tag=tag)
                costs = [answering.cost(server, "GET", path, times=20) for _ in range(TURNS)]
                yield Verdict(
                    f"ms of CPU of a page: {what}", min(costs), GOAL_MS, path, BEFORE_MS,
                    MOST_MS if reason else None, reason,
                )  # fmt: skip


def _first_tag(server: answering.Served) -> str:
    """A tag of the ordinary repository."""
    with answering.Connection(server.port) as connection:
        answer = connection.ask("GET", f"/v2/docker.io/{ORDINARY}/tags/list?n=1")
    return str(json.loads(answer)["tags"][0])


def fill(file: Path, tags: int, changes: int) -> None:
    """Generate the index."""
    many.fill(f"sqlite:///{file}", many.Size(changes, tags=tags, manifests=tags // 4))
    ago = int(time.time() * 1e6) - many.START - many.LENGTH
    with closing(Database(f"sqlite:///{file}")) as database, database.writing() as connection:
        statements = (
            f"UPDATE tag SET name = name || '-' || id, repository_id = 1 WHERE id <= {tags // 10}",
            f"UPDATE change SET observed_at = observed_at + {ago}",
            f"UPDATE crawl SET started_at = started_at + {ago}, finished_at = finished_at + {ago}",
            f"UPDATE history SET started_at = started_at + {ago}, ended_at = ended_at + {ago}",
            f"UPDATE tag SET since = since + {ago}",
            f"UPDATE repository SET tags = tags + {tags // 10} WHERE id = 1",
        )
        for statement in statements:
            connection.exec_driver_sql(statement)


@contextlib.contextmanager
def served(file: Path) -> Iterator[str]:
    """Run the command that serves the index, and return its address."""
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"],
        cwd=ROOT,
        env={"INDEXER_DATABASE_URL": f"sqlite:///{file}", "PATH": "/usr/bin:/bin"},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        match = re.search(r"http://[\w.:]+", process.stderr.readline())
        assert match is not None
        try:
            yield match[0]
        finally:
            process.terminate()


def look_at_pages(address: str) -> Iterator[tuple[str, float, float]]:
    """Each page, the seconds that it took, and the seconds that it may take."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only this needs a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for path in PAGES:
            taken = []
            for _ in range(TURNS):
                context = browser.new_context()
                visitor = context.new_page()
                start = time.perf_counter()
                answer = visitor.goto(address + path, wait_until="load")
                taken.append(time.perf_counter() - start)
                assert answer is not None
                assert answer.status == requests.codes.ok, (path, answer.status)
                context.close()
            yield path, min(taken), MOST_SECONDS
        browser.close()


def ask(address: str) -> Iterator[tuple[str, float, float]]:
    """The same for requests without a browser."""
    for path in ANSWERS:
        taken = []
        for _ in range(TURNS):
            start = time.perf_counter()
            answer = requests.get(address + path, timeout=60)
            taken.append(time.perf_counter() - start)
            assert answer.status_code == requests.codes.ok, (path, answer.status_code)
        yield f"(answer) {path}", min(taken), ANSWER_SECONDS


def main() -> int:
    """Run the benchmark and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tags", type=int, default=1_000_000)
    parser.add_argument("--changes", type=int, default=3_000_000)
    parser.add_argument("--database", type=Path, help="generated if it does not exist, and kept")
    wanted = parser.parse_args()
    with TemporaryDirectory() as scratch:
        file = wanted.database or Path(scratch) / "index.db"
        if not file.exists():
            fill(file, wanted.tags, wanted.changes)
        slow = 0
        with served(file.resolve()) as address:
            for path, seconds, most in (*look_at_pages(address), *ask(address)):
                slow += seconds > most
                print(f"{seconds:6.2f} s  {path}{'  TOO SLOW' if seconds > most else ''}")
    print(f"{wanted.tags:,} tags, {wanted.changes:,} changes: {slow} too slow")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
