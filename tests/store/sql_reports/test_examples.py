"""Each query that a page shows runs on both databases, as it stands."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.documents import pages

if TYPE_CHECKING:
    from indexer.store.sql_reports.reports import Reports

_QUERY = re.compile(r"\s*(?:--[^\n]*\n\s*)*(SELECT|WITH)\b", re.IGNORECASE)
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]\w*)")

_OF_GRAFANA = "$__"
"""What Grafana replaces before it asks PostgreSQL."""


def queries() -> list[str]:
    """The SQL of all pages: of blocks, and of what `indexer sql` is given."""
    found = []
    for page in pages.PAGES:
        text = pages.read(page)
        found += pages.fenced(text, "sql")
        for command in pages.commands(text):
            words = shlex.split(command) if command.startswith("sql ") else []
            found += [word for word in words if _QUERY.match(word)]
    return sorted({each for each in found if _QUERY.match(each) and _OF_GRAFANA not in each})


def test_the_pages_show_queries() -> None:
    assert len(queries()) >= 12


@pytest.mark.parametrize("query", queries())
def test_every_query_of_a_page_runs_on_both_databases(reports: Reports, query: str) -> None:
    values = dict.fromkeys(_PARAMETER.findall(query), "2026-01-01")
    with reports.ask(query, values, seconds=30, most_rows=1_000) as answer:
        list(answer)


@pytest.mark.parametrize("view", ["report_tags", "report_changes", "report_history"])
def test_a_truth_value_needs_no_comparison(reports: Reports, view: str) -> None:
    def number(condition: str) -> object:
        query = f"SELECT count(*) FROM {view} WHERE {condition}"  # noqa: S608 - our own words
        with reports.ask(query, {}, seconds=30, most_rows=1) as answer:
            return next(iter(answer))[0]

    yes, no = number("is_semver"), number("NOT is_semver")
    assert (number("is_semver IS TRUE"), number("is_semver = false")) == (yes, no)
    assert yes
    assert no
