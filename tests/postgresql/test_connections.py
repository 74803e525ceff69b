"""Connections to PostgreSQL: TLS, schemas, limits of time, and a server that goes away."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from indexer.core.errors import StoreError
from indexer.store import open_store
from indexer.store.database import engine
from indexer.store.database.engine import Database
from indexer.store.schema import migrate
from indexer.store.sql_reports.reports import Reports
from tests.postgresql.front import Front
from tests.store.scribe import Scribe, changes, tag
from tests.support.databases import postgresql_index, postgresql_url

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.postgresql

CERTIFICATES = Path(__file__).parent.parent / "http" / "certificates"
NUMBER = sa.text("SELECT 1")


@pytest.fixture(scope="module")
def direct() -> str:
    return postgresql_index()


def folder(url: str) -> str:
    """Of the server's socket."""
    return parse_qs(urlsplit(url).query)["host"][0]


def over(front: Front, url: str, query: str = "") -> str:
    name = urlsplit(url).path
    return f"postgresql+psycopg://postgres@127.0.0.1:{front.port}{name}?{query}"


@pytest.fixture
def front(direct: str) -> Iterator[Front]:
    with Front(folder(direct)) as front:
        yield front


def test_a_connection_is_encrypted_and_the_server_is_checked(direct: str) -> None:
    with Front(folder(direct), CERTIFICATES / "good.pem") as front:
        checked = f"sslmode=verify-full&sslrootcert={CERTIFICATES / 'ca.pem'}"
        database = Database(over(front, direct, checked))
        with closing(database), database.reading() as connection:
            assert connection.scalar(NUMBER) == 1
        assert front.spoke_tls == 1


def test_a_server_with_a_certificate_of_others_is_refused(direct: str) -> None:
    with Front(folder(direct), CERTIFICATES / "other.pem") as front:
        checked = f"sslmode=verify-full&sslrootcert={CERTIFICATES / 'ca.pem'}"
        database = Database(over(front, direct, checked))
        refused = pytest.raises(StoreError, match="cannot be reached safely")
        with closing(database), refused, database.reading():
            pass


def test_the_tables_are_kept_in_the_schema_that_the_url_names() -> None:
    url = postgresql_url()
    homes = [f"{url}&options=-csearch_path%3D{name}" for name in ("team_a", "team_b")]
    for number, home in enumerate(homes, 1):
        with closing(open_store(home, create=True)) as store:
            scribe = Scribe(store.archive)
            for _ in range(number):
                scribe.crawl({"nginx": [tag("latest", "one")]})
        assert migrate.current(home).startswith(migrate.HEAD)
    for number, home in enumerate(homes, 1):
        with closing(Reports(home)) as reports:
            assert len(list(reports.rows("report_crawls"))) == number
    with closing(Database(url)) as database, database.reading() as connection:
        assert sa.inspect(connection).get_table_names("public") == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("statement_timeout", "10min"),
        ("lock_timeout", "1min"),
        ("idle_in_transaction_session_timeout", "10min"),
        ("TimeZone", "UTC"),
        ("application_name", "indexer"),
    ],
)
def test_a_session_has_its_limits(direct: str, setting: str, value: str) -> None:
    with closing(Database(direct)) as database, database.reading() as connection:
        assert connection.scalar(sa.text(f"SHOW {setting}")) == value


def test_a_setting_in_the_url_wins(direct: str) -> None:
    url = f"{direct}&options=-cstatement_timeout%3D5ms&application_name=mine"
    with closing(Database(url)) as database:
        with database.reading() as connection:
            assert connection.scalar(sa.text("SHOW application_name")) == "mine"
        with pytest.raises(StoreError, match="took too long"), database.reading() as connection:
            connection.execute(sa.text("SELECT pg_sleep(60)"))


def test_a_crawl_goes_on_when_the_server_was_restarted(
    direct: str, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            front.come_back()

    monkeypatch.setattr(engine, "sleep", sleep)
    with closing(open_store(over(front, direct), create=False)) as store:
        scribe = Scribe(store.archive, namespace="restarted")
        record = scribe.begin()
        scribe.list(record, [])
        front.stop()
        scribe.list(record, [])
        scribe.finish(record)
        assert changes(store, namespace="restarted") == []
    assert pauses == [0.1, 0.2, 0.4]


def test_a_server_that_stays_away_is_not_waited_for_for_ever(
    direct: str, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(engine, "sleep", pauses.append)
    monkeypatch.setattr(engine, "RECONNECT_SECONDS", 0.2)
    with closing(Database(over(front, direct))) as database:
        with database.reading() as connection:
            connection.scalar(NUMBER)
        front.stop()
        with pytest.raises(StoreError, match="cannot be reached"), database.reading():
            pass
    assert pauses


def test_a_server_that_never_was_there_is_told_at_once(
    direct: str, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "sleep", lambda _: pytest.fail("nobody is to be waited for"))
    front.stop()
    database = Database(over(front, direct))
    refused = pytest.raises(StoreError, match="cannot be reached")
    with closing(database), refused, database.reading():
        pass
