"""`indexer db grant-reader`: a role that may read the index, and nothing else."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from indexer.cli.app import app
from indexer.core.errors import StoreError, UsageError
from indexer.store import open_store
from indexer.store.database.engine import Database
from indexer.store.maintenance.reader_role import grant_reader
from indexer.store.sql_reports.reports import Reports
from tests.store.sql_reports.test_sql_page import answer
from tests.support.databases import postgresql_index, postgresql_url
from tests.web.serving import HOOK, bearer, running

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.postgresql


def run(url: str, *statements: str) -> None:
    with closing(Database(url)) as database, database.writing() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


@pytest.fixture(scope="module")
def url() -> str:
    return postgresql_index()


@pytest.fixture
def role(url: str) -> str:
    name = f"reader %s {uuid4().hex[:8]}"  # a name that needs quotes
    run(url, f'CREATE ROLE "{name}" LOGIN')
    return name


def as_role(url: str, role: str) -> str:
    return url.replace("postgres:@", f"{role.replace('%', '%25').replace(' ', '%20')}@")


def test_the_role_reads_every_table_and_writes_none(url: str, role: str) -> None:
    granted = grant_reader(url, role)
    run(url, f"CREATE TABLE later_{uuid4().hex} (a int)")
    assert granted.tables > 20
    with closing(Database(as_role(url, role))) as database:
        names = sa.inspect(database.engine).get_table_names()
        with database.reading() as connection:
            for name in names:  # what an upgrade adds later, too
                connection.execute(sa.text(f'SELECT * FROM "{name}" LIMIT 1'))  # noqa: S608 - a table's
        with pytest.raises(StoreError, match="the rights that are needed"):
            run(as_role(url, role), "DELETE FROM tag")


def test_sql_reads_as_the_role(
    url: str, role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INDEXER_DATABASE_URL", url)
    done = CliRunner().invoke(app, ["db", "grant-reader", role])
    assert "may read" in done.output
    assert "and write nothing" in done.output
    monkeypatch.setenv("INDEXER_READER_DATABASE_URL", as_role(url, role))
    done = CliRunner().invoke(app, ["sql", "--format", "csv", "SELECT current_user AS me"])
    assert role in done.output


def test_the_server_asks_as_the_role_and_writes_as_its_owner(url: str, role: str) -> None:
    grant_reader(url, role)
    with (
        closing(open_store(url, create=False, reader_url=as_role(url, role))) as store,
        running(store) as site,
    ):
        for path in ("/", "/v2/_catalog", "/api/v1/changes", "/metrics", "/violations"):
            assert site.get(path, headers=bearer()).status_code == 200, path
        body = {"repository": {"repo_name": "library/nginx"}}
        assert site.ask("POST", f"/hooks/dockerhub/{HOOK}", json=body).status_code == 200
        run(url, f'REVOKE SELECT ON change FROM "{role}"')  # noqa: S608 - ours
        assert site.get("/api/v1/changes", headers=bearer()).status_code == 503


def test_a_role_may_be_confined_to_the_views(url: str, role: str) -> None:
    granted = grant_reader(url, role, views_only=True)
    assert granted.tables == 1  # the schema's version
    with closing(Reports(as_role(url, role))) as reports:
        assert answer(reports, "SELECT count(*) AS n FROM report_tags")
        with pytest.raises(UsageError, match="permission denied for table tag"):
            answer(reports, "SELECT * FROM tag")


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ('GRANT UPDATE ON tag TO "{role}"', "may write to tag"),
        ('ALTER ROLE "{role}" SUPERUSER', "is a superuser"),
        ('GRANT pg_write_all_data TO "{role}"', "may write to "),
    ],
)
def test_a_role_that_may_write_is_refused_and_gets_nothing(
    url: str, role: str, before: str, why: str
) -> None:
    run(url, before.format(role=role))
    with pytest.raises(UsageError, match=why):
        grant_reader(url, role)
    query = f"SELECT grantee FROM information_schema.role_table_grants WHERE grantee = '{role}'"  # noqa: S608 - ours
    with closing(Database(url)) as database, database.reading() as connection:
        found = connection.execute(sa.text(f"{query} AND privilege_type = 'SELECT'"))
        assert found.all() == []


def test_an_unknown_role_is_told_how_to_make_it(url: str) -> None:
    with pytest.raises(UsageError, match="create it first, with 'CREATE ROLE nobody LOGIN'"):
        grant_reader(url, "nobody")


def test_only_the_owner_can_grant_it(url: str, role: str) -> None:
    with pytest.raises(StoreError, match=r"the rights that are needed|Run this as the owner"):
        grant_reader(as_role(url, role), role)


def test_an_empty_database_has_nothing_to_read(role: str) -> None:
    with pytest.raises(StoreError, match="there is no index"):
        grant_reader(postgresql_url(), role)


def test_sqlite_has_no_roles(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="SQLite has no roles"):
        grant_reader(f"sqlite:///{tmp_path / 'index.db'}", "x")


@pytest.mark.parametrize("command", ["check", "outdated", "settled", "query"])
def test_a_gate_of_ci_asks_the_index_as_the_role(
    url: str, role: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/recipes/ci.md: the job has the URL of a role that may only read."""
    grant_reader(url, role)
    monkeypatch.setenv("INDEXER_CONFIG", "")
    monkeypatch.setenv("INDEXER_DATABASE_URL", as_role(url, role))
    arguments = {
        "check": ["nginx:1@sha256:" + 64 * "0", "--format", "sarif"],
        "outdated": ["nginx:1"],
        "settled": ["nginx:1", "--for", "7d"],
        "query": ["--changed-since", "1d"],
    }[command]

    done = CliRunner().invoke(app, [command, *arguments])

    error = done.exception.__cause__ if done.exception else None
    assert "nothing was crawled yet" in str(error), done.output
