"""Every statement that the program executes in any test is explained, and none may scan a table.

An autouse fixture (`tests/conftest.py`) hears each statement that is executed in the test's process
by code of `indexer/`. After a test, those that were not heard before are explained: for SQLite in
an empty index, for without statistics its planner does not look at the rows. For PostgreSQL, at
night only, in a filled one. A scan of a table that grows has to be in `PERMITTED`, with its reason.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import sqlalchemy as sa

from benchmarks import many
from indexer.store.schema.metadata import metadata
from tests.support import databases
from tests.support.permitted_scans import EVERYTHING, FEW, PERMITTED, SMALL
from tests.support.selection import examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = f"{ROOT / 'indexer'}/"
HELPERS = f"{PROGRAM}store/database/"
"""Modules that execute the statements of others."""

OURS = (PROGRAM, f"{ROOT / 'tests'}/", f"{ROOT / 'migrations'}/", f"{ROOT / 'benchmarks'}/")

GROWING = frozenset(metadata.tables) - SMALL

_READING = ("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")
_LISTS = re.compile(r"\(\s*(\?|%s|%\(\w+\)s(::\w+)?)(,\s*(\?|%s|%\(\w+\)s(::\w+)?))*\s*\)")
_ALIASES = re.compile(r"\b(\w+) AS (\w+)")


class Asked(NamedTuple):
    """A statement as the driver got it, and the module of the program that executed it."""

    dialect: str
    text: str
    parameters: Any
    module: str


class Scan(NamedTuple):
    """A table that is read from end to end, and what the plan says."""

    module: str
    table: str
    line: str
    text: str


class Statements:
    """What was heard in this process, each statement once."""

    def __init__(self) -> None:
        self._heard: set[tuple[str, str]] = set()
        self._kinds: set[tuple[str, str]] = set()
        self._new: list[Asked] = []

    def hear(
        self,
        connection: sa.Connection,
        _: Any,
        text: str,
        parameters: Any,
        __: Any,
        many: bool,
    ) -> None:
        """Listen to SQLAlchemy's event `before_cursor_execute`."""
        dialect = connection.dialect.name
        if (dialect, text) in self._heard:
            return
        self._heard.add((dialect, text))
        kind = dialect, _LISTS.sub("(?)", text)
        if kind in self._kinds or not text.lstrip().upper().startswith(_READING):
            return
        self._kinds.add(kind)
        module = _module()
        if module is not None:
            self._new.append(Asked(dialect, text, parameters[0] if many else parameters, module))

    def scans(self) -> list[Scan]:
        """The scans in what was heard since the last time that are not permitted."""
        new, self._new = self._new, []
        return [
            Scan(each.module, table, line, each.text)
            for each in new
            for table, line in _scans(each)
            if table in GROWING
            and not {table, EVERYTHING} & PERMITTED.get(each.module, {}).keys()
            and not any(index in line for index in FEW)
        ]


def _module() -> str | None:
    """Which module of the program executes a statement; None: a test or a migration does."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(OURS) and not file.startswith(HELPERS):
            return file.removeprefix(PROGRAM) if file.startswith(PROGRAM) else None
        frame = frame.f_back
    return None


def _scans(asked: Asked) -> Iterator[tuple[str, str]]:
    if asked.dialect == "sqlite":
        try:
            rows = _sqlite().execute(f"EXPLAIN QUERY PLAN {asked.text}", asked.parameters)
        except UnicodeEncodeError:
            return  # it was refused
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return  # of another schema: temporary, or the file's own
            raise
        yield from sqlite_scans(asked.text, [row[3] for row in rows])
    elif examples(0, at_night=1):
        with _postgresql() as cursor:
            for way in NOT_FOR_SMALL_TABLES:
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN (FORMAT JSON) {asked.text}", asked.parameters)
            plans = cursor.fetchall()
        yield from postgresql_scans(plans[0][0][0]["Plan"])


NOT_FOR_SMALL_TABLES = ("seqscan", "hashjoin", "mergejoin", "material")
"""Ways of PostgreSQL that are the fastest for small tables: without them a plan shows what it could
do otherwise."""


def sqlite_scans(text: str, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The tables that SQLite reads from end to end, each with the line of the plan that says so."""
    aliases = {alias: table for table, alias in _ALIASES.findall(text)}
    for line in lines:
        words = line.split()
        if words[0] == "SCAN" and "CONSTANT" not in words:
            yield aliases.get(words[1], words[1]), line


def postgresql_scans(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The same for a plan of PostgreSQL."""
    kind = node["Node Type"]
    is_led = "Index Cond" in node or kind == "Bitmap Heap Scan"  # the latter by what is in it
    inners = node.get("Plans", [])
    if kind == "Limit" and "Scan" in inners[0]["Node Type"] and "Filter" not in inners[0]:
        return  # it reads what it returns
    if "Scan" in kind and not is_led and ("Relation Name" in node or "Index Name" in node):
        index = node.get("Index Name", "")
        table = node.get("Relation Name") or index.split("_")[1]
        yield table, f"{kind} {index}: {node.get('Filter', '')}"
    for inner in inners:
        yield from postgresql_scans(inner)


@cache
def _sqlite() -> sqlite3.Connection:
    url = databases.sqlite_index(Path(mkdtemp(prefix="plans-")) / "index.db")
    return sqlite3.connect(url.removeprefix("sqlite:///"), check_same_thread=False)


@contextmanager
def _postgresql() -> Iterator[psycopg.Cursor[Any]]:
    """A transaction in a filled index, which is undone."""
    with psycopg.connect(_filled().replace("+psycopg", "")) as connection:
        yield connection.cursor()
        connection.rollback()


@cache
def _filled() -> str:
    url = databases.postgresql_url()
    many.fill(url, many.Size(60_000, repositories=600, tags=12_000, manifests=15_000, crawls=3_000))
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in _CONTENT:
            connection.execute(statement)
    return url


_CONTENT = (
    """
        INSERT INTO content (id, key, size, body, fetched_at, whole)
        SELECT i, convert_to(lpad(i::text, 32, '0'), 'UTF8'), 1, '', i, true
        FROM generate_series(1, 20000) AS n (i)
    """,
    """
        INSERT INTO content_part (content_id, part_id)
        SELECT id, id + 9999 FROM content WHERE id < 9999
    """,
    "INSERT INTO content_child (content_id, key) SELECT id, key FROM content",
    "INSERT INTO image_layer (content_id, position, key, size) SELECT id, 1, key, 1 FROM content",
    """
        INSERT INTO image_label (content_id, position, name, value, hash)
        SELECT id, 1, 'name', id::text, key FROM content
    """,
    "ANALYZE",
)
"""Fills the tables of contents, which `many` leaves empty."""


STATEMENTS = Statements()
sa.event.listen(sa.Engine, "before_cursor_execute", STATEMENTS.hear)
