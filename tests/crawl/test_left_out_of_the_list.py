"""A repository that exists and that the list leaves out is kept, and its pushes are followed."""

from __future__ import annotations

import pytest

from indexer.core.errors import Unavailable
from indexer.core.model import CrawlStatus, Mode
from tests.support.crawls import Bench

WEB = "acme/web"


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.registry.add("acme/api", "1.0")
    bench.registry.add(WEB, "1.0", "1.1")
    bench.registry.add_many(5)
    bench.crawl()
    bench.registry.left_out = {WEB}
    noticed = bench.crawl()
    assert noticed.status is CrawlStatus.INCOMPLETE
    assert bench.crawl().status is CrawlStatus.COMPLETE
    return bench


@pytest.mark.parametrize("mode", Mode)
def test_its_later_pushes_are_reported(bench: Bench, mode: Mode) -> None:
    bench.registry.push(WEB, "1.0")
    bench.registry.push(WEB, "2.0")
    done = bench.crawl(mode)

    assert done.status is CrawlStatus.COMPLETE
    assert sorted(bench.news(done)) == [f"tag_added {WEB}:2.0", f"tag_retagged {WEB}:1.0"]
    assert bench.indexed() == bench.truth()


def test_it_costs_a_request_while_nothing_happens(bench: Bench) -> None:
    bench.crawl()
    assert bench.asked == ["repositories 1", f"repository {WEB}"]


def test_what_could_not_be_read_of_it_is_read_by_the_next_crawl(bench: Bench) -> None:
    bench.registry.push(WEB, "2.0")
    bench.crawl(trouble=((f"tags {WEB} *", Unavailable("it is down")),))
    done = bench.crawl()

    assert bench.news(done) == [f"tag_added {WEB}:2.0"]
    assert done.status is CrawlStatus.COMPLETE


def test_it_is_kept_while_it_cannot_be_asked_for(bench: Bench) -> None:
    done = bench.crawl(trouble=((f"repository {WEB}", Unavailable("it is down")),))

    assert done.status is CrawlStatus.INCOMPLETE
    assert "cannot tell whether acme/web was removed" in done.errors[0]
    assert WEB in bench.indexed()


def test_it_is_removed_when_it_answers_404(bench: Bench) -> None:
    bench.registry.remove(WEB)
    done = bench.crawl()

    assert bench.news(done) == [f"repository_removed {WEB}"]
    assert done.status is CrawlStatus.COMPLETE


def test_when_it_is_listed_again_that_is_no_change(bench: Bench) -> None:
    bench.registry.left_out = set()
    done = bench.crawl()

    assert bench.news(done) == []
    assert done.status is CrawlStatus.COMPLETE
    assert len(bench.asked) == 1
