"""Which tags are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from indexer.core.version_range import Range
from indexer.render.records.images import Tag
from indexer.render.tag_choice import TagChoice

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
