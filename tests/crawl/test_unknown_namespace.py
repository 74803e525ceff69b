"""An unknown namespace is not an empty one, and its repositories were not removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.model import ChangeKind, CrawlStatus, Mode
from indexer.hub_simulator import Status
from tests.support.hub_crawls import SECRET, hub_bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.hub_crawls import HubBench

COMPLETE, INCOMPLETE, FAILED = CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE, CrawlStatus.FAILED
REMOVED = ChangeKind.REPOSITORY_REMOVED
NAMES = [f"acme/{short}" for short in ("api", "db", "web", "worker")]


@pytest.fixture
def bench(database_url: str) -> Iterator[HubBench]:
    """Four repositories of acme, crawled once."""
    with hub_bench(database_url) as bench:
        for name in NAMES:
            bench.hub.add_repository(name)
            bench.hub.push(name, "1.0")
        assert bench.crawl().status is COMPLETE
        yield bench


def present(bench: HubBench) -> list[str]:
    known = bench.store.catalog.repositories(namespace="acme")
    return sorted(each.repository for each in known)


def test_an_unknown_namespace_fails_with_the_nearest_known_name(bench: HubBench) -> None:
    done = bench.crawl("amce")
    sentence = (
        "there is no namespace 'amce' on docker.io, neither a user nor an organisation: check "
        "the spelling; did you mean 'acme'?"
    )
    assert (done.status, done.errors) == (FAILED, (sentence,))
    assert bench.asked == [
        "/v2/namespaces/amce/repositories",
        "/v2/users/amce/",
        "/v2/orgs/amce/",
    ]
    again = bench.crawl("amce")
    assert again.status is FAILED


def test_an_unknown_namespace_suggests_a_configured_one(bench: HubBench) -> None:
    (sentence,) = bench.crawl("zumba", configured=("zumbo", "zumba")).errors
    assert sentence.endswith("check the spelling; did you mean 'zumbo'?")
    (sentence,) = bench.crawl("zumba").errors
    assert sentence.endswith("check the spelling; did you mean 'library/zumba'?")


@pytest.mark.parametrize("is_user", [True, False])
def test_an_empty_namespace_that_exists_is_complete(bench: HubBench, *, is_user: bool) -> None:
    if is_user:
        bench.hub.accounts.add_user("nobody", SECRET)
    else:
        bench.hub.accounts.add_organisation("nobody")
    assert bench.crawl("nobody").status is COMPLETE
    bench.hub.add_repository("nobody/first")
    news = bench.crawl("nobody")
    assert (news.status, news.changes[ChangeKind.REPOSITORY_ADDED]) == (COMPLETE, 1)


def test_a_namespace_that_is_known_to_be_empty_costs_one_request_until_it_is_verified(
    bench: HubBench,
) -> None:
    bench.hub.add_namespace("nobody")
    bench.crawl("nobody")
    assert len(bench.asked) == 3
    assert bench.crawl("nobody").status is COMPLETE
    assert len(bench.asked) == 1
    assert bench.crawl("nobody", Mode.VERIFY).status is COMPLETE
    assert len(bench.asked) == 3

    bench.hub.remove_namespace("nobody")
    assert bench.crawl("nobody", Mode.VERIFY).status is FAILED
    assert bench.crawl("nobody").status is FAILED


def test_a_namespace_that_cannot_be_checked_makes_the_crawl_incomplete(bench: HubBench) -> None:
    bench.simulator.inject(Status(500), "GET /v2/orgs/*", times=99)
    done = bench.crawl("amce")
    assert done.status is INCOMPLETE
    (sentence,) = done.errors
    assert sentence.startswith(
        "amce: its list is empty, and whether there is such a namespace could not be asked: "
    )
    assert "no namespace" not in sentence


@pytest.mark.parametrize("mode", Mode)
def test_removals_in_a_namespace_that_is_no_longer_known_are_held_back(
    bench: HubBench, mode: Mode
) -> None:
    bench.hub.remove_namespace("acme")
    for _ in range(2):
        done = bench.crawl(mode=mode)
        sentence = (
            "acme: docker.io knows neither a user nor an organisation of this name any more: 4 "
            "repositories are held back for review; accept the removal with 'indexer accept acme'"
        )
        assert (done.status, done.errors[0]) == (INCOMPLETE, sentence)
        assert done.changes.get(REMOVED, 0) == 0
        assert present(bench) == NAMES

    accepted = bench.crawl(accepted=frozenset({"acme"}))
    assert (accepted.status, accepted.changes[REMOVED]) == (COMPLETE, 4)
    assert bench.crawl().status is FAILED


def test_an_emptied_namespace_that_exists_is_settled_as_usual(bench: HubBench) -> None:
    for name in NAMES:
        bench.hub.remove_repository(name)
    done = bench.crawl()
    assert (done.status, done.changes[REMOVED]) == (COMPLETE, 4)


def test_repositories_of_an_emptied_namespace_are_kept_while_it_cannot_be_checked(
    bench: HubBench,
) -> None:
    for name in NAMES:
        bench.hub.remove_repository(name)
    trouble = bench.simulator.inject(Status(500), "GET /v2/orgs/*", times=99)
    done = bench.crawl()
    assert (done.status, done.changes.get(REMOVED, 0)) == (INCOMPLETE, 0)
    assert "whether there still is such a namespace could not be asked" in done.errors[0]
    assert present(bench) == NAMES
    bench.simulator.faults.remove(trouble)
    assert bench.crawl().changes[REMOVED] == 4


def test_hidden_repositories_of_an_unknown_namespace_are_reported_once_and_can_be_accepted(
    bench: HubBench,
) -> None:
    bench.hub.accounts.add_user("ann", SECRET, organisations=["acme"])
    for name in NAMES:
        bench.hub.set_private(name)
    bench.crawl(who="ann")
    bench.hub.remove_namespace("acme")
    done = bench.crawl(who="ann")
    assert done.status is INCOMPLETE
    assert "4 repositories are held back" in done.errors[0]
    assert "4 private repositories are no longer visible to ann" in done.errors[1]
    assert bench.crawl(who="ann").status is COMPLETE
    assert present(bench) == NAMES
    settled = bench.crawl(who="ann", accepted=frozenset({"acme"}))
    assert (settled.status, settled.changes[REMOVED]) == (COMPLETE, 4)
    assert present(bench) == []
