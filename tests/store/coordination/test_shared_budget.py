"""A rate limit in the database: all processes together never send more than is left."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from indexer.ratelimit.ports import Delay, Observation, Permit
from indexer.store.coordination.shared_budget import SqlSharedBudget
from indexer.store.database.engine import Database
from indexer.store.schema.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator

HUB = "https://hub.test me"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    upgrade(database_url)
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def elsewhere(database: Database, database_url: str) -> Iterator[Database]:
    """The same database, from another machine."""
    del database
    other = Database(database_url)
    yield other
    other.close()


def told(remaining: int) -> Observation:
    return Observation(limit=20, remaining=remaining, reset_in=600)


def test_what_one_is_told_the_others_know(database: Database, elsewhere: Database) -> None:
    first, other = SqlSharedBudget(database, HUB), SqlSharedBudget(elsewhere, HUB)
    permit = first.ask(30)
    assert isinstance(permit, Permit)
    assert isinstance(other.ask(30), Delay), "one first"
    first.give_back(permit, told(2))

    assert isinstance(other.ask(30), Permit)
    assert isinstance(first.ask(30), Permit)
    verdict = other.ask(30)
    assert isinstance(verdict, Delay)
    assert verdict.seconds is not None
    assert 590 < verdict.seconds <= 600
    assert verdict.reason == "its rate limit is used up"


def test_limits_of_other_accounts_are_others(database: Database) -> None:
    mine, yours = SqlSharedBudget(database, HUB), SqlSharedBudget(database, "https://hub.test you")
    permit = mine.ask(30)
    assert isinstance(permit, Permit)
    mine.give_back(permit, told(0))

    assert isinstance(mine.ask(30), Delay)
    assert isinstance(yours.ask(30), Permit)


def test_a_refusal_holds_everybody(database: Database, elsewhere: Database) -> None:
    mine, other = SqlSharedBudget(database, HUB), SqlSharedBudget(elsewhere, HUB)
    permit = mine.ask(30)
    assert isinstance(permit, Permit)
    mine.give_back(permit, Observation(refused=True, wait=300))

    verdict = other.ask(30)
    assert isinstance(verdict, Delay)
    assert verdict.seconds is not None
    assert 290 < verdict.seconds <= 300
    assert verdict.refusals == 1


def test_a_permit_whose_holder_died_is_used_and_no_longer_waited_for(database: Database) -> None:
    budget = SqlSharedBudget(database, HUB)
    permit = budget.ask(30)
    assert isinstance(permit, Permit)
    budget.give_back(permit, told(3))
    for _ in range(2):
        assert isinstance(budget.ask(-1), Permit)  # is over at once, and never given back

    assert isinstance(budget.ask(30), Permit)
    assert isinstance(budget.ask(30), Delay)


def test_many_at_once_get_what_is_left_and_no_more(database: Database) -> None:
    budget = SqlSharedBudget(database, HUB)
    permit = budget.ask(30)
    assert isinstance(permit, Permit)
    budget.give_back(permit, told(9))
    granted: list[bool] = []

    def work() -> None:
        granted.extend(isinstance(budget.ask(30), Permit) for _ in range(4))

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert (len(granted), sum(granted)) == (20, 9)


def test_a_permit_of_the_future_is_over_for_the_clock_was_set_back(database: Database) -> None:
    budget = SqlSharedBudget(database, HUB)
    assert isinstance(budget.ask(30), Permit)
    assert isinstance(budget.ask(30), Delay), "one first"
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE permit SET granted_at = granted_at + 31536000"))
        connection.execute(sa.text("UPDATE permit SET expires_at = expires_at + 31536000"))
    assert isinstance(budget.ask(30), Permit)
