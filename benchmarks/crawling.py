"""The time and memory of a crawl, compared with a bare loop over the same pages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks import measure

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORIES = 1_000
MANY_REPOSITORIES = 10_000
TAGS = 100
FEW_TAGS = 10
"""For 10,000 repositories: few, because memory does not depend on it and time does."""
THREADS = 4
TIMES = 5

WHY_COLD = (
    "reading takes 0.7 times the bare loop, starting with an empty index 0.25 times, SQLite's own "
    "work 0.4 times; the rest makes its rows"
)
"""Why a cold crawl takes more than its goal.

With warm caches, reading takes 1.2 ms a page: transfer and decompression 0.5 ms, JSON 0.2 ms,
checks and conversion 0.4 ms, comparing 0.1 ms. The bare loop takes 2.4 ms, because it makes an
object of every field.
"""

MOST_MIB = 150
MOST_KIB_EACH = 4
"""Of memory for each further repository. Not none: a listing holds every name and date until it is
proven that none is missing. What was read of a repository is written, and let go of, at once."""

FULL = (*measure.INDEXER, "crawl", "-q", "--full")
CRAWL = (*measure.INDEXER, "crawl", "-q")


def verdicts(scale: float) -> Iterator[measure.Verdict]:
    """A cold full crawl, its memory, and an unchanged crawl of a large namespace."""
    few = measure.scaled(REPOSITORIES, scale, least=10)
    with measure.simulated(repositories=few, tags=TAGS) as url:
        runs: list[measure.Run] = []

        def cold() -> measure.Run:
            runs.append(_cold(url))
            return runs[-1]

        ratio, note = measure.cpu_ratio(cold, lambda: _bare(url), TIMES)
    yield measure.Verdict(
        "a cold full crawl, to the bare loop",
        ratio,
        1.4,
        note,
        before="2.2",
        limit=2.3,
        reason=WHY_COLD,
    )
    peak = max(run.peak for run in runs)
    yield measure.Verdict(f"its memory, in MiB ({few:,} repositories)", peak, MOST_MIB)
    many = measure.scaled(MANY_REPOSITORIES, scale, least=100)
    yield from _large(many, few, _peak_of(few))


def _bare(url: str) -> measure.Run:
    script = str(measure.ROOT / "benchmarks" / "bare_loop.py")
    with measure.folder() as folder:
        return measure.run([sys.executable, script, url, measure.NAMESPACE, str(THREADS)], folder)


def _cold(url: str) -> measure.Run:
    with measure.folder(url, THREADS) as folder:
        return measure.run(FULL, folder)


def _peak_of(repositories: int) -> float:
    with measure.simulated(repositories=repositories, tags=FEW_TAGS) as url:
        return _cold(url).peak


def _large(many: int, few: int, usual_peak: float) -> Iterator[measure.Verdict]:
    with (
        measure.simulated(repositories=many, tags=FEW_TAGS) as url,
        measure.folder(url, THREADS) as folder,
    ):
        cold = measure.run(FULL, folder)
        what = f"memory for {many:,} repositories"
        yield measure.Verdict(f"{what}, in MiB", cold.peak, MOST_MIB)
        each = (cold.peak - usual_peak) * 1_024 / (many - few)
        note = "a listing holds every name until it is proven whole"
        yield measure.Verdict(f"{what}, in KiB for each", each, MOST_KIB_EACH, note)

        measure.run([*measure.INDEXER, "crawl"], folder)
        said = (folder / "out").read_text(encoding="utf-8")
        asked = 1 if "; 1 request," in said else float("inf")
        yield measure.Verdict("requests of an unchanged crawl of these", asked, 1)
        ratio, note = measure.cpu_ratio(
            lambda: measure.run(CRAWL, folder),
            lambda: measure.run([*measure.INDEXER, "status"], folder),
            TIMES,
        )
        yield measure.Verdict("its CPU, to indexer status", ratio, 2, note)
