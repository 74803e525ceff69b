"""An index with as many changes as you like, made by the database itself: a log of two years.

What is in it has the right shape and no further meaning: teams with repositories, tags that are
moved again and again, a crawl every few hours.
"""
# ruff: noqa: S608 - SQL made of our own numbers

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from indexer.store.database.engine import Database
from indexer.store.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

START = 1_700_000_000_000_000
LENGTH = 2 * 365 * 86_400 * 1_000_000
"""Microseconds."""

TEAMS = 20
RARE = 1_009
"""One in so many changes is a removal."""


class Size(NamedTuple):
    """How many rows of each kind."""

    changes: int
    repositories: int = 2_000
    tags: int = 200_000
    manifests: int = 250_000
    crawls: int = 10_000


def fill(url: str, size: Size) -> None:
    """Make the index at `url`, which is empty, and fill it."""
    migrate.upgrade(url)
    with closing(Database(url)) as database:
        for statement in _statements(size, is_sqlite=database.is_sqlite):
            with database.writing() as connection:
                # PostgreSQL's driver takes a single % for the place of a parameter.
                text = statement if database.is_sqlite else statement.replace("%", "%%")
                connection.exec_driver_sql(text)
        # What both databases do by themselves in time.
        with database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            if not database.is_sqlite:
                connection.exec_driver_sql("VACUUM ANALYZE")


def _statements(size: Size, *, is_sqlite: bool) -> Iterator[str]:
    no, yes = ("0", "1") if is_sqlite else ("false", "true")
    changes, repositories, tags, manifests, crawls = size
    every, gap = LENGTH // crawls, LENGTH // changes
    per_crawl = -(-changes // crawls)

    def rows(number: int) -> str:
        if not is_sqlite:
            return f"generate_series(1::bigint, {number}) AS n (i)"
        return (
            "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            f"WHERE i < {number}) SELECT i FROM n) AS n"
        )

    key = (
        "CAST(printf('%032d', i) AS BLOB)"
        if is_sqlite
        else "convert_to(lpad(i::text, 32, '0'), 'UTF8')"
    )
    yield "INSERT INTO registry (id, name) VALUES (1, 'docker.io')"
    yield f"""
        INSERT INTO namespace (id, registry_id, name)
        SELECT i, 1, 'team-' || i FROM {rows(TEAMS)}
    """
    yield f"""
        INSERT INTO crawl (id, namespace_id, mode, status, whole, identity, holder,
            started_at, finished_at, after_change, last_observed_at)
        SELECT i, 1 + i % {TEAMS}, 'incremental', 'complete', {no}, 'anonymous', 'a process',
            {START} + (i - 1) * {every}, {START} + i * {every}, (i - 1) * {per_crawl},
            {START} + i * {every}
        FROM {rows(crawls)}
    """
    yield f"""
        INSERT INTO repository (id, namespace_id, name, description, private, present, listed,
            baseline, seen_by, was_read, tags, first_seen_at)
        SELECT i, 1 + i % {TEAMS}, 'team-' || (1 + i % {TEAMS}) || '/repo-' || i, '', {no}, {yes},
            {yes}, {yes}, 'anonymous', {yes}, {tags // repositories}, {START}
        FROM {rows(repositories)}
    """
    yield f"INSERT INTO manifest (id, key, size) SELECT i, {key}, 1000 FROM {rows(manifests)}"
    yield f"""
        INSERT INTO tag (id, repository_id, name, manifest_id, since, crawl_id)
        SELECT i, 1 + i % {repositories}, '1.' || (i / {repositories}), 1 + i % {manifests},
            {START}, 1
        FROM {rows(tags)}
    """
    # Tags of all repositories in turn; 7,919 is a prime number.
    moved = f"(i * 7919) % {tags}"
    yield f"""
        INSERT INTO change (id, crawl_id, kind, baseline, repository_id, tag_id, old_manifest_id,
            new_manifest_id, observed_at, pushed_at)
        SELECT i, 1 + (i - 1) / {per_crawl},
            CASE WHEN i % {RARE} = 0 THEN 4 WHEN i % 100 = 0 THEN 3 ELSE 5 END,
            CASE WHEN i <= {changes // 10} THEN {yes} ELSE {no} END,
            1 + {moved} % {repositories}, 1 + {moved}, 1 + i % {manifests},
            1 + (i + 1) % {manifests}, {START} + i * {gap}, {START} + i * {gap} - 1000000
        FROM {rows(changes)}
    """
    yield f"""
        INSERT INTO history (tag_id, manifest_id, started_at, ended_at, crawl_id)
        SELECT tag_id, old_manifest_id, observed_at - {gap}, observed_at, crawl_id
        FROM change WHERE id > {changes // 10} AND id % 10 = 0
    """
    yield f"UPDATE change_counter SET last_id = {changes}"
    if not is_sqlite:
        for table in ("namespace", "crawl", "repository", "manifest", "tag"):
            yield f"SELECT setval('{table}_id_seq', max(id)) FROM {table}"
