"""Migrations that are killed, that come two at a time, and databases that are none."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic import command

from indexer.core.errors import ConfigError, StoreError
from indexer.store import open_store
from indexer.store.schema.migrate import HEAD, REVISIONS, current
from tests.store.schemas import ROOT, alembic_of_the_checkout, described, execute, revision
from tests.store.scribe import Scribe, changes, digest, tag
from tests.support.databases import postgresql_url
from tests.support.selection import examples

if TYPE_CHECKING:
    from collections.abc import Callable

DYING = Path(__file__).parent.parent / "dying.py"
HOLDING = Path(__file__).parent.parent / "holding.py"
KILLS = 200 if os.environ.get("INDEXER_SOAK") else examples(1, at_night=10)
FIRST, LAST = REVISIONS[0], REVISIONS[-1]


def started(script: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(script), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out + err


def moments(statements: int) -> list[int]:
    """At which of so many statements to be killed; drawn by the seed that pytest prints."""
    return sorted(random.sample(range(statements), min(KILLS, statements)))


def statements_of(url: str) -> int:
    """How many statements opening a database takes."""
    code, said = ended(started(DYING, url, "1000000"))
    assert code == 0, said
    return int(said.removeprefix("done "))


def killed_at(url: str, number: int) -> None:
    code, said = ended(started(DYING, url, str(number)))
    assert code == -signal.SIGKILL, said


def works(url: str) -> bool:
    """Whether an index can be written and read, and has the schema of today."""
    with closing(open_store(url, create=True)) as store:
        Scribe(store.archive, namespace="probe").crawl({"nginx": [tag("latest", "one")]})
        written = changes(store, namespace="probe")
    return len(written) == 2 and current(url) == f"{HEAD} (of this program)"


def older(url: str) -> None:
    """An index of the first schema, with something in it."""
    with closing(open_store(url, create=True)) as store:
        Scribe(store.archive).crawl({"nginx": [tag("latest", "one")]})
    command.downgrade(alembic_of_the_checkout(), FIRST)


def test_an_index_that_is_killed_while_it_is_made_can_be_made(
    tmp_path: Path, database_url: str
) -> None:
    is_sqlite = database_url.startswith("sqlite")
    urls: Callable[[], str] = postgresql_url
    if is_sqlite:
        files = (f"sqlite:///{tmp_path}/{number}.db" for number in range(1_000))
        urls = files.__next__
    for number in moments(statements_of(database_url)):
        url = urls()
        killed_at(url, number)
        assert works(url), number
        assert described(url) == described(database_url) or not is_sqlite, number


@pytest.mark.skipif(FIRST == LAST, reason="there is one revision only")
def test_a_migration_that_is_killed_leaves_a_database_that_works(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEXER_DATABASE_URL", database_url)
    older(database_url)
    steps = statements_of(database_url)
    assert revision(database_url) == LAST
    for number in moments(steps):
        command.downgrade(alembic_of_the_checkout(), FIRST)
        killed_at(database_url, number)
        assert revision(database_url) in {FIRST, LAST}, number
        with closing(open_store(database_url, create=False)) as store:
            (entry,) = store.catalog.tags("docker.io", "library/nginx")
        assert entry.digest == digest("one")
        assert works(database_url), number
    assert list(tmp_path.glob("*.partial")) == []


@pytest.mark.skipif(FIRST == LAST, reason="there is one revision only")
def test_two_programs_that_migrate_one_file_keep_the_copy_of_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/index.db"
    monkeypatch.setenv("INDEXER_DATABASE_URL", url)
    older(url)
    together = [started(HOLDING, url, f"team{number}") for number in range(3)]
    for process in together:
        assert ended(process) == (0, "held\n")
    assert revision(url) == LAST
    assert revision(f"sqlite:///{tmp_path}/index.db.before-{HEAD}") == FIRST


def test_programs_that_make_one_index_at_the_same_time_share_it(database_url: str) -> None:
    together = [started(DYING, database_url, "1000000") for _ in range(3)]
    for process in together:
        code, said = ended(process)
        assert code == 0, said
    assert works(database_url)


@pytest.mark.skipif(FIRST == LAST, reason="there is one revision only")
def test_where_no_copy_can_be_kept_nothing_is_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/index.db"
    monkeypatch.setenv("INDEXER_DATABASE_URL", url)
    older(url)
    (tmp_path / f"index.db.before-{HEAD}.partial").mkdir()
    with pytest.raises(StoreError) as refused:
        open_store(url, create=False)
    assert str(refused.value) == (
        f"the schema of the database '{tmp_path}/index.db' has to change, and the copy that is "
        f"kept of it, 'index.db.before-{HEAD}', cannot be written: make room for it beside the "
        "database, and see that the folder may be written."
    )
    assert revision(url) == FIRST


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    for create in (True, False):
        with pytest.raises(StoreError) as refused:
            open_store(f"sqlite:///{tmp_path}/no/such/index.db", create=create)
        assert ("check that its folder is there" in str(refused.value)) == create
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_is_not_a_database_is_refused_and_stays_as_it_is(
    tmp_path: Path, create: bool
) -> None:
    file = tmp_path / "index.db"
    for content in (b"Dear diary", b"SQLite format 3\0" + b"x" * 100, b"\0" * 5_000):
        file.write_bytes(content)
        with pytest.raises(StoreError, match=r"is not an SQLite database: choose another file\.$"):
            open_store(f"sqlite:///{file}", create=create)
        assert file.read_bytes() == content


def test_an_empty_file_becomes_an_index(tmp_path: Path) -> None:
    file = tmp_path / "index.db"
    file.touch()
    with pytest.raises(StoreError, match="there is no index"):
        open_store(f"sqlite:///{file}", create=False)
    assert works(f"sqlite:///{file}")


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}", create=True)


def test_a_damaged_database_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "index.db"
    url = f"sqlite:///{file}"
    with closing(open_store(url, create=True)) as store:
        Scribe(store.archive).crawl({"nginx": [tag(f"{n}", f"{n}") for n in range(2_000)]})
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    content[200_000:400_000] = b"\xaa" * 200_000
    file.write_bytes(content)
    with (
        pytest.raises(StoreError, match="is damaged: restore a copy"),
        closing(open_store(url, create=True)) as store,
    ):
        Scribe(store.archive).crawl({"nginx": []})


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "is not a URL"),
        ("postgresql+psycopg://h:port/n", "is not a URL"),
        ("mysql://me:hunter2@h/n", "names a database that is not supported"),
        ("sqlite+aiosqlite:///index.db", "names a database that is not supported"),
        ("postgresql+psycopg2://me:hunter2@h/n", "names a database that is not supported"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:index.db?mode=ro&uri=true", "names no file"),
    ],
)
def test_a_url_that_names_no_database_of_ours_is_a_sentence_without_its_secrets(
    url: str, told: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        open_store(url, create=True)
    assert str(refused.value).startswith(f"[database] url {told}: write '")
    assert "hunter2" not in str(refused.value)


def unreachable() -> dict[str, str]:
    """URLs that lead nowhere, with what is said of each."""
    server = postgresql_url()
    other_name = re.sub(r"/test_\w+", "/nothing", server)
    return {
        other_name: "'localhost/nothing' is not there on its server: create it first",
        server.replace("postgres:@", "nobody:hunter2@"): "refuses this user: check '[database]",
        "postgresql+psycopg://me:hunter2@127.0.0.1:1/n": "cannot be reached",
        "postgresql://me:hunter2@127.0.0.1:1/n": "cannot be reached",
        "postgresql+psycopg://me:hunter2@nowhere.invalid/n": "is on an unknown host",
        f"{server}&connect_timeout=soon": "is named with a wrong option",
        f"{server}&no_such_option=1": "is named with an unknown option",
    }


@pytest.mark.postgresql
def test_a_server_that_cannot_be_had_is_a_sentence_without_its_secrets() -> None:
    for url, told in unreachable().items():
        with pytest.raises(StoreError) as refused:
            open_store(url, create=True)
        sentence = str(refused.value)
        assert told in sentence, sentence
        assert "hunter2" not in sentence


@pytest.mark.postgresql
def test_a_database_that_cannot_hold_every_character_is_a_sentence() -> None:
    server = postgresql_url()
    name = "latin"
    execute_alone(server, f"CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
    url = re.sub(r"/test_\w+", f"/{name}", server)
    with (
        closing(open_store(url, create=True)) as store,
        pytest.raises(StoreError, match="cannot hold every character"),
    ):
        Scribe(store.archive).crawl({"nginx": [tag("😀", "one")]})


def execute_alone(url: str, statement: str) -> None:
    """Run what PostgreSQL runs outside of transactions only."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.mark.postgresql
def test_a_user_who_may_not_make_tables_is_told_so() -> None:
    url = postgresql_url()
    role = re.search(r"/(test_\w+)", url)
    assert role is not None
    execute(url, f"CREATE ROLE reader_{role[1]} LOGIN")
    theirs = url.replace("postgres:@", f"reader_{role[1]}@")
    with pytest.raises(StoreError, match="does not give this user the rights that are needed"):
        open_store(theirs, create=True)
