"""Large things: thousands of namespaces, tags and repositories, and several workers.

The hub is one whose pages are computed (`benchmarks.large_hub`). What is measured is the
processor's time. Of workers, which mostly wait for the hub, it is how many crawls run at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests

from benchmarks import idle_daemon, measure, workers
from benchmarks.databases import KINDS
from benchmarks.large_hub import name
from benchmarks.measure import INDEXER, Verdict, scaled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.measure import Run

IDLE = 5_000
"""Namespaces of a daemon with nothing to do."""

NAMESPACES = 1_000
"""Unchanged namespaces: what one costs does not depend on their number."""

TAGS = 100_000
REPOSITORIES = 20_000
FEW = 10
"""So many times fewer repositories are compared with."""

UNCHANGED = "an unchanged crawl"

SHARED = 48
"""Namespaces that workers share."""
WORKERS = 8

CRAWL = (*INDEXER, "crawl", "-q")


def verdicts(scale: float) -> Iterator[Verdict]:
    """Everything of this module."""
    yield from _idle(scaled(IDLE, scale, least=50), max(scale, 0.1))
    yield from _unchanged(scaled(NAMESPACES, scale, least=20))
    yield from _tags(scaled(TAGS, scale, least=3_000))
    yield from _repositories(scaled(REPOSITORIES, scale, least=500))
    yield from _workers(scaled(SHARED, scale, least=8), scaled(WORKERS, scale, least=2))


def _idle(namespaces: int, scale: float) -> Iterator[Verdict]:
    names = [name(each) for each in range(namespaces)]
    shares = idle_daemon.shares_of_a_core(names, scale)
    for kind in KINDS:
        what = f"% of a core: a daemon of {namespaces:,} namespaces with nothing to do, {kind}"
        before = "13" if kind == "SQLite" else ""
        yield Verdict(what, 100 * shares[kind], 1, before=before)


def _unchanged(namespaces: int) -> Iterator[Verdict]:
    with _hub(repositories=1, tags=1) as url, measure.folder() as folder:
        _configure(folder, url, namespaces)
        measure.run(CRAWL, folder)
        before = _requests(url)
        every = _least(CRAWL, folder)
        asked = (_requests(url) - before) / 2 / namespaces
        one = _least([*CRAWL, name(0)], folder)
    each = 1_000 * (every.cpu - one.cpu) / (namespaces - 1)
    what = f"ms of CPU for each of {namespaces:,} unchanged namespaces"
    yield Verdict(what, each, 5, f"{every.cpu:.2f} s to {one.cpu:.2f} s for one", before="16.6")
    yield Verdict("requests for each of these", asked, 1, before="1")


def _tags(tags: int) -> Iterator[Verdict]:
    with _hub(repositories=1, tags=tags) as url, measure.folder() as folder:
        _configure(folder, url, 1)
        cold = measure.run(CRAWL, folder)
        what = f"one repository of {tags:,} tags"
        reason = (
            "a list is held until it is proven whole: 1.1 KB for a tag of 8 platforms, and half as "
            "much while it is written"
        )
        yield Verdict(
            f"{what}: memory of its first crawl, in MiB", cold.peak, 150, limit=320, reason=reason
        )
        pairs = [(measure.run(CRAWL, folder), _push(url, folder)) for _ in range(3)]
        same, pushed = (min(each, key=_cpu) for each in zip(*pairs, strict=True))
        ms = max(1_000 * (pushed.cpu - same.cpu), 0.0)
        note = f"{pushed.cpu:.2f} s to {same.cpu:.2f} s without one"
        yield Verdict(f"{what}: ms of CPU for one push", ms, 100, note, before="1000")
        listed = measure.run([*INDEXER, "tags", f"{name(0)}/r0", "--json"], folder)
        note = f"{(folder / 'out').stat().st_size / 2**20:.0f} MiB of JSON"
        yield Verdict(f"{what}: CPU of indexer tags --json, in s", listed.cpu, 5, note, before="12")
        yield Verdict(f"{what}: its memory, in MiB", listed.peak, 150)
        some = _least([*INDEXER, "tags", f"{name(0)}/r0", "--limit", "10"], folder)
        yield Verdict(f"{what}: CPU of indexer tags --limit 10, in s", some.cpu, 1.5)


def _repositories(repositories: int) -> Iterator[Verdict]:
    few = repositories // FEW
    small, large = _costs(few), _costs(repositories)
    what, more = f"{repositories:,} repositories", repositories - few
    ratio = ((large.first.cpu - small.first.cpu) / more) / (small.to_crawl / few)
    yield Verdict(f"{what}: CPU for each more, to each of {few:,}", ratio, 1.2)
    kib = measure.KIB_PER_MIB * (large.first.peak - small.first.peak) / more
    yield Verdict(f"{what}: memory for each more, in KiB", kib, 6)
    for title, each in large.others.items():
        other = small.others[title]
        yield Verdict(
            f"{what}: CPU of {title}, to {few:,}", each.cpu / other.cpu, 2, each.beside(other)
        )


class _Costs:
    """What a namespace of some size costs: its first crawl, and what follows."""

    def __init__(self, first: Run, others: dict[str, Run]) -> None:
        self.first = first
        self.others = others

    @property
    def to_crawl(self) -> float:
        """The processor's time of the first crawl, without what any crawl takes."""
        return self.first.cpu - self.others[UNCHANGED].cpu


def _costs(repositories: int) -> _Costs:
    with _hub(repositories=repositories, tags=1) as url, measure.folder() as folder:
        _configure(folder, url, 1)
        first = measure.run(CRAWL, folder)
        commands = {
            UNCHANGED: CRAWL,
            "status": (*INDEXER, "status"),
            "stats": (*INDEXER, "stats", name(0)),
            "repos --limit 10": (*INDEXER, "repos", "--limit", "10"),
        }
        return _Costs(first, {title: _least(each, folder) for title, each in commands.items()})


def _workers(namespaces: int, number: int) -> Iterator[Verdict]:
    done = workers.measure([name(each) for each in range(namespaces)], number)
    what, slots = f"{number} workers crawl {namespaces} namespaces", number * workers.CRAWLS
    yield Verdict(f"{what}: requests that were sent twice", done.repeated, 0, before="0")
    note = f"{done.at_once:.1f} of {slots} at once, in {done.seconds:.1f} s"
    yield Verdict(f"{what}: slots, to crawls at once", slots / done.at_once, 2, note)


def _least(command: list[str] | tuple[str, ...], folder: Path) -> Run:
    """The run of two that took less of the processor's time."""
    return min((measure.run(command, folder) for _ in range(2)), key=_cpu)


def _cpu(run: Run) -> float:
    return run.cpu


def _push(url: str, folder: Path) -> Run:
    requests.post(f"{url}/push", timeout=30).raise_for_status()
    return measure.run(CRAWL, folder)


def _requests(url: str) -> int:
    return int(requests.get(f"{url}/requests", timeout=30).text)


def _configure(folder: Path, url: str, namespaces: int) -> None:
    names = json.dumps([name(each) for each in range(namespaces)])
    text = f'[[registry]]\nhub_url = "{url}"\nnamespaces = {names}\n'
    (folder / "indexer.toml").write_text(text, encoding="utf-8")


@contextmanager
def _hub(*, repositories: int, tags: int) -> Iterator[str]:
    """Run a hub in a process of its own; yield its address."""
    command = [sys.executable, "-m", "benchmarks.large_hub", str(repositories), str(tags)]
    with subprocess.Popen(command, cwd=measure.ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
