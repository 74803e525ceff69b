from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from indexer.crawl.date_order import HORIZON, DateOrder, all_believed, believed

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)

hours = st.integers(-12, 3) | st.sampled_from([24 * 365, 24 * 367])
dates = st.none() | hours.map(lambda number: NOW + timedelta(hours=number))
pages = st.lists(
    st.lists(dates, max_size=12)
    | st.lists(hours, max_size=12).map(
        lambda numbers: [NOW + timedelta(hours=each) for each in sorted(numbers, reverse=True)]
    ),
    max_size=3,
)


@given(pages)
def test_a_page_of_dates_shows_the_order_that_they_show_one_by_one(
    pages: Sequence[Sequence[datetime | None]],
) -> None:
    together, alone = DateOrder(), DateOrder()
    for page in pages:
        together.take_all(page)
        for date in page:
            alone.take(date)
        assert seen(together) == seen(alone)


def seen(order: DateOrder) -> tuple[object, ...]:
    return (
        order.newest_at_head,
        order.holds_null,
        order.is_newest_first,
        order.is_oldest_first,
        order.is_convincing,
    )


@given(st.lists(dates, max_size=4), st.none() | st.just(NOW))
def test_dates_are_believed_together_as_each_is_alone(
    dates: Sequence[datetime | None], now: datetime | None
) -> None:
    assert list(all_believed(dates, now)) == [believed(date, now) for date in dates]


def test_one_date_beyond_the_horizon_is_none_among_others() -> None:
    ahead = NOW + HORIZON + timedelta(seconds=1)
    assert list(all_believed([NOW, ahead], NOW)) == [NOW, None]
