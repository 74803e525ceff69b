"""A repository that the configuration names is removed for no single answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.model import ChangeKind, CrawlStatus
from indexer.crawl.wanted_names import WantedNames
from indexer.hub_simulator import Status
from tests.support.hub_crawls import hub_bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.hub_crawls import HubBench

NAMED = WantedNames(("acme/api", "acme/web"))
API = "/v2/namespaces/acme/repositories/api"
REMOVED = ChangeKind.REPOSITORY_REMOVED


@pytest.fixture
def bench(database_url: str) -> Iterator[HubBench]:
    """Two named repositories of acme, crawled once."""
    with hub_bench(database_url) as bench:
        for name in ("acme/api", "acme/web"):
            bench.hub.add_repository(name)
            bench.hub.push(name, "1.0")
        assert bench.crawl(wanted=NAMED).status is CrawlStatus.COMPLETE
        yield bench


@pytest.mark.parametrize("times", [1, 99])
def test_a_404_for_it_alone_removes_nothing_while_it_or_a_tag_exists(
    bench: HubBench, times: int
) -> None:
    trouble = bench.simulator.inject(Status(404), f"GET {API}", times=times)
    done = bench.crawl(wanted=NAMED)
    assert (done.status, done.changes.get(REMOVED, 0)) == (CrawlStatus.INCOMPLETE, 0)
    assert any("acme/api is no longer listed, but exists: it is kept" in e for e in done.errors)
    if times > 1:
        bench.simulator.faults.remove(trouble)
    again = bench.crawl(wanted=NAMED)
    assert (again.status, again.changes) == (CrawlStatus.COMPLETE, {})


def test_it_is_removed_where_its_tags_answer_404_too(bench: HubBench) -> None:
    bench.hub.remove_repository("acme/api")
    done = bench.crawl(wanted=NAMED)
    assert done.changes[REMOVED] == 1
    assert bench.asked.count(API) == 2
    assert bench.asked.count(f"{API}/tags/1.0") == 1
