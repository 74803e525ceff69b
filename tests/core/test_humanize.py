"""Times and durations in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from indexer.core import humanize


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(hours=1), "1h"),
        (timedelta(minutes=1), "1m"),
        (timedelta(minutes=90), "90m"),
        (timedelta(days=1), "24h"),
        (timedelta(hours=36), "36h"),
        (timedelta(days=7), "7d"),
        (timedelta(days=14), "2w"),
        (timedelta(seconds=61), "61s"),
    ],
)
def test_an_exact_duration_is_written_as_people_type_it(length: timedelta, text: str) -> None:
    assert humanize.exact_span(length) == text
