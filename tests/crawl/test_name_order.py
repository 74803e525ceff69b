"""Lists that are paged by name: one pass proves what they hold, whatever happens meanwhile."""

from __future__ import annotations

from itertools import chain, combinations
from typing import TYPE_CHECKING

import pytest

from indexer.core.model import ANONYMOUS, Tag
from indexer.crawl.listing import ListingReader, Page
from indexer.crawl.pagination import MOST_PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from indexer.crawl.listing import Listing, PageRequest

SIZE = 2


class Names:
    """A list of names, paged after the last one; `between` happens before each page but one."""

    def __init__(self, names: Iterable[str], *endings: Callable[[set[str]], object]) -> None:
        self.names = set(names)
        self.endings = list(endings)
        self.requests = 0

    def page(self, ask: PageRequest) -> Page[Tag]:
        if ask.cursor is not None and self.endings:
            self.endings.pop(0)(self.names)
        self.requests += 1
        rest = sorted(name for name in self.names if name > (ask.cursor or ""))
        shown = rest[:SIZE]
        more = len(rest) > SIZE
        return Page(
            tuple(Tag(name, None) for name in shown),
            None,
            shown[-1] if more else None,
            after=shown[-1] if more else None,
        )


def read(fetch: Callable[[PageRequest], Page[Tag]], known: Iterable[str] = ()) -> Listing[Tag]:
    tags = {name: Tag(name, None) for name in known}
    reading: ListingReader[Tag] = ListingReader(tags, None, identity=ANONYMOUS)
    while (ask := reading.ask) is not None:
        reading.feed(fetch(ask))
    return reading.listing


def test_one_pass_is_enough_and_proves_what_was_removed() -> None:
    names = Names("abcde")
    listing = read(names.page)
    assert (listing.exact, listing.absence_proven, listing.whole) == (True, True, True)
    assert set(listing.items) == set("abcde")
    assert names.requests == 3


@pytest.mark.parametrize("start", ["abc", "abcd", "abcde", "bdf"])
def test_what_stays_is_seen_and_what_never_was_is_not_whatever_happens(start: str) -> None:
    alphabet = "abcdefg"
    events = [
        *(lambda names, name=name: names.discard(name) for name in alphabet),
        *(lambda names, name=name: names.add(name) for name in alphabet),
    ]
    for first, second in combinations(events, 2):
        names = Names(start, first, second)
        listing = read(names.page)
        always = set(start) & names.names
        ever = set(start) | names.names
        for name in alphabet:
            # deleted and put back, or the other way round, it may have been seen or not
            if name in always and not _was_absent(start, (first, second), name):
                assert name in listing.items
            if name not in ever:
                assert name not in listing.items


def _was_absent(start: str, events: Iterable[Callable[[set[str]], object]], name: str) -> bool:
    names = set(start)
    for event in events:
        event(names)
        if name not in names:
            return True
    return False


def paged(*pages: tuple[str, str | None]) -> Callable[[PageRequest], Page[Tag]]:
    """Fixed pages: their names, and the name after which the list says that it goes on."""

    def page(ask: PageRequest) -> Page[Tag]:
        number = int(ask.cursor or 0)
        names, after = pages[number]
        following = str(number + 1) if number + 1 < len(pages) else None
        return Page(tuple(Tag(name, None) for name in names), None, following, after=after)

    return page


@pytest.mark.parametrize(
    "pages",
    [
        (("ab", None), ("cd", None)),
        (("ba", "a"), ("cd", None)),
        (("ab", "b"), ("dc", None)),
        (("ac", "c"), ("bd", None)),
        (("ab", "b"), ("cd", "a"), ("ef", None)),
        (("bc", "a"), ("de", None)),
    ],
)
def test_what_is_not_seen_to_be_paged_by_name_proves_no_absence(
    pages: tuple[tuple[str, str | None], ...],
) -> None:
    listing = read(paged(*pages), known="xyz")
    assert not listing.absence_proven
    assert set(listing.items) == set(chain.from_iterable(names for names, _ in pages))


def test_two_passes_that_agree_are_a_listing_where_the_pages_say_nothing() -> None:
    listing = read(paged(("ba", None), ("dc", None)))
    assert (listing.exact, listing.absence_proven) == (True, False)


def test_pages_without_anything_that_is_wanted_are_passed_through() -> None:
    listing = read(paged(("", "f"), ("", "m"), ("", "s"), ("z", None)))
    assert (listing.exact, set(listing.items)) == (True, {"z"})


def test_a_list_that_never_ends_is_left() -> None:
    numbers = iter(range(10**9))

    def page(ask: PageRequest) -> Page[Tag]:
        del ask
        name = f"{next(numbers):012}"
        return Page((), None, name, after=name)

    listing = read(page)
    assert (listing.exact, listing.reason) == (False, "the list has no last page")
    assert next(numbers) <= 3 * MOST_PAGES + 10


def test_one_page_that_may_be_silent_for_another_reason_proves_no_absence() -> None:
    listing = read(lambda _: Page((), None, None, proves_absence=False), known="ab")
    assert (listing.exact, listing.absence_proven) == (True, False)
