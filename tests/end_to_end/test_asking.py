"""Every question in every format, and the errors for what does not exist."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Simulator
from tests.documents import pages
from tests.end_to_end.conftest import a_team, configured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.program import Program

QUESTIONS = {
    "A change": ("query", "--changed-since", "1h"),
    "A repository": ("repos",),
    "A tag": ("tags", "acme/api"),
    "A digest that a tag had": ("history", "acme/api:1.0"),
}
"""By the heading of docs/formats.md that describes the answer."""

each_question = pytest.mark.parametrize("heading", QUESTIONS)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program after two crawls, the second of which saw two changes; it is only asked."""
    hub = a_team()
    with Simulator(hub) as simulator:
        program = configured(tmp_path_factory.mktemp("asking") / "here", simulator)
        program.good("crawl", "-q")
        hub.retag("acme/api", "1.0")
        hub.add_repository("acme/new", description="=cmd|' /C calc'!A0")
        program.good("crawl", "-q")
        yield program


def _documented(heading: str) -> list[str]:
    """The fields that docs/formats.md names, in its order."""
    text = pages.read(pages.ROOT / "docs" / "formats.md")
    section = re.split(rf"^## {heading}\b.*$", text, flags=re.MULTILINE)[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


@each_question
def test_the_machine_formats_have_the_documented_fields_and_say_the_same(
    moved: Program, heading: str
) -> None:
    question = QUESTIONS[heading]

    array = moved.good(*question, "--format", "json").json
    lines = moved.good(*question, "--format", "jsonl").out.splitlines()
    table = csv.reader(io.StringIO(moved.good(*question, "--format", "csv").out))

    assert array
    assert list(array[0]) == _documented(heading)
    assert [json.loads(line) for line in lines] == array
    assert next(table) == _documented(heading)
    assert len(list(table)) == len(array)


@each_question
def test_a_table_in_a_pipe_is_plain_text_with_a_line_for_each(moved: Program, heading: str) -> None:
    question = QUESTIONS[heading]

    table = moved.good(*question).out

    assert "\x1b" not in table
    assert len(table.splitlines()) == 1 + len(moved.good(*question, "--format", "json").json)


@each_question
def test_a_table_on_a_terminal_keeps_to_its_width(moved: Program, heading: str) -> None:
    shown = moved.terminal(*QUESTIONS[heading], columns=80)

    assert shown.code == 0
    assert max(map(len, shown.out.splitlines())) <= 80


def test_a_crawl_and_a_status_have_the_documented_fields(crawled: Program) -> None:
    (crawl,) = crawled.good("crawl", "--format", "json").json["crawls"]
    (status,) = crawled.good("status", "--format", "json").json["namespaces"]

    assert list(crawl) == _documented("Crawls")
    fields = _documented("Namespaces")
    whole = len(status)
    assert list(status) == fields[:whole]
    assert {"id", "identity", "age_seconds", "rate_limit"} <= set(status["last_crawl"])


def test_the_filters_of_query_hold_together(moved: Program) -> None:
    ask = ("query", "--changed-since", "1h", "--format", "json")

    assert len(moved.good(*ask).json) == 2
    assert len(moved.good(*ask, "--kind", "tag_retagged").json) == 1
    assert len(moved.good(*ask, "--namespace", "acme", "--repository", "*/n*").json) == 1
    assert len(moved.good(*ask, "--repository", "acme/api", "--tag", "1.*").json) == 1
    assert len(moved.good(*ask, "--limit", "1").json) == 1
    assert len(moved.good(*ask, "--include-baseline").json) == 2 + 3 + 10
    assert len(moved.good("query", "--changed-since", "crawl:2", "--format", "json").json) == 2


def test_a_window_of_time_is_asked_for_and_the_newest_come_first(moved: Program) -> None:
    ask = ("query", "--since", "crawl:1", "--include-baseline", "--format", "jsonl")
    every = moved.good(*ask).out.splitlines()
    baseline = moved.good(*ask, "--until", "crawl:1").out.splitlines()
    assert 0 < len(baseline) < len(every)
    assert baseline == every[: len(baseline)]
    assert moved.good(*ask, "--reverse").out.splitlines() == every[::-1]
    last = f"change:{json.loads(every[2])['id']}"
    assert moved.good(*ask, "--until", last).out.splitlines() == every[:3]
    assert moved.run(*ask, "--until", "9999-01-01").code == 2
    assert moved.run(*ask, "--until", "crawl:99").code == 2


def test_one_tag_is_listed_of_all_repositories_and_tags_are_sorted_by_version(
    moved: Program,
) -> None:
    found = moved.good("tags", "--tag", "1.0", "--format", "json").json
    names = ["acme/api", "acme/web", "acme/worker"]
    assert [(each["repository"], each["tag"]) for each in found] == [(n, "1.0") for n in names]
    lines = moved.good("tags", "--tag", "1.0").out.splitlines()
    assert [line.split()[0] for line in lines] == ["IMAGE", *(f"{name}:1.0" for name in names)]
    ask = ("tags", "acme/api", "--version", ">=1.1", "--sort", "version", "--reverse")
    sorted_tags = moved.good(*ask, "--format", "json").json
    assert [each["tag"] for each in sorted_tags] == ["1.4", "1.3", "1.2", "1.1"]
    assert moved.good("tags", "--tag", "9.9").err.startswith("no such tags.\n")
    for wrong, why in (
        ((), "name a repository, or use --tag or --repository"),
        (("--tag", "1.0", "--as-of", "1h"), "--as-of needs a REPOSITORY"),
        (("acme/api", "--sort", "age"), "cannot sort by 'age'; --sort takes name, registry"),
        (("acme/api", "--version", "new"), "--version: cannot read 'new'"),
        (("acme/api", "--pushed-since", "crawl:1"), "--pushed-since: expected a time"),
        (("acme/api", "--namespace", "acme"), "leave out REPOSITORY, or them"),
    ):
        refused = moved.run("tags", *wrong)
        assert (refused.code, why in refused.err) == (2, True), refused


def test_a_spreadsheet_runs_nothing_that_a_registry_sent(moved: Program) -> None:
    rows = list(csv.DictReader(io.StringIO(moved.good("repos", "--format", "csv").out)))

    assert [row["description"] for row in rows if row["repository"] == "acme/new"] == [
        "'=cmd|' /C calc'!A0"
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence", "remedy"),
    [
        (("tags", "acme/apu"), "repository 'acme/apu'; did you mean 'acme/api'", "acme/apu"),
        (("tags", "acme/apu", "--as-of", "1h"), "did you mean 'acme/api'", "acme/apu"),
        (("history", "acme/apu"), "did you mean 'acme/api'", "acme/apu"),
        (("history", "acme/api:1.00"), "did you mean '1.0'", "acme/api"),
        (("repos", "amce"), "the index knows no namespace 'amce'; did you mean 'acme'?", "amce"),
        (("query", "--since", "1h", "--namespace", "amce"), "did you mean 'acme'?", "amce"),
        (("query", "--since", "1h", "-r", "acme/apu"), "did you mean 'acme/api'", "acme/apu"),
        (("settled", "acme/apu", "--for", "1h"), "did you mean 'acme/api'", "acme/apu"),
        (("diff", "acme/apu"), "did you mean 'acme/api'", "acme/apu"),
        (("stats", "acme/apu"), "did you mean 'acme/api'", "acme/apu"),
        (("stats", "amce"), "did you mean 'acme'?", "library/amce"),
        (("outdated", "acme/apu:1"), "did you mean 'acme/api'", "acme/apu"),
    ],
)
def test_what_the_index_does_not_know_is_exit_code_1_with_what_would_add_it(
    moved: Program, arguments: tuple[str, ...], sentence: str, remedy: str
) -> None:
    done = moved.run(*arguments)
    assert done.code == 1
    assert sentence in done.err
    assert f"indexer crawl {remedy}'" in done.err
    assert "[[registry]]" in done.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("query", "--changed-since", "tomorrow"),
            "cannot read 'tomorrow' as a time: write how long ago",
        ),
        (("query", "--since", "1h", "--until", "2h"), "the end is before the beginning"),
        (("query", "--since", "crawl:2", "--until", "crawl:1"), "the end is before the beginning"),
        (("stats", "acme", "--since", "1h", "--until", "2h"), "the end is before the beginning"),
        (("query", "--changed-since", "crawl:99"), "there is no crawl 99: the last one is"),
        (("query", "--changed-since", "change:99"), "there is no change 99 yet: the last one is"),
        (("watch", "--once", "--from", "change:99"), "there is no change 99 yet: the last one is"),
        (("query", "--changed-since", "1h", "--tag", "9.9"), "has never seen a tag '9.9'"),
        (("query", "--changed-since", "1h", "--kind", "moved"), "'moved' is not one of"),
        (("outdated", ""), "'' is neither an image nor a file"),
        (("tags", "acme/api:1.0"), "is not just a repository"),
        (("tags", "Acme/API"), "is not an image name"),
        (("tags", "acme/api", "--format", "xml"), "'xml' is not one of"),
        (("crawl", "acme", "--full", "--verify"), "--full includes --verify"),
        (("crawl", "no//namespace"), "is not an image name"),
        (("crwal",), "no such command 'crwal'"),
        (("query",), "--changed-since"),
    ],
)
def test_what_is_not_understood_gets_a_sentence_and_exit_code_2(
    moved: Program, arguments: tuple[str, ...], sentence: str
) -> None:
    done = moved.run(*arguments)

    assert (done.code, done.out) == (2, "")
    assert sentence.lower() in done.err.lower()
    assert done.err.startswith("indexer: ")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [(), ("db",), ("notify",)])
def test_what_needs_a_command_and_is_given_none_shows_its_help_as_it_is(
    program: Program, arguments: tuple[str, ...]
) -> None:
    done = program.run(*arguments)

    assert (done.code, done.out) == (2, "")
    assert done.err == program.good(*arguments, "--help").out


def test_asking_before_the_first_crawl_makes_no_database_and_says_what_comes_first(
    program: Program,
) -> None:
    done = program.run("repos")

    assert (done.code, done.out) == (2, "")
    assert "'indexer crawl NAMESPACE'" in done.err
    assert not (program.folder / "indexer.db").exists()


def test_nothing_to_tell_is_an_empty_answer_and_a_sentence(crawled: Program) -> None:
    ask = ("query", "--changed-since", "1h")

    assert crawled.good(*ask, "--format", "json").out == "[]\n"
    assert crawled.good(*ask, "--format", "jsonl").out == ""
    assert len(crawled.good(*ask, "--format", "csv").out.splitlines()) == 1
    assert crawled.good(*ask).err.startswith("no changes since 1h (last complete crawl: 2")


def test_an_empty_answer_names_the_namespace_that_was_never_crawled_completely(
    crawled: Program,
) -> None:
    ask = ("query", "--changed-since", "1h")
    assert crawled.run("crawl", "-q", "nosuch").code == 1
    assert "(no complete crawl yet of docker.io/nosuch)." in crawled.good(*ask).err
    assert crawled.run("crawl", "-q", "nowhere").code == 1
    assert "(no complete crawl yet of docker.io/nosuch and 1 more)." in crawled.good(*ask).err
    assert "(no complete crawl yet)." in crawled.good(*ask, "--namespace", "nosuch").err


def test_every_list_has_the_same_options(moved: Program) -> None:
    names = [each["tag"] for each in moved.good("tags", "acme/api", "--json", "--limit", "2").json]
    assert len(names) == 2
    scoped = moved.good("tags", "-r", "acme/a*", "-t", names[0], "--columns", "tag", "--json")
    assert scoped.json == [{"tag": names[0]}]
    repos = moved.good("repos", "-r", "*/api", "--sort", "tags", "--reverse", "--json").json
    assert [each["repository"] for each in repos] == ["acme/api"]
    both = moved.run("tags", "acme/api", "--json", "--format", "csv")
    assert (both.code, "contradict each other" in both.err) == (2, True)


def test_an_answer_goes_to_a_file_that_an_error_leaves_as_it_was(moved: Program) -> None:
    file = moved.folder / "tags.json"
    done = moved.good("tags", "acme/api", "--json", "-o", "tags.json")
    assert done.out == ""
    written = file.read_text(encoding="utf-8")
    assert written == moved.good("tags", "acme/api", "--json").out
    assert file.stat().st_mode & 0o777 == 0o600

    assert moved.run("tags", "acme/nothing", "-o", "tags.json").code == 1
    assert file.read_text(encoding="utf-8") == written
    assert moved.run("tags", "Acme/API", "-o", "tags.json").code == 2
    assert file.read_text(encoding="utf-8") == written
    # What ends with 1 has answered, too.
    old = moved.run("repos", "--max-age", "0s", "-o", "tags.json")
    assert old.code in {1, 2}
    nowhere = moved.run("repos", "-o", "no/such/folder/file")
    assert (nowhere.code, "cannot be written: No such file" in nowhere.err) == (2, True)
    assert moved.good("repos", "-o", "/dev/null").out == ""
    assert not list(moved.folder.glob(".*.partial"))


def test_a_terminal_shows_a_row_as_a_line_and_names_what_it_leaves_out(moved: Program) -> None:
    narrow = moved.terminal("tags", "acme/api", columns=40).out.splitlines()
    assert max(map(len, narrow[:-2])) <= 40
    assert any(line.startswith("--wide also shows ") for line in narrow)
    wide = moved.terminal("tags", "acme/api", "--wide", columns=40).out
    assert "PLATFORMS" in wide
    assert "sha256:" in wide


def test_a_digest_of_an_image_may_be_short(crawled: Program) -> None:
    (tag,) = crawled.good("tags", "acme/api", "-t", "1.4", "--json").json
    digits = tag["digest"].partition(":")[2]
    (verdict,) = crawled.good("check", f"acme/api:1.4@{digits[:7]}", "--json").json
    assert (verdict["verdict"], verdict["digest"]) == ("ok", tag["digest"])
    full = crawled.run("inspect", "--offline", f"acme/api@sha256:{digits}")
    short = crawled.run("inspect", "--offline", f"acme/api@sha256:{digits[:9]}")
    assert short == full
    for wrong, why in (
        ("acme/api:1.4@0000000", "knows no digest of acme/api that begins with 0000000"),
        ("acme/nothing@0000000", "acme/nothing"),
        ("acme/api:1.4@000000", "is not an image name"),
    ):
        refused = crawled.run("check", wrong)
        assert (refused.code, why in refused.err) == (2, True), refused


def test_a_time_is_read_in_the_zone_that_is_named(crawled: Program) -> None:
    asked = ("query", "--since", "2020-01-01T01:00", "--timezone")
    assert "no changes since" in crawled.good(*asked, "Europe/Berlin").err
    wrong = crawled.run(*asked, "Mars/Olympus")
    assert (wrong.code, "knows no time zone 'Mars/Olympus'" in wrong.err) == (2, True)
