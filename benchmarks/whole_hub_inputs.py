"""What the figures of docs/whole-hub.md are computed from: what is assumed and measured."""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from benchmarks import generated, measure
from benchmarks.databases import empty
from benchmarks.ingesting import ingest
from indexer.config import load
from indexer.core.catalog_entries import CrawlHistory, LastCrawl
from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.schedule.next_crawl import Every, Timetable, next_crawl
from indexer.store.database.engine import Database
from tests.support.databases import postgresql_server

if TYPE_CHECKING:
    from collections.abc import Callable

MEASURED_TAGS = 100_000
NAMESPACES = 20_000
LISTED = (200, 2_000)
"""Repositories of two crawls; what the larger one takes more is divided by the difference."""

_TICK = os.sysconf("SC_CLK_TCK")


class Assumed(NamedTuple):
    """The size of the Hub and what it allows. Docker tells none of it but the page."""

    repositories: float = 1e7
    tags: float = 1e9
    namespaces: float = 2.5e6
    pushes_a_day: float = 1e6
    tags_a_push: float = 2
    tags_to_a_digest: float = 4
    page: float = 100
    requests_a_minute: float = 180
    manifests_in_six_hours: float = 100
    least_bytes_a_tag: float = 300
    most_bytes_a_tag: float = 460
    disk_mb_a_second: float = 200


ASSUMED_BECAUSE = {
    "repositories": "the size that is looked at",
    "tags": "the same: 100 of each repository",
    "namespaces": "4 repositories of each; not known",
    "pushes_a_day": "one push of each repository in ten days; not known",
    "tags_a_push": "tags that a push retags or adds; not known",
    "tags_to_a_digest": "as `1.2.3`, `1.2`, `1`, `latest`; not known",
    "page": "items, the most that the Hub answers; documented",
    "requests_a_minute": "of one identity (address or account); recorded, not documented",
    "manifests_in_six_hours": "`GET` of a manifest without an account: a pull; recorded",
    "least_bytes_a_tag": "with indexes and the baseline of the change log, without later changes",
    "most_bytes_a_tag": "the same with long names and more digests",
    "disk_mb_a_second": "of the disk that a backup is read from",
}


class Measured(NamedTuple):
    """What this machine took; an input because it is measured at a small size."""

    sqlite_bytes_a_tag: float
    sqlite_bytes_a_retag: float
    postgresql_bytes_a_tag: float
    postgresql_bytes_a_retag: float
    postgresql_bytes_of_indexes: float
    postgresql_bytes_of_wal: float
    sqlite_cpu_us_a_tag: float
    postgresql_cpu_us_a_tag: float
    crawl_cpu_ms_a_page: float
    listing_kib_a_repository: float
    config_us_a_namespace: float
    tick_us_a_namespace: float


MEASURED_HOW = {
    "sqlite_bytes_a_tag": "bytes, first crawl, everything included",
    "sqlite_bytes_a_retag": "bytes that a retagged tag adds: change, period and manifest",
    "postgresql_bytes_a_tag": "bytes, first crawl, everything included",
    "postgresql_bytes_a_retag": "bytes that a retagged tag adds, dead rows included",
    "postgresql_bytes_of_indexes": "of the bytes a tag",
    "postgresql_bytes_of_wal": "bytes of the write-ahead log for a tag, first crawl",
    "sqlite_cpu_us_a_tag": "µs of CPU to compare and write a tag",
    "postgresql_cpu_us_a_tag": "the same, of our process and the server together",
    "crawl_cpu_ms_a_page": "ms of CPU for a page of 100 tags, from its request to SQLite",
    "listing_kib_a_repository": "KiB of memory for each further repository of a namespace",
    "config_us_a_namespace": "µs of CPU to read a namespace in the configuration",
    "tick_us_a_namespace": "µs of CPU to decide whether a namespace is due",
}


def measured(scale: float = 1.0) -> Measured:
    """Measure everything; takes a minute at full size."""
    tags = measure.scaled(MEASURED_TAGS, scale, least=2_000)
    sqlite, postgresql = (_database(kind, tags) for kind in ("SQLite", "PostgreSQL"))
    page, listing = _crawls(scale)
    namespaces = measure.scaled(NAMESPACES, scale, least=200)
    values = (
        sqlite.bytes_a_tag,
        sqlite.bytes_a_retag,
        postgresql.bytes_a_tag,
        postgresql.bytes_a_retag,
        postgresql.bytes_of_indexes,
        postgresql.bytes_of_wal,
        sqlite.cpu_us_a_tag,
        postgresql.cpu_us_a_tag,
        page,
        listing,
        _config_us(namespaces),
        _tick_us(namespaces),
    )
    return Measured(*(float(f"{value:.3g}") for value in values))  # as the page shows them


class _Taken(NamedTuple):
    """What one kind of database took; the last two are of PostgreSQL only."""

    bytes_a_tag: float
    bytes_a_retag: float
    cpu_us_a_tag: float
    bytes_of_indexes: float = 0
    bytes_of_wal: float = 0


def _database(kind: str, tags: int) -> _Taken:
    """Crawl some tags into an empty database, and retag some of them."""
    repositories, moved = tags // generated.TAGS, 3
    retagged = repositories * moved * generated.TO_A_DIGEST

    def generate() -> None:
        for name in generated.names(repositories):
            generated.tags(name)

    with empty(kind) as url:
        wal = _asked(url, "SELECT pg_current_wal_insert_lsn() - '0/0'")
        cpu = _cpu(kind, lambda: ingest(url, repositories)) - _cpu("", generate)
        wal = _asked(url, "SELECT pg_current_wal_insert_lsn() - '0/0'") - wal
        size = _size(url)
        indexes = _asked(
            url,
            "SELECT sum(pg_indexes_size(oid)) FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
        )
        ingest(url, repositories, moved)
        grown = (_size(url) - size) / retagged
    return _Taken(size / tags, grown, 1e6 * cpu / tags, indexes / tags, wal / tags)


def _asked(url: str, text: str) -> float:
    """The number that PostgreSQL answers; 0 of SQLite."""
    if url.startswith("sqlite"):
        return 0.0
    with closing(Database(url)) as database, database.reading() as connection:
        return float(connection.execute(sa.text(text)).scalar_one())


def _size(url: str) -> float:
    """Bytes of tables and indexes."""
    if url.startswith("sqlite"):
        with closing(Database(url)) as database, database.writing() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return float(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    return _asked(
        url,
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )


def _cpu(kind: str, work: Callable[[], object]) -> float:
    """Seconds of CPU, with those of the server."""
    server = kind == "PostgreSQL"
    before = time.process_time() + (_of_server() if server else 0.0)
    work()
    return time.process_time() + (_of_server() if server else 0.0) - before


def _of_server() -> float:
    """Seconds of CPU of PostgreSQL, with its ended and its running processes: see proc(5)."""
    main = postgresql_server().get_pid()
    children = Path(f"/proc/{main}/task/{main}/children").read_text(encoding="ascii").split()
    ticks = sum(_times(str(main), ended=True))
    return (ticks + sum(sum(_times(child, ended=False)) for child in children)) / _TICK


def _times(process: str, *, ended: bool) -> list[int]:
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has just ended
        return []
    fields = text.rpartition(")")[2].split()
    return [int(each) for each in fields[11 : 15 if ended else 13]]


def _crawls(scale: float) -> tuple[float, float]:
    """Ms of CPU for each page of tags, and KiB for each repository, of cold crawls of two sizes."""
    runs = []
    sizes = [measure.scaled(each, scale, least=10 + at) for at, each in enumerate(LISTED)]
    for repositories in sizes:
        with (
            measure.simulated(repositories=repositories, tags=generated.TAGS) as url,
            measure.folder(url) as folder,
        ):
            runs.append(measure.run((*measure.INDEXER, "crawl", "-q", "--full"), folder))
    few, many = runs
    more = sizes[1] - sizes[0]
    kib = (many.peak - few.peak) * measure.KIB_PER_MIB / more
    return 1_000 * (many.cpu - few.cpu) / more, max(kib, 0.0)


def _config_us(namespaces: int) -> float:
    names = ", ".join(f'"team-{number}"' for number in range(namespaces))
    with measure.folder() as folder:
        file = folder / "indexer.toml"
        file.write_text(f"[[registry]]\nnamespaces = [{names}]\n", encoding="utf-8")
        return 1e6 * _cpu("", lambda: load(file)) / namespaces


def _tick_us(namespaces: int) -> float:
    hour = Every("1h", timedelta(hours=1))
    table = Timetable(hour, hour, hour)
    last = LastCrawl(1, Mode.FULL, CrawlStatus.COMPLETE, generated.NOW, generated.NOW)
    done = dict.fromkeys(Mode, generated.NOW)
    history = CrawlHistory("docker.io", "team", last, done=done)

    def tick() -> None:
        for number in range(namespaces):
            next_crawl(table, f"docker.io/team-{number}", history, generated.NOW)

    return 1e6 * _cpu("", tick) / namespaces


if __name__ == "__main__":
    print(measured(float(sys.argv[1]) if sys.argv[1:] else 1.0))
