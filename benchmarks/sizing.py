"""Bytes of an index for each tag, all included; and memory that does not grow with the index."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from benchmarks import generated, measure
from benchmarks.ingesting import ingest
from benchmarks.measure import Verdict, scaled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REPOSITORIES = 10_000
"""A million tags."""

MOST_BYTES = 400
MOVED = 3
"""How many of the 25 digests of each repository a second crawl finds changed, for a history."""

SAME = 1.2


def verdicts(scale: float) -> Iterator[Verdict]:
    """Bytes for each tag, and the memory for a number of tags and for a tenth of it."""
    many = scaled(REPOSITORIES, scale, least=50)
    yield from _bytes_a_tag(max(many // 10, 50))
    few = _peak(max(many // 10, 5))
    lots = _peak(many)
    what = f"memory for {many * generated.TAGS:,} tags, to a tenth of them"
    yield Verdict(what, lots / few, SAME, f"{lots:.0f} MiB to {few:.0f} MiB")


def _bytes_a_tag(repositories: int) -> Iterator[Verdict]:
    tags = repositories * generated.TAGS
    with measure.folder() as folder:
        file = folder / "index.db"
        for moved, what in ((0, "8 platforms, 4 tags to a digest"), (MOVED, "and 12% moved once")):
            ingest(f"sqlite:///{file}", repositories, moved)
            yield Verdict(f"bytes a tag in SQLite: {what}", _size(file) / tags, MOST_BYTES)


def _size(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size


def _peak(repositories: int) -> float:
    with measure.folder() as folder:
        url = f"sqlite:///{folder / 'index.db'}"
        command = [sys.executable, "-m", "benchmarks.worker", url, str(repositories)]
        return measure.run(command, folder, cwd=measure.ROOT).peak
