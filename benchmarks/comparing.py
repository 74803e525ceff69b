"""Compare a listing of unchanged tags with the index: its CPU, to the bare driver and a dict.

On PostgreSQL that is the CPU of the client.
"""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

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

REPOSITORIES = 2_000
TIMES = 3
MOST = 3

_RAW = (
    "SELECT tag.name, manifest.key FROM tag JOIN manifest ON manifest.id = tag.manifest_id "
    "WHERE tag.repository_id = {}"
)


def verdicts(scale: float) -> Iterator[Verdict]:
    """How many times the CPU of loading names and digests and comparing them."""
    repositories = scaled(REPOSITORIES, scale, least=20)
    for kind in KINDS:
        with empty(kind) as url:
            ingest(url, repositories)
            times = [_both(url, repositories) for _ in range(TIMES)]
        ours, raw = (min(side) for side in zip(*times, strict=True))
        tags = repositories * generated.TAGS
        yield Verdict(
            f"{tags:,} unchanged tags in {kind}, to the driver and a dict, CPU",
            ours / raw,
            MOST,
            f"{ours:.2f} s to {raw:.2f} s",
            before="2.70" if kind == "SQLite" else "2.02",
            limit=10,
            reason="the driver is bare now; before, SQLAlchemy's took twice as long for the same",
        )


def _both(url: str, repositories: int) -> tuple[float, float]:
    """The CPU seconds of both, measured in turn for each repository."""
    ours = raw = 0.0
    with (
        closing(open_store(url, create=False)) as store,
        closing(Database(url)) as database,
        closing(database.engine.raw_connection()) as connection,
    ):
        driver, place = connection.driver_connection, "?" if database.is_sqlite else "%s"
        record = store.archive.begin("docker.io", "bench", Mode.FULL, ANONYMOUS, generated.NOW)
        for number, name in enumerate(generated.names(repositories), 1):
            tags = generated.tags(name)
            ours += _ours(record, name, tags)
            raw += _raw(driver, _RAW.format(place), number, tags)
        record.finish(
            CrawlStatus.COMPLETE, spent=Cost(), errors=(), rate_limit=None, now=generated.NOW
        )
    return ours, raw


def _ours(record: CrawlRecord, name: str, tags: list[Tag]) -> float:
    began = time.process_time()
    found = diff.tags(record.known_tags(name).tags, tags)
    assert found == diff.TagsDiff()
    return time.process_time() - began


def _raw(driver: Any, statement: str, number: int, tags: list[Tag]) -> float:
    began = time.process_time()
    rows = driver.execute(statement, (number,)).fetchall()
    known = {name: f"sha256:{key.hex()}" for name, key in rows}
    assert known == {tag.name: tag.digest for tag in tags}
    return time.process_time() - began
