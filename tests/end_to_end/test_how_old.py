"""How old an answer is: every command says it, and --max-age turns it into an exit code."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Status

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.hub_simulator import Hub, Simulator
    from tests.end_to_end.program import Program

QUESTIONS: tuple[tuple[str, ...], ...] = (
    ("query", "--changed-since", "1h", "--include-baseline"),
    ("check", "acme/api:1.0"),
    ("outdated", "acme/api:1.4"),
    ("repos",),
    ("tags", "acme/api"),
    ("history", "acme/api"),
    ("stats", "acme"),
    ("violations",),
)

POLICY = '\n[[policy]]\nname = "releases"\ntags = ["1.*"]\nforbid = ["retag"]\n'


@pytest.fixture
def dated(crawled: Program) -> Program:
    """The program with a policy and a schedule, and its only complete crawl a year ago."""
    with (crawled.folder / "indexer.toml").open("a", encoding="utf-8") as file:
        file.write(POLICY + '\n[schedule]\ncrawl = "1h"\n')
    _age(crawled)
    return crawled


def _age(program: Program, years: int = 1) -> None:
    """Move every crawl of the index so many years into the past."""
    import sqlite3  # noqa: PLC0415 - one use
    from contextlib import closing  # noqa: PLC0415 - one use

    year = years * 365 * 86_400 * 1_000_000
    with closing(sqlite3.connect(program.folder / "indexer.db")) as database:
        database.execute(
            "UPDATE crawl SET started_at = started_at - ?, finished_at = finished_at - ?",
            (year, year),
        )
        database.commit()


def test_every_command_says_when_the_last_complete_crawl_was_and_what_is_stale(
    dated: Program,
) -> None:
    for question in QUESTIONS:
        done = dated.good(*question)
        assert re.search(
            r"^last complete crawl: 20\S+ \S+ UTC, 52w ago\.$", done.err, re.MULTILINE
        ), done
        assert (
            "indexer: docker.io/acme is stale: its last complete crawl was 52w ago, and one is due "
            "every 1h.\n"
        ) in done.err
    digest = json.loads(dated.good("tags", "acme/api", "--format", "json").out)[0]["digest"]
    assert "docker.io/acme is stale" in dated.good("find", digest).err
    state = dated.good("status", "--format", "json")
    assert "docker.io/acme is stale" in state.err
    assert state.json["freshness"]["stale"] == ["docker.io/acme"]
    assert (
        state.json["freshness"]["last_complete_at"]
        == state.json["namespaces"][0]["last_complete_at"]
    )


def test_only_max_age_makes_an_old_answer_exit_code_1(dated: Program) -> None:
    for question in (*QUESTIONS, ("status",)):
        done = dated.run(*question, "--max-age", "24h")
        assert done.code == 1
        assert "--max-age 24h: the last complete crawl of docker.io/acme is longer ago" in done.err
    dated.good(*QUESTIONS[0], "--max-age", "53w")
    wrong = dated.run("status", "--max-age", "soon")
    assert (wrong.code, wrong.err) == (
        2,
        "indexer: --max-age: expected a duration, such as '90m', '24h' or '7d'.\n",
    )


def test_reports_inspections_and_plans_say_what_is_stale(
    dated: Program, simulator: Simulator
) -> None:
    file = dated.folder / "indexer.toml"
    text = file.read_text(encoding="utf-8")
    url = f'registry_url = "{simulator.url}"\nnamespaces'
    file.write_text(text.replace("namespaces", url, 1), encoding="utf-8")
    digest_of = ("inspect", "acme/api:1.0", "--no-tags", "--format", "{{.Digest}}")
    sql = ("sql", "SELECT count(*) FROM report_tags")
    export = ("export", "files", "--format", "csv")
    dated.good(*digest_of)
    for question in (sql, export, ("due",), ("due", "acme"), digest_of):
        done = dated.good(*question)
        assert (
            "indexer: docker.io/acme is stale: its last complete crawl was 52w ago, and one is due "
            "every 1h.\n"
        ) in done.err, question
        assert done.out
    for question in (sql, export, digest_of):
        done = dated.run(*question, "--max-age", "24h")
        assert (done.code, "--max-age 24h: the last complete" in done.err) == (1, True)
        assert done.out


def test_a_fresh_report_says_nothing_and_one_of_an_empty_index_that_it_is(
    crawled: Program, tmp_path: Path
) -> None:
    sql = ("sql", "SELECT count(*) AS n FROM report_tags", "--format", "csv")
    assert crawled.good(*sql, "--max-age", "1h") == (0, "n\n10\n", "")
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    crawled.good("db", "upgrade", INDEXER_DATABASE_URL=empty)
    done = crawled.good(*sql, INDEXER_DATABASE_URL=empty)
    assert "docker.io/acme is stale: it was never crawled completely" in done.err
    done = crawled.good(*sql, INDEXER_DATABASE_URL=empty, INDEXER_CONFIG="")
    assert "nothing was crawled yet" in done.err


def test_an_image_of_which_nothing_was_crawled_is_not_fresh(crawled: Program) -> None:
    done = crawled.run("check", "python:3", "--max-age", "1d")
    assert done.code == 1
    assert "--max-age 1d: none of this was ever crawled." in done.err


def test_failed_crawls_are_not_no_changes(dated: Program, hub: Hub, simulator: Simulator) -> None:
    hub.push("acme/api", "1.0")
    simulator.inject(Status(403), "GET */repositories*", times=99)
    assert dated.run("crawl", "-q").code == 1
    done = dated.good("query", "--changed-since", "1d")
    assert "cannot tell whether anything changed since 1d (last complete crawl: 20" in done.err
    assert "(the last crawl is failed)" in done.err
    assert "nothing changed" not in dated.good("status").out


def test_a_crawl_that_did_not_read_all_is_said_with_each_answer(
    crawled: Program, hub: Hub, simulator: Simulator
) -> None:
    """The complete crawl before it is recent, and the index knows that something was pushed."""
    hub.push("acme/api", "1.0")
    simulator.inject(Status(403), "GET */api/tags*", times=99)
    assert crawled.run("crawl", "-q").code == 1
    said = "the last crawl of docker.io/acme is incomplete: what it did not read may have changed"
    changes = crawled.good("query", "--changed-since", "crawl:1")
    assert "no changes since crawl:1 in what was read (last complete crawl: 20" in changes.err
    for question in (*QUESTIONS[:-1], ("settled", "acme/api:1.0", "--for", "1h")):
        assert said in crawled.run(*question).err, question
    simulator.faults.clear()
    crawled.good("crawl", "-q")
    assert said not in crawled.good("repos").err


def test_before_the_index_began_it_says_so(crawled: Program) -> None:
    done = crawled.run("tags", "acme/api", "--as-of", "2d")
    assert (done.code, done.out) == (2, "")
    known = r"indexer: the index knows acme/api since 20\S+ \S+ UTC, and nothing of an earlier time"
    assert re.match(known, done.err)
    assert "acme/api is known since 20" in crawled.good("history", "acme/api").err
    asked = crawled.good("query", "--changed-since", "2d")
    before = r"docker.io/acme is known since 20\S+ \S+ UTC; earlier changes are not\.\n"
    assert re.search(before, asked.err)
    assert "is known since" not in crawled.good("query", "--changed-since", "crawl:1").err


def test_a_first_crawl_under_a_clock_that_was_ahead_dates_nothing(crawled: Program) -> None:
    _age(crawled, -1)
    question = ("query", "--changed-since", "2d")
    next_year = str(datetime.now(UTC).year + 1)
    done = crawled.good(*question)
    assert "no complete crawl yet" in done.err
    assert next_year not in done.err
    crawled.good("crawl", "-q")
    done = crawled.good(*question)
    assert re.search(r"docker.io/acme is known since 20\S+ \S+ UTC; earlier changes", done.err)
    assert next_year not in done.err


def test_an_index_in_which_nobody_looked_passes_nothing(program: Program) -> None:
    program.good("db", "upgrade")
    for question in (*QUESTIONS[:3], ("violations",), ("find", "sha256:" + "0" * 64)):
        done = program.run(*question)
        assert (done.code, done.out) == (2, ""), question
        assert (
            done.err == "indexer: nothing was crawled yet: run 'indexer crawl NAMESPACE' first.\n"
        )
    assert program.good("status").out.startswith("NAMESPACE")
    assert program.run("status", "--max-age", "1d").code == 1
