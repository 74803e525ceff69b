"""The queue: Procrastinate's tables, in a schema of their own beside the index's."""

from __future__ import annotations

import contextlib
import importlib.resources
import logging
import re
from typing import TYPE_CHECKING, Any

import msgspec
import procrastinate
import psycopg
from procrastinate import exceptions, jobs
from psycopg import conninfo, sql

from indexer.core.errors import StoreError, UsageError
from indexer.crawl.sharding import Shard

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

SCHEMA = "indexer_queue"

CRAWLS = "crawls"
SHARDS = "shards"
"""The names of the queues; each has one task of the same name."""

DEAD_SECONDS = 20.0
"""A worker without a heartbeat for so many seconds counts as dead; it beats every few seconds."""

_POSTGRESQL = re.compile(r"postgres(ql)?(\+psycopg)?://")
_SEARCH_PATH = re.compile(r"search_path\s*=\s*\"?([^\s,\"]+)")
_FOREIGN = re.compile(r"\W", re.ASCII)
_LONGEST = 63
"""The most bytes of a name in PostgreSQL."""

_MAKING = 0x1D6E7867
"""The advisory lock for creating or changing the schema."""

_COMMENT = "Procrastinate's, for 'indexer worker'; its last migration: "

for _noisy in ("procrastinate", "psycopg.pool"):
    logging.getLogger(_noisy).setLevel(logging.ERROR)


def is_shared(url: str) -> bool:
    """Whether several machines can share an index, by the URL of its database."""
    return _POSTGRESQL.match(url) is not None


def daemon_name(schema: str) -> str:
    """What connections of a daemon that fills the queue of a schema are called in PostgreSQL."""
    return f"indexer-daemon {schema}"[:_LONGEST]


def address_of(url: str, *, is_daemon: bool = False) -> str:
    """The queue's address for libpq: the index's database, with a schema for the queue.

    An index in a schema named by its URL gets a queue of its own.

    Args:
        url: of the index's database.
        is_daemon: the address is for the daemon, whose connections have a name that workers know.

    Raises:
        UsageError: the database is not PostgreSQL, so machines cannot share it.
    """
    if not is_shared(url):
        raise UsageError(
            "workers share an index in PostgreSQL: set [database] url to one, or run 'indexer "
            "daemon' alone, which needs no workers."
        )
    plain = _POSTGRESQL.sub("postgresql://", url)
    known = conninfo.conninfo_to_dict(plain)
    options = str(known.get("options") or "")
    named = _SEARCH_PATH.search(options)
    schema = f"{SCHEMA}_{_FOREIGN.sub('_', named[1]).lower()}"[:_LONGEST] if named else SCHEMA
    return conninfo.make_conninfo(
        plain,
        options=f"{options} -c search_path={schema}".strip(),
        application_name=daemon_name(schema)
        if is_daemon
        else known.get("application_name") or "indexer-queue",
    )


def make_ready(address: str) -> None:
    """Create the queue's schema, or migrate it to this version of Procrastinate.

    Raises:
        StoreError: the database cannot be used.
    """
    try:
        with psycopg.connect(address) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])
            (schema,) = connection.execute("SHOW search_path").fetchone() or (SCHEMA,)
            found = connection.execute(
                "SELECT obj_description(oid, 'pg_namespace'), to_regclass('procrastinate_jobs') "
                "FROM pg_namespace WHERE nspname = %s",
                [schema],
            ).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
            if found is None or found[1] is None:  # the schema may exist already, empty
                connection.execute(_text("sql/schema.sql"))
                _note(connection, schema)
            else:
                _migrate(connection, schema, str(found[0] or "").removeprefix(_COMMENT))
    except psycopg.Error as error:
        raise StoreError(
            f"the queue in PostgreSQL cannot be used ({type(error).__name__}): check [database] "
            "url and the right to make a schema."
        ) from None


def _migrations() -> list[str]:
    """The names of Procrastinate's migrations, sorted by version."""
    folder = importlib.resources.files("procrastinate") / "sql" / "migrations"
    return sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))


def _migrate(connection: psycopg.Connection[Any], schema: str, last: str) -> None:
    lacking = [name for name in _migrations() if name > last]
    for name in lacking:
        connection.execute(_text(f"sql/migrations/{name}"))
    if lacking:
        _note(connection, schema)


def _note(connection: psycopg.Connection[Any], schema: str) -> None:
    comment = sql.Literal(_COMMENT + _migrations()[-1])
    connection.execute(
        sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(schema), comment)
    )


def _text(path: str) -> bytes:
    """The SQL in a file of Procrastinate's package."""
    file = importlib.resources.files("procrastinate").joinpath(*path.split("/"))
    return file.read_bytes()


class Queue:
    """Puts jobs in and takes them back. Safe to use from threads. Close it after use.

    Args:
        address: see `address_of`. The schema must exist.
    """

    def __init__(self, address: str) -> None:
        self._app = procrastinate.App(
            connector=procrastinate.SyncPsycopgConnector(conninfo=address, min_size=1, max_size=4)
        )

    def __enter__(self) -> Self:
        self._app.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._app.close()

    def crawl(self, registry: str, namespace: str) -> bool:
        """Put a crawl of a namespace into the queue; False if one is waiting already."""
        name = f"{registry}/{namespace}"
        task = self._app.configure_task(
            CRAWLS, allow_unknown=True, queue=CRAWLS, lock=name, queueing_lock=name
        )
        try:
            task.defer(registry=registry, namespace=namespace)
        except exceptions.AlreadyEnqueued:
            return False
        return True

    def share(self, shards: Iterable[Shard], **target: str) -> dict[int, int]:
        """Put shards into the queue; returns the jobs' ids by the shards' numbers.

        The first shards of all crawls come before all second ones, so a huge crawl blocks no other.
        """
        return {
            shard.number: self._app.configure_task(
                SHARDS, allow_unknown=True, queue=SHARDS, priority=-1 - shard.number
            ).defer(shard=msgspec.to_builtins(shard), **target)
            for shard in shards
        }

    def is_over(self, job: int) -> bool:
        """Whether a job has ended, or is no longer there."""
        try:
            status = self._app.job_manager.get_job_status(job)
        except exceptions.NoResult:
            return True
        return status not in {jobs.Status.TODO, jobs.Status.DOING}

    def take_back(self, numbers: Iterable[int]) -> None:
        """Delete jobs that no worker has begun."""
        for job in numbers:
            with contextlib.suppress(exceptions.ProcrastinateException):
                self._app.job_manager.cancel_job_by_id(job, delete_job=True)


def shard_of(data: Any) -> Shard:
    """Decode a shard from a job's arguments."""
    return msgspec.convert(data, Shard)
