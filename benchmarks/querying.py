"""Queries of a log of ten million changes: milliseconds in both databases."""

from __future__ import annotations

import statistics
import time
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks import many
from benchmarks.databases import KINDS, empty
from benchmarks.measure import Verdict, scaled
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import ChangeKind
from indexer.store import open_store
from indexer.store.schema.codec import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store

CHANGES = 10_000_000
TIMES = 21
MOST_MILLISECONDS = 10

END = time_of(many.START + many.LENGTH)
TWO_YEARS = timedelta(days=730)

QUESTIONS = {
    "--changed-since 15m": ChangeFilter(since=END - timedelta(minutes=15)),
    "--changed-since 2y --limit 50": ChangeFilter(since=END - TWO_YEARS, limit=50),
    "--changed-since 90d --kind tag_removed --limit 50": ChangeFilter(
        since=END - timedelta(days=90), kinds=frozenset({ChangeKind.TAG_REMOVED}), limit=50
    ),
    "--changed-since 7d --repository team-3/repo-2": ChangeFilter(
        since=END - timedelta(days=7), repository="team-3/repo-2"
    ),
    "--changed-since 1h --namespace team-3": ChangeFilter(
        since=END - timedelta(hours=1), namespace="team-3"
    ),
}


def verdicts(scale: float) -> Iterator[Verdict]:
    """The median time of each query, rows included."""
    size = many.Size(changes=scaled(CHANGES, scale, least=100_000))
    for kind in KINDS:
        with empty(kind) as url:
            many.fill(url, size)
            with closing(open_store(url, create=False)) as store:
                for text, wanted in QUESTIONS.items():
                    milliseconds, rows = _median(store, wanted)
                    what = f"ms in {kind}, {size.changes:,} changes: {text}"
                    yield Verdict(what, milliseconds, MOST_MILLISECONDS, f"{rows} rows")


def _median(store: Store, wanted: ChangeFilter) -> tuple[float, int]:
    times, rows = [], 0
    for _ in range(TIMES):
        began = time.perf_counter()
        rows = sum(1 for _ in store.catalog.changes(wanted))
        times.append((time.perf_counter() - began) * 1_000)
    return statistics.median(times), rows
