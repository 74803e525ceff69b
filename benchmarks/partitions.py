"""Try partitions by repository on a PostgreSQL: what the schema refuses, and what they cost.

    python -m benchmarks.partitions [--tags N] [--partitions N]

Each large table is created once more, with its own keys, and partitioned by the key that would
divide it: PostgreSQL says whether that is possible. Then a copy of `tag` whose keys contain the
repository is partitioned for real, and compared with a copy that is not, statement by statement, by
the CPU of the server's process.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.exc import DBAPIError

from benchmarks import many
from benchmarks.databases import empty
from indexer.store.database.engine import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

TAGS = 1_000_000
TAGS_OF_A_REPOSITORY = 100
PARTITIONS = 32

WANTED = (
    ("repository", "HASH", "id", "repository"),
    ("tag", "HASH", "repository_id", "repository"),
    ("history", "HASH", "repository_id", "repository"),
    ("manifest", "HASH", "key", "digest"),
    ("change", "HASH", "repository_id", "repository"),
    ("change", "RANGE", "id", "number of the log"),
    ("repository_daily", "HASH", "repository_id", "repository"),
)
"""Which large table would be divided how, by which column, and by what that is in words."""

SAFE = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings that the server of the tests switches off, and an index needs."""


class Answer(NamedTuple):
    """Whether a table can be partitioned with the keys that it has.

    Attributes:
        table: its name.
        by: what it would be divided by.
        refusal: PostgreSQL's own sentence; empty: it can be.
    """

    table: str
    by: str
    refusal: str


class Cost(NamedTuple):
    """What a statement costs without partitions and with them, in ms of the server's CPU."""

    what: str
    plain: float
    divided: float


class Trial(NamedTuple):
    """All that was found, with some tags in some partitions."""

    tags: int
    partitions: int
    answers: list[Answer]
    costs: list[Cost]
    bytes_plain: int
    bytes_divided: int


def trial(tags: int = TAGS, partitions: int = PARTITIONS) -> Trial:
    """Fill an index, try each table, and compare both copies of `tag`."""
    repositories = max(tags // TAGS_OF_A_REPOSITORY, 1)
    size = many.Size(max(tags // 10, 1), repositories, tags, max(tags // 4, 1))
    with empty("PostgreSQL") as url:
        many.fill(url, size)
        with (
            closing(Database(url)) as database,
            database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
            _safe(connection),
        ):
            answers = [_answer(connection, *wanted) for wanted in WANTED]
            filling = _copies(connection, partitions)
            costs = [filling, *_statements(connection, repositories)]
            plain, divided = (_bytes(connection, table) for table in ("tag_plain", "tag_divided"))
    return Trial(tags, partitions, answers, costs, plain, divided)


@contextmanager
def _safe(connection: Connection) -> Iterator[None]:
    """The settings of an index, and again those of the tests."""
    for state in ("on", "off"):
        for setting in SAFE:
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = {state}")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
        if state == "on":
            yield


def _answer(connection: Connection, table: str, how: str, column: str, by: str) -> Answer:
    """Create the table again with its own keys, partitioned, and delete it."""
    text = (
        f"CREATE TABLE divided (LIKE {table} INCLUDING DEFAULTS INCLUDING INDEXES) "
        f"PARTITION BY {how} ({column})"
    )
    try:
        connection.exec_driver_sql(text)
    except DBAPIError as error:
        lines = str(error.orig).splitlines()
        detail = next((line[len("DETAIL:") :] for line in lines if line.startswith("DETAIL:")), "")
        return Answer(table, by, (detail or lines[0]).strip())
    connection.exec_driver_sql("DROP TABLE divided")
    return Answer(table, by, "")


def _copies(connection: Connection, partitions: int) -> Cost:
    """Copy `tag` twice: with its keys, and with keys that contain the repository, partitioned."""
    shape = "(LIKE tag INCLUDING DEFAULTS)"
    connection.exec_driver_sql(f"CREATE TABLE tag_plain {shape}")
    connection.exec_driver_sql(
        f"CREATE TABLE tag_divided {shape} PARTITION BY HASH (repository_id)"
    )
    for number in range(partitions):
        connection.exec_driver_sql(
            f"CREATE TABLE tag_divided_{number} PARTITION OF tag_divided "
            f"FOR VALUES WITH (MODULUS {partitions}, REMAINDER {number})"
        )
    for table, key in (("tag_plain", "id"), ("tag_divided", "repository_id, id")):
        connection.exec_driver_sql(
            f"ALTER TABLE {table} ADD PRIMARY KEY ({key}), ADD UNIQUE (repository_id, name), "
            "ADD FOREIGN KEY (repository_id) REFERENCES repository, "
            "ADD FOREIGN KEY (manifest_id) REFERENCES manifest"
        )
        connection.exec_driver_sql(f"CREATE INDEX ON {table} (manifest_id)")
        connection.exec_driver_sql(f"CREATE INDEX ON {table} (name, repository_id)")
    took = []
    for table in ("tag_plain", "tag_divided"):
        with _cpu(connection) as spent:
            connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM tag")  # noqa: S608 - our own
        took.append(spent[0])
        connection.exec_driver_sql(f"VACUUM ANALYZE {table}")
    return Cost("write every tag once", *took)


def _statements(connection: Connection, repositories: int) -> Iterator[Cost]:
    """What commands and crawls ask of `tag`; each many times, both tables in turn.

    The driver prepares a statement that it sends often, and so do commands.
    """
    some = [1 + (number * 7919) % repositories for number in range(200)]
    asked = {
        "all tags of a repository": "SELECT * FROM {table} WHERE repository_id = %(number)s",
        "one tag of a repository": (
            "SELECT * FROM {table} WHERE repository_id = %(number)s AND name = '1.7'"
        ),
        "write the tags of a repository again": (
            "INSERT INTO {table} SELECT * FROM {table} WHERE repository_id = %(number)s "
            "ON CONFLICT (repository_id, name) DO UPDATE SET last_updated = EXCLUDED.last_updated"
        ),
        "a tag by its id, as histories and changes name it": (
            "SELECT * FROM {table} WHERE id = %(number)s"
        ),
        "the tags of a digest (`find`)": "SELECT * FROM {table} WHERE manifest_id = %(number)s",
        "20 repositories that have a tag name (`tags --tag`)": (
            "SELECT * FROM {table} WHERE name = '1.7' AND repository_id > %(number)s "
            "ORDER BY name, repository_id LIMIT 20"
        ),
    }
    for what, text in asked.items():
        spent = {"tag_plain": 0.0, "tag_divided": 0.0}
        for _ in range(2):  # the first round fills the caches
            for table in spent:
                with _cpu(connection) as took:
                    for number in some:
                        connection.exec_driver_sql(text.format(table=table), {"number": number})
                spent[table] = took[0] / len(some)
        yield Cost(what, *spent.values())


@contextmanager
def _cpu(connection: Connection) -> Iterator[list[float]]:
    """Measure the CPU of the server's process, in ms."""
    server = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    times = Path(f"/proc/{server}/schedstat")  # nanoseconds on a processor come first: proc(5)
    took: list[float] = []
    before = int(times.read_text(encoding="ascii").split()[0])
    yield took
    took.append((int(times.read_text(encoding="ascii").split()[0]) - before) / 1e6)


def _bytes(connection: Connection, table: str) -> int:
    """A table with its indexes and partitions."""
    text = (
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname ~ %s"
    )
    return int(connection.exec_driver_sql(text, (f"^{table}(_[0-9]+)?$",)).scalar_one())


def main() -> int:
    """Print what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.partitions")
    parser.add_argument("--tags", type=int, default=TAGS)
    parser.add_argument("--partitions", type=int, default=PARTITIONS)
    wanted = parser.parse_args()
    found = trial(wanted.tags, wanted.partitions)
    for answer in found.answers:
        print(f"{answer.table:<18} by {answer.by:<18} {answer.refusal or 'possible'}")
    for cost in found.costs:
        print(f"{cost.what:<55} {cost.plain:>12.3f} {cost.divided:>12.3f} ms")
    print(
        f"{found.bytes_plain / wanted.tags:.0f} and {found.bytes_divided / wanted.tags:.0f} bytes"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
