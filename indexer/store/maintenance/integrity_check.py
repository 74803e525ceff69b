"""Checks the rules that an index must always satisfy: `indexer db check`.

Each statement finds the rows that break a rule, with a text that identifies them. The statements
are the same for both databases, and read whole tables.
"""
# ruff: noqa: S608 - SQL made of our own names

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from indexer.core.model import ChangeKind, CrawlStatus
from indexer.store.database.engine import Database
from indexer.store.schema import namespace_counts
from indexer.store.schema.codec import KINDS
from indexer.store.schema.migrate import make_ready
from indexer.store.schema.reporting_views_dialect import POSTGRESQL, SQLITE
from indexer.store.schema.tables import TO_BE_NUMBERED, metadata
from indexer.store.schema.visibility import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = 5
"""The most rows that are named for each broken rule."""

_ADDED, _MOVED = KINDS[ChangeKind.TAG_ADDED], KINDS[ChangeKind.TAG_RETAGGED]
_GONE = KINDS[ChangeKind.TAG_REMOVED]
_THERE, _AWAY = KINDS[ChangeKind.REPOSITORY_ADDED], KINDS[ChangeKind.REPOSITORY_REMOVED]
_COUNTERS = " ".join(f"WHEN {number} THEN {kind.value}" for kind, number in KINDS.items())


class Finding(NamedTuple):
    """A rule, and what breaks it: the number of rows, and some of them in words."""

    rule: str
    broken: int
    examples: tuple[str, ...]


NUMBERS = (
    ("tag", "crawl_id", "crawl"),
    ("history", "crawl_id", "crawl"),
    ("change", "crawl_id", "crawl"),
    ("change", "tag_id", "tag"),
    ("change", "old_manifest_id", "manifest"),
    ("change", "new_manifest_id", "manifest"),
)
"""Columns that refer to another table's row without a foreign key."""

_LAST_OF_TAG = """
    JOIN (SELECT tag_id, max(id) AS id FROM change WHERE tag_id IS NOT NULL GROUP BY tag_id)
        AS last ON last.tag_id = tag.id
    JOIN change ON change.id = last.id
"""

_RULES = {
    "a period ends when it began or later": """
        SELECT 'history ' || id FROM history WHERE ended_at < started_at
    """,
    "no two periods of a tag overlap": """
        SELECT 'tag ' || tag_id FROM (
            SELECT tag_id, started_at, lag(ended_at) OVER (
                PARTITION BY tag_id ORDER BY started_at, ended_at, id
            ) AS before
            FROM history
        ) AS spans
        WHERE before > started_at
    """,
    "what a tag points to began when the past had ended": """
        SELECT DISTINCT 'tag ' || tag.id FROM tag JOIN history ON history.tag_id = tag.id
        WHERE tag.manifest_id IS NOT NULL AND history.ended_at > tag.since
    """,
    "a period that a change ended names it": f"""
        SELECT 'history ' || history.id FROM history LEFT JOIN change
            ON change.id = history.change_id
        JOIN tag ON tag.id = history.tag_id
        WHERE history.change_id = {TO_BE_NUMBERED} OR change.tag_id <> history.tag_id
            OR change.repository_id <> tag.repository_id
            OR change.kind NOT IN ({_MOVED}, {_GONE}, {_AWAY})
    """,
    "a removed repository has no tags": """
        SELECT 'repository ' || repository.name
        FROM repository JOIN tag ON tag.repository_id = repository.id
        WHERE NOT repository.present AND tag.manifest_id IS NOT NULL
    """,
    "a repository's tags are counted right": """
        SELECT 'repository ' || repository.name
        FROM repository LEFT JOIN (
            SELECT repository_id, count(*) AS number FROM tag
            WHERE manifest_id IS NOT NULL GROUP BY repository_id
        ) AS counted ON counted.repository_id = repository.id
        WHERE repository.tags <> coalesce(counted.number, 0)
    """,
    "a tag is what its last change made of it": f"""
        SELECT 'change ' || change.id FROM tag {_LAST_OF_TAG}
        WHERE (change.kind = {_GONE} AND tag.manifest_id IS NOT NULL)
            OR (change.kind IN ({_ADDED}, {_MOVED}) AND tag.manifest_id IS NULL AND NOT EXISTS (
                SELECT 1 FROM history
                WHERE history.tag_id = tag.id AND history.ended_at >= change.observed_at
            ))
    """,
    "a repository is what its last change made of it": f"""
        SELECT 'change ' || change.id FROM repository
        JOIN (
            SELECT repository_id, max(id) AS id FROM change
            WHERE kind IN ({_THERE}, {_AWAY}) GROUP BY repository_id
        ) AS last ON last.repository_id = repository.id
        JOIN change ON change.id = last.id
        WHERE (change.kind = {_AWAY} AND repository.present)
            OR (change.kind = {_THERE} AND NOT repository.present)
    """,
    "each change of a tag has its period, and each period its change": f"""
        SELECT 'tag ' || tag.id FROM tag
        LEFT JOIN (
            SELECT tag_id, count(*) AS number FROM change
            WHERE kind IN ({_ADDED}, {_MOVED}) GROUP BY tag_id
        ) AS changes ON changes.tag_id = tag.id
        LEFT JOIN (SELECT tag_id, count(*) AS number FROM history GROUP BY tag_id) AS ended
            ON ended.tag_id = tag.id
        CROSS JOIN change_counter
        WHERE coalesce(changes.number, 0) > coalesce(ended.number, 0)
                + CASE WHEN tag.manifest_id IS NULL THEN 0 ELSE 1 END
            OR (change_counter.pruned_before IS NULL
                AND coalesce(changes.number, 0) < coalesce(ended.number, 0)
                    + CASE WHEN tag.manifest_id IS NULL THEN 0 ELSE 1 END)
    """,
    "no change has a number that is still to be given": """
        SELECT 'change ' || id FROM change WHERE id > (SELECT last_id FROM change_counter)
        UNION ALL
        SELECT 'hiding ' || id FROM hiding WHERE id > (SELECT last_id FROM change_counter)
        UNION ALL
        SELECT 'repository ' || name FROM repository
        WHERE log_position > (SELECT last_id FROM change_counter)
    """,
    "what is hidden is private, there, and not listed": """
        SELECT 'repository ' || name FROM repository
        WHERE hidden_since IS NOT NULL AND NOT (present AND private AND NOT listed)
    """,
    "what is private is not shown to the public": f"""
        SELECT 'repository ' || name FROM repository
        WHERE private AND public_since IS NOT NULL
        UNION ALL
        SELECT 'tag ' || tag.id FROM tag JOIN repository ON repository.id = tag.repository_id
        WHERE repository.public_since IS NOT NULL AND repository.present
            AND tag.manifest_id IS NOT NULL AND tag.private_until = {NEVER}
    """,
    "what is not watched is kept, and not listed": """
        SELECT 'repository ' || name FROM repository
        WHERE unwatched_since IS NOT NULL AND (listed OR NOT present)
        UNION ALL
        SELECT 'tag ' || id FROM tag WHERE unwatched_since IS NOT NULL AND manifest_id IS NOT NULL
    """,
    "every change is counted": f"""
        SELECT 'changes of kind ' || kind FROM (
            SELECT kind, count(*) AS number FROM change WHERE NOT baseline GROUP BY kind
        ) AS there CROSS JOIN change_counter
        WHERE number > CASE kind {_COUNTERS} END
    """,
    "a change is of its repository's namespace": """
        SELECT 'change ' || change.id FROM change
        JOIN repository ON repository.id = change.repository_id
        WHERE change.namespace_id <> repository.namespace_id
    """,
    "a crawl knows the first and the last of its changes": """
        SELECT 'crawl ' || crawl.id FROM crawl JOIN (
            SELECT crawl_id, min(observed_at) AS earliest, max(id) AS latest
            FROM change GROUP BY crawl_id
        ) AS there ON there.crawl_id = crawl.id
        WHERE crawl.first_observed_at IS NULL OR crawl.last_change IS NULL
            OR crawl.first_observed_at > there.earliest OR crawl.last_change < there.latest
    """,
    "a crawl has an end unless it is running": f"""
        SELECT 'crawl ' || id FROM crawl
        WHERE (finished_at IS NULL) <> (status = '{CrawlStatus.RUNNING.value}')
    """,
}


def check(url: str) -> Iterator[Finding]:
    """Check every rule on the index at `url`, one after the other.

    Raises:
        StoreError: the database cannot be read, or holds no index.
    """
    with closing(Database(url)) as database:
        make_ready(database, create=False)
        with database.reading() as connection:
            for rule, statement in _statements(connection):
                yield _find(connection, rule, statement)


def _statements(connection: sa.Connection) -> Iterator[tuple[str, str | sa.Select[Any]]]:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        yield "the file is whole", "SELECT integrity_check FROM pragma_integrity_check(5)"
    else:
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
    yield "nothing refers to what is not there", " UNION ALL ".join(_orphans())
    yield from _RULES.items()
    yield "a namespace's repositories are counted right", namespace_counts.wrong()
    words = SQLITE if is_sqlite else POSTGRESQL
    yield (
        "a manifest has a digest for each image",
        f"""
            SELECT 'manifest ' || id FROM manifest
            WHERE digests IS NOT NULL AND (
                images IS NULL OR {words.size("digests")} <> 32 * {words.items("images")}
            )
        """,
    )
    if not is_sqlite:
        yield "the next number of each table is free", " UNION ALL ".join(_sequences())


def _orphans() -> Iterator[str]:
    links = {
        (table.name, key.parent.name, key.column.table.name)
        for table in metadata.sorted_tables
        for key in table.foreign_keys
    }
    for child, column, parent in sorted({*links, *NUMBERS}):
        yield f"""
            SELECT '{child}.{column} ' || child.{column} FROM {child} AS child
            LEFT JOIN {parent} AS parent ON parent.id = child.{column}
            WHERE child.{column} IS NOT NULL AND parent.id IS NULL
        """


def _sequences() -> Iterator[str]:
    for table in numbered():
        yield f"""
            SELECT '{table.name} ' || max(id) FROM {table.name}
            HAVING max(id) > (
                SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END
                FROM {table.name}_id_seq
            )
        """


def numbered() -> list[sa.Table]:
    """The tables whose ids the database generates."""
    return [table for table in metadata.sorted_tables if table.autoincrement_column is not None]


def _find(connection: sa.Connection, rule: str, statement: str | sa.Select[Any]) -> Finding:
    if isinstance(statement, str):
        asked: sa.Executable = sa.text(statement.replace(":", r"\:"))
    else:
        asked = statement
    streamed = connection.execute(asked, execution_options={"yield_per": 1_000})
    found = [str(row) for row in streamed.scalars() if row != "ok"]
    return Finding(rule, len(found), tuple(found[:EXAMPLES]))
