"""The cost of a daemon that has nothing to do: the time of a long run less that of a short one."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from benchmarks import measure
from benchmarks.databases import KINDS, empty
from indexer.core.model import CrawlStatus, Mode
from indexer.store.database.engine import Database
from indexer.store.schema import migrate
from indexer.store.schema.codec import microseconds
from indexer.store.schema.tables import crawl, namespace, registry

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORT_SECONDS = 5.0
"""From its first log line to SIGTERM."""
LOOKS_SECONDS = 20.0
"""So much longer is the long run: a whole number of looks."""

_CONFIGURATION = """\
[schedule]
crawl = "1d"
verify = "never"
full = "never"

[[registry]]
hub_url = "http://127.0.0.1:9"
namespaces = {names}
"""


def shares_of_a_core(names: Sequence[str], scale: float) -> dict[str, float]:
    """The share of a core that a daemon of these namespaces takes, on each kind of database.

    It may be less than the difference of two starts: then it is told as none.

    Args:
        names: of the namespaces.
        scale: of the seconds.
    """
    runs = (SHORT_SECONDS * scale, (SHORT_SECONDS + LOOKS_SECONDS) * scale)
    with ExitStack() as stack, ThreadPoolExecutor() as threads:
        urls = {kind: stack.enter_context(empty(kind)) for kind in KINDS}
        for url in urls.values():
            _fill(url, names)
        taken = {
            kind: [threads.submit(_taken, url, names, each) for each in runs]
            for kind, url in urls.items()
        }
        return {
            kind: max(long.result() - short.result(), 0.0) / (runs[1] - runs[0])
            for kind, (short, long) in taken.items()
        }


def _fill(url: str, names: Sequence[str]) -> None:
    """Make an index whose namespaces were all crawled a minute ago."""
    migrate.upgrade(url)
    began = datetime.now(UTC) - timedelta(minutes=1)
    with closing(Database(url)) as database, database.writing() as connection:
        connection.execute(sa.insert(registry), {"name": "docker.io"})
        host = connection.scalar(sa.select(registry.c.id))
        connection.execute(
            sa.insert(namespace), [{"registry_id": host, "name": each} for each in names]
        )
        done = {
            "mode": Mode.FULL.value,
            "status": CrawlStatus.COMPLETE.value,
            "whole": True,
            "identity": "anonymous",
            "holder": "a process",
            "started_at": microseconds(began),
            "finished_at": microseconds(began),
            "after_change": 0,
        }
        homes = connection.scalars(sa.select(namespace.c.id)).all()
        connection.execute(sa.insert(crawl), [{"namespace_id": each, **done} for each in homes])


def _taken(url: str, names: Sequence[str], seconds: float) -> float:
    """Seconds of the processor's time of a daemon that runs so long."""
    with measure.folder() as folder:
        quoted = ", ".join(f'"{each}"' for each in names)
        text = _CONFIGURATION.format(names=f"[{quoted}]")
        (folder / "indexer.toml").write_text(text, encoding="utf-8")
        process = subprocess.Popen(
            [*measure.INDEXER, "daemon"],
            cwd=folder,
            env={**os.environ, "INDEXER_DATABASE_URL": url},
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        while b"started" not in process.stderr.readline():
            assert process.poll() is None, "the daemon ended"
        time.sleep(seconds)
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, process.returncode
        return usage.ru_utime + usage.ru_stime
