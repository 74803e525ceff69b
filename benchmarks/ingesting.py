"""Writing tags, compared with the driver alone, which gets the same rows ready-made."""

from __future__ import annotations

import statistics
import time
from contextlib import closing
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from benchmarks import generated
from benchmarks.databases import KINDS, empty
from benchmarks.measure import Verdict, scaled
from indexer.core.model import ANONYMOUS, Cost, CrawlStatus, ListMemory, Mode, Repository
from indexer.crawl import diff
from indexer.store import open_store
from indexer.store.database.engine import Database
from indexer.store.schema import migrate
from indexer.store.schema.tables import change, manifest, metadata, tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.crawl.ports import Archive

REPOSITORIES = 1_000
TIMES = 5

MEMORY = ListMemory(True, generated.NOW, ANONYMOUS, generated.NOW, newest_first=True)  # noqa: FBT003 - it is exact


def verdicts(scale: float) -> Iterator[Verdict]:
    """How many times as long as the driver alone, on both databases."""
    repositories = scaled(REPOSITORIES, scale, least=20)
    for kind in KINDS:
        ratios, ours, raw = [], 0.0, 0.0
        for _ in range(TIMES):
            with empty(kind) as url, empty(kind) as other:
                ours, raw = ingest(url, repositories), _raw(url, other)
            ratios.append(ours / raw)
        each = repositories * generated.TAGS
        yield Verdict(
            f"{each:,} tags into {kind}, to the driver alone",
            statistics.median(ratios),
            2,
            f"{each / ours:,.0f} to {each / raw:,.0f} tags a second",
        )


def ingest(url: str, repositories: int, moved: int = 0) -> float:
    """Write everything through the archive; return the seconds, without generating the tags."""
    with closing(open_store(url, create=True)) as store:
        return _ingest(store.archive, repositories, moved)


def _ingest(archive: Archive, repositories: int, moved: int) -> float:
    now = generated.NOW + timedelta(days=bool(moved))
    record = archive.begin("docker.io", "bench", Mode.FULL, ANONYMOUS, now)
    known = record.known_repositories()
    listed = {name: Repository(name, now) for name in generated.names(repositories)}
    changed = diff.repositories(
        known.repositories, listed, baseline=known.memory is None, identity=ANONYMOUS
    )
    record.record_repositories(changed, MEMORY, now)
    record.known_repositories()  # as a crawl does before it reads tags
    seconds = 0.0
    for name in listed:
        tags = generated.tags(name, moved)
        began = time.perf_counter()
        before = record.known_tags(name)
        found = diff.tags(before.tags, tags, baseline=before.memory is None)
        record.record_tags(name, found, MEMORY, now, now)
        seconds += time.perf_counter() - began
    record.finish(CrawlStatus.COMPLETE, spent=Cost(), errors=(), rate_limit=None, now=now)
    return seconds


def _raw(source: str, target: str) -> float:
    """Write the rows of one database into another: a transaction for each repository."""
    migrate.upgrade(target)
    with closing(Database(source)) as there, closing(Database(target)) as here:
        with there.reading() as connection, here.writing() as writing:
            for table in metadata.sorted_tables:
                if table not in {manifest, tag, change} and table.name != "change_counter":
                    found = connection.execute(sa.select(table)).mappings().all()
                    if found:
                        writing.execute(sa.insert(table), [dict(row) for row in found])
        batches = list(_batches(there))
        seconds = 0.0
        for batch in batches:
            began = time.perf_counter()
            with here.writing() as writing:
                for text, rows in batch:
                    writing.exec_driver_sql(text, rows)
            seconds += time.perf_counter() - began
        return seconds


def _batches(database: Database) -> Iterator[list[tuple[str, list[tuple[Any, ...]]]]]:
    place = "?" if database.is_sqlite else "%s"
    texts = {
        table: f"INSERT INTO {table.name} ({', '.join(table.columns.keys())}) "  # noqa: S608 - our own
        f"VALUES ({', '.join([place] * len(table.columns))})"
        for table in (manifest, tag, change)
    }
    with database.reading() as connection:
        contents = {row.id: tuple(row) for row in connection.execute(sa.select(manifest))}
        log: dict[int, list[tuple[Any, ...]]] = {}
        for row in connection.execute(sa.select(change).where(change.c.tag_id.is_not(None))):
            log.setdefault(row.repository_id, []).append(tuple(row))
        tags = connection.execute(sa.select(tag).order_by(tag.c.repository_id, tag.c.id)).all()
        for number, rows in groupby(tags, key=lambda row: row.repository_id):
            own = list(rows)
            mine = {row.manifest_id: contents[row.manifest_id] for row in own}
            yield [
                (texts[manifest], list(mine.values())),
                (texts[tag], [tuple(row) for row in own]),
                (texts[change], log[number]),
            ]
