"""Output: exact for programs, safe and readable for people."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.core import humanize
from indexer.core.catalog_entries import Period, RepositoryEntry, TagEntry
from indexer.core.errors import UsageError
from indexer.core.model import Change, ChangeKind
from indexer.core.platforms import Platform
from indexer.policies.violation import Breach, Found, Severity, Violation
from indexer.render import column_sets, parquet, violations
from indexer.render.chosen_columns import chosen
from indexer.render.formats import Format
from indexer.render.output import as_json, cell, write
from indexer.render.records import images
from indexer.render.tables import Column, Cut, cells_of, fold, shortened, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.render.column_sets import ColumnSet

T = TypeVar("T")

NOON = datetime(2026, 3, 2, 12, 0, 30, 250_000, tzinfo=UTC)
OLD = "sha256:" + "a1" * 32
NEW = "sha256:" + "b2" * 32

RETAG = Change(
    id=7,
    observed_at=NOON,
    kind=ChangeKind.TAG_RETAGGED,
    registry="docker.io",
    repository="library/nginx",
    tag="1.27",
    old_digest=OLD,
    new_digest=NEW,
    pushed_at=NOON.replace(microsecond=0),
    crawl_id=3,
    baseline=False,
    pushed_by="doijanky",
    removed_by=None,
    removed_at=None,
    reason=None,
)
TAG = TagEntry(
    registry="docker.io",
    repository="library/nginx",
    tag="1.27",
    digest=None,
    size=52_800_000,
    platforms=(
        Platform("linux", "amd64", digest=OLD, size=5),
        Platform("linux", "arm", "v7"),
        Platform("unknown", "unknown"),
    ),
    pushed_at=None,
    first_seen_at=NOON,
)
REPOSITORY = RepositoryEntry(
    registry="docker.io",
    repository="library/nginx",
    description="Official build\nof Nginx",
    private=True,
    tags=1_234,
    last_updated=None,
    listed=False,
    pending=True,
    first_seen_at=NOON,
    pulls=5_000,
    categories=("Web servers",),
)
TAG_RECORD = images.Tag.of(TAG, ("1", "latest"), 3)
PERIOD = images.Period.of(
    Period("docker.io", "library/nginx", "1.27", OLD, None, NOON, None), None, (), 0
)
VIOLATION = Violation(
    4,
    Found(
        "releases", Severity.HIGH, Breach.UNSIGNED, "docker.io", "library/nginx", "1.27", None, NEW,
        None, NOON, 3,
    ),
)  # fmt: skip

hostile = st.text(st.characters(exclude_categories=[]), max_size=60)


def written(
    values: Iterable[T], shape: ColumnSet[T], form: Format, width: int | None = None
) -> tuple[str, int]:
    out = io.StringIO(newline="")
    number = write(values, shape, form, out, width)
    return out.getvalue(), number


def test_a_change_in_json_has_the_promised_fields_in_the_promised_order() -> None:
    assert list(json.loads(as_json(RETAG)).items()) == [
        ("id", 7),
        ("observed_at", "2026-03-02T12:00:30.250000Z"),
        ("kind", "tag_retagged"),
        ("registry", "docker.io"),
        ("repository", "library/nginx"),
        ("tag", "1.27"),
        ("old_digest", OLD),
        ("new_digest", NEW),
        ("pushed_at", "2026-03-02T12:00:30Z"),
        ("crawl_id", 3),
        ("baseline", False),
        ("pushed_by", "doijanky"),
        ("removed_by", None),
        ("removed_at", None),
        ("reason", None),
    ]


def test_a_tag_in_json_has_the_promised_fields_and_null_where_nothing_is_known() -> None:
    record = json.loads(as_json(TAG_RECORD))
    assert list(record) == [
        "registry", "repository", "tag", "digest", "size", "platforms", "pushed_at",
        "first_seen_at", "same_as", "same_as_more", "pushed_by", "last_pulled", "status",
        "status_since", "content_type",
    ]  # fmt: skip
    assert record["digest"] is None
    assert [each["platform"] for each in record["platforms"]] == [
        "linux/amd64",
        "linux/arm/v7",
        "unknown/unknown",
    ]
    assert record["platforms"][0] == {
        "platform": "linux/amd64",
        "os": "linux",
        "architecture": "amd64",
        "variant": None,
        "os_version": None,
        "digest": OLD,
        "size": 5,
    }


def test_a_repository_in_json_has_the_promised_fields() -> None:
    assert json.loads(as_json(images.Repository.of(REPOSITORY))) == {
        "registry": "docker.io",
        "repository": "library/nginx",
        "description": "Official build\nof Nginx",
        "private": True,
        "tags": 1_234,
        "last_updated": None,
        "hidden_since": None,
        "hidden_from": None,
        "unwatched_since": None,
        "pulls": 5_000,
        "stars": None,
        "storage_size": None,
        "categories": ["Web servers"],
        "registered_at": None,
        "full_description": None,
    }


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (column_sets.changes(), RETAG),
        (column_sets.tags(), TAG_RECORD),
        (column_sets.repositories(), REPOSITORY),
        (column_sets.history(), PERIOD),
        (violations.shape(), VIOLATION),
    ],
)
def test_all_machine_formats_carry_the_same_fields(shape: ColumnSet[Any], value: object) -> None:
    record = json.loads(as_json(shape.record(value)))
    assert tuple(record) == shape.fields
    array, _ = written([value, value], shape, Format.JSON)
    lines, number = written([value, value], shape, Format.JSONL)
    rows, _ = written([value], shape, Format.CSV)
    assert json.loads(array) == [record, record]
    assert [json.loads(line) for line in lines.splitlines()] == [record, record]
    assert number == 2
    head, row = csv.reader(io.StringIO(rows))
    assert tuple(head) == shape.fields
    assert row == [cell(each) for each in record.values()]


def test_the_table_of_history_says_who_pushed() -> None:
    by_eve = msgspec.structs.replace(PERIOD, pushed_by="eve")
    head, row = written([by_eve], column_sets.history(), Format.TABLE)[0].splitlines()
    assert row[head.index("BY") :].startswith("eve ")


def test_nothing_is_an_empty_array_no_lines_and_a_head_alone() -> None:
    assert written([], column_sets.tags(), Format.JSON) == ("[]\n", 0)
    assert written([], column_sets.tags(), Format.JSONL) == ("", 0)
    assert written([], column_sets.tags(), Format.TABLE) == ("", 0)
    assert written([], column_sets.tags(), Format.CSV)[0].count("\n") == 1


def test_machine_formats_stream() -> None:
    out = io.StringIO()
    seen: list[int] = []

    def changes() -> Iterator[Change]:
        for _ in range(3):
            seen.append(len(out.getvalue()))
            yield RETAG

    for form in (Format.JSON, Format.JSONL, Format.CSV):
        write(changes(), column_sets.changes(), form, out, None)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(start: str) -> None:
    assert cell(f"{start}HYPERLINK(0)").startswith("'")
    assert cell(f"a{start}b")[0] == "a"


def test_cells_of_other_types_are_plain() -> None:
    values: list[object] = [None, True, False, -5, []]
    assert [cell(each) for each in values] == ["", "true", "false", "-5", ""]


@given(hostile, st.sampled_from(list(Format)), st.integers(20, 200) | st.none())
def test_no_format_lets_a_control_character_through(
    text: str, form: Format, width: int | None
) -> None:
    entry = RepositoryEntry("docker.io", "a/b", text, False, 1, None, True, False, NOON)
    output, _ = written([entry], column_sets.repositories(), form, width)
    assert not [
        character
        for character in output
        if unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character != "\n"
    ]


@given(hostile)
def test_json_gives_back_exactly_what_was_sent(text: str) -> None:
    entry = RepositoryEntry("docker.io", "a/b", text, False, 1, None, True, False, NOON)
    output, _ = written([entry], column_sets.repositories(), Format.JSON)
    assert output.isascii()
    assert json.loads(output)[0]["description"] == text


def test_a_narrow_terminal_gets_short_digests_and_nothing_too_long() -> None:
    output, _ = written([RETAG, RETAG], column_sets.changes(), Format.TABLE, 80)
    lines = output.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["OBSERVED", "(UTC)", "KIND", "IMAGE", "WAS", "IS", "BY"]
    assert lines[1].split() == [
        "03-02", "12:00", "tag_retagged", "library/nginx:1.27", "a1a1a1a1a", "b2b2b2b2b",
        "doijanky",
    ]  # fmt: skip


def test_a_wide_terminal_and_a_pipe_get_digests_in_full() -> None:
    for width in (220, None):
        output, _ = written([RETAG], column_sets.changes(), Format.TABLE, width)
        assert OLD in output
        assert NEW in output
        assert "2026-03-02 12:00" in output


def test_a_long_name_keeps_both_ends_on_a_terminal_and_is_whole_in_a_pipe() -> None:
    name = "a-very-long-organisation-name/with-a-repository-of-an-even-longer-name"
    entry = RepositoryEntry("docker.io", name, "", False, 1, None, True, False, NOON)
    terminal, _ = written([entry], column_sets.repositories(), Format.TABLE, 60)
    assert max(map(len, terminal.splitlines())) <= 60
    shown = terminal.splitlines()[1].split()[0]
    beginning, end = shown.split("…")
    assert name.startswith(beginning)
    assert name.endswith(end)
    assert min(len(beginning), len(end)) > 10
    pipe, _ = written([entry], column_sets.repositories(), Format.TABLE, None)
    assert name in pipe


def test_a_table_says_what_is_out_of_the_ordinary() -> None:
    output, _ = written([REPOSITORY], column_sets.repositories(), Format.TABLE, None)
    assert "private, pending, not listed" in output
    assert "1,234" in output


def test_attestations_are_no_platforms_for_people() -> None:
    output, _ = written([TAG_RECORD], column_sets.tags(), Format.TABLE, None)
    assert "linux/amd64 linux/arm/v7" in output
    assert "unknown" not in output
    assert "52.8 MB" in output


def test_the_registry_is_named_unless_it_goes_without_saying() -> None:
    at_home, _ = written([RETAG], column_sets.changes("docker.io"), Format.TABLE)
    abroad, _ = written([RETAG], column_sets.changes("example.com"), Format.TABLE)
    assert " library/nginx:1.27" in at_home
    assert " docker.io/library/nginx:1.27" in abroad


def test_a_row_wider_than_the_measured_ones_loses_nothing() -> None:
    rows = [*["short"] * 1_000, "much longer than any row that was measured"]
    lines = list(table(rows, [Column("A", str), Column("B", str)], None))
    assert lines[-1] == f"{rows[-1]}  {rows[-1]}"


@given(st.text(max_size=80), st.integers(2, 30))
def test_folding_loses_nothing_but_spaces_and_fits(text: str, width: int) -> None:
    pieces = fold(text, width)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(cells_of(piece) <= width for piece in pieces)


def test_what_is_folded_is_broken_between_words_first() -> None:
    platforms = "linux/amd64 linux/arm64/v8 linux/arm/v7"
    assert fold(platforms, 14) == ["linux/amd64", "linux/arm64/v8", "linux/arm/v7"]
    assert fold("content of linux/amd64; linux/s390x added", 12) == [
        "content of",
        "linux/amd64;",
        "linux/s390x",
        "added",
    ]


words_of_three = st.tuples(*[st.text(st.characters(categories=["L", "N"]), max_size=40)] * 3)

COLUMNS: list[Column[tuple[str, ...]]] = [
    Column("A", lambda row: row[0], cut=Cut.MIDDLE),
    Column("B", lambda row: row[1], cut=Cut.END, rank=2),
    Column("C", lambda row: row[2], cut=Cut.DIGEST, rank=1),
]


@given(st.lists(words_of_three, min_size=1), st.integers(2, 120))
def test_each_row_is_one_line_that_fits_its_terminal(
    rows: list[tuple[str, ...]], width: int
) -> None:
    lines = list(table(rows, COLUMNS, width))
    assert len(lines) == len(rows) + 1
    assert all(cells_of(line) <= width for line in lines)


def test_columns_are_left_out_by_rank_and_those_without_a_value_first() -> None:
    row = ("library/nginx:1.27-alpine", "a sentence that says what happened", "4bcff63e4bcff63e")
    left_out: list[str] = []
    list(table([row], COLUMNS, 50, left_out))
    assert left_out == ["B"]
    left_out.clear()
    list(table([row], COLUMNS, 30, left_out))
    assert left_out == ["B", "C"]
    left_out.clear()
    list(table([(row[0], row[1], "-")], COLUMNS, 46, left_out))
    assert left_out == []


def test_a_column_without_a_value_leaves_its_room_to_the_others() -> None:
    row = ("library/nginx:1.27-alpine", "a sentence that says", "-")
    head, line = table([row], COLUMNS, 47)
    assert (head.split(), line) == (["A", "B"], f"{row[0]}  {row[1]}")


def test_where_space_is_left_cells_keep_their_long_form() -> None:
    columns: list[Column[str]] = [
        Column("DIGEST", lambda text: text * 9, lambda text: text),
        Column("TIME", lambda _: "2026-03-02 12:00", lambda _: "2026-03-02"),
    ]
    wide, narrow = (list(table(["4bcff63"], columns, width))[1] for width in (30, 20))
    assert wide == "4bcff63  2026-03-02 12:00"
    assert narrow == "4bcff63  2026-03-02"


@pytest.mark.parametrize(
    ("cut", "shown"),
    [
        (Cut.MIDDLE, "library/…-alpine"),
        (Cut.END, "library/nginx:1…"),
        (Cut.DIGEST, "library/nginx:1."),
    ],
)
def test_each_kind_of_text_is_shortened_in_its_own_way(cut: Cut, shown: str) -> None:
    assert shortened("library/nginx:1.2-alpine", 16, cut) == shown


def test_wide_characters_count_for_two() -> None:
    assert cells_of("日本") == 4
    assert cells_of("e\u0301") == 1


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(), "just now"),
        (timedelta(seconds=59), "59s ago"),
        (timedelta(minutes=90), "90m ago"),
        (timedelta(hours=3, minutes=59), "3h ago"),
        (timedelta(hours=47), "47h ago"),
        (timedelta(days=5), "5d ago"),
        (timedelta(days=400), "57w ago"),
        (timedelta(minutes=-5), "in 5m"),
    ],
)
def test_ages_are_short(passed: timedelta, said: str) -> None:
    assert humanize.age(NOON - passed, NOON) == said


def test_never_is_an_age() -> None:
    assert humanize.age(None, NOON) == "never"


def test_numbers_and_sizes_are_readable() -> None:
    assert humanize.count(1, "repository") == "1 repository"
    assert humanize.count(3_120, "repository") == "3,120 repositories"
    assert humanize.count(0, "tag") == "0 tags"
    assert humanize.count(2, "day") == "2 days"
    assert humanize.count(2, "match") == "2 matches"
    assert humanize.agreed(1, "is", "are") == "is"
    assert humanize.agreed(0, "is", "are") == "are"
    assert [humanize.size(each) for each in (None, 0, 999, 1_500, 999_999, 52_812_345)] == [
        "-",
        "0 B",
        "999 B",
        "1.5 kB",
        "1000 kB",
        "52.8 MB",
    ]


def test_a_hidden_repository_says_since_when_and_to_whom_it_is_not_visible() -> None:
    hidden = dataclasses.replace(REPOSITORY, listed=False, hidden_since=NOON, hidden_from="alice")
    record = json.loads(as_json(images.Repository.of(hidden)))
    assert (record["hidden_since"], record["hidden_from"]) == (
        "2026-03-02T12:00:30.250000Z",
        "alice",
    )
    notes = [column for column in column_sets.repositories().columns if column.title == "NOTE"]
    assert "not visible to alice since 2026-03-02 12:00" in notes[0].text(hidden)
    assert "not listed" not in notes[0].text(hidden)


def test_chosen_columns_come_alone_and_in_their_order_in_every_format() -> None:
    shape = chosen(column_sets.changes(), "pushed_by, new_digest,observed_at,crawl_id")
    assert json.loads(as_json(shape.record(RETAG))) == {
        "pushed_by": "doijanky",
        "new_digest": NEW,
        "observed_at": "2026-03-02T12:00:30.250000Z",
        "crawl_id": 3,
    }
    out = io.StringIO()
    write([RETAG], shape, Format.CSV, out, None)
    assert out.getvalue().splitlines()[0] == "pushed_by,new_digest,observed_at,crawl_id"
    out = io.StringIO()
    write([RETAG], shape, Format.TABLE, out, None)
    head, row = out.getvalue().splitlines()
    assert head.split() == ["PUSHED", "BY", "IS", "OBSERVED", "(UTC)", "CRAWL", "ID"]
    assert row.split()[0] == "doijanky"


def test_each_field_of_each_list_can_be_a_column_of_a_table() -> None:
    value = TAG_RECORD
    shape = column_sets.tags()
    out = io.StringIO()
    write([value], chosen(shape, ",".join(shape.fields)), Format.TABLE, out, None)
    assert "52.8 MB" in out.getvalue()
    assert len(out.getvalue().splitlines()) == 2


def test_a_column_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"no column 'pusher'; there are .*pushed_by"):
        chosen(column_sets.changes(), "tag,pusher")


def test_who_did_it_is_a_column_where_there_is_room() -> None:
    removed = dataclasses.replace(RETAG, pushed_by=None, removed_by="eve")
    for width, is_shown in ((None, True), (80, True), (60, False)):
        out = io.StringIO()
        write([RETAG, removed], column_sets.changes(), Format.TABLE, out, width)
        assert ("eve" in out.getvalue()) is is_shown


def test_what_writes_parquet_is_asked_for_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert not parquet.is_there()
    with pytest.raises(UsageError, match=r"run pip install 'hub-indexer\[parquet\]'"):
        parquet.require()


def test_of_tags_with_the_same_digest_the_newest_versions_are_named_first() -> None:
    same = msgspec.structs.replace(TAG_RECORD, same_as=("0.10.0", "0.9.0", "latest", "old"))
    line = written([same], column_sets.tags(), Format.TABLE)[0].splitlines()[1]
    assert "latest, 0.10.0, 0.9.0 +4" in line
