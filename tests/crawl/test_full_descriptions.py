"""Full descriptions: a request for each repository that is new or moved, and only when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.wanted_names import WantedNames
from indexer.hub_simulator import Status
from tests.support.hub_crawls import hub_bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.hub_crawls import HubBench

pytestmark = pytest.mark.integration

NAMES = ("acme/a", "acme/b", "acme/c")


@pytest.fixture
def bench(database_url: str) -> Iterator[HubBench]:
    with hub_bench(database_url) as bench:
        for name in NAMES:
            bench.hub.add_repository(name)
            bench.hub.push(name, "1")
            bench.hub.clock.advance(3600)
            bench.hub.describe(name, "Short", full=f"# {name}\n\n<b>long</b>")
        yield bench


def texts(bench: HubBench) -> dict[str, str | None]:
    return {each.repository: each.full_description for each in bench.store.catalog.repositories()}


def asked_itself(bench: HubBench) -> list[str]:
    base = "/v2/namespaces/acme/repositories/"
    tails = [path.removeprefix(base) for path in bench.asked if path.startswith(base)]
    return sorted(f"acme/{tail}" for tail in tails if tail and "/" not in tail)


def test_nobody_asks_for_them_unless_told_to(bench: HubBench) -> None:
    bench.crawl()
    assert asked_itself(bench) == []
    assert texts(bench) == dict.fromkeys(NAMES)


def test_each_is_read_once_until_its_repository_moves(bench: HubBench) -> None:
    bench.crawl()
    first = bench.crawl(details=True)
    assert first.spent.requests == 1 + len(NAMES)
    assert texts(bench) == {name: f"# {name}\n\n<b>long</b>" for name in NAMES}

    assert bench.crawl(details=True).spent.requests == 1
    bench.crawl(mode=Mode.FULL, details=True)
    assert asked_itself(bench) == []

    bench.hub.push("acme/b", "2")
    bench.hub.describe("acme/b", "Short", full=None)
    bench.hub.add_repository("acme/d")
    bench.crawl(details=True)
    assert asked_itself(bench) == ["acme/b", "acme/d"]
    assert texts(bench)["acme/b"] == ""


def test_what_cannot_be_read_is_said_kept_and_read_by_the_next(bench: HubBench) -> None:
    bench.crawl(details=True)
    for name in NAMES:
        bench.hub.push(name, "2")
        bench.hub.describe(name, "Short", full="new")
    bench.simulator.inject(Status(500), "GET */repositories/b", times=99)
    crawled = bench.crawl(details=True)
    assert crawled.status is CrawlStatus.INCOMPLETE
    (problem,) = crawled.errors
    assert problem.startswith("acme/b: its full description could not be read")
    assert texts(bench) == {**dict.fromkeys(NAMES, "new"), "acme/b": "# acme/b\n\n<b>long</b>"}

    bench.simulator.clear()
    mended = bench.crawl(details=True)
    assert (mended.status, asked_itself(bench)) == (CrawlStatus.COMPLETE, ["acme/b"])
    assert set(texts(bench).values()) == {"new"}


def test_a_limit_that_is_used_up_leaves_the_rest_for_the_next_crawl(bench: HubBench) -> None:
    bench.crawl()
    used_up = Status(429, headers=(("Retry-After", "86400"),))
    bench.simulator.inject(used_up, "GET */repositories/[ab]", times=9)
    crawled = bench.crawl(details=True, concurrency=1)
    assert crawled.status is CrawlStatus.INCOMPLETE
    assert crawled.errors[-1].startswith("2 full descriptions left for the next crawl")
    assert texts(bench) == {"acme/a": None, "acme/b": None, "acme/c": "# acme/c\n\n<b>long</b>"}

    bench.simulator.clear()
    bench.hub.clock.advance(2 * 86400)
    assert bench.crawl(details=True).status is CrawlStatus.COMPLETE
    assert asked_itself(bench) == ["acme/a", "acme/b"]


def test_repositories_that_are_asked_for_by_name_bring_theirs_along(bench: HubBench) -> None:
    wanted = WantedNames(repositories=("acme/a", "acme/b"))
    crawled = bench.crawl(details=True, wanted=wanted)
    assert asked_itself(bench) == ["acme/a", "acme/b"]
    assert crawled.spent.requests == 4
    assert texts(bench) == {name: f"# {name}\n\n<b>long</b>" for name in NAMES[:2]}


def test_a_text_of_any_length_and_kind_is_kept_bounded(bench: HubBench) -> None:
    bench.hub.describe("acme/a", "Short", full="\0" + "x" * 100_000)
    bench.crawl(details=True)
    text = texts(bench)["acme/a"]
    assert text is not None
    assert (text[0], len(text)) == ("\ufffd", 25_000)
