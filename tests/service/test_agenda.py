"""When each namespace is looked at again, and which of those that are due comes first."""

from __future__ import annotations

from datetime import timedelta

from indexer.service.agenda import Agenda
from tests.http.fake_server import START

A, B, C = (("docker.io", name) for name in "abc")
HOUR = timedelta(hours=1)


def test_a_namespace_is_looked_at_when_its_moment_has_come_and_once() -> None:
    agenda = Agenda()
    agenda.look_later(A, START + HOUR)
    agenda.look_later(B, START + 2 * HOUR)
    agenda.look_soon(C)
    assert agenda.to_look_at(START, 0) == {C}
    assert agenda.to_look_at(START + HOUR, 0) == {A}
    assert agenda.to_look_at(START + HOUR, 0) == set()
    assert agenda.to_look_at(START + 5 * HOUR, 0) == {B}


def test_only_the_last_entry_of_a_namespace_counts() -> None:
    agenda = Agenda()
    agenda.look_later(A, START)
    agenda.look_later(A, START + HOUR)
    agenda.look_later(B, START)
    agenda.pause(B, 60.0)
    agenda.look_soon(C)
    agenda.look_later(C, START + HOUR)
    assert agenda.to_look_at(START, 59.0) == set()
    assert agenda.to_look_at(START, 60.0) == {B}
    assert agenda.to_look_at(START + HOUR, 60.0) == {A, C}


def test_what_is_due_waits_in_its_order_for_a_slot_of_its_registry() -> None:
    agenda = Agenda()
    agenda.is_due(A, (True, START))
    agenda.is_due(B, (False, START + HOUR))
    agenda.is_due(("quay.io", "d"), (False, START))
    assert sorted(agenda.waiting) == ["docker.io", "quay.io"]
    assert agenda.first("docker.io") == B
    agenda.is_due(C, (False, START))
    agenda.is_due(B, (True, START - HOUR))
    order = []
    while place := agenda.first("docker.io"):
        order.append(place)
        agenda.remove(place)
    assert order == [C, B, A]
    assert agenda.waiting == ["quay.io"]
    assert agenda.first("elsewhere") is None
