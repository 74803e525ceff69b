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
"""The queues, and the names of the tasks in them."""

DEAD_SECONDS = 20.0
"""Without a sign of life, after which a worker counts as dead; it gives one every few seconds."""

_POSTGRESQL = re.compile(r"postgres(ql)?(\+psycopg)?://")
_SEARCH_PATH = re.compile(r"search_path\s*=\s*\"?([^\s,\"]+)")
_FOREIGN = re.compile(r"\W", re.ASCII)
_LONGEST = 63
"""Of a name in PostgreSQL."""

_MAKING = 0x1D6E7867
"""The advisory lock under which the schema is made or changed."""

_COMMENT = "Procrastinate's, for 'indexer worker'; its last migration: "

for _noisy in ("procrastinate", "psycopg.pool"):
    logging.getLogger(_noisy).setLevel(logging.ERROR)


def is_shared(url: str) -> bool:
    """Whether machines can share an index, by the URL of its database."""
    return _POSTGRESQL.match(url) is not None


def address_of(url: str) -> str:
    """Where the queue is, as libpq takes it: in the database of the index, in a schema of its own.

    An index that is in a schema that its URL names has another queue than its neighbours.

    Raises:
        UsageError: that is no PostgreSQL, so machines cannot share it.
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
        application_name=known.get("application_name") or "indexer-queue",
    )


def make_ready(address: str) -> None:
    """See that the queue's schema is there, and that of this version of Procrastinate.

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
            if found is None or found[1] is None:  # an owner may have made it for us
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
    """The names of Procrastinate's migrations, which sort by their versions."""
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
    """A file of Procrastinate's: statements that it vouches for."""
    file = importlib.resources.files("procrastinate").joinpath(*path.split("/"))
    return file.read_bytes()


class Queue:
    """Puts jobs in and takes them back. Safe to use from threads; to be closed.

    Args:
        address: where: see `address_of`. The schema must be ready.
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
        """Let a namespace be crawled; False if that is waiting to be done already."""
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
        """Let shards be read; the jobs' numbers by those of the shards.

        All first shards of crawls come before all second ones: a huge crawl lets the others in.
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
        """Drop jobs that nobody has begun."""
        for job in numbers:
            with contextlib.suppress(exceptions.ProcrastinateException):
                self._app.job_manager.cancel_job_by_id(job, delete_job=True)


def shard_of(data: Any) -> Shard:
    """A shard, as a job carries it."""
    return msgspec.convert(data, Shard)
