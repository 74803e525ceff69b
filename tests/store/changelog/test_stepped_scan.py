"""A long log is scanned in steps, and an answer says how far it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.catalog.answers import AnswerTimeout
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import ChangeKind
from indexer.store import open_store
from indexer.store.changelog.search import BEYOND, ChangeSearch
from indexer.store.changelog.stepped_scan import FIRST_STEP, IdRange, scan, split
from indexer.store.database import typed_rows
from indexer.store.database.engine import Database
from indexer.store.schema.audience import EVERYTHING
from tests.store.scribe import Scribe, tag

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from indexer.store.changelog.rows import ChangeRow

SECONDS = 10
SIZE = 10 * FIRST_STEP
WANTED = [3, FIRST_STEP, FIRST_STEP + 1, 5 * FIRST_STEP, SIZE]


def answering(back: bool) -> Callable[[IdRange, int], list[int]]:
    def ask(stretch: IdRange, limit: int) -> list[int]:
        found = [each for each in WANTED if stretch.above < each < stretch.below]
        return sorted(found, reverse=back)[:limit]

    return ask


def never() -> bool:
    return False


def always() -> bool:
    return True


@pytest.mark.parametrize("length", [0, 1, 4, 9, 10, 11, 50])
@pytest.mark.parametrize("back", [False, True])
def test_the_two_parts_of_a_stretch_are_the_whole(length: int, back: bool) -> None:
    near, rest = split(IdRange(2, 13), length, back=back)
    one, other = (list(range(each.above + 1, each.below)) for each in (near, rest))
    assert (other + one if back else one + other) == list(range(3, 13))
    assert len(one) == min(length, 10)


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_what_is_found_in_steps_is_what_is_found_at_once(back: bool, limit: int) -> None:
    whole = IdRange(0, SIZE + 1)
    expected = answering(back)(whole, limit)
    assert scan(answering(back), whole, limit, never, back=back) == (expected, None)


@pytest.mark.parametrize("back", [False, True])
def test_continuing_where_the_time_was_up_finds_everything_once(back: bool) -> None:
    found: list[int] = []
    stretch = IdRange(0, SIZE + 1)
    steps, until = 0, None
    while steps == 0 or until is not None:
        page, until = scan(answering(back), stretch, 100, always, back=back)
        found += page
        steps += 1
        stretch = IdRange(0, until or 0) if back else IdRange(until or 0, SIZE + 1)
    assert found == sorted(WANTED, reverse=back)
    assert steps == SIZE // FIRST_STEP


def test_nothing_is_asked_of_an_empty_log() -> None:
    def ask(stretch: IdRange, limit: int) -> list[int]:
        raise AssertionError((stretch, limit))

    assert scan(ask, IdRange(0, 1), 10, never, back=True) == ([], None)


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(
    "wanted",
    [
        ChangeFilter(tag="latest"),
        ChangeFilter(repository="library/nginx"),
        ChangeFilter(kinds=frozenset({ChangeKind.TAG_RETAGGED})),
        ChangeFilter(tag="x"),
    ],
)
def test_what_takes_too_long_at_once_is_found_in_steps(
    database_url: str, wanted: ChangeFilter, back: bool
) -> None:
    store = open_store(database_url, create=True)
    scribe = Scribe(store.archive)
    for turn in range(3):
        scribe.crawl({"nginx": [tag("latest", f"{turn}"), tag("1.0", "0")]})
    browser = store.browser(private=True)
    expected = browser.newest(wanted, None, 9) if back else browser.changes(wanted, 0, 9)
    database = Database(database_url)

    def read(statement: sa.Select[ChangeRow], seconds: float) -> list[ChangeRow]:
        if seconds < SECONDS:  # at once
            raise AnswerTimeout("not now")
        with database.reading() as connection:
            return typed_rows.read(connection, statement)

    def ids(statement: sa.Select[int]) -> list[int]:
        with database.reading() as connection:
            return list(connection.scalars(statement))

    log = ChangeSearch(
        read,
        ids,
        browser.last_change,
        dialect=database.engine.dialect.name,
        audience=EVERYTHING,
        seconds=SECONDS,
        near=1,
    )
    assert log.look(wanted, IdRange(-1, BEYOND), 9, back=back) == expected
    database.close()
    store.close()
