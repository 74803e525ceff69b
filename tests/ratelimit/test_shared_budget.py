"""A limit shared by machines: never exceeded, whatever is slow, dies, or is counted elsewhere."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

import pytest

from indexer.ratelimit.ports import Observation
from indexer.ratelimit.shared_budget import SharedLimit, answered, grant

NOW = 1_000.0


def known(remaining: int = 10, resets_at: float = NOW + 60, **more: object) -> SharedLimit:
    facts = {"limit": 10, "remaining": remaining, "resets_at": resets_at, "careful": False}
    return SharedLimit(**{**facts, **more})  # type: ignore[arg-type]  # of the fields' types


def test_at_first_one_request_goes_and_the_others_wait_for_its_answer() -> None:
    first = grant(SharedLimit(), NOW, 0)
    second = grant(first.state, NOW, 1)

    assert first.wait is None
    assert second.wait is not None


def test_what_the_first_answer_says_is_what_the_others_may_send() -> None:
    state = answered(SharedLimit(), Observation(limit=10, remaining=9, reset_in=60), NOW, NOW, 0)
    for number in range(9):
        verdict = grant(state, NOW, number)
        assert verdict.wait is None
        state = verdict.state

    assert grant(state, NOW, 9)[1:] == (60, "its rate limit is used up")


def test_a_registry_without_a_word_of_a_limit_has_none() -> None:
    state = answered(SharedLimit(), Observation(), NOW, NOW, 0)

    assert all(grant(state, NOW, number).wait is None for number in range(1_000))


def test_a_new_window_has_its_limit_less_what_is_still_under_way() -> None:
    verdict = grant(known(remaining=0), NOW + 60, 3)

    assert verdict.wait is None
    assert verdict.state.remaining == 10 - 3 - 1


def test_an_answer_to_a_request_of_the_old_window_says_nothing_of_the_new_one() -> None:
    state = grant(known(remaining=0), NOW + 60, 1).state
    late = answered(state, Observation(limit=10, remaining=0, reset_in=1), NOW + 61, NOW + 59, 1)

    assert late == state


def test_a_registry_that_others_ask_too_is_believed_less_what_is_under_way() -> None:
    state = answered(known(8), Observation(limit=10, remaining=5, reset_in=60), NOW, NOW, 2)

    assert state.remaining == 3


def test_an_answer_that_was_overtaken_does_not_raise_what_is_left() -> None:
    state = answered(known(3), Observation(limit=10, remaining=9, reset_in=60), NOW, NOW, 2)

    assert state.remaining == 3


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        (Observation(True, 7), 7),
        (Observation(True, None, reset_in=33), 33),
        (Observation(True), 1),
        (Observation(True, 0), 1),
    ],
)
def test_after_a_429_no_request_is_granted_for_as_long_as_it_says(
    word: Observation, seconds: float
) -> None:
    state = answered(known(5), word, NOW, NOW, 0)

    assert grant(state, NOW, 0)[1:] == (seconds, "it answered 'too many requests'")
    assert grant(state, NOW + seconds, 0).wait is None
    assert grant(state, NOW + seconds, 1).wait is not None, "one goes first"


def test_repeated_429s_without_a_time_are_answered_with_doubling_waits() -> None:
    state, waits = known(5), []
    for _ in range(8):
        state = answered(state, Observation(refused=True), NOW, NOW, 0)
        waits.append(state.held_until - NOW)
        state = SharedLimit(refusals=state.refusals)

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_request_that_came_to_nothing_stays_counted() -> None:
    assert answered(known(4), None, NOW, NOW, 0) == known(4)


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a simulation


@dataclass
class Registry:
    """Counts in windows that begin with a request, as the Hub does, and tells whole seconds."""

    limit: int
    window: float
    started: float = -1e9
    used: int = 0
    refused: int = 0

    def serve(self, now: float, others: int = 0) -> Observation:
        if now >= self.started + self.window:
            self.started, self.used = now, 0
        self.used += others
        left = self.started + self.window - now
        if self.used >= self.limit:
            self.refused += 1
            return Observation(refused=True, wait=left)
        self.used += 1
        rounded = float(int(left) + 1)
        return Observation(False, None, self.limit, self.limit - self.used, rounded)


@dataclass
class Machines:
    """Senders that share a state; each event is at its own time."""

    registry: Registry
    chance: random.Random
    state: SharedLimit = field(default_factory=SharedLimit)
    under_way: dict[int, float] = field(default_factory=dict)
    sent: int = 0

    def run(self, senders: int, seconds: float, dying: float = 0.0) -> None:
        events = [
            (self.chance.random(), number, "wants", 0, Observation()) for number in range(senders)
        ]
        heapq.heapify(events)
        serial = senders
        while events and events[0][0] < seconds:
            now, _, what, ticket, word = heapq.heappop(events)
            serial += 1
            if what == "wants":
                verdict = grant(self.state, now, len(self.under_way))
                self.state = verdict.state
                if verdict.wait is not None:
                    heapq.heappush(events, (now + verdict.wait, serial, "wants", 0, word))
                    continue
                self.under_way[serial] = now
                arrives = now + self.chance.expovariate(10)
                heapq.heappush(events, (arrives, serial, "arrives", serial, word))
            elif what == "arrives":
                self.sent += 1
                word = self.registry.serve(now)
                if self.chance.random() < dying:  # its sender dies, and another begins
                    heapq.heappush(events, (now + 30, serial, "expires", ticket, word))
                    heapq.heappush(events, (now + 1, serial, "wants", 0, word))
                else:
                    comes = now + self.chance.expovariate(10)
                    heapq.heappush(events, (comes, serial, "answered", ticket, word))
            else:
                granted_at = self.under_way.pop(ticket)
                told = word if what == "answered" else None
                left = len(self.under_way)
                self.state = answered(self.state, told, now, granted_at, left)
                if what == "answered":
                    heapq.heappush(events, (now, serial, "wants", 0, word))


@pytest.mark.parametrize("seed", range(20))
def test_many_machines_never_send_more_than_the_registry_allows(seed: int) -> None:
    machines = Machines(Registry(40, 20), chance(seed))
    machines.run(senders=16, seconds=400)

    assert machines.registry.refused == 0
    assert machines.sent > 0.8 * 40 * 400 / 22, "and hardly less"


@pytest.mark.parametrize("seed", range(20))
def test_requests_of_dead_senders_stay_counted(seed: int) -> None:
    machines = Machines(Registry(40, 20), chance(seed))
    machines.run(senders=16, seconds=400, dying=0.05)

    assert machines.registry.refused == 0
    assert machines.sent > 0.5 * 40 * 400 / 22


def test_refusals_of_requests_that_were_under_way_count_as_one() -> None:
    first = answered(known(), Observation(refused=True), NOW + 1, NOW, 7)
    second = answered(first, Observation(refused=True), NOW + 2, NOW, 6)
    longer = answered(second, Observation(refused=True, wait=90), NOW + 3, NOW, 5)

    assert second == first
    assert (longer.refusals, longer.held_until) == (1, NOW + 93)


def test_an_answer_to_a_request_from_before_a_refusal_does_not_end_it() -> None:
    refused = answered(known(), Observation(refused=True, wait=9), NOW + 1, NOW, 1)
    late = answered(refused, Observation(limit=10, remaining=7, reset_in=50), NOW + 2, NOW, 0)

    assert late == refused


@pytest.mark.parametrize(
    "state",
    [
        known(remaining=0, resets_at=NOW + 365 * 86_400),
        known(renewed_at=NOW + 365 * 86_400, held_until=NOW + 365 * 86_400, refusals=3),
    ],
    ids=["a window that ends in a year", "held until next year"],
)
def test_what_was_noted_before_the_clock_was_set_back_keeps_nobody_waiting(
    state: SharedLimit,
) -> None:
    verdict = grant(state, NOW, 0)

    assert verdict.wait is None
    told = answered(verdict.state, Observation(limit=10, remaining=9, reset_in=60), NOW, NOW, 0)
    assert (told.remaining, told.resets_at) == (9, NOW + 60)


def test_what_a_registry_asks_for_is_kept_however_long() -> None:
    state = answered(known(), Observation(refused=True, wait=40 * 86_400), NOW, NOW, 0)

    assert grant(state, NOW, 0).wait == 40 * 86_400
