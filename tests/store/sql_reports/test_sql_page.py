"""The queries of docs/sql.md on both databases, with known answers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.documents import pages
from tests.store.scribe import digest
from tests.store.sql_reports import story

if TYPE_CHECKING:
    from indexer.catalog.sql_reports import Value
    from indexer.store.sql_reports.reports import Reports

PAGE = pages.read(pages.ROOT / "docs" / "sql.md")

_QUESTION = re.compile(r"^### (\d+)\. .*?^```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_VIEW = re.compile(r"^### `(report_\w+)`\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"`(\w+)`")

QUESTIONS = {int(number): text for number, text in _QUESTION.findall(PAGE)}


def ago(days: int) -> str:
    return f"{story.NOW - timedelta(days=days):%Y-%m-%d %H:%M:%S}"


def answer(reports: Reports, text: str, **values: Value) -> list[tuple[Any, ...]]:
    with reports.ask(text, values, seconds=30, most_rows=1_000) as answer:
        return list(answer)


def test_the_page_lists_every_column_of_every_view(reports: Reports) -> None:
    told = {
        view: [
            column
            for line in body.splitlines()
            if line.startswith("| `")
            for column in _COLUMN.findall(line.split("|")[1])
        ]
        for view, body in _VIEW.findall(PAGE)
    }
    assert told == {
        view: list(columns) for view, columns in reports.views().items() if view != "report_version"
    }


def test_the_version_on_the_page_is_the_one_that_there_is(reports: Reports) -> None:
    assert answer(reports, "SELECT version FROM report_version") == [(1,)]
    assert "gives 1." in PAGE


def test_there_are_ten_questions() -> None:
    assert sorted(QUESTIONS) == list(range(1, 11))


def test_which_tags_were_retagged_most_in_90_days(reports: Reports) -> None:
    assert answer(reports, QUESTIONS[1], since=ago(90)) == [
        ("acme/api", "nightly", 3),
        ("acme/api", "latest", 2),
        ("acme/api", "1.0.0", 1),
        ("acme/web", "latest", 1),
    ]
    assert answer(reports, QUESTIONS[1], since=ago(10)) == [
        ("acme/api", "nightly", 2),
        ("acme/api", "latest", 1),
    ]


def test_which_release_tags_were_ever_retagged(reports: Reports) -> None:
    assert answer(reports, QUESTIONS[2]) == [("acme/api", "1.0.0", 1, "2026-02-02 12:03:00")]


def test_what_points_to_a_digest_or_ever_did(reports: Reports) -> None:
    first, second = "2026-01-05 12:03:00", "2026-02-02 12:03:00"
    assert answer(reports, QUESTIONS[3], digest=digest("api 1")) == [
        ("acme/api", "1.0.0", first, second),
        ("acme/api", "latest", first, second),
        ("acme/api", "nightly", first, second),
        ("beta/tool", "api-copy", "2026-01-06 12:03:00", None),
    ]
    assert answer(reports, QUESTIONS[3], digest=digest("never seen")) == []


def test_what_many_pull_that_nobody_has_pushed_to_for_a_year(reports: Reports) -> None:
    assert answer(reports, QUESTIONS[4], before=ago(365)) == [
        ("acme/old", 5_000_000, "2024-06-01 00:00:00")
    ]


def test_which_platforms_there_are_and_which_were_removed(reports: Reports) -> None:
    assert answer(reports, QUESTIONS[5]) == [
        ("acme/api", "linux/amd64", 3, None),
        ("acme/api", "linux/arm/v7", 3, None),
        ("acme/new", "linux/amd64", 1, None),
        ("acme/web", "linux/amd64", 2, None),
        ("acme/web", "linux/arm/v7", 0, "2026-02-02 12:04:00"),
        ("beta/tool", "linux/amd64", 1, None),
        ("beta/tool", "linux/arm/v7", 1, None),
    ]


def test_how_fast_each_namespace_grows_by_week(reports: Reports) -> None:
    assert answer(reports, QUESTIONS[6]) == [
        ("acme", "2026-01-05", 7),
        ("acme", "2026-02-02", 1),
        ("acme", "2026-03-02", 0),
        ("acme", "2026-03-09", -1),
        ("beta", "2026-01-05", 2),
    ]


def test_what_was_in_the_catalogue_on_a_date(reports: Reports) -> None:
    assert answer(reports, QUESTIONS[7], date="2026-01-05") == []
    assert answer(reports, QUESTIONS[7], date="2026-02-01") == [
        ("acme/api", "1.0.0", digest("api 1")),
        ("acme/api", "latest", digest("api 1")),
        ("acme/api", "nightly", digest("api 1")),
        ("acme/api", "v1.1.0-rc.1", digest("api 0")),
        ("acme/gone", "7", digest("gone")),
        ("acme/old", "1.0", None),
        ("acme/web", "latest", digest("web 1")),
        ("beta/tool", "api-copy", digest("api 1")),
        ("beta/tool", "none", None),
    ]


def test_how_long_the_periods_of_each_latest_are(reports: Reports) -> None:
    assert answer(reports, QUESTIONS[8]) == [("acme/api", 2, 28.0), ("acme/web", 1, 28.0)]


def test_which_images_share_a_base(reports: Reports) -> None:
    base = (digest("alpine"), story.BASE_NAME)
    assert answer(reports, QUESTIONS[9]) == [
        (*base, "acme/api", "latest", "linux/amd64"),
        (*base, "acme/api", "latest", "linux/arm/v7"),
        (*base, "acme/api", "nightly", "linux/amd64"),
        (*base, "acme/api", "nightly", "linux/arm/v7"),
    ]


def test_which_images_share_their_lowest_layer(reports: Reports) -> None:
    rows = answer(reports, QUESTIONS[9].replace("base_digest", "first_layer"))
    lowest = sorted(row[2:] for row in rows if row[0] == digest("lowest"))
    assert lowest == [
        ("acme/api", "latest", "linux/amd64"),
        ("acme/api", "nightly", "linux/amd64"),
        ("acme/new", "2.0.0", "linux/amd64"),
        ("acme/web", "2.0.0", "linux/amd64"),
        ("acme/web", "latest", "linux/amd64"),
    ]
    assert {row[0] for row in rows} == {digest("lowest"), digest("low")}


def test_which_images_are_the_same_build_under_several_names(reports: Reports) -> None:
    question = PAGE.split("### 9. ")[1].split("### 10. ")[0]
    same = digest("web 2 linux/amd64")
    assert answer(reports, pages.fenced(question, "sql")[1]) == [
        (same, "linux/amd64", "acme/new", "2.0.0"),
        (same, "linux/amd64", "acme/web", "2.0.0"),
        (same, "linux/amd64", "acme/web", "latest"),
    ]


def test_how_fresh_the_index_is(reports: Reports) -> None:
    assert answer(reports, QUESTIONS[10]) == [
        ("docker.io", "acme", "2026-03-02 12:01:00", "2026-03-09 12:01:00", 1),
        ("docker.io", "beta", "2026-01-06 12:01:00", "2026-01-06 12:01:00", 0),
    ]
