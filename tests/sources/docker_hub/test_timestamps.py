from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.docker_hub import timestamps

if TYPE_CHECKING:
    from datetime import tzinfo


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01T12:00:00Z", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T12:00:00.5Z", datetime(2026, 7, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-07-01T12:00:00.123456789Z", datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-07-01T12:00:00", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T14:00:00+02:00", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01 12:00:00.000000+00:00", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("9998-12-31T23:59:59Z", datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_date_is_read_as_utc(text: str, expected: datetime) -> None:
    assert timestamps.read(text) == expected
    assert timestamps.read(text).tzinfo is UTC  # type: ignore[union-attr] # a date, as just seen


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        0,
        17.5,
        True,
        [],
        {},
        "yesterday",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+05:00",
        "0000-00-00T00:00:00Z",
        "9999-12-31T23:59:59-10:00",
        "2026-13-01T00:00:00Z",
    ],
)
def test_an_invalid_date_is_none(value: object) -> None:
    assert timestamps.read(value) is None


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1)), zones, st.integers(0, 999))  # noqa: DTZ001 - the zone is added
def test_any_date_with_an_offset_and_nanoseconds_is_read(
    naive: datetime, zone: tzinfo, nanoseconds: int
) -> None:
    date = naive.replace(tzinfo=zone)
    text = date.isoformat(timespec="microseconds")
    text = f"{text[:26]}{nanoseconds:03d}{text[26:]}"
    assert timestamps.read(text) == date


@given(st.text() | st.integers() | st.floats() | st.none() | st.binary())
def test_nothing_makes_it_raise(value: object) -> None:
    date = timestamps.read(value)
    assert date is None or date.tzinfo is UTC


@given(st.lists(st.sampled_from(["2026-07-01T12:00:00Z", "2026-07-01T12:00+02:00", "x", None, 5])))
def test_dates_are_read_together_as_each_is_read_alone(texts: list[object]) -> None:
    assert timestamps.read_all(texts) == [timestamps.read(text) for text in texts]


def test_a_missing_date_of_go_is_none_among_others_too() -> None:
    read = timestamps.read_all(["2026-07-01T12:00:00Z", "0001-01-01T00:00:00Z"])
    assert read == [datetime(2026, 7, 1, 12, tzinfo=UTC), None]
