"""Counts of jobs and workers, for `indexer status`: read from the tables, without Procrastinate."""

from __future__ import annotations

import psycopg

from indexer.core.errors import StoreError
from indexer.crawl.sharding import QueueStatus
from indexer.service.job_queue import DEAD_SECONDS, SCHEMA, address_of, daemon_name, is_shared

_JOBS = """
SELECT
    count(*) FILTER (WHERE status = 'todo'),
    count(*) FILTER (WHERE status = 'doing'),
    count(*) FILTER (WHERE status IN ('todo', 'doing') AND attempts > 0)
FROM procrastinate_jobs
"""

_WORKERS = """
SELECT count(*) FROM procrastinate_workers
WHERE last_heartbeat > now() - make_interval(secs => %s)
"""

_GIVEN_UP = """
SELECT args ->> 'registry' AS registry, args ->> 'namespace' AS namespace, count(*)
FROM procrastinate_jobs WHERE status = 'failed'
GROUP BY 1, 2 ORDER BY 1, 2
"""

_DAEMONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = %s
"""

_IS_THERE = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL"


def queue_status(url: str) -> QueueStatus | None:
    """The state of an index's queue; None where there is none, or this user may not read it.

    Raises:
        StoreError: the database cannot be reached.
    """
    if not is_shared(url):
        return None
    try:
        with psycopg.connect(address_of(url)) as connection:
            found = connection.execute(_IS_THERE).fetchone()
            if found is None or not found[0]:
                return None
            jobs = connection.execute(_JOBS).fetchone() or (0, 0, 0)
            alive = connection.execute(_WORKERS, [DEAD_SECONDS]).fetchone() or (0,)
            given_up = connection.execute(_GIVEN_UP).fetchall()
            (schema,) = connection.execute("SHOW search_path").fetchone() or (SCHEMA,)
            daemons = connection.execute(_DAEMONS, [daemon_name(schema)]).fetchone() or (0,)
    except psycopg.errors.InsufficientPrivilege:
        return None
    except psycopg.Error as error:
        raise StoreError(
            f"the queue in PostgreSQL cannot be read ({type(error).__name__}): check [database] "
            "url."
        ) from None
    names = tuple((str(host), str(name), int(number)) for host, name, number in given_up)
    return QueueStatus(
        int(alive[0]), int(jobs[0]), int(jobs[1]), int(jobs[2]), names, int(daemons[0])
    )
