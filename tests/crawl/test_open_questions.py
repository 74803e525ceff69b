"""Whether a tag was retagged, where the list does not say it: asked until it is answered."""

from __future__ import annotations

import pytest

from indexer.core.errors import Unavailable
from indexer.core.model import CrawlStatus, Mode
from tests.support.crawls import Bench

API = "acme/api"
DOWN = Unavailable("the registry does not answer")


@pytest.fixture
def bench() -> Bench:
    """A repository whose tags are listed without digests, all of which were asked for."""
    bench = Bench()
    bench.registry.page_size = 10
    bench.registry.add(API, *(f"1.{number}" for number in range(20)))
    bench.registry.bare = {f"{API}:{tag}" for tag in bench.registry.held[API].tags}
    assert bench.crawl(resolves=100).status is CrawlStatus.COMPLETE
    return bench


def digest(bench: Bench, tag: str) -> str | None:
    return bench.indexed()[API][tag]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("left", [0, 1])
def test_a_retag_that_could_not_be_asked_for_is_asked_for_by_the_next_crawl(
    bench: Bench, mode: Mode, left: int
) -> None:
    """The registry is down, or the crawl may send no request more (`left` is 0)."""
    before = digest(bench, "1.3")
    bench.registry.push(API, "1.3")
    trouble = (("head *", DOWN),)
    first = bench.crawl(mode, resolves=left, trouble=trouble)

    assert first.status is CrawlStatus.INCOMPLETE
    assert "1 tag was pushed again, and the new digest could not be read: 1.3" in first.errors[0]
    assert digest(bench, "1.3") == before
    second = bench.crawl(resolves=100)
    assert second.status is CrawlStatus.COMPLETE
    assert bench.news(first) == []
    assert bench.news(second) == [f"tag_retagged {API}:1.3"]
    assert bench.crawl(resolves=100).status is CrawlStatus.COMPLETE
    assert len(bench.asked) == 1


def test_it_is_still_asked_for_after_newer_tags_have_pushed_it_off_the_first_page(
    bench: Bench,
) -> None:
    bench.registry.push(API, "1.3")
    bench.crawl(resolves=0)
    for number in range(15):
        bench.registry.push(API, f"2.{number}")
    bench.crawl(resolves=0)
    done = bench.crawl(resolves=100)

    assert bench.news(done) == [f"tag_retagged {API}:1.3"]
    assert done.status is CrawlStatus.COMPLETE


def test_a_tag_that_was_pushed_again_with_the_same_content_was_not_retagged(bench: Bench) -> None:
    bench.registry.push(API, "1.3", "the same")
    bench.crawl(resolves=100)
    bench.registry.push(API, "1.3", "the same")
    bench.crawl(resolves=0)
    done = bench.crawl(resolves=100)

    assert bench.news(done) == []
    assert done.status is CrawlStatus.COMPLETE


def test_a_new_tag_without_a_digest_is_no_open_question_and_each_crawl_says_so(
    bench: Bench,
) -> None:
    """Its digest is unknown and shown so: nothing wrong is in the index, and it is not watched."""
    bench.registry.push(API, "2.0")
    bench.registry.bare.add(f"{API}:2.0")
    unwatched = (
        f"acme: the registry's lists tell no digest of 1 tag, so a retag would not be noticed: "
        f"{API}:2.0; raise 'resolve' and crawl with --full"
    )
    for _ in range(2):  # the second reads no tags
        done = bench.crawl(resolves=0)
        assert (done.status, done.errors) == (CrawlStatus.COMPLETE, (unwatched,))
        assert digest(bench, "2.0") is None

    assert bench.crawl(Mode.FULL, resolves=1).errors == ()


def test_an_unanswered_question_costs_one_page_of_the_tags_and_not_all(bench: Bench) -> None:
    bench.registry.push(API, "1.3")
    bench.crawl(resolves=0)
    bench.crawl(resolves=0)

    assert bench.asked == ["repositories 1", f"tags {API} 1"]
