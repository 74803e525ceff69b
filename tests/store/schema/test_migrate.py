"""The schema's versions: made, compared, migrated, refused."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from indexer.core.errors import StoreError
from indexer.store import open_store
from indexer.store.schema.metadata import metadata
from indexer.store.schema.migrate import HEAD, REVISIONS, current, upgrade
from tests.store.schemas import (
    ROOT,
    alembic_of_the_checkout,
    connected,
    described,
    execute,
    revision,
)
from tests.store.scribe import Scribe, changes, digest, tag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.store import Store

OLDER = REVISIONS[:-1]

each_older = pytest.mark.parametrize(
    "older",
    [
        pytest.param(each, marks=[pytest.mark.nightly] if each in OLDER[1:-1] else [])
        for each in OLDER
    ],
)
"""By day from the first and from the last: each step is taken by a test of its own."""


def filled(url: str) -> None:
    """An index with something in every table that the first schema has."""
    with closing(open_store(url, create=True)) as store:
        scribe = Scribe(store.archive)
        scribe.crawl({"nginx": [tag("latest", "one"), tag("gone", "two")], "redis": []})
        scribe.crawl({"nginx": [tag("latest", "two")]})


def is_filled(store: Store) -> bool:
    return [each.digest for each in store.catalog.history("docker.io", "library/nginx")] == [
        digest("two"),
        digest("one"),
        digest("two"),
    ] and len(changes(store)) == 7


@pytest.fixture
def alembic(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let Alembic, as people run it in a checkout, work on this database."""
    monkeypatch.setenv("INDEXER_DATABASE_URL", database_url)
    return database_url


def test_the_program_knows_exactly_the_revisions_that_there_are() -> None:
    scripts = ScriptDirectory.from_config(alembic_of_the_checkout())
    found = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS
    assert scripts.get_heads() == [HEAD]


def test_alembic_makes_the_schema_in_a_checkout(database_url: str) -> None:
    environment = {**os.environ, "INDEXER_DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert current(database_url) == f"{HEAD} (of this program)"
    with closing(open_store(database_url, create=False)) as store:
        assert store.catalog.namespaces() == []


def test_alembic_and_the_program_make_the_same_schema(alembic: str) -> None:
    command.upgrade(alembic_of_the_checkout(), "head")
    by_alembic = described(alembic)
    command.downgrade(alembic_of_the_checkout(), "base")
    upgrade(alembic)
    assert described(alembic) == by_alembic


def test_models_and_migrations_agree(database_url: str) -> None:
    upgrade(database_url)
    with connected(database_url) as connection:
        # Of SQLite's defaults Alembic misreads the empty text; the next test compares them all.
        options = {"compare_type": True, "compare_server_default": _is_postgresql(connection)}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_models_and_migrations_agree_in_what_alembic_does_not_compare(database_url: str) -> None:
    """Collations, conditions of indexes, names of constraints, numbers that are never reused."""
    upgrade(database_url)
    with connected(database_url) as connection:
        cascade = "CASCADE" if _is_postgresql(connection) else ""
        for view in sa.inspect(connection).get_view_names():
            connection.execute(sa.text(f"DROP VIEW IF EXISTS {view} {cascade}"))
        for trigger in () if cascade else connection.scalars(_TRIGGERS).all():
            connection.execute(sa.text(f"DROP TRIGGER {trigger}"))
    migrated = described(database_url)
    with connected(database_url) as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert described(database_url) == migrated


_TRIGGERS = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
"""They are in migrations only."""


def _is_postgresql(connection: sa.Connection) -> bool:
    return connection.dialect.name == "postgresql"


@each_older
def test_an_older_database_is_migrated_when_it_is_opened(alembic: str, older: str) -> None:
    filled(alembic)
    at_head = described(alembic)
    command.downgrade(alembic_of_the_checkout(), older)
    assert current(alembic) == f"{older} (this program's: {HEAD})"
    with closing(open_store(alembic, create=False)) as store:
        assert is_filled(store)
        Scribe(store.archive).crawl({"nginx": [tag("latest", "three")]})
    assert revision(alembic) == HEAD
    assert described(alembic) == at_head


@pytest.fixture
def usual_umask() -> Iterator[None]:
    """The umask of most people, under which others may read what they write."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("usual_umask")
def test_only_its_owner_may_read_a_new_sqlite_file_and_nobody_more_its_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "index.db"
    url = f"sqlite:///{file}"
    monkeypatch.setenv("INDEXER_DATABASE_URL", url)
    with closing(open_store(url, create=True)) as store:
        Scribe(store.archive).crawl({"nginx": [tag("latest", "one")]})
        written = {path for path in tmp_path.iterdir() if path.stat().st_size}
        assert {path.stat().st_mode & 0o777 for path in written} == {0o600}  # the -wal and -shm too
    command.downgrade(alembic_of_the_checkout(), OLDER[-1])
    file.chmod(0o640)  # its owner lets a group read it
    open_store(url, create=False).close()
    copy = tmp_path / f"index.db.before-{HEAD}"
    assert [path.stat().st_mode & 0o777 for path in (file, copy)] == [0o640, 0o640]


@each_older
def test_an_older_sqlite_file_is_copied_before_it_is_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, older: str
) -> None:
    url = f"sqlite:///{tmp_path}/index.db"
    monkeypatch.setenv("INDEXER_DATABASE_URL", url)
    filled(url)
    command.downgrade(alembic_of_the_checkout(), older)
    before = described(url)
    open_store(url, create=False).close()
    copy = tmp_path / f"index.db.before-{HEAD}"
    assert revision(f"sqlite:///{copy}") == older
    assert described(f"sqlite:///{copy}") == before
    copy.replace(tmp_path / "index.db")
    with closing(open_store(url, create=False)) as store:
        assert is_filled(store)


def test_a_database_of_today_is_neither_copied_nor_touched(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/index.db"
    filled(url)
    before = (tmp_path / "index.db").read_bytes()
    for create in (False, True):
        open_store(url, create=create).close()
    assert (tmp_path / "index.db").read_bytes() == before
    assert not list(tmp_path.glob("*before*"))


def test_all_revisions_can_be_undone_and_done_again(alembic: str) -> None:
    filled(alembic)
    at_head = described(alembic)
    command.downgrade(alembic_of_the_checkout(), "base")
    with connected(alembic) as connection:
        left = set(sa.inspect(connection).get_table_names())
        left |= set(sa.inspect(connection).get_view_names())
    assert left == {"alembic_version"}
    with pytest.raises(StoreError, match="there is no index"):
        open_store(alembic, create=False)
    filled(alembic)
    assert described(alembic) == at_head


def test_each_revision_can_be_undone_and_done_again_with_what_is_in_it(alembic: str) -> None:
    filled(alembic)
    at_head = described(alembic)
    for older in reversed(OLDER):
        command.downgrade(alembic_of_the_checkout(), older)
    for newer in REVISIONS[1:]:
        command.upgrade(alembic_of_the_checkout(), newer)
    assert described(alembic) == at_head
    with closing(open_store(alembic, create=False)) as store:
        assert is_filled(store)


def test_a_newer_database_is_refused_with_a_sentence_and_left_alone(database_url: str) -> None:
    upgrade(database_url)
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    for open_it in (
        lambda: open_store(database_url, create=True),
        lambda: open_store(database_url, create=False),
        lambda: upgrade(database_url),
    ):
        with pytest.raises(StoreError) as refused:
            open_it()
        sentence = str(refused.value)
        assert sentence.startswith("the database '")
        assert sentence.endswith(
            f"' was made by a newer version of this program (schema 9999, this one knows {HEAD}): "
            "install the newer version."
        )
    assert revision(database_url) == "9999"


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param(["CREATE TABLE theirs (id integer)"], id="any"),
        pytest.param(
            [
                "CREATE TABLE alembic_version (version_num varchar(32))",
                "INSERT INTO alembic_version VALUES ('0001')",
                "CREATE TABLE theirs (id integer)",
            ],
            id="another that Alembic migrates",
        ),
        pytest.param(
            [
                "CREATE TABLE alembic_version (version_num varchar(32))",
                "CREATE TABLE theirs (id integer)",
            ],
            id="another that Alembic has not migrated yet",
        ),
    ],
)
def test_the_database_of_another_program_is_refused_and_left_alone(
    database_url: str, theirs: list[str]
) -> None:
    execute(database_url, *theirs)
    before = described(database_url)
    for create in (True, False):
        with pytest.raises(StoreError, match="belongs to another program: choose another"):
            open_store(database_url, create=create)
    assert described(database_url) == before
    with pytest.raises(StoreError, match="belongs to another program"):
        current(database_url)


def test_where_there_is_no_index_it_is_made_only_if_asked(database_url: str) -> None:
    with pytest.raises(StoreError, match=r"'indexer crawl NAMESPACE' makes one\.$"):
        open_store(database_url, create=False)
    with pytest.raises(StoreError, match=r"'indexer db upgrade' makes one\.$"):
        current(database_url)
    upgrade(database_url)
    open_store(database_url, create=False).close()


def test_asking_for_an_index_leaves_no_file_behind(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        open_store(f"sqlite:///{tmp_path}/index.db", create=False)
    assert list(tmp_path.iterdir()) == []
