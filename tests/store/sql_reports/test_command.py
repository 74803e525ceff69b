"""`indexer sql` and `indexer export` as people run them."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from indexer.catalog.sql_reports import ReportResult
from tests.end_to_end.program import Program
from tests.support.databases import missing

if TYPE_CHECKING:
    from pathlib import Path

MOVED = """
    SELECT repository, tag, count(*) AS retags FROM report_changes
    WHERE kind = 'tag_retagged' AND observed_at >= :since
    GROUP BY repository, tag ORDER BY retags DESC, tag
"""


@pytest.fixture
def run(told_url: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(Program(tmp_path_factory.mktemp("here"), INDEXER_DATABASE_URL=told_url))


class Run:
    """Runs the command on the index."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def __call__(self, *arguments: str, code: int = 0, given: str = "") -> tuple[str, str]:
        ended, self.bytes, err = self._program.run_on_bytes(arguments, given.encode())
        said = err.decode()
        assert ended == code, said
        return self.bytes.decode(errors="replace"), said


def test_an_answer_is_written_in_every_format(run: Run) -> None:
    sql = "SELECT tag, size, NULL AS lacking FROM report_tags WHERE repository = :r ORDER BY tag"
    ask = ("sql", sql, "--param", "r=acme/web", "--format")
    rows = [
        {"tag": "2.0.0", "size": 1000, "lacking": None},
        {"tag": "latest", "size": 1000, "lacking": None},
    ]
    assert run(*ask, "table")[0].splitlines() == [
        "tag     size  lacking",
        "2.0.0   1000  -",
        "latest  1000  -",
    ]
    assert json.loads(run(*ask, "json")[0]) == rows
    assert [json.loads(line) for line in run(*ask, "jsonl")[0].splitlines()] == rows
    assert list(csv.reader(io.StringIO(run(*ask, "csv")[0]))) == [
        ["tag", "size", "lacking"],
        ["2.0.0", "1000", ""],
        ["latest", "1000", ""],
    ]


def test_an_answer_is_written_as_parquet(run: Run) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    sql = "SELECT tag, size, pushed_at, size / 3.0 AS third FROM report_tags ORDER BY pushed_at"
    run("sql", sql, "--format", "parquet")
    table = parquet.read_table(io.BytesIO(run.bytes))
    assert [str(kind) for kind in table.schema.types] == [
        *("string", "int64", "timestamp[us, tz=UTC]", "double")
    ]
    assert table.num_rows == 9


def test_the_sql_comes_from_an_argument_a_file_or_standard_input(run: Run, tmp_path: Path) -> None:
    sql = "SELECT count(*) AS n FROM report_tags"
    (tmp_path / "question.sql").write_text(sql, encoding="utf-8")
    expected = "n\n9\n"
    assert run("sql", sql)[0] == expected
    assert run("sql", "--file", str(tmp_path / "question.sql"))[0] == expected
    assert run("sql", "-", given=sql)[0] == expected
    assert run("sql", given=sql)[0] == expected
    assert "not both" in run("sql", sql, "--file", str(tmp_path / "question.sql"), code=2)[1]
    assert "No such file" in run("sql", "--file", str(tmp_path / "other.sql"), code=2)[1]


def test_parameters_are_given_by_name(run: Run) -> None:
    out, _ = run("sql", MOVED, "--when", "since=2026-03-01", "--format", "jsonl")
    assert [json.loads(line)["tag"] for line in out.splitlines()] == ["nightly", "latest"]
    assert "no rows" in run("sql", MOVED, "--when", "since=1d")[1]
    assert "in the future" in run("sql", MOVED, "--when", "since=9999-01-01", code=2)[1]
    for wrong in (["--param", "since"], ["--param", "1=2"], ["--when", "since=crawl:1"]):
        assert "expected" in run("sql", MOVED, *wrong, code=2)[1]
    twice = ["--param", "since=1", "--when", "since=1d"]
    assert "given twice" in run("sql", MOVED, *twice, code=2)[1]


def test_a_mistake_is_a_sentence_that_points_at_it(run: Run) -> None:
    out, said = run("sql", "SELECT tag\nFORM report_tags", code=2)
    assert out == ""
    assert said.splitlines()[-2:] == ["indexer:   FORM report_tags", f"indexer:   {' ' * 5}^"]
    assert "Traceback" not in said


def test_more_rows_than_are_wanted_are_cut_and_said_so(run: Run) -> None:
    out, said = run(
        "sql", "SELECT tag FROM report_tags", "--limit", "3", "--format", "json", code=1
    )
    assert len(json.loads(out)) == 3
    assert said.startswith("indexer: the answer has more than 3 rows; ")
    assert said.count("\n") == 1, "and no traceback of what was left unread"


def test_whatever_takes_too_long_is_stopped(run: Run) -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    assert "longer than 1 seconds" in run("sql", endless, "--timeout", "1s", code=1)[1]
    assert "expected a duration" in run("sql", endless, "--timeout", "long", code=2)[1]


def test_every_view_is_exported(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "export"
    out, _ = run("export", str(folder), "--format", "jsonl")
    assert f"{folder / 'report_tags.jsonl'}: 9 rows" in out
    assert sorted(file.name for file in folder.iterdir()) == [
        f"report_{name}.jsonl"
        for name in (
            *(
                "bases",
                "changes",
                "crawls",
                "digest_ages",
                "history",
                "images",
                "labels",
                "layers",
                "platforms",
                "repositories",
                "repository_days",
                "tags",
                "version",
            ),
            "violations",
        )
    ]
    changes = (folder / "report_changes.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in changes] == list(range(1, 27))


def test_an_export_replaces_an_earlier_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "report_tags.csv").write_text("old", encoding="utf-8")
    run("export", str(tmp_path), "--view", "report_tags", "--format", "csv")
    (only,) = tmp_path.iterdir()
    assert only.read_text(encoding="utf-8").startswith("registry,namespace,repository,tag,")
    only.chmod(0o644)
    run(
        "export",
        str(tmp_path),
        "--view",
        "report_crawls",
        "--view",
        "report_tags",
        "--format",
        "csv",
    )
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes == {"report_tags.csv": 0o644, "report_crawls.csv": 0o600}
    assert "no view 'tags'" in run("export", str(tmp_path), "--view", "tags", code=2)[1]


def test_an_export_as_parquet_has_types(run: Run, tmp_path: Path) -> None:
    try:
        from pyarrow import parquet  # noqa: PLC0415 - an extra
    except ImportError:
        missing("there is no pyarrow here: pip install pyarrow")
    run("export", str(tmp_path))
    history = parquet.read_table(tmp_path / "report_history.parquet")
    kinds = dict(zip(history.schema.names, map(str, history.schema.types), strict=True))
    assert kinds["tag"] == "string"
    assert kinds["seconds"] == "int64"
    assert kinds["ended_at"] == "timestamp[us, tz=UTC]"
    assert history.num_rows == 18


def test_an_answer_ends_where_it_is_cut() -> None:
    answer = ReportResult(("n",), iter([(1,), (2,)]), 1, 1_000)
    assert list(answer) == [(1,)]
    assert answer.cut_at == "rows"


def test_the_name_of_a_column_is_no_formula_and_no_escape_sequence(run: Run) -> None:
    formula = '"=cmd|x"'
    out, _ = run("sql", f'SELECT 1 AS {formula}, 2 AS "\x1b[31mred"', "--format", "csv")
    assert out.splitlines()[0] == "'=cmd|x,\ufffd[31mred"
