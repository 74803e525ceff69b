from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.core.model import ANONYMOUS, Tag
from indexer.crawl.listing import ListingReader, Page
from tests.support.shifting_list import START, Shelf, at, read, remembered


def shelf_of(size: int, *, page_size: int = 2, order: str = "newest") -> Shelf:
    return Shelf(
        {f"t{index}": index * 10 for index in range(size)}, page_size=page_size, order=order
    )


def test_an_unchanged_list_costs_one_request_whatever_its_size() -> None:
    shelf = shelf_of(1_000, page_size=100)
    known, memory = remembered(shelf)
    listing = read(shelf, known, memory)
    assert (shelf.requests, listing.exact, listing.whole) == (1, True, False)


def test_a_whole_list_costs_its_pages_and_one_second_look() -> None:
    shelf = shelf_of(1_000, page_size=100)
    listing = read(shelf)
    assert (shelf.requests, listing.exact, listing.whole) == (11, True, True)
    assert listing.absence_proven


def test_one_single_page_needs_no_second_look() -> None:
    shelf = shelf_of(100, page_size=100)
    listing = read(shelf)
    assert (shelf.requests, listing.exact, listing.absence_proven) == (1, True, True)


def test_an_empty_list_is_exact() -> None:
    listing = read(Shelf({}))
    assert (dict(listing.items), listing.exact, listing.absence_proven) == ({}, True, True)


def test_changes_on_one_page_cost_one_request() -> None:
    shelf = shelf_of(1_000, page_size=100)
    known, memory = remembered(shelf)
    for name in ("t3", "t500", "new"):
        shelf.push(name)
    listing = read(shelf, known, memory)
    assert shelf.requests == 1
    assert {"t3", "t500", "new"} <= set(listing.items)


def test_changes_on_two_pages_cost_page_one_once_more() -> None:
    shelf = shelf_of(1_000, page_size=100)
    known, memory = remembered(shelf)
    for index in range(120):
        shelf.push(f"t{index}")
    listing = read(shelf, known, memory)
    assert (shelf.requests, listing.exact, listing.whole) == (3, True, False)


def test_a_deletion_shows_in_the_count_and_calls_for_the_whole_list() -> None:
    shelf = shelf_of(1_000, page_size=100)
    known, memory = remembered(shelf)
    shelf.delete("t3")
    listing = read(shelf, known, memory)
    assert (shelf.requests, listing.whole, listing.absence_proven) == (11, True, True)
    assert set(known) - set(listing.items) == {"t3"}
    assert "the count is 999 where 1000 was expected" in listing.reason


def test_a_full_reading_asks_for_every_page() -> None:
    shelf = shelf_of(1_000, page_size=100)
    known, memory = remembered(shelf)
    assert read(shelf, known, memory, full=True).whole
    assert shelf.requests == 11


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"exact": False}, "the last listing was not exact"),
        ({"identity": "alice"}, "it was last read as alice, now as anonymous"),
        ({"newest_first": False}, "the list was not seen to come newest first"),
    ],
)
def test_a_shortcut_needs_a_sound_start(change: dict[str, object], reason: str) -> None:
    shelf = shelf_of(10)
    known, memory = remembered(shelf)
    listing = read(shelf, known, dataclasses.replace(memory, **change))  # type: ignore[arg-type]
    assert (listing.whole, listing.exact) == (True, True)
    assert reason in listing.reason


def test_items_within_the_clock_margin_are_read_through() -> None:
    shelf = Shelf({f"t{index}": 10 + index / 1000 for index in range(6)})
    shelf.dates["old"] = 0
    known, memory = remembered(shelf)
    read(shelf, known, memory)
    assert shelf.requests == 4 + 1


def test_a_list_that_comes_oldest_first_is_asked_the_other_way_round_and_remembered() -> None:
    shelf = shelf_of(10, order="oldest")
    first = read(shelf)
    assert (shelf.requests, first.exact, first.opposite_order) == (1 + 5 + 1, True, True)
    read(shelf, dict(first.items), first.memory(None, ANONYMOUS, START))
    assert shelf.requests == 1


def test_an_unordered_list_takes_no_shortcut_and_needs_two_passes_that_agree() -> None:
    shelf = Shelf({"a": 95, "b": 90, "c": 20, "d": 70, "e": 10}, order="name")
    known, memory = remembered(shelf)
    listing = read(shelf, known, memory)
    assert (shelf.requests, listing.exact, listing.absence_proven) == (6, True, False)


def test_an_unordered_list_that_skipped_an_item_is_not_exact() -> None:
    """The deletion shifts an unread item onto a read page; the insertion hides it in the count."""
    shelf = Shelf({name: 100 - index for index, name in enumerate("bacdefgh")}, order="name")

    def disturb(number: int) -> None:
        if number == 3:
            shelf.delete("c")
            shelf.push("z")

    shelf.before_request = disturb
    listing = read(shelf)
    assert listing.exact
    assert set(listing.items) == set("abdefghz")


def test_a_few_falling_dates_do_not_prove_the_order() -> None:
    """Ordered by name, and the newest happens to be named first: a push would not show there."""
    shelf = Shelf({"a": 300, "b": 200, "c": 100}, order="name")
    known, memory = remembered(shelf)
    shelf.push("c")
    listing = read(shelf, known, memory)
    assert dict(listing.items) == shelf.items()
    assert "not seen to come newest first" in listing.reason


def test_a_list_once_known_for_its_order_needs_no_further_proof_when_few_are_left() -> None:
    shelf = shelf_of(10)
    known, memory = remembered(shelf)
    for index in range(7):
        shelf.delete(f"t{index}")
    listing = read(shelf, known, memory)
    assert (shelf.requests, listing.exact, listing.absence_proven) == (2 + 1, True, True)


def test_pages_of_items_without_a_date_before_all_others_hide_what_is_pushed() -> None:
    """No date read before tells that `x` is fresh, and page 1 does not show `t7`."""
    dates: dict[str, float | None] = dict.fromkeys("klmn")
    shelf = Shelf(dates | {f"t{index}": index * 10 for index in range(8)}, nulls_first=True)
    before = shelf.items()

    def disturb(number: int) -> None:
        if number == 3:
            shelf.delete("m")
            shelf.push("x")
            shelf.push("t7")

    shelf.before_request = disturb
    listing = read(shelf)
    assert listing.exact
    assert dict(listing.items) in (before, shelf.items())


def test_dates_in_the_far_future_are_not_the_head_and_hide_no_push() -> None:
    """They stay above all that is pushed; here they fill page 1."""
    future: dict[str, float | None] = {"f": 10_000_000, "g": 20_000_000}
    shelf = Shelf(future | {f"t{index}": index * 10 for index in range(8)})
    shelf.newest = 80
    known, memory = remembered(shelf)
    shelf.push("t3")
    listing = read(shelf, known, memory)
    assert {**known, **listing.items} == shelf.items()


def test_a_date_in_the_far_future_among_others_costs_nothing() -> None:
    shelf = Shelf({f"t{index}": index * 10 for index in range(1_000)}, page_size=100)
    shelf.dates["f"] = 10_000_000
    known, memory = remembered(shelf)
    assert memory.newest == at(9_990)
    shelf.newest = 9_990
    shelf.push("t3")
    listing = read(shelf, known, memory)
    assert (shelf.requests, listing.exact, listing.whole) == (1, True, False)
    assert {**known, **listing.items} == shelf.items()


def test_a_list_without_a_count_needs_two_passes_and_proves_no_absence() -> None:
    shelf = shelf_of(10)
    shelf.counts = False
    known, memory = remembered(shelf)
    assert shelf.requests == 5 + 5
    shelf.delete("t3")
    listing = read(shelf, known, memory)
    assert (listing.exact, listing.absence_proven) == (True, False)
    assert "does not count" in listing.reason


def test_one_page_without_a_count_is_exact() -> None:
    shelf = shelf_of(2)
    shelf.counts = False
    listing = read(shelf)
    assert (shelf.requests, listing.exact, listing.absence_proven) == (1, True, True)


def test_an_item_without_a_date_that_comes_at_the_end_may_hide_another() -> None:
    """It comes without a push, so no second look sees it: nothing is proven absent."""
    shelf = Shelf({f"t{index}": index * 10 for index in range(7)} | {"n": None})
    known, memory = remembered(shelf)

    def disturb(number: int) -> None:
        if number == 3:
            shelf.delete("t3")
            shelf.dates["o"] = None

    shelf.before_request = disturb
    listing = read(shelf, known, memory, full=True)
    assert "t2" not in listing.items
    assert not listing.absence_proven


def test_an_offset_of_the_count_is_learnt_once() -> None:
    shelf = shelf_of(10)
    shelf.count_offset = 3
    known, memory = remembered(shelf)
    assert (shelf.requests, memory.offset) == (5 + 5, 3)
    assert read(shelf, known, memory).exact
    assert shelf.requests == 1


def test_a_new_offset_proves_no_absence() -> None:
    shelf = shelf_of(10)
    known, memory = remembered(shelf)
    shelf.delete("t3")
    shelf.count_offset = 1
    listing = read(shelf, known, memory, full=True)
    assert (listing.exact, listing.absence_proven) == (True, False)


def test_an_item_without_a_date_takes_away_the_proof_of_absence_but_not_the_shortcut() -> None:
    shelf = Shelf({"n": None, "m": None} | {f"t{index}": index * 10 for index in range(8)})
    known, memory = remembered(shelf)
    assert memory.holds_null
    listing = read(shelf, known, memory)
    assert (shelf.requests, listing.exact) == (1, True)
    assert not read(shelf, known, memory, full=True).absence_proven


def test_a_page_that_ends_in_items_without_a_date_can_end_the_head() -> None:
    dates: dict[str, float | None] = {f"n{index}": None for index in range(10)}
    shelf = Shelf(dates | {f"t{index}": index * 10 for index in range(8)}, page_size=10)
    known, memory = remembered(shelf)
    read(shelf, known, memory)
    assert shelf.requests == 1


def test_a_missing_page_means_that_the_list_shrank() -> None:
    shelf = shelf_of(6)

    def disturb(number: int) -> None:
        if number == 3:
            for name in ("t0", "t1", "t2"):
                shelf.delete(name)

    shelf.before_request = disturb
    listing = read(shelf)
    assert listing.exact
    assert set(listing.items) == {"t3", "t4", "t5"}


def test_a_list_that_never_stops_changing_is_merged_and_not_exact() -> None:
    shelf = shelf_of(6)

    def disturb(number: int) -> None:
        shelf.push(f"t{number % 6}")

    shelf.before_request = disturb
    listing = read(shelf)
    assert not listing.exact
    assert not listing.absence_proven
    assert listing.reason


@pytest.mark.parametrize("circle", ["1", "2"])
def test_pages_that_repeat_in_a_circle_end_the_reading(circle: str) -> None:
    reading: ListingReader[Tag] = ListingReader({}, None, identity=ANONYMOUS)
    asked = 0
    while reading.ask is not None:
        asked += 1
        reading.feed(Page((Tag(f"t{asked}", at(-asked)),), 1, circle))
    assert asked < 10
    assert not reading.listing.exact


def test_endless_empty_pages_end_the_reading() -> None:
    reading: ListingReader[Tag] = ListingReader({}, None, identity=ANONYMOUS)
    asked = 0
    while reading.ask is not None:
        asked += 1
        reading.feed(Page((), 0, str(asked + 1)))
    assert asked < 10
    assert not reading.listing.exact


def test_an_item_that_could_not_be_read_is_counted_and_told() -> None:
    reading: ListingReader[Tag] = ListingReader({}, None, identity=ANONYMOUS)
    reading.feed(Page((Tag("a", at(0)),), 2, None, rejected=("'..' cannot be a tag",)))
    assert reading.ask is None
    assert (reading.listing.exact, reading.listing.rejected) == (True, ("'..' cannot be a tag",))


def test_a_single_page_with_a_wrong_count_is_not_exact() -> None:
    reading: ListingReader[Tag] = ListingReader({}, None, identity=ANONYMOUS)
    for count in (7, 9, 8):
        reading.feed(Page((Tag("a", at(0)),), count, None))
    assert not reading.listing.exact
    assert set(reading.listing.items) == {"a"}


def test_a_listing_of_the_head_keeps_what_the_whole_list_taught() -> None:
    shelf = shelf_of(10)
    known, memory = remembered(shelf)
    shelf.push("t0")
    head = read(shelf, known, memory).memory(memory, ANONYMOUS, at(9_999))
    assert head.full_at == memory.full_at
    assert head.newest == at(shelf.newest)
    assert head.newest_first


@given(
    dates=st.dictionaries(
        st.text("abcdef", min_size=1, max_size=3), st.none() | st.integers(0, 1_000), max_size=25
    ),
    page_size=st.integers(1, 10),
    order=st.sampled_from(["newest", "oldest", "name"]),
    offset=st.integers(-2, 2),
)
def test_an_unchanging_list_is_read_exactly_in_any_order_and_page_size(
    dates: dict[str, float | None], page_size: int, order: str, offset: int
) -> None:
    shelf = Shelf(dict(dates), page_size=page_size, order=order, count_offset=offset)
    listing = read(shelf)
    assert listing.exact
    assert dict(listing.items) == shelf.items()
