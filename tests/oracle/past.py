"""Histories in which caches and replicas answer with old copies of lists, or with empty ones.

Such an answer may keep a crawl from seeing what is there. But the change log never says what never
happened: what it says of a tag, or of a repository, is what really became of it, with omissions,
and in that order. And when the answers are right again, nothing is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.model import ChangeKind, Mode
from tests.oracle.checks import check_histories, check_the_end, check_the_log, check_the_whole_log
from tests.oracle.crawling import Order
from tests.oracle.histories import PUSHES
from tests.oracle.play import Play, next_namespace
from tests.oracle.truth import NOTHING, moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.core.model import Change
    from tests.oracle.checks import Crawled
    from tests.oracle.grounds import Ground
    from tests.oracle.histories import History, Step
    from tests.oracle.truth import Moment

DAY = 24 * 3600.0

Place = tuple[str, str | None]
"""A repository, or a tag of one."""


def play_past(history: History, ground: Ground) -> None:
    """Play a history with old answers; AssertionError where something does not hold."""
    PastPlay(history, ground, next_namespace()).run()


class PastPlay(Play):
    """Plays a history with old answers."""

    def run(self) -> None:
        """Play it. The first crawl gets right answers: it has nothing to compare old ones with."""
        with self.stage.server:
            self.crawl(Order(Mode.INCREMENTAL, self.who(sees="all"), resolves=0))
            self.stage.keep_copy()
            for step in self.history.steps:
                self.take(step)
            self.end()

    def take(self, step: Step) -> None:
        """Let things happen, and crawl while old copies are handed out."""
        self.stage.hub.clock.advance(2)  # a copy is not made between two pushes of one moment
        for act in step.before:
            self.stage.do(act)
            self.stage.hub.clock.advance(90)
            self.stage.keep_copy()
        who = self.who(sees="all")
        self.crawl(Order(step.mode, who, step.threads, step.during, past=step.past, resolves=0))
        self.stage.keep_copy()

    def end(self) -> None:
        """Crawl with right answers. If there were pushes only, incremental crawls find them all."""
        who = self.who(sees="all")
        acts = [act for step in self.history.steps for act in step.before]
        acts += [act for step in self.history.steps for _, act in step.during]
        if all(act.doing in PUSHES for act in acts):
            self.stage.hub.clock.advance(DAY)
            self.crawl(Order(Mode.INCREMENTAL, who, resolves=0))
            self.stage.hub.clock.advance(DAY)
            found = self.crawl(Order(Mode.INCREMENTAL, who, resolves=0))
            check_the_end(found, self.reader)
        check_the_end(self.crawl(Order(Mode.FULL, who, resolves=0)), self.reader)
        self.stage.hub.clock.advance(2 * DAY)
        quiet = self.crawl(Order(Mode.INCREMENTAL, who, resolves=0))
        assert not quiet.news, quiet.news
        assert quiet.is_complete, quiet.row
        check_histories(quiet.after, self.names, self.reader)
        check_the_whole_log(self.log, quiet.after)
        check_nothing_is_invented(self.log, moments(NOTHING, self.stage.hub.events))

    def check(self, crawled: Crawled) -> None:
        """Check that the log is what changed; what really happened is compared at the end."""
        check_the_log(crawled)


def check_nothing_is_invented(log: Sequence[Change], happened: Sequence[Moment]) -> None:
    """What the log says of each tag and repository really became of it, in that order."""
    told: dict[Place, list[object]] = {}
    for place, state in _told(log):
        told.setdefault(place, [None]).append(state)
    for place, states in told.items():
        truth = iter([None, *(_state(moment, place) for moment in happened)])
        assert all(state in truth for state in _changed(states)), (place, states)


def _told(log: Sequence[Change]) -> Iterator[tuple[Place, object]]:
    """What the log says that became of each place: a digest, whether it is there, or None."""
    held: dict[str, set[str]] = {}
    for each in log:
        name = each.repository
        if each.tag is not None:
            held.setdefault(name, set()).add(each.tag)
            yield (name, each.tag), each.new_digest
        elif each.kind is ChangeKind.REPOSITORY_ADDED:
            yield (name, None), True
        else:
            yield (name, None), None
            yield from (((name, tag), None) for tag in held.pop(name, ()))


def _state(moment: Moment, place: Place) -> object:
    name, tag = place
    shown = moment.held.get(name)
    if tag is None:
        return True if shown else None
    return shown.tags.get(tag) if shown else None


def _changed(states: Sequence[object]) -> list[object]:
    """The states without repeats in a row."""
    return [state for place, state in enumerate(states) if place == 0 or states[place - 1] != state]
