"""What is held back for review is remembered by name, until it is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.hub_crawls import hub_bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.hub_crawls import HubBench

OLD = [f"acme/old-{number:02}" for number in range(12)]


@pytest.fixture
def bench(database_url: str) -> Iterator[HubBench]:
    """An index of 13 repositories, one of which has 13 tags."""
    with hub_bench(database_url) as bench:
        for name in (*OLD, "acme/api"):
            bench.hub.add_repository(name)
            bench.hub.push(name, "1.0")
        for number in range(12):
            bench.hub.push("acme/api", f"2.{number:02}")
        bench.crawl()
        yield bench


def waiting(bench: HubBench) -> list[tuple[str, int, int]]:
    return [
        (each.name, each.held.number, each.held.known) for each in bench.store.catalog.held_back()
    ]


def test_removals_wait_by_name_until_they_are_accepted_or_seen_again(bench: HubBench) -> None:
    assert waiting(bench) == []
    for name in OLD:
        bench.hub.remove_repository(name)
    for number in range(12):
        bench.hub.delete_tag("acme/api", f"2.{number:02}", moves_date=True)
    bench.crawl()
    assert waiting(bench) == [("acme", 12, 13), ("acme/api", 12, 13)]
    repositories, tags = bench.store.catalog.held_back()
    assert repositories.held.names == tuple(OLD)
    assert tags.held.names == tuple(f"2.{number:02}" for number in range(12))
    assert not repositories.held.unknown

    bench.hub.clock.advance(3_600)
    bench.hub.push("acme/api", "3.0")
    bench.crawl(part="acme/api")
    bench.crawl()
    again = bench.store.catalog.held_back()
    assert [each.held.since for each in again] == [repositories.held.since, tags.held.since]
    assert waiting(bench) == [("acme", 12, 13), ("acme/api", 12, 14)]

    bench.crawl(accepted=frozenset({"acme/api"}))
    assert waiting(bench) == [("acme", 12, 13)]
    bench.hub.add_repository(OLD[0])
    bench.hub.add_repository(OLD[1])
    bench.crawl()
    assert waiting(bench) == []


def test_a_namespace_that_is_unknown_now_says_so(bench: HubBench) -> None:
    bench.hub.remove_namespace("acme")
    bench.crawl()
    (found,) = bench.store.catalog.held_back()
    assert (found.name, found.held.number, found.held.unknown) == ("acme", 13, True)
    bench.crawl(accepted=frozenset({"acme"}))
    assert waiting(bench) == []
