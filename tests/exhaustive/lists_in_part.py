"""Every history of a list that is shown in part: what happens before each request. Pure.

Each history is one reading from its beginning to its end, as the crawl reads: through `read_tags`,
or, for lists whose names nobody tells, through the same reader with all six orders. It is played
with what happens written down beforehand (`Script`), and then again with one thing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import OffsetRefused
from indexer.core.model import ANONYMOUS, Cost, KnownTag, ListMemory
from indexer.core.reference import DOCKER_HUB
from indexer.crawl.due_repositories import DueRepository
from indexer.crawl.known_state import KnownTags
from indexer.crawl.list_reader import Sides, read
from indexer.crawl.list_sides import Order, Side, Window
from indexer.crawl.listing import ListingReader, Page
from indexer.crawl.ports import Source
from indexer.crawl.removal_guard import RemovalGuard
from indexer.crawl.tags_reader import read_tags
from tests.exhaustive.worlds import AGE, STEP, World, endings, tag_of
from tests.support.shifting_list import START, at

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from indexer.core.model import Repository, Tag
    from indexer.crawl.pagination import PageRequest
    from tests.exhaustive.worlds import Row

Script = tuple[tuple[int, World, str], ...]
"""The requests before which something happens, what the list holds then, and the story."""

OTHER_ORDERS = (Order.NAME, Order.NAME_REVERSED, Order.MOST_PULLED, Order.LEAST_PULLED)

BELIEVING = RemovalGuard(share=1.0)
"""Nothing is held back: how many removals people want to look at is another question."""

NAME = "acme/api"

NOW = at(1_000 * AGE)
"""Later than everything that happens: all dates are believed."""


class Outcome(NamedTuple):
    """What came of a reading.

    Attributes:
        known: what was believed before.
        moments: what the list held at each request.
        script: what happened.
        listed: what was seen of it, and what of the known is believed to be gone.
        exact: it is said to be all that the list held at one moment.
        proven: every known item that is not listed is said to be gone.
    """

    known: Mapping[str, Tag]
    moments: tuple[World, ...]
    script: Script
    listed: Mapping[str, Tag]
    gone: Collection[str]
    exact: bool
    proven: bool
    memory: ListMemory | None
    told: tuple[str, ...]

    @property
    def result(self) -> dict[str, Tag]:
        """What is believed of the list afterwards."""
        return {
            name: tag
            for name, tag in {**self.known, **self.listed}.items()
            if name not in self.gone
        }

    @property
    def is_true(self) -> bool:
        """Whether the list held just what is believed at one of the requests."""
        return any(dict(held(world)) == self.result for world in self.moments)

    def __str__(self) -> str:
        story = ", ".join(f"before {number}: {word}" for number, _, word in self.script)
        lists = " | ".join(
            f"{number}: {' '.join(name for name, _ in moment.listed)}"
            for number, moment in enumerate(self.moments, 1)
        )
        return (
            f"{story}: {sorted(self.result)}, gone {sorted(self.gone)}, exact {self.exact}, "
            f"where the list held {lists}; {self.told}"
        )


@dataclass(frozen=True)
class Plan:
    """A list, who reads it, and how.

    Attributes:
        world: what it holds, newest first.
        bound: the least offset that is refused; pages are of two.
        names: the registry names all tags; otherwise a list of repositories is read, whose other
            orders can be asked for.
        singles: tags that may be asked for one by one.
        filters: `name=` has a list of its own; otherwise it is ignored.
        start: `first`; `incremental`, which begins from what was known; or `full`.
        events: that may happen during the reading.
        hides: a name that the registry never tells.
        surplus: by how much the count is wrong.
        tightens: the request from which on the bound is one page; 0: from none.
    """

    world: World
    bound: int
    names: bool = True
    singles: int = 2
    filters: bool = True
    start: str = "first"
    events: int = 1
    tries: int = 1
    hides: str = ""
    surplus: int = 0
    tightens: int = 0

    def known(self) -> dict[str, Tag]:
        """What was known of it before."""
        return {} if self.start == "first" else dict(held(self.world))

    def memory(self) -> ListMemory:
        """A list known to come newest first; read exactly before, unless it is read first."""
        if self.start == "first":
            return ListMemory(False, None, ANONYMOUS, START, newest_first=True)
        newest = max(tag.last_updated for tag in self.known().values() if tag.last_updated)
        return ListMemory(
            True, newest, ANONYMOUS, START, newest_first=True, filters="", bound=self.bound
        )


def explore(plan: Plan, judge: Callable[[Outcome], None]) -> int:
    """Let everything happen before every request; return how many histories there were."""
    found = 0
    waiting: list[tuple[Script, int]] = [((), 0)]
    while waiting:
        script, spent = waiting.pop()
        outcome = play(plan, script)
        judge(outcome)
        found += 1
        if spent == plan.events:
            continue
        last = script[-1][0] if script else 1 if plan.start == "first" else 0
        for number in range(last + 1, len(outcome.moments) + 1):
            for each in endings(outcome.moments[number - 1], plan.events - spent, number, "newest"):
                if each.cost:
                    step = (number, each.world, " and ".join(each.story))
                    waiting.append(((*script, step), spent + each.cost))
    return found


def play(plan: Plan, script: Script = ()) -> Outcome:
    """One history."""
    registry = ScriptedRegistry(plan, {number: world for number, world, _ in script})
    known = plan.known()
    if not plan.names:
        return _read_by_orders(plan, registry, known, script)
    memory = plan.memory()
    full = plan.start == "full"
    done = read_tags(
        registry,
        DueRepository(NAME, None, False, "", full),
        KnownTags(memory, {name: _known(tag) for name, tag in known.items()}, 0),
        removal_guard=BELIEVING,
        passes=plan.tries,
        now=lambda: NOW,
    )
    assert done.memory is not None
    return Outcome(
        known,
        tuple(registry.moments),
        script,
        done.listed,
        done.removed,
        done.memory.exact and done.error is None,
        False,
        done.memory,
        done.problems,
    )


def _read_by_orders(
    plan: Plan, registry: ScriptedRegistry, known: dict[str, Tag], script: Script
) -> Outcome:
    full = plan.start == "full"
    reading: ListingReader[Tag] = ListingReader(
        known, plan.memory(), identity=ANONYMOUS, full=full, passes=plan.tries, now=NOW
    )
    sides = Sides(OTHER_ORDERS, None, lambda _: None, 0, NOW, None if full else plan.bound)
    try:
        listing = read(reading, lambda ask: registry.tags(NAME, ask), sides)
    except OffsetRefused as error:  # its dates did not fall: no other side fits to what was read
        seen, told = dict(reading.seen), (str(error),)
        return Outcome(known, tuple(registry.moments), script, seen, (), False, False, None, told)
    whole = {name for name in known if name not in listing.items} if listing.whole else set()
    return Outcome(
        known,
        tuple(registry.moments),
        script,
        listing.items,
        whole if listing.exact else (),
        listing.exact,
        listing.absence_proven,
        listing.memory(None, ANONYMOUS, START),
        (listing.reason,),
    )


class ScriptedRegistry(Source):
    """A repository's tags, which change before the requests that a script names."""

    def __init__(self, plan: Plan, script: Mapping[int, World]) -> None:
        self._plan = plan
        self._script = script
        self._world = plan.world
        self.moments: list[World] = []

    def _now(self) -> World:
        """Count a request; what the list holds at it."""
        self._world = self._script.get(len(self.moments) + 1, self._world)
        self.moments.append(self._world)
        return self._world

    @property
    def registry(self) -> str:
        """See `Source`."""
        return DOCKER_HUB

    @property
    def identity(self) -> str:
        """See `Source`."""
        return ANONYMOUS

    @property
    def spent(self) -> Cost:
        """See `Source`."""
        return Cost(len(self.moments))

    @property
    def rate_limit(self) -> None:
        """See `Source`."""
        return

    @property
    def most_singles(self) -> int:
        """See `Source`."""
        return self._plan.singles

    def repositories(self, namespace: str, ask: PageRequest) -> Page[Repository] | None:
        """See `Source`."""
        raise AssertionError((namespace, ask))

    def repository(self, name: str) -> Repository | None:
        """See `Source`."""
        raise AssertionError(name)

    def tags(self, repository: str, ask: PageRequest) -> Page[Tag] | None:
        """See `Source`."""
        world = self._now()
        window = ask.window or Window(Side(Order.NEWEST), int(ask.cursor or 1), 2)
        is_tight = 0 < self._plan.tightens <= len(self.moments)
        if window.offset >= (min(self._plan.bound, 2) if is_tight else self._plan.bound):
            raise OffsetRefused(repository, window.offset)
        return page_of(world.listed, window, (self._plan.filters, self._plan.surplus))

    def tag_names(self, repository: str) -> Collection[str]:
        """See `Source`."""
        del repository
        return [name for name, _ in self._now().listed if name != self._plan.hides]

    def tag(self, repository: str, name: str) -> Tag | None:
        """See `Source`."""
        del repository
        return dict(held(self._now())).get(name)


@lru_cache(maxsize=100_000)
def page_of(listed: tuple[Row, ...], window: Window, plan: tuple[bool, int]) -> Page[Tag] | None:
    """What the server answers; None past the end.

    Args:
        listed: what the list holds, newest first.
        window: which page.
        plan: whether the server filters, and by how much its count is wrong.
    """
    filters, surplus = plan
    side, size = window.side, min(window.size, 2)
    rows = [row for row in listed if not filters or side.contains in row[0]]
    if side.order is Order.OLDEST:
        rows.reverse()
    elif side.order in {Order.NAME, Order.NAME_REVERSED}:
        rows.sort(reverse=side.order is Order.NAME_REVERSED)
    elif side.order is not Order.NEWEST:
        rows.sort(key=_pulls, reverse=side.order is Order.MOST_PULLED)
    start = (window.page - 1) * size
    if start >= len(rows) and start:
        return None
    more = start + size < len(rows)
    here = rows[start : start + size]
    return Page(
        tuple(map(tag_of, here)), len(rows) + surplus, str(window.page + 1) if more else None
    )


@lru_cache(maxsize=100_000)
def held(world: World) -> tuple[tuple[str, Tag], ...]:
    """What a list holds, by name."""
    return tuple((row[0], tag_of(row)) for row in world.listed)


def list_of(size: int) -> World:
    """A list of so many tags, with names that filters can find, newest first: `pa`, `qb`, `pc`…"""
    names = [f"{'pq'[place % 2]}{chr(ord('a') + place)}" for place in range(size)]
    return World(tuple((name, (size - place) * STEP) for place, name in enumerate(names)))


def _pulls(row: Row) -> tuple[int, str]:
    """An order that has nothing to do with names and dates."""
    return sum(row[0].encode()) * 7 % 5, row[0]


def _known(tag: Tag) -> KnownTag:
    return KnownTag(tag.name, tag.last_updated, tag.digest, None)
