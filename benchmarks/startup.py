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
            ours = measure.fastest([*measure.INDEXER, *arguments], folder, TIMES)
            bare = measure.fastest([sys.executable, "-c", imports], folder, TIMES)
            return ours.seconds / bare.seconds, ours.beside(bare)

        value, note = ratio(("--help",), "import typer")
        yield measure.Verdict("indexer --help, to importing typer", value, 1.5, note)
        value, note = ratio(QUERY, "import typer, sqlalchemy")
        yield measure.Verdict("indexer query, to importing typer and sqlalchemy", value, 1.5, note)
