"""Lists that are shown in part are read from every side, until they add up."""

from __future__ import annotations

import math
import random

import pytest

from indexer.crawl.list_sides import Order, Side, SideProgress, Window
from indexer.crawl.partial.missing_items import Single
from tests.support.list_in_part import ListInPart

FOUR_MORE = (Order.NAME, Order.NAME_REVERSED, Order.MOST_PULLED, Order.LEAST_PULLED)


def versions(number: int) -> list[str]:
    """Tags as an official image has them, the oldest version first."""
    releases = [
        "5.3",
        "5.4",
        "5.5",
        "5.6",
        *(f"7.{n}" for n in range(5)),
        *(f"8.{n}" for n in range(5)),
    ]
    kinds = ["", "-cli", "-fpm", "-apache", "-zts"]
    bases = ["", "-alpine", "-alpine3.19", "-alpine3.20", "-bookworm", "-bullseye", "-buster"]
    found = [
        f"{release}.{patch}{kind}{base}"
        for release in releases
        for patch in range(36)
        for kind in kinds
        for base in bases
    ]
    return found[:number]


def needed_by_an_account(number: int) -> int:
    """Requests that read a list of so many items whole: its pages, and the second look."""
    return math.ceil(number / 100) + 1


@pytest.mark.parametrize("number", [1_001, 1_339, 2_000, 2_178])
def test_a_list_that_both_ends_cover_takes_hardly_a_request_more(number: int) -> None:
    hub = ListInPart(versions(number), bound=1_000)
    listing = hub.read().listing
    assert listing.exact
    assert listing.items == hub.listed()
    assert hub.requests <= needed_by_an_account(number) + 3


@pytest.mark.parametrize("number", [3_974, 15_600, 17_042])
def test_names_tell_which_filters_find_the_middle_of_a_long_list(number: int) -> None:
    hub = ListInPart(versions(number), bound=1_000)
    listing = hub.read().listing
    assert listing.exact
    assert listing.items == hub.listed()
    assert hub.requests <= 1.5 * needed_by_an_account(number)


@pytest.mark.parametrize("bound", [100, 200, 500, 950, 1_000])
def test_the_bound_may_lie_anywhere(bound: int) -> None:
    hub = ListInPart(versions(1_600), bound=bound)
    listing = hub.read().listing
    assert listing.exact
    assert listing.items == hub.listed()


@pytest.mark.parametrize("number", [101, 181, 198, 396, 420])
def test_repositories_are_read_from_every_order(number: int) -> None:
    names = random.Random(number).sample(versions(2_000), number)  # noqa: S311 - no secret
    hub = ListInPart(names, bound=100, has_names=False)
    listing = hub.read(orders=FOUR_MORE).listing
    assert listing.exact
    assert listing.items == hub.listed()
    assert hub.requests <= 1.5 * needed_by_an_account(number) + 6


def test_repositories_that_no_order_shows_are_found_by_filters() -> None:
    words = ["nginx", "python", "go", "java", "redis", "mongo", "tool", "api", "web", "db", "kit"]
    dice = random.Random(7)  # noqa: S311 - no secret
    names = sorted({"-".join(dice.sample(words, 3)) for _ in range(900)})
    dice.shuffle(names)
    hub = ListInPart(names, bound=100, has_names=False)
    listing = hub.read(orders=FOUR_MORE).listing
    assert listing.exact
    assert listing.items == hub.listed()


def test_what_stays_out_of_reach_is_counted_and_nothing_is_called_removed() -> None:
    hub = ListInPart(versions(1_500), bound=100, has_names=False, filters=False)
    listing = hub.read().listing
    assert not listing.exact
    assert not listing.absence_proven
    assert len(listing.items) + listing.offset == 1_500
    assert "items were not shown" in listing.reason


def test_a_filter_that_the_server_ignores_is_not_trusted_and_not_asked_for_ever() -> None:
    hub = ListInPart(versions(3_000), bound=1_000, filters=False)
    listing = hub.read(singles=10).listing
    assert not listing.exact
    assert listing.names == frozenset(hub.items)
    assert hub.requests < 60


def test_a_filter_that_heeds_no_case_finds_what_is_missing_too() -> None:
    names = [name.upper() if place % 3 else name for place, name in enumerate(versions(3_000))]
    hub = ListInPart(names, bound=1_000)
    hub.holds = lambda text, name: text.lower() in name.lower()
    listing = hub.read().listing
    assert listing.exact
    assert listing.items == hub.listed()
    assert hub.requests <= 1.5 * needed_by_an_account(3_000)


def test_a_filter_that_finds_beginnings_only_finds_what_is_missing_too() -> None:
    hub = ListInPart(versions(3_000), bound=1_000)
    hub.holds = lambda text, name: name.startswith(text)
    listing = hub.read().listing
    assert listing.exact
    assert listing.items == hub.listed()


def test_filters_that_find_nothing_where_names_hold_their_text_are_not_asked_for_ever() -> None:
    hub = ListInPart(versions(3_000), bound=1_000)
    hub.holds = lambda text, name: text == name
    listing = hub.read(singles=10).listing
    assert not listing.exact
    assert hub.requests < 60


def test_few_items_that_no_filter_is_worth_are_asked_for_by_themselves() -> None:
    asked: list[object] = []
    names = [f"{letter}{number}" for number in range(4) for letter in "abcdef"]
    hub = ListInPart(names, bound=8, page_size=4, filters=False)
    hub.before = asked.append
    listing = hub.read().listing
    assert listing.exact
    assert listing.items == hub.listed()
    assert any(isinstance(question, Single) for question in asked)


def test_what_is_pushed_while_it_is_read_is_in_the_head_that_is_read_last() -> None:
    hub = ListInPart(versions(1_500), bound=1_000)
    names = list(hub.items)

    def push(_: object) -> None:
        if hub.requests == 13:
            hub.push(names[700])
            hub.push("new")

    hub.before = push
    listing = hub.read().listing
    assert listing.exact
    assert listing.items == hub.listed()


def test_what_is_deleted_while_it_is_read_is_not_in_the_result() -> None:
    hub = ListInPart(versions(1_500), bound=1_000)
    names = list(hub.items)

    def delete(_: object) -> None:
        if hub.requests == 12:
            hub.delete(names[-1])
            hub.delete(names[3])

    hub.before = delete
    listing = hub.read().listing
    assert listing.items == hub.listed()
    assert listing.exact


def test_names_that_lack_what_the_list_shows_are_not_believed() -> None:
    hub = ListInPart(versions(3_000), bound=1_000)
    hub.named = lambda: ["5.3.0"]
    listing = hub.read().listing
    assert listing.names is None
    assert not listing.absence_proven


def test_a_page_size_that_does_not_divide_the_bound_reaches_further() -> None:
    progress = SideProgress(Side(Order.NEWEST), count=181, covered=100)
    assert progress.window(100, 100) == Window(Side(Order.NEWEST), 2, 99)


def test_each_question_has_its_reason_in_words() -> None:
    hub = ListInPart(versions(3_000), bound=1_000)
    assert hub.read().reason == ("the head is read again: it has what was pushed meanwhile")


@pytest.mark.parametrize("seed", range(60))
def test_whatever_moves_meanwhile_nothing_true_is_lost_and_nothing_false_is_claimed(
    seed: int,
) -> None:
    """Pushes and deletions between any two requests, on small lists, wherever the bound lies."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    size = dice.randint(2, 4)
    names = [f"{dice.choice('abc')}{number}-{dice.choice('xyz')}" for number in range(40)]
    hub = ListInPart(
        names[: dice.randint(14, 30)],
        bound=size * dice.randint(1, 3),
        page_size=size,
        has_names=dice.random() < 0.6,
    )
    moments = [dict(hub.items)]

    def move(_: object) -> None:
        for _ in range(dice.choice([0] * 12 + [1, 1, 2])):
            if dice.random() < 0.5 and len(hub.items) > 13:
                hub.delete(dice.choice(sorted(hub.items)))
            else:
                hub.push(dice.choice(names))
        moments.append(dict(hub.items))

    hub.before = move
    listing = hub.read(
        orders=() if hub.has_names else FOUR_MORE, singles=dice.randint(0, 9)
    ).listing
    for name, item in listing.items.items():
        assert any(
            name in moment and hub.listed_at(moment[name]) == item.last_updated
            for moment in moments
        )
    if listing.exact:
        always = set.intersection(*(set(moment) for moment in moments))
        assert always <= set(listing.items)
        assert all(name in listing.items or name not in hub.items for name in always)
