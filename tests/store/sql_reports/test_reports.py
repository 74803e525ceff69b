"""Queries in SQL: what is answered, and what is refused with which sentence."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import IndexerError, Limited, StoreError, UsageError
from indexer.store import open_store
from indexer.store.database.engine import Database
from indexer.store.sql_reports import sql_statement
from indexer.store.sql_reports.fetch_size import FetchSize
from indexer.store.sql_reports.reports import Reports
from indexer.store.sql_reports.sql_statement import Statement
from indexer.store.sql_reports.sqlite_session import SqliteSession
from indexer.store.sql_reports.stopwatch import Stopwatch
from tests.store.schemas import execute
from tests.store.scribe import Scribe
from tests.store.sql_reports.story import NOW
from tests.store.sql_reports.test_sql_page import answer
from tests.support.databases import postgresql_index

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path


ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT {} FROM c"


def sentence(reports: Reports, text: str, **values: Any) -> str:
    with pytest.raises(UsageError) as refused:
        answer(reports, text, **values)
    return str(refused.value)


def test_the_age_of_what_is_reported_is_that_of_the_index(told_url: str) -> None:
    with closing(open_store(told_url, create=False)) as store:
        known = store.catalog.ages(NOW)
    with closing(Reports(told_url)) as reports:
        assert reports.ages(NOW) == [each._replace(began_at=None) for each in known] != []


@pytest.mark.parametrize(
    "text",
    [
        *("DELETE FROM tag", "delete from tag", "UPDATE tag SET name = 'x'", "DROP TABLE tag"),
        *("INSERT INTO tag SELECT * FROM tag", "REPLACE INTO tag VALUES (1)", "VACUUM INTO 'x'"),
        *("ATTACH 'other.db' AS other", "DETACH other", "PRAGMA journal_mode = DELETE", "PRAGMA x"),
        *("COPY tag TO PROGRAM 'sh'", "COPY (SELECT 1) TO '/tmp/x'", "COPY tag FROM PROGRAM 'sh'"),
        *(
            "DO 'BEGIN END'",
            "SET ROLE postgres",
            "RESET ALL",
            "CREATE VIEW x AS SELECT 1",
            "COMMIT",
        ),
        *("EXPLAIN DELETE FROM tag", "GRANT ALL ON tag TO PUBLIC", "LOAD 'x'", "CALL x()", "(DROP"),
        *("-- why\n/* not */ DELETE FROM tag", "BEGIN", "ANALYZE", "LISTEN x", "EXECUTE x", "1"),
    ],
)
def test_any_other_statement_than_a_query_is_refused_with_its_name(
    reports: Reports, text: str
) -> None:
    said = sentence(reports, text)
    assert "only SELECT, WITH and VALUES are answered" in said
    assert "is refused" in said


@pytest.mark.parametrize(
    "text",
    [
        "WITH x AS (SELECT 1) DELETE FROM tag",
        "WITH x AS (SELECT 1) UPDATE tag SET name = 'x'",
        "WITH x AS (SELECT 1) INSERT INTO tag (id) SELECT 1",
        "WITH x AS (DELETE FROM tag RETURNING 1) SELECT * FROM x",
        "SELECT * INTO copied FROM tag",
        "SELECT * FROM tag FOR UPDATE",
    ],
)
def test_a_change_inside_a_query_is_refused(reports: Reports, text: str, told_url: str) -> None:
    before = answer(reports, "SELECT count(*) FROM tag")
    assert sentence(reports, text)
    with closing(Reports(told_url)) as after:
        assert answer(after, "SELECT count(*) FROM tag") == before
        assert len(answer(after, "SELECT * FROM report_tags")) > 0


def test_a_second_statement_is_refused_where_it_begins(reports: Reports) -> None:
    said = sentence(reports, "SELECT 1;\nDELETE FROM tag")
    assert "one statement at a time" in said
    assert said.endswith("(line 2, column 1):\n  DELETE FROM tag\n  ^")
    assert answer(reports, "SELECT 1 ; -- and no more\n;") == [(1,)]
    assert answer(reports, "SELECT ';' AS a") == [(";",)]


def test_an_endless_question_is_stopped(reports: Reports) -> None:
    text = ENDLESS.format("count(*)")
    with pytest.raises(Limited, match=r"longer than 0\.2 seconds"):
        list(ask(reports, text, seconds=0.2))


def test_large_rows_are_fetched_one_at_a_time_and_small_ones_a_thousand() -> None:
    size = FetchSize()
    for _ in range(12):
        size.learn([("small", 1)] * size.rows)
    assert size.rows == 1_000
    size.learn([("x" * 1_000_000,)] * 1_000)
    assert size.rows == 1
    size.learn([("x" * 700_000,)])
    assert size.rows == 1


def test_an_answer_is_cut_at_a_size(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.store.sql_reports.reports.MOST_BYTES", 25_000)
    text = "SELECT replace('          ', ' ', '" + "x" * 1_000 + "') FROM report_tags"
    with reports.ask(text, {}, seconds=30, most_rows=100) as found:
        assert len(list(found)) == 2
        assert found.cut_at == "bytes"


def test_an_endless_answer_is_cut(reports: Reports) -> None:
    with reports.ask(ENDLESS.format("x"), {}, seconds=30, most_rows=2_500) as found:
        assert [row[0] for row in found] == list(range(1, 2_501))
        assert found.cut_at == "rows"
    with reports.ask("VALUES (1), (2)", {}, seconds=30, most_rows=2) as found:
        assert len(list(found)) == 2
        assert found.cut_at is None


def ask(reports: Reports, text: str, *, seconds: float) -> Generator[Any, None, None]:
    with reports.ask(text, {}, seconds=seconds, most_rows=10) as found:
        yield from found


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT * FORM report_tags", 1, 10),
        ("SELECT tag\nFROM report_tags\nWHERE tag = = 'x'", 3, 13),
        ("SELECT tag, tagg FROM report_tags", 1, 13),
        ("SELECT *\n  FROM report_tag", 2, 8),
        ("SELECT nothing(tag) FROM report_tags", 1, 8),
        ("SELECT '(' AS a, count(tag)) FROM report_tags", 1, 28),
        ("SELECT 'it''s' FROM", 1, 20),
        ("SELECT :given FORM report_tags", 1, 20),
        ("SELECT 'open", 1, 8),
        ("SELECT /* open", 1, 8),
    ],
)
def test_a_mistake_is_pointed_at(reports: Reports, text: str, line: int, column: int) -> None:
    values = {"given": 1} if ":given" in text else {}
    said = sentence(reports, text, **values)
    head, shown_line, mark = said.rsplit("\n", 2)
    assert head.endswith(f"(line {line}, column {column}):"), said
    assert shown_line == f"  {text.splitlines()[line - 1]}"
    assert mark.index("^") == 2 + column - 1


@pytest.mark.parametrize("text", ["", "  ", ";", "-- nothing", "/* nothing */ ;"])
def test_no_sql_at_all_is_a_sentence(reports: Reports, text: str) -> None:
    assert sentence(reports, text).startswith("there is no SQL")


def test_parameters_are_values_and_never_sql(reports: Reports) -> None:
    evil = "x'; DROP TABLE tag; --"
    text = "SELECT :a AS a, :b AS b, :a AS c, ':a' AS d FROM report_version"
    assert answer(reports, text, a=evil, b="two") == [(evil, "two", evil, ":a")]
    tags = "SELECT count(*) FROM report_tags WHERE repository = :name"
    assert answer(reports, tags, name="acme/api") == [(3,)]
    assert answer(reports, tags, name=evil) == [(0,)]


def test_numbers_compare_as_numbers(reports: Reports) -> None:
    text = "SELECT repository FROM report_repositories WHERE pulls > :n ORDER BY pulls"
    assert answer(reports, text, n=9_000_000) == [("acme/api",)]
    text = "SELECT count(*) FROM report_history WHERE seconds / 86400 >= :days"
    assert answer(reports, text, days=28) == answer(reports, text.replace(":days", "28"))


def test_a_parameter_without_a_value_and_a_value_without_a_parameter(reports: Reports) -> None:
    said = sentence(reports, "SELECT :one, :two FROM report_version", one=1)
    assert ":two has no value: give it with --param two=VALUE" in said
    assert said.endswith(f"{' ' * 15}^")
    assert "no parameter :three" in sentence(reports, "SELECT 1", three=3)


def test_both_databases_give_the_same_values(reports: Reports) -> None:
    text = """
        SELECT 1 = 1 AS truth, 7 / 2 AS whole, 7 / 2.0 AS half, NULL AS lacking,
            round(2.5 * 2, 1) AS rounded, 'ü' AS text, count(*) AS n, count(*), sum(tags) AS total
        FROM report_repositories
    """
    with reports.ask(text, {}, seconds=30, most_rows=10) as found:
        (row,) = found
    assert row == (1, 3, 3.5, None, 5.0, "ü", 5, 5, 9)
    assert [type(value) for value in row] == [int, int, float, type(None), float, str, *[int] * 3]


def test_columns_of_one_name_are_told_apart(reports: Reports) -> None:
    text = "SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a"
    with reports.ask(text, {}, seconds=30, most_rows=10) as found:
        assert found.names == ("a", "a_2", "a_2_2", "a_3")


def test_no_rows_still_have_columns(reports: Reports) -> None:
    text = "SELECT tag, digest FROM report_tags WHERE tag = 'none of that name'"
    with reports.ask(text, {}, seconds=30, most_rows=10) as found:
        assert (found.names, list(found)) == (("tag", "digest"), [])


def test_all_views_are_read_from_one_state(told_url: str) -> None:
    with closing(Reports(told_url)) as reports:
        before = len(list(reports.rows("report_changes")))
        store = open_store(told_url, create=False)
        scribe = Scribe(store.archive, "later")
        scribe.crawl({"new": []})
        assert len(list(reports.rows("report_changes"))) == before
        store.archive.forget("docker.io", namespace="later")
        store.close()


SQLITE_WALLS = [
    *("ATTACH 'x.db' AS x", "PRAGMA journal_mode = DELETE", "PRAGMA table_info(tag)"),
    *("DELETE FROM tag", "VACUUM INTO 'x.db'", "CREATE TEMP TABLE x (a)", "REINDEX", "ANALYZE"),
    *("SELECT load_extension('x')", "SELECT fts3_tokenizer('simple')", "DROP VIEW report_tags"),
    *("CREATE VIRTUAL TABLE temp.x USING fts5(a)", "SELECT * FROM pragma_table_info('tag')"),
    "SELECT 1; SELECT 2",
]


@pytest.mark.parametrize("text", SQLITE_WALLS)
def test_sqlite_itself_refuses_what_the_text_would_not_show(tmp_path: Path, text: str) -> None:
    """As if nobody had read the text before."""
    file = tmp_path / "index.db"
    open_store(f"sqlite:///{file}", create=True).close()
    with closing(SqliteSession(file, "'it'")) as asking, pytest.raises(IndexerError):
        list(asking.ask(Statement(text, ()), {}, Stopwatch(10))[1])
    assert not list(tmp_path.glob("x.db*"))


POSTGRESQL_WALLS = [
    *("SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('/')", "SELECT lo_import('/etc/x')"),
    *("SELECT set_config('role', 'postgres', true)", "SELECT \"set_config\"('a.b', 'c', true)"),
    *(
        "SELECT pg_catalog.set_config('a.b', 'c', true)",
        "SELECT set_config /* */ ('a.b', 'c', true)",
    ),
    *("SELECT query_to_xml('SELECT 1', true, true, '')", "SELECT ts_stat('SELECT 1')"),
    *("SELECT pg_sleep(60)", "SELECT pg_terminate_backend(0)", "SELECT nextval('tag_id_seq')"),
    *(
        "SELECT pg_advisory_lock(1)",
        "SELECT * FROM pg_ls_waldir()",
        "SELECT SET_CONFIG('a.b','',true)",
    ),
    "SELECT U&\"\\0073et_config\"('a.b', 'c', true)",
]


@pytest.mark.postgresql
@pytest.mark.parametrize("text", POSTGRESQL_WALLS)
def test_functions_that_do_more_than_tell_are_refused(superusers: Reports, text: str) -> None:
    said = sentence(superusers, text)
    assert "is refused" in said or "are refused" in said


@pytest.mark.postgresql
def test_a_superuser_has_no_rights_left_but_to_read(superusers: Reports) -> None:
    text = "SELECT current_user, pg_has_role('pg_read_server_files', 'USAGE') AS files"
    assert answer(superusers, text) == [("pg_read_all_data", 0)]
    # One that says that it only tells something, and reads the server's files.
    assert "permission denied" in sentence(superusers, "SELECT * FROM pg_hba_file_rules")


@pytest.mark.postgresql
def test_what_only_postgresql_has_is_given_as_text_or_as_a_number(superusers: Reports) -> None:
    text = """
        SELECT ARRAY[1, 2] AS a, '{"k": [null]}'::jsonb AS b, '\\x0f'::bytea AS c,
            timestamptz '2026-03-02 10:00+02' AS d, date '2026-03-02' AS e, 1.50 AS f,
            10::numeric AS g, 'NaN'::float AS h, interval '1 day' AS i, 'x'::char(3) AS j
    """
    assert answer(superusers, text) == [
        (
            *("[1,2]", '{"k":[null]}', "0f", "2026-03-02 08:00:00", "2026-03-02", 1.5, 10, "nan"),
            *("1 day, 0:00:00", "x  "),
        )
    ]


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "text",
    [
        "SELECT rolname, rolpassword FROM pg_authid",
        "SELECT passwd FROM pg_catalog.pg_shadow WHERE usename = 'nobody'",
        "SELECT 1 WHERE EXISTS (SELECT * FROM report_tags, pg_authid)",
        "SELECT subconninfo FROM pg_subscription",
        "SELECT umoptions FROM pg_user_mapping",
    ],
)
def test_passwords_of_the_server_are_not_shown_to_anybody(superusers: Reports, text: str) -> None:
    assert "the server keeps secrets in pg_" in sentence(superusers, text)
    assert answer(superusers, "SELECT relname FROM pg_class WHERE relname = 'pg_authid'")


@pytest.mark.postgresql
def test_passwords_of_the_server_are_not_shown_by_a_function_either(superusers_url: str) -> None:
    execute(
        superusers_url,
        "CREATE FUNCTION peek() RETURNS bigint STABLE LANGUAGE plpgsql"
        " AS 'BEGIN RETURN (SELECT count(rolpassword) FROM pg_authid); END'",
    )
    with closing(Reports(superusers_url)) as reports:
        assert "the server keeps secrets in pg_authid" in sentence(reports, "SELECT peek()")


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("volatility", "text"),
    [
        ("STABLE", "SELECT tell()"),
        ("IMMUTABLE", "SELECT 1 WHERE tell() = 1"),
        ("STABLE", "SELECT max(tell()) FROM generate_series(1, 2)"),
    ],
)
def test_nor_by_the_text_of_an_error(superusers_url: str, volatility: str, text: str) -> None:
    execute(
        superusers_url,
        f"CREATE OR REPLACE FUNCTION tell() RETURNS bigint {volatility} LANGUAGE plpgsql"  # noqa: S608 - ours
        " AS $$ DECLARE secret text := (SELECT string_agg(rolname || ' has a password', '')"
        " FROM pg_authid); BEGIN RETURN secret::bigint; END $$",
    )
    with closing(Reports(superusers_url)) as reports:
        said = sentence(reports, text)
    assert "SQLSTATE 22P02" in said
    assert "has a password" not in said


@pytest.mark.postgresql
def test_a_superuser_still_reads_what_is_wrong_with_the_statement(superusers: Reports) -> None:
    assert "nowhere" in sentence(superusers, "SELECT nowhere FROM report_tags")
    assert "invalid input syntax" in sentence(superusers, "SELECT 'x'::int")


@pytest.fixture(scope="module")
def superusers_url() -> str:
    return postgresql_index()


@pytest.fixture
def superusers(superusers_url: str) -> Iterator[Reports]:
    with closing(Reports(superusers_url)) as reports:
        yield reports


def test_a_missing_index_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "index.db"
    with pytest.raises(StoreError, match="there is no index"):
        Reports(f"sqlite:///{file}")
    assert not file.exists()


def test_an_older_index_is_not_migrated(database_url: str) -> None:
    open_store(database_url, create=True).close()
    with closing(Database(database_url)) as database, database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(StoreError, match="made by a newer version"):
        Reports(database_url)


def test_an_index_in_a_folder_that_cannot_be_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "index.db"
    open_store(f"sqlite:///{file}", create=True).close()
    file.chmod(0o444)
    with closing(Reports(f"sqlite:///{file}")) as reports:
        assert answer(reports, "SELECT version FROM report_version") == [(1,)]


def test_names_become_numbers_and_places_are_kept() -> None:
    statement = sql_statement.read("SELECT :b, ':b', \":b\", x::int, :a /* :c */ -- :d\n, :b")
    text, places = sql_statement.numbered(statement)
    assert text == "SELECT $1, ':b', \":b\", x::int, $2 /* :c */ -- :d\n, $1"
    assert [statement.text[places[text.index(part)]] for part in ("'", "$2", "/*")] == [*"':/"]
    assert len(places) == len(text) + 1
