"""Writing tags, compared with the database's bare driver, which gets the same rows ready-made.

SQLite by CPU: the driver's `executemany`. PostgreSQL, whose server does most of the work, by the
wall clock: `COPY`. Both write as many rows in one transaction as a crawl does. The program also
loads what is known and compares, because nobody writes tags without that.
"""

from __future__ import annotations

import time
from contextlib import closing
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from benchmarks import generated
from benchmarks.databases import empty
from benchmarks.measure import Verdict, scaled
from indexer.core.clock import Clock
from indexer.core.model import ANONYMOUS, Cost, CrawlStatus, ListMemory, Mode, Repository
from indexer.crawl import diff
from indexer.crawl.write_buffer import MOST_READINGS, TagsReading, WriteBuffer
from indexer.store import open_store
from indexer.store.database.engine import Database, use_write_ahead_log
from indexer.store.schema import migrate
from indexer.store.schema.tables import change, manifest, metadata, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from indexer.crawl.ports import Archive

REPOSITORIES = 600
MANY_REPOSITORIES = 5_000
"""For the bytes written: they grow with the index."""
TIMES = 4

MEMORY = ListMemory(True, generated.NOW, ANONYMOUS, generated.NOW, newest_first=True)  # noqa: FBT003 - it is exact

TABLES = (manifest, tag, change)
"""The tables with a row for each tag, in the order of writing."""

Rows = list[tuple[Any, ...]]


class Spent(NamedTuple):
    """Seconds of this process's CPU, and of the wall clock."""

    cpu: float
    wall: float

    def __add__(self, other: object) -> Spent:
        """The sum of both."""
        assert isinstance(other, Spent)
        return Spent(self.cpu + other.cpu, self.wall + other.wall)


def verdicts(scale: float) -> Iterator[Verdict]:
    """How many times as long as the driver alone, on both databases; and the bytes written."""
    repositories = scaled(REPOSITORIES, scale, least=2 * MOST_READINGS)
    tags = repositories * generated.TAGS
    pairs = [_both("SQLite", repositories, _executemany) for _ in range(TIMES)]
    ours, bare = (min(spent.cpu for spent in side) for side in zip(*pairs, strict=True))
    yield Verdict(
        f"{tags:,} tags into SQLite, to the driver's executemany, CPU",
        ours / bare,
        1.5,
        f"{tags / ours:,.0f} to {tags / bare:,.0f} tags a second",
        before="2.75",
    )
    pairs = [_both("PostgreSQL", repositories, _copy) for _ in range(TIMES)]
    ours, bare = (min(spent.wall for spent in side) for side in zip(*pairs, strict=True))
    client = [min(spent.cpu for spent in side) for side in zip(*pairs, strict=True)]
    yield Verdict(
        f"{tags:,} tags into PostgreSQL, to COPY, wall",
        ours / bare,
        1.5,
        f"{tags / ours:,.0f} to {tags / bare:,.0f} tags a second; the client's CPU "
        f"{client[0] / client[1]:.1f} times; fsync, synchronous_commit and full_page_writes are on",
        before="2.9",
        limit=2.2,
        reason="it runs more statements than COPY does, and on a busy machine each waits for a "
        "processor; by the CPU of client and server it is 1.4",
    )
    yield from _bytes(scaled(MANY_REPOSITORIES, scale, least=2 * MOST_READINGS))


def _bytes(repositories: int) -> Iterator[Verdict]:
    """The bytes written to make an index of SQLite, to its size; and for a fifth of it."""
    if not _IO.exists():  # it is Linux's
        return
    few, many = _written(repositories // 5), _written(repositories)
    each = repositories * generated.TAGS
    yield Verdict(
        f"bytes written for {each:,} tags in SQLite, to its file",
        many.written / many.size,
        4,
        f"{many.written / each:,.0f} bytes a tag; {few.written / few.size:.1f} times at "
        f"{each // 5:,} tags",
        before="9.7",
        limit=6,
        reason="a new digest goes to a random page of the index of digests, and the log gets all "
        "of that page: the more pages there are, the fewer digests share one (5.2 times at "
        "1,000,000 tags, measured on 2026-11-29)",
    )


class Written(NamedTuple):
    """The bytes that were written, and the size of the file that they made."""

    written: int
    size: int


_IO = Path("/proc/self/io")


def _written(repositories: int) -> Written:
    with empty("SQLite") as url:
        before = _bytes_so_far()
        ingest(url, repositories)
        file = Path(sa.make_url(url).database or "")
        return Written(_bytes_so_far() - before, file.stat().st_size)


def _bytes_so_far() -> int:
    """What this process wrote, by Linux (proc(5), `wchar`): checkpoints included."""
    lines = dict(line.split(": ") for line in _IO.read_text(encoding="ascii").splitlines())
    return int(lines["wchar"])


def _both(
    kind: str, repositories: int, write: Callable[[Any, list[list[Rows]]], None]
) -> tuple[Spent, Spent]:
    with empty(kind) as url, empty(kind) as other:
        return ingest(url, repositories), _raw(url, other, write)


class _StillClock(Clock):
    """Never moves, so that as much as possible is written at once."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """See `Clock`."""
        return self._now

    def monotonic(self) -> float:
        """See `Clock`."""
        return 0.0

    def wait(self, seconds: float) -> None:
        """See `Clock`."""


def ingest(url: str, repositories: int, moved: int = 0) -> Spent:
    """Write everything through the archive; return what it took, without generating the tags."""
    with closing(open_store(url, create=True)) as store:
        return _ingest(store.archive, repositories, moved)


def _ingest(archive: Archive, repositories: int, moved: int) -> Spent:
    now = generated.NOW + timedelta(days=bool(moved))
    record = archive.begin("docker.io", "bench", Mode.FULL, ANONYMOUS, now)
    known = record.known_repositories()
    listed = {name: Repository(name, now) for name in generated.names(repositories)}
    changed = diff.repositories(
        known.repositories, listed, baseline=known.memory is None, identity=ANONYMOUS
    )
    record.record_repositories(changed, MEMORY, now)
    record.known_repositories()  # as a crawl does before it reads tags
    buffer = WriteBuffer(record, _StillClock(now), print)
    spent = Spent(0, 0)
    names = [*listed]
    for at in range(0, repositories, MOST_READINGS):
        tags = {name: generated.tags(name, moved) for name in names[at : at + MOST_READINGS]}
        began = _now()
        for name, held in tags.items():
            before = record.known_tags(name)
            found = diff.tags(before.tags, held, baseline=before.memory is None)
            buffer.add(TagsReading(name, found, MEMORY, now))
        buffer.flush()
        spent += _since(began)
    record.finish(CrawlStatus.COMPLETE, spent=Cost(), errors=(), rate_limit=None, now=now)
    return spent


def _now() -> Spent:
    return Spent(time.process_time(), time.perf_counter())


def _since(began: Spent) -> Spent:
    now = _now()
    return Spent(now.cpu - began.cpu, now.wall - began.wall)


def _raw(source: str, target: str, write: Callable[[Any, list[list[Rows]]], None]) -> Spent:
    """Write the rows of one database into another by its driver."""
    migrate.upgrade(target)
    with closing(Database(source)) as there, closing(Database(target)) as here:
        use_write_ahead_log(here)
        with there.reading() as connection, here.writing() as writing:
            for table in metadata.sorted_tables:
                if table not in TABLES and table.name != "change_counter":
                    found = connection.execute(sa.select(table)).mappings().all()
                    if found:
                        writing.execute(sa.insert(table), [dict(row) for row in found])
        batches = list(_batches(there))
        with closing(here.engine.raw_connection()) as connection:
            began = _now()
            write(connection.driver_connection, batches)
            return _since(began)


def _executemany(driver: Any, batches: list[list[Rows]]) -> None:
    for batch in batches:
        driver.execute("BEGIN IMMEDIATE")
        for table, rows in zip(TABLES, batch, strict=True):
            names, places = table.columns.keys(), ["?"] * len(table.columns)
            text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(places)})"  # noqa: S608 - our own
            driver.executemany(text, rows)
        driver.execute("COMMIT")


def _copy(driver: Any, batches: list[list[Rows]]) -> None:
    for batch in batches:
        for table, rows in zip(TABLES, batch, strict=True):
            text = f"COPY {table.name} ({', '.join(table.columns.keys())}) FROM STDIN"
            with driver.cursor().copy(text) as copy:
                for row in rows:
                    copy.write_row(row)
        driver.commit()


def _batches(database: Database) -> Iterator[list[Rows]]:
    """The rows of each table, of as many repositories as one transaction holds."""
    with database.reading() as connection:
        contents = {row.id: tuple(row) for row in connection.execute(sa.select(manifest))}
        log: dict[int, Rows] = {}
        for row in connection.execute(
            sa.select(change).where(change.c.tag_id.is_not(None)).order_by(change.c.id)
        ):
            log.setdefault(row.repository_id, []).append(tuple(row))
        tags = connection.execute(sa.select(tag).order_by(tag.c.repository_id, tag.c.id)).all()
    own = [(number, [*rows]) for number, rows in groupby(tags, lambda row: row.repository_id)]
    for at in range(0, len(own), MOST_READINGS):
        some = own[at : at + MOST_READINGS]
        used = sorted({row.manifest_id for _, rows in some for row in rows})
        yield [
            [contents[number] for number in used],
            [tuple(row) for _, rows in some for row in rows],
            [row for number, _ in some for row in log[number]],
        ]
