"""How long commands take to start, compared with the imports that they need."""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import measure

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMES = 21

QUERY = ("query", "--changed-since", "24h", "--include-baseline")


def verdicts(scale: float) -> Iterator[measure.Verdict]:
    """Measure help, and a query of a small index."""
    times = measure.scaled(TIMES, scale, least=3)
    with (
        measure.simulated(repositories=10, tags=5) as url,
        measure.folder(url) as folder,
    ):
        measure.run([*measure.INDEXER, "crawl", "-q"], folder)

        def ratio(arguments: tuple[str, ...], imports: str) -> tuple[float, str]:
            command, floor = [*measure.INDEXER, *arguments], [sys.executable, "-c", imports]
            pairs = [
                (measure.run(command, folder), measure.run(floor, folder)) for _ in range(times)
            ]
            ours, bare = (median(run.cpu for run in runs) for runs in zip(*pairs, strict=True))
            return ours / bare, f"{1_000 * ours:.0f} ms to {1_000 * bare:.0f} ms of CPU"

        value, note = ratio(("--help",), "import typer")
        what = "indexer --help, to importing typer"
        yield measure.Verdict(what, value, 1.3, note, before="1.42")
        value, note = ratio(QUERY, "import typer, sqlalchemy")
        what = "indexer query, to importing typer and sqlalchemy"
        yield measure.Verdict(what, value, 1.25, note, before="1.74")
