"""Every history of a reading: what happens before each request, and what comes out. Pure."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.model import ANONYMOUS, ListMemory
from indexer.crawl.listing import ListingReader
from tests.exhaustive.worlds import endings, page_of, tag_of
from tests.support.shifting_list import START

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from indexer.core.model import Tag
    from indexer.crawl.listing import Listing, Page
    from tests.exhaustive.worlds import Order, World


class History(NamedTuple):
    """What happened, and what was read.

    Attributes:
        known: what was believed before the first request, and with it
        memory: what the last listing taught.
        moments: what the list held at each request.
        story: the events, each with the number of the request that it came before.
    """

    known: Mapping[str, Tag]
    memory: ListMemory | None
    moments: tuple[World, ...]
    story: tuple[tuple[int, str], ...]
    listing: Listing[Tag]

    @property
    def result(self) -> dict[str, Tag]:
        """What the listing says that the list held."""
        listing = self.listing
        return dict(listing.items) if listing.whole else {**self.known, **listing.items}

    @property
    def is_true(self) -> bool:
        """Whether the list held just that at one of the requests."""
        result = self.result
        return any(_holds(world, result) for world in self.moments)


@dataclass(frozen=True)
class Plan:
    """A list and how it is read; `before` lets events happen before the first request too."""

    world: World
    order: Order
    events: int
    tries: int = 1
    visibility: bool = False
    surplus: int | None = 0
    known: Mapping[str, Tag] | None = None
    memory: ListMemory | None = None
    full: bool = False

    def in_proven_order(self) -> Plan:
        """A list known to come newest first, of which nothing else is known any more."""
        memory = ListMemory(False, None, ANONYMOUS, START, newest_first=True)
        return dataclasses.replace(self, memory=memory)

    def begin(self) -> ListingReader[Tag]:
        """A reading of the list."""
        return ListingReader(
            self.known or {}, self.memory, identity=ANONYMOUS, full=self.full, passes=self.tries
        )

    def remembered(self, *, full: bool = False) -> Plan:
        """The same list, read once already while nothing happened."""
        reading = dataclasses.replace(self, tries=3).begin()
        while (ask := reading.ask) is not None:
            reading.feed(page_of(self.world, ask, self.order, self.surplus))
        listing = reading.listing
        assert listing.exact
        memory = dataclasses.replace(
            listing.memory(None, ANONYMOUS, START),
            newest_first=bool(self.memory and self.memory.newest_first) or listing.newest_first,
        )
        return dataclasses.replace(self, known=dict(listing.items), memory=memory, full=full)


def explore(plan: Plan, judge: Callable[[History], None]) -> int:
    """Let everything happen before every request; return how many histories there were."""
    explorer = _Explorer(plan, judge)
    explorer.go_on(plan.begin(), [], plan.world, (), (), plan.events)
    return explorer.found


class _Explorer:
    def __init__(self, plan: Plan, judge: Callable[[History], None]) -> None:
        self.plan = plan
        self.judge = judge
        self.found = 0

    def go_on(
        self,
        reading: ListingReader[Tag],
        fed: list[Page[Tag] | None],
        world: World,
        moments: tuple[World, ...],
        story: tuple[tuple[int, str], ...],
        left: int,
    ) -> None:
        plan, number = self.plan, len(fed) + 1
        ask = reading.ask
        if ask is None:
            self.found += 1
            self.judge(History(plan.known or {}, plan.memory, moments, story, reading.listing))
            return
        # before the first request of a first reading nothing can be told from another beginning
        most = 0 if number == 1 and plan.known is None else left
        *others, last = endings(world, most, number, plan.order, visibility=plan.visibility)
        for happening in (*others, last):
            page = page_of(happening.world, ask, plan.order, plan.surplus)
            after = reading if happening is last else self.again(fed)
            after.feed(page)
            self.go_on(
                after,
                [*fed, page],
                happening.world,
                (*moments, happening.world),
                (*story, *((number, word) for word in happening.story)),
                left - happening.cost,
            )

    def again(self, fed: list[Page[Tag] | None]) -> ListingReader[Tag]:
        reading = self.plan.begin()
        for page in fed:
            reading.feed(page)
        return reading


def _holds(world: World, result: Mapping[str, Tag]) -> bool:
    return len(world.listed) == len(result) and all(
        result.get(row[0]) == tag_of(row) for row in world.listed
    )
