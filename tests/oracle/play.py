"""A history, played from its beginning to its end, and checked after every crawl."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from indexer.core.model import Mode
from tests.oracle.checks import (
    Baseline,
    Crawled,
    Cycles,
    PublicView,
    check,
    check_histories,
    check_nothing_is_lost,
    check_the_end,
    check_the_whole_log,
    check_what_changes_ended,
)
from tests.oracle.crawling import Order, carry_out
from tests.oracle.gaps import Gaps
from tests.oracle.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from indexer.core.model import Change
    from tests.oracle.grounds import Ground
    from tests.oracle.histories import Act, History, Sees, Step, Who
    from tests.oracle.index import Indexed

_NUMBERS = itertools.count()


def play(history: History, ground: Ground) -> None:
    """Play a history in a namespace of its own; AssertionError where something does not hold."""
    Play(history, ground, next_namespace()).run()


def next_namespace() -> str:
    """A namespace that no other history has."""
    return f"h{next(_NUMBERS)}"


class Play:
    """A history that is played in a namespace of its own."""

    def __init__(self, history: History, ground: Ground, namespace: str) -> None:
        self.history = history
        self.ground = ground
        self.stage = Stage(namespace, history, ground)
        self.reader = ground.reader(namespace, self.stage.unnamed)
        self.baseline = Baseline()
        self.cycles = Cycles()
        self.gaps = Gaps()
        acts = (
            act for step in history.steps for act in (*step.before, *(a for _, a in step.during))
        )
        jumps = any(act.doing == "clock jumps" for act in acts)
        self.has_plain_baseline = not (history.hides or jumps)
        self.state: Mapping[str, Indexed] = {}
        self.log: list[Change] = []
        self.names: set[str] = set()
        self.is_swapped = False
        """Whether visibility changed since the last complete and undisturbed full crawl.

        An account of the same name whose rights change does that too: a repository may be removed
        while another appears in the middle of the list, and the count is as before.
        """
        self.rights: Who | None = None
        """Who crawled last."""
        self.public = PublicView()

    def run(self) -> None:
        with self.stage.server:
            for step in self.history.steps:
                self.take(step)
            self.end()

    def take(self, step: Step) -> None:
        for act in step.before:
            self.stage.do(act)
            self.stage.hub.clock.advance(90)
        hides = self.history.hides
        self.is_swapped |= hides and _changes_visibility(step.before)
        during = hides and _changes_visibility(act for _, act in step.during)
        who = self.who(step.sees)
        self.is_swapped |= self.is_narrowed_or_widened(who)
        order = Order(
            step.mode,
            who,
            step.threads,
            step.during,
            step.faults,
            step.resolves if self.history.resolves else None,
        )
        crawled = self.crawl(order)
        self.is_swapped |= during
        if crawled.is_complete and not self.is_swapped:
            check_nothing_is_lost(crawled, self.reader)
        if crawled.is_complete and step.mode is Mode.FULL and not during:
            self.is_swapped = False

    def end(self) -> None:
        who = self.who("all")
        self.peaceful(Mode.FULL, who)  # it may continue one that was cut short
        if self.history.cap is not None:
            self.end_with_cap(who)
        check_the_end(self.peaceful(Mode.FULL, who), self.reader)
        quiet = self.peaceful(Mode.INCREMENTAL, who)
        assert not quiet.news, quiet.news
        assert quiet.is_complete, quiet.row
        check_histories(quiet.after, self.names, self.reader)
        check_the_whole_log(self.log, quiet.after)
        first, last = (self.log[0].id, self.log[-1].id) if self.log else (1, 0)
        check_what_changes_ended(self.log, self.ground.evaluations.endings(first - 1, last))

    def end_with_cap(self, who: Who) -> None:
        """A sweep in peace of what is shown in part, and then the cap is lifted.

        If the sweep calls itself complete it is, and nothing comes to light without the cap.
        """
        capped = self.peaceful(Mode.FULL, who)
        self.stage.server.offset_bound = None
        if capped.is_complete:
            check_the_end(capped, self.reader)
            lifted = self.peaceful(Mode.FULL, who)
            assert not lifted.news, lifted.news

    def peaceful(self, mode: Mode, who: Who) -> Crawled:
        """Crawl undisturbed; every digest may be asked for."""
        return self.crawl(Order(mode, who, resolves=1_000 if self.history.resolves else None))

    def crawl(self, order: Order) -> Crawled:
        """Carry out a crawl, and check it."""
        self.stage.hub.clock.advance(3600)
        before = self.state
        self.gaps.pass_time(self.stage.moments())
        row = carry_out(order, self.stage, self.ground)
        self.state = self.reader.state()
        crawled = Crawled(
            row,
            order.mode,
            self.shown(order.who),
            account_of(order.who),
            self.opened(),
            self.stage.moments(),
            before,
            self.state,
            self.reader.news(),
            self.cycles.opened(order.mode),
        )
        self.log += crawled.news
        self.names |= crawled.after.keys()
        self.rights = order.who
        self.check(crawled)
        return crawled

    def check(self, crawled: Crawled) -> None:
        """Check what a crawl did."""
        check(crawled, self.reader)
        self.public.check(crawled, self.reader)
        self.baseline.check(crawled)
        if self.has_plain_baseline:
            self.gaps.check(crawled)
        self.cycles.add(crawled)

    def opened(self) -> frozenset[str]:
        """The repositories whose tags the last crawl asked for."""
        found = set()
        for request in self.stage.server.requests:
            _, _, rest = request.path.partition("/repositories/")
            short, _, tags = rest.partition("/")
            if tags:
                found.add(f"{self.stage.namespace}/{short}")
        return frozenset(found)

    def who(self, sees: Sees) -> Who:
        """Who crawls: those who see what is private, or some of it, or nothing."""
        if sees == "all" or self.history.seen_as == "nobody":
            return self.history.seen_as
        if self.history.seen_as == "organisation":
            return "narrow organisation" if sees == "some" else "blind organisation"
        return "narrow alice" if sees == "some" else "nobody"

    def shown(self, who: Who) -> Container[str]:
        """The private repositories that somebody is shown."""
        if who.startswith("narrow "):
            return self.stage.shown
        return _Everything() if who in {"alice", "organisation"} else ()

    def is_narrowed_or_widened(self, who: Who) -> bool:
        """Whether the account of the last crawl crawls again, with other rights."""
        last = self.rights
        return last is not None and last != who and account_of(last) == account_of(who)


class _Everything:
    """Contains every name."""

    def __contains__(self, _: object) -> bool:
        return True


def account_of(who: Who) -> str:
    """The name of an account, whatever its access token may see."""
    return who.rpartition(" ")[2]


def _changes_visibility(acts: Iterator[Act] | tuple[Act, ...]) -> bool:
    return any(act.doing in {"hide", "show"} for act in acts)
