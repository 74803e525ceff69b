from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.core.model import RateLimit
from indexer.ratelimit import header_parser
from indexer.ratelimit.header_parser import LimitHeaders

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("Wed, 01 Jul 2026 12:01:30 GMT", 90),
        ("Wednesday, 01-Jul-26 12:01:30 GMT", 90),
        ("Wed Jul  1 12:01:30 2026", 90),
        ("Wed, 01 Jul 2026 11:00:00 GMT", 0),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("nan", None),
        ("1e9", None),
        ("Wed, 32 Jul 2026 12:01:30 GMT", None),
        ("9" * 400, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str, seconds: float | None) -> None:
    assert header_parser.retry_after(text, NOW) == seconds


@given(st.integers(0, 10**9))
def test_any_number_of_seconds_is_read(seconds: int) -> None:
    assert header_parser.retry_after(str(seconds), NOW) == seconds


@given(st.datetimes(datetime(2026, 8, 1), datetime(2060, 1, 1)))  # noqa: DTZ001 - UTC is added
def test_any_http_date_is_read(naive: datetime) -> None:
    date = naive.replace(tzinfo=UTC, microsecond=0)
    text = format_datetime(date, usegmt=True)
    assert header_parser.retry_after(text, NOW) == (date - NOW).total_seconds()


@given(st.text(), st.text(), st.text(), st.text())
def test_nothing_makes_it_raise(retry: str, unix: str, date: str, number: str) -> None:
    headers = {
        "Retry-After": retry,
        "X-Retry-After": unix,
        "Date": date,
        "X-RateLimit-Limit": number,
        "X-RateLimit-Remaining": number,
        "X-RateLimit-Reset": unix,
    }
    told = header_parser.read(429, headers, NOW)
    assert told.wait is None or told.wait >= 0


numbers = st.from_regex(r"[0-9:, ./eE+\-GMTZa-z]{0,40}", fullmatch=True)


@given(numbers)
def test_nothing_like_a_number_or_date_makes_it_raise(text: str) -> None:
    header_parser.read(429, {"Retry-After": text, "X-RateLimit-Reset": text, "Date": text}, NOW)


def test_times_are_taken_relative_to_the_servers_clock() -> None:
    there = NOW + timedelta(hours=3)  # our clock is three hours late
    date = format_datetime(there, usegmt=True)
    after = format_datetime(there + timedelta(seconds=20), usegmt=True)
    assert header_parser.read(429, {"Date": date, "Retry-After": after}, NOW).wait == 20
    unix = str(int(there.timestamp()) + 30)
    assert header_parser.read(429, {"Date": date, "X-Retry-After": unix}, NOW).wait == 30
    assert header_parser.read(200, {"Date": date, "X-RateLimit-Reset": unix}, NOW).reset_in == 30


def test_an_answer_without_limit_headers_says_nothing() -> None:
    assert header_parser.read(200, {}, NOW) == LimitHeaders(refused=False)


def test_the_limit_is_read() -> None:
    headers = {
        "X-RateLimit-Limit": "180",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(EPOCH + 60),
    }
    told = header_parser.read(200, headers, NOW)
    assert told.limit == RateLimit(180, 0, NOW + timedelta(seconds=60))
    assert told.reset_in == 60
