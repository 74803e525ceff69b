"""Compare a listing of a million unchanged tags with the index: its time, to that of a dict."""

from __future__ import annotations

import statistics
import time
from contextlib import closing
from typing import TYPE_CHECKING

from benchmarks import generated
from benchmarks.databases import KINDS, empty
from benchmarks.ingesting import ingest
from benchmarks.measure import Verdict, scaled
from indexer.core.model import ANONYMOUS, Cost, CrawlStatus, Mode
from indexer.crawl import diff
from indexer.store import open_store
from indexer.store.database.engine import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.core.model import Tag
    from indexer.crawl.ports import CrawlRecord

REPOSITORIES = 10_000
TIMES = 3
MOST = 3

_RAW = (
    "SELECT tag.name, manifest.key FROM tag JOIN manifest ON manifest.id = tag.manifest_id "
    "WHERE tag.repository_id = {}"
)


def verdicts(scale: float) -> Iterator[Verdict]:
    """How many times as long as loading names and digests and comparing them."""
    repositories = scaled(REPOSITORIES, scale, least=20)
    for kind in KINDS:
        with empty(kind) as url:
            ingest(url, repositories)
            times = [_both(url, repositories) for _ in range(TIMES)]
        ours, raw = times[-1]
        tags = repositories * generated.TAGS
        yield Verdict(
            f"{tags:,} unchanged tags in {kind}, to comparing a dict",
            statistics.median(one / other for one, other in times),
            MOST,
            f"{ours:.2f} s to {raw:.2f} s",
        )


def _both(url: str, repositories: int) -> tuple[float, float]:
    """The seconds of both, measured in turn for each repository."""
    ours = raw = 0.0
    with closing(open_store(url, create=False)) as store, closing(Database(url)) as database:
        record = store.archive.begin("docker.io", "bench", Mode.FULL, ANONYMOUS, generated.NOW)
        for number, name in enumerate(generated.names(repositories), 1):
            tags = generated.tags(name)
            ours += _ours(record, name, tags)
            raw += _raw(database, number, tags)
        record.finish(
            CrawlStatus.COMPLETE, spent=Cost(), errors=(), rate_limit=None, now=generated.NOW
        )
    return ours, raw


def _ours(record: CrawlRecord, name: str, tags: list[Tag]) -> float:
    began = time.perf_counter()
    found = diff.tags(record.known_tags(name).tags, tags)
    assert found == diff.TagsDiff()
    return time.perf_counter() - began


def _raw(database: Database, number: int, tags: list[Tag]) -> float:
    place = "?" if database.is_sqlite else "%s"
    began = time.perf_counter()
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(_RAW.format(place), (number,)).fetchall()
        known = {name: f"sha256:{key.hex()}" for name, key in rows}
    assert known == {tag.name: tag.digest for tag in tags}
    return time.perf_counter() - began
