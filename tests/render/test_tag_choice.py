"""Which tags are shown, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from indexer.cli.tags import ORDERS
from indexer.core.version_range import Range
from indexer.render.records.images import Tag
from indexer.render.tag_choice import TagChoice, TagOrder, in_order

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def tag(name: str, size: int | None = None, days: int | None = None) -> Tag:
    """A tag that was pushed, and last pulled, so many days ago."""
    time = None if days is None else NOW - timedelta(days=days)
    return Tag(
        "docker.io", "a/b", name, None, size, (), time, NOW, (), 0, None, time, None, None, None
    )


TAGS = [
    tag("0.9.0", 30, 40),
    tag("0.10.0", 20, 30),
    tag("1.0.0-rc1", 25, 2),
    tag("latest", None, None),
    tag("1.0.0", 10, 1),
]


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (TagChoice(), ["0.9.0", "0.10.0", "1.0.0-rc1", "latest", "1.0.0"]),
        (TagChoice(glob="0.*"), ["0.9.0", "0.10.0"]),
        (TagChoice(versions=Range.parse(">=0.10")), ["0.10.0", "1.0.0"]),
        (TagChoice(pushed_since=NOW - timedelta(days=2)), ["1.0.0-rc1", "1.0.0"]),
        (TagChoice(not_pulled_since=NOW - timedelta(days=30)), ["0.9.0"]),
        (TagChoice(least_size=25), ["0.9.0", "1.0.0-rc1"]),
    ],
)
def test_each_condition_keeps_what_is_known_to_fit(choice: TagChoice, names: list[str]) -> None:
    assert [each.tag for each in TAGS if choice.fits(each)] == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (TagOrder.NAME, ["0.10.0", "0.9.0", "1.0.0", "1.0.0-rc1", "latest"]),
        (TagOrder.VERSION, ["0.9.0", "0.10.0", "1.0.0-rc1", "1.0.0", "latest"]),
        (TagOrder.SIZE, ["1.0.0", "0.10.0", "1.0.0-rc1", "0.9.0", "latest"]),
        (TagOrder.PUSHED_AT, ["0.9.0", "0.10.0", "1.0.0-rc1", "1.0.0", "latest"]),
        (TagOrder.LAST_PULLED, ["0.9.0", "0.10.0", "1.0.0-rc1", "1.0.0", "latest"]),
    ],
)
def test_tags_are_sorted_and_what_has_no_value_comes_last(
    order: TagOrder, names: list[str]
) -> None:
    assert [each.tag for each in in_order(TAGS, order, reverse=False)] == names
    turned = [each.tag for each in in_order(TAGS, order, reverse=True)]
    has_all = order in {TagOrder.NAME, TagOrder.VERSION}
    assert turned == (names[::-1] if has_all else [*names[-2::-1], "latest"])


def test_the_orders_are_those_of_the_command() -> None:
    assert ORDERS.split(", ") == [each.value for each in TagOrder]
