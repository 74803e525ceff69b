"""How long commands take to start, compared with the imports that they need."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks import measure

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMES = 15

QUERY = ("query", "--changed-since", "24h")


def verdicts() -> Iterator[measure.Verdict]:
    """Measure help, and a query of a small index."""
    with (
        measure.simulated(repositories=5, tags=5) as url,
        measure.folder(url) as folder,
    ):
        measure.run([*measure.INDEXER, "crawl", "-q"], folder)

        def ratio(arguments: tuple[str, ...], imports: str) -> tuple[float, str]:
            return measure.cpu_ratio(
                lambda: measure.run([*measure.INDEXER, *arguments], folder),
                lambda: measure.run([sys.executable, "-c", imports], folder),
                TIMES,
            )

        value, note = ratio(("--help",), "import typer")
        what = "indexer --help, to importing typer"
        yield measure.Verdict(what, value, 1.3, note, before="1.42")
        value, note = ratio(QUERY, "import typer, sqlalchemy")
        what = "indexer query, to importing typer and sqlalchemy"
        yield measure.Verdict(what, value, 1.25, note, before="1.74")
