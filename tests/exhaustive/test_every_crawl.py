"""Every crawl of a small namespace with two events: nothing is reported as removed wrongly.

The listing alone cannot promise that where visibility changes; the questions after it can.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.core.model import ChangeKind, CrawlStatus, Mode
from tests.support.crawls import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN = "h"
"""Older than all others, and not shown until somebody shows it."""


class Event(NamedTuple):
    """What happens to a repository before the request with this number."""

    doing: str
    name: str
    request: int

    def happen(self, bench: Bench) -> None:
        """Do it, unless it cannot be done."""
        registry, name = bench.registry, f"acme/{self.name}"
        is_there = name in registry.held
        if self.doing == "add" and not is_there:
            registry.add(name, "1.0")
        elif self.doing == "push" and is_there:
            registry.push(name, "1.0")
        elif self.doing == "remove" and is_there:
            registry.remove(name)
        elif self.doing in {"hide", "show"} and is_there:
            registry.set_private(name, private=self.doing == "hide")


class Namespace(NamedTuple):
    """So many repositories, named from `a`, the oldest, on; pages of two.

    Few come in no order that convinces; many come newest first. What happens happens to `touched`,
    before any of so many `requests`.
    """

    names: str
    touched: str
    requests: int

    def events(self) -> Iterator[Event]:
        """Everything that can happen once."""
        doings = [(doing, name) for doing in ("push", "remove", "hide") for name in self.touched]
        doings += [("show", HIDDEN), ("add", "n")]
        for request in range(self.requests):
            for doing, name in doings:
                yield Event(doing, name, request)

    def pairs(self) -> list[tuple[Event, Event]]:
        """Everything that can happen twice."""
        both = itertools.product(self.events(), repeat=2)
        return [(first, second) for first, second in both if first.request <= second.request]

    def begun(self) -> Bench:
        """It, read once."""
        bench = Bench()
        bench.registry.page_size = 2
        bench.registry.add(f"acme/{HIDDEN}", "1.0", private=True)
        for name in self.names:
            bench.registry.add(f"acme/{name}", "1.0")
        bench.crawl()
        return bench


FEW = Namespace("abc", "abc", 9)
MANY = Namespace("abcdefgk", "acfk", 12)


def shown(bench: Bench) -> set[str]:
    return {name for name, held in bench.registry.held.items() if not held.item.private}


def check(namespace: Namespace, mode: Mode, happening: tuple[Event, ...]) -> None:
    """Crawl while this happens; then an undisturbed full crawl, after which the index is right."""
    bench = namespace.begun()
    moments: list[set[str]] = []
    due = list(happening)

    def before(_request: str) -> None:
        while due and due[0].request <= len(bench.asked):
            due.pop(0).happen(bench)
            moments.append(shown(bench))

    while due and due[0].request == 0:
        due.pop(0).happen(bench)
    moments.append(shown(bench))
    done = bench.crawl(mode, before=before)
    for change in bench.archive.changes:
        if change.crawl_id == done.id and change.kind is ChangeKind.REPOSITORY_REMOVED:
            assert any(change.repository not in moment for moment in moments), (happening, change)
    for event in due:
        event.happen(bench)
    corrected = bench.crawl(Mode.FULL)
    assert corrected.status is CrawlStatus.COMPLETE, (happening, corrected)
    truth = {name: tags for name, tags in bench.truth().items() if name in shown(bench)}
    assert bench.indexed() == truth, happening


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("namespace", "share"),
    [
        pytest.param(FEW, 61, id="few"),
        pytest.param(MANY, 397, id="many"),
        pytest.param(FEW, 7, id="more-of-few", marks=pytest.mark.nightly),
        pytest.param(MANY, 43, id="more-of-many", marks=pytest.mark.nightly),
    ],
)
@pytest.mark.timeout(1800)
def test_two_events_at_any_request_of_a_crawl_remove_nothing_that_is_there(
    namespace: Namespace, share: int, mode: Mode
) -> None:
    """One pair in so many; all of them where INDEXER_SOAK is set."""
    for pair in namespace.pairs()[:: 1 if os.environ.get("INDEXER_SOAK") else share]:
        check(namespace, mode, pair)
