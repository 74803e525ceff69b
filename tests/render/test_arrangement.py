"""The order of a list, by the fields that JSON shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from indexer.core.errors import UsageError
from indexer.render import column_sets
from indexer.render.arrangement import arranged
from indexer.render.records.images import Tag

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SHAPE = column_sets.tags()


def tag(name: str, size: int | None = None, days: int | None = None, same: int = 0) -> Tag:
    """A tag that was pushed so many days ago, and has so many others of its digest."""
    time = None if days is None else NOW - timedelta(days=days)
    return Tag(
        "docker.io", "a/b", name, None, size, (), time, NOW, ("x",) * same, 0, None, None, None,
        None, None,
    )  # fmt: skip


TAGS = [
    tag("0.9.0", 30, 40, 1),
    tag("0.10.0", 20, 30, 2),
    tag("1.0.0-rc1", 25, 2, 3),
    tag("latest", None, None, 4),
    tag("1.0.0", 10, 1, 5),
]


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("name", ["0.9.0", "0.10.0", "1.0.0-rc1", "1.0.0", "latest"]),
        ("version", ["0.9.0", "0.10.0", "1.0.0-rc1", "1.0.0", "latest"]),
        ("tag", ["0.9.0", "0.10.0", "1.0.0-rc1", "1.0.0", "latest"]),
        ("size", ["1.0.0", "0.10.0", "1.0.0-rc1", "0.9.0", "latest"]),
        ("pushed_at", ["0.9.0", "0.10.0", "1.0.0-rc1", "1.0.0", "latest"]),
        ("same_as", ["0.9.0", "0.10.0", "1.0.0-rc1", "latest", "1.0.0"]),
    ],
)
def test_a_list_is_sorted_and_what_has_no_value_comes_last(field: str, names: list[str]) -> None:
    assert [each.tag for each in arranged(TAGS, SHAPE, field)] == names
    turned = [each.tag for each in arranged(TAGS, SHAPE, field, reverse=True)]
    without = {"size", "pushed_at"}
    assert turned == ([*names[-2::-1], "latest"] if field in without else names[::-1])


def test_without_a_field_it_stays_as_it_comes_or_the_other_way_round() -> None:
    names = [each.tag for each in TAGS]
    assert [each.tag for each in arranged(TAGS, SHAPE, None)] == names
    assert [each.tag for each in arranged(TAGS, SHAPE, None, reverse=True, limit=2)] == names[:2:-1]


def test_nothing_after_the_limit_is_read() -> None:
    stream = iter(TAGS)
    assert len(list(arranged(stream, SHAPE, None, limit=2))) == 2
    assert next(stream) is TAGS[2]


def test_name_goes_by_the_place_first() -> None:
    elsewhere = tag("0.1.0")
    other = Tag(*["a.example.com", *(getattr(elsewhere, each) for each in SHAPE.fields[1:])])
    ordered = arranged([TAGS[0], other], SHAPE, "name")
    assert [each.registry for each in ordered] == ["a.example.com", "docker.io"]


def test_a_field_that_does_not_exist_is_an_error_that_names_those_that_do() -> None:
    with pytest.raises(UsageError, match="cannot sort by 'colour'; --sort takes name, registry,"):
        next(arranged(TAGS, SHAPE, "colour"))
