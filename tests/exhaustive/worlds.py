"""Small lists and everything that can happen to them, up to renaming. Pure, and made to be fast.

A `World` is what a list holds at one moment, in the order in which it is served. `happenings`
gives every world that at most so many events can make of it; sequences of events that end in the
same world are one, and the shortest stands for all.

Dates are whole minutes after `tests.support.shifting_list.START`. What is pushed gets a date above
all that were before; what is hidden and shown again, or shown for the first time, has the date of
long ago.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from indexer.core.model import Tag
from indexer.crawl.listing import Page
from tests.support.shifting_list import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.crawl.pagination import PageRequest

Row = tuple[str, int | None]

Order = Literal["newest", "reversed", "oldest", "name", "made"]
"""`reversed` does the opposite of what is asked; the last three ignore it."""

PAGE_SIZE = 2

STEP = 1_000
"""Minutes between the items of a list as it begins: room for others to be shown in between."""

AGE = 1_000_000
"""Minutes between two requests: what is pushed before the third has the date 3,000,010."""


class World(NamedTuple):
    """What a list holds, in order, and what it does not show: removed or hidden."""

    listed: tuple[Row, ...]
    unlisted: tuple[Row, ...] = ()
    made: int = 0


class Happening(NamedTuple):
    """What `cost` events made of a world, told in `story`."""

    world: World
    cost: int
    story: tuple[str, ...]


def world_of(size: int, order: Order, *, nulls: int = 0, nulls_first: bool = False) -> World:
    """A list of so many items, of which the last so many have no date.

    Newest first they are named `a`, `b`, `c`…; by name or age, the dates are in no order.
    """
    names = "abcdefghij"[:size]
    dated = [(name, (size - place) * STEP) for place, name in enumerate(names[: size - nulls])]
    dateless = [(name, None) for name in names[size - nulls :]]
    rows: list[Row] = [*dateless, *dated] if nulls_first else [*dated, *dateless]
    if order == "oldest":
        rows.reverse()
    if order in {"name", "made"}:
        dates = [date for _, date in rows]
        rows = list(zip(names, dates[1::2] + dates[::2], strict=True))
    return World(tuple(rows))


@lru_cache(maxsize=100_000)
def endings(
    world: World, most: int, age: int, order: Order, *, visibility: bool = False
) -> tuple[Happening, ...]:
    """Every world that at most so many events make of this one, before request number `age`.

    The events: push something new, push what is there, push again what was removed, remove; with
    `visibility` also hide, show what was hidden, show something old for the first time.
    """
    found = {world: Happening(world, 0, ())}
    edge = [found[world]]
    for cost in range(1, most + 1):
        following: list[Happening] = []
        for before in edge:
            for word, after in _events(before.world, age * AGE + 10 * cost, order, visibility):
                settled = _settled(after, world, age, visibility=visibility)
                if settled not in found:
                    found[settled] = Happening(settled, cost, (*before.story, word))
                    following.append(found[settled])
        edge = following
    return tuple(found.values())


def page_of(
    world: World, ask: PageRequest, order: Order, surplus: int | None = 0
) -> Page[Tag] | None:
    """What the server answers; None past the end.

    Args:
        world: what the list holds.
        ask: which page.
        order: how it is served.
        surplus: by how much the server's count is wrong; None: it does not count.
    """
    listed = world.listed[::-1] if order == "reversed" and not ask.opposite_order else world.listed
    return _page(listed, int(ask.cursor or 1), surplus)


@lru_cache(maxsize=100_000)
def _page(listed: tuple[Row, ...], number: int, surplus: int | None) -> Page[Tag] | None:
    start = (number - 1) * PAGE_SIZE
    if start >= len(listed) and number > 1:
        return None
    return Page(
        items=tuple(map(tag_of, listed[start : start + PAGE_SIZE])),
        count=None if surplus is None else len(listed) + surplus,
        next=str(number + 1) if start + PAGE_SIZE < len(listed) else None,
    )


@lru_cache(maxsize=100_000)
def tag_of(row: Row) -> Tag:
    """The item as a page holds it."""
    name, date = row
    return Tag(name, None if date is None else at(date))


def _events(world: World, date: int, order: Order, visibility: bool) -> Iterator[tuple[str, World]]:
    listed, unlisted, made = world
    for row in _new_rows(world, order, date):
        yield f"push new {row[0]}", World(_placed(listed, row, order), unlisted, made + 1)
    for row in listed:
        others = tuple(other for other in listed if other is not row)
        moved = (row[0], date)
        if order in {"name", "made"}:
            there = tuple(moved if other is row else other for other in listed)
        else:
            there = _placed(others, moved, order)
        yield f"push {row[0]}", World(there, unlisted, made)
        yield f"remove {row[0]}", World(others, (*unlisted, row), made)
    for row in unlisted:
        others = tuple(other for other in unlisted if other is not row)
        back = _placed(listed, (row[0], date), order)
        yield f"push {row[0]} again", World(back, others, made)
        if visibility:
            yield f"show {row[0]}", World(_placed(listed, row, order), others, made)
    if visibility:
        for row in _old_rows(world, order):
            yield f"show old {row[0]}", World(_placed(listed, row, order), unlisted, made + 1)


def _new_rows(world: World, order: Order, date: int) -> Iterator[Row]:
    """Names that a new item may have: one, for names mean nothing unless they give the order."""
    if order != "name":
        yield f"n{world.made}", date
        return
    names = sorted(name for name, _ in (*world.listed, *world.unlisted))
    for low, high in zip(["", *names], [*names, "~"], strict=True):
        yield next(low + c for c in "nhebNHEB8642" if low < low + c < high), date


def _old_rows(world: World, order: Order) -> Iterator[Row]:
    """Items that were hidden all the time, with a date between any two that are listed."""
    if order == "name":
        for name, _ in _new_rows(world, order, 0):
            yield name, STEP // 2
        return
    dates = sorted({date for _, date in world.listed if date is not None})
    if not dates:
        yield f"o{world.made}", STEP // 2
        return
    for low, high in zip([0, *dates], [*dates, dates[-1] + 2], strict=True):
        yield f"o{world.made}", (low + high) // 2


def _placed(listed: tuple[Row, ...], row: Row, order: Order) -> tuple[Row, ...]:
    """The list with another item, where its order wants it."""
    if order == "made":
        return (*listed, row)
    if order == "name":
        place = sum(name < row[0] for name, _ in listed)
    elif row[1] is None:
        place = 0 if listed and listed[0][1] is None else len(listed)
    elif order == "oldest":
        place = sum(date is None or date < row[1] for _, date in listed)
    else:  # the order of dates: before the first that is older, behind what has none at the front
        older = [at for at, (_, date) in enumerate(listed) if date is not None and date < row[1]]
        dated = [at for at, (_, date) in enumerate(listed) if date is not None]
        place = older[0] if older else (dated[-1] + 1 if dated else 0)
    return (*listed[:place], row, *listed[place:])


def _settled(world: World, before: World, age: int, *, visibility: bool) -> World:
    """The same world, told in one way only: fresh dates in steps, nothing that nobody saw."""
    fresh = age * AGE
    seen = {name for name, _ in (*before.listed, *before.unlisted)}
    unlisted = [
        (name, date if visibility else None) for name, date in world.unlisted if name in seen
    ]
    dates = sorted({date for _, date in (*world.listed, *unlisted) if date and date > fresh})
    steps = {date: fresh + 10 * step for step, date in enumerate(dates, 1)}
    return World(
        tuple((name, steps.get(date or 0, date)) for name, date in world.listed),
        tuple(sorted((name, steps.get(date or 0, date)) for name, date in unlisted)),
        world.made,
    )
