"""Crawls without an account of repositories whose tags are shown only in part."""

from __future__ import annotations

import pytest

from indexer.core.model import CrawlStatus, Mode
from tests.support.crawls import Bench

BIG = "acme/big"
COMPLETE, INCOMPLETE = CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE


@pytest.fixture
def bench() -> Bench:
    """A repository of 61 tags on pages of five; no filter is worth a page for `odd`."""
    bench = Bench()
    bench.registry.page_size = 5
    bench.registry.tells = list
    names = [f"{'abcdef'[each // 10]}-{each % 10}" for each in range(60)]
    bench.registry.add(BIG, *names[:30], "odd", *names[30:])
    return bench


def known(bench: Bench) -> set[str]:
    return set(bench.indexed()[BIG])


def held(bench: Bench) -> set[str]:
    return set(bench.registry.held[BIG].tags)


@pytest.mark.parametrize("singles", [0, 100])
@pytest.mark.parametrize("untold", [1, 5, 31])
def test_names_that_are_cut_short_remove_no_tag(bench: Bench, untold: int, singles: int) -> None:
    """Tags that neither a page nor `tags/list` shows: some of those in the middle."""
    bench.crawl()
    assert known(bench) == held(bench)
    bench.registry.bound = 10
    middle = ["odd", *sorted(held(bench))[15:45]]
    bench.registry.tells = lambda names: [name for name in names if name not in middle[:untold]]
    bench.registry.push(BIG, "new")
    for mode in (Mode.FULL, Mode.INCREMENTAL, Mode.VERIFY, Mode.FULL):
        done = bench.crawl(mode, singles=singles)
        assert not [each for each in bench.news(done) if "removed" in each]
        assert known(bench) == held(bench)


def test_names_that_lack_what_no_page_shows_make_no_crawl_complete(bench: Bench) -> None:
    bench.registry.bound = 10
    bench.registry.tells = lambda names: [name for name in names if name != "odd"]
    done = bench.crawl(singles=100)
    assert done.status is INCOMPLETE
    assert held(bench) - known(bench) == {"odd"}
    assert any("the registry names 60 items where the list counts 61" in e for e in done.errors)


def test_a_tag_that_is_deleted_while_it_is_shown_in_part_is_removed(bench: Bench) -> None:
    bench.crawl()
    bench.registry.bound = 10
    bench.registry.delete_tag(BIG, "c-5")
    done = bench.crawl(Mode.FULL, singles=100)
    assert (done.status, bench.news(done)) == (COMPLETE, [f"tag_removed {BIG}:c-5"])


def test_what_the_names_lack_is_removed_where_it_answers_404_itself(bench: Bench) -> None:
    """Too little is shown for the sides to add up: then the tag's own answer is the second."""
    bench.crawl()
    bench.registry.bound = 10
    bench.registry.push(BIG, "c-5")
    bench.registry.delete_tag(BIG, "c-5")
    done = bench.crawl(Mode.FULL, singles=0)
    assert done.status is INCOMPLETE
    assert bench.news(done) == [f"tag_removed {BIG}:c-5"]
    assert f"tag {BIG}:c-5" in bench.asked


def test_what_is_deleted_after_its_name_was_told_is_asked_for_and_removed(bench: Bench) -> None:
    bench.crawl()
    bench.registry.bound = 10
    seen: list[str] = []

    def delete(_request: str) -> None:
        if seen and "f-9" in held(bench):
            bench.registry.delete_tag(BIG, "f-9")
            bench.registry.push(BIG, "a-0")
        if _request == f"names {BIG}":
            seen.append(_request)

    bench.registry.push(BIG, "new")
    done = bench.crawl(Mode.FULL, before=delete, singles=100)
    assert f"tag_removed {BIG}:f-9" in bench.news(done)
    assert known(bench) == held(bench)


@pytest.fixture
def peaceful() -> Bench:
    """A repository of 400 tags on pages of ten, of which 100 are shown, read once."""
    bench = Bench()
    bench.registry.page_size = 10
    bench.registry.tells = list
    bench.registry.bound = 100
    bench.registry.add(BIG, *(f"{'abcd'[each // 100]}-{each % 100}" for each in range(400)))
    bench.crawl()
    assert known(bench) == held(bench)
    return bench


@pytest.mark.parametrize("who", ["anonymous", "alice"])
@pytest.mark.parametrize("tag", ["b-50", "a-0", "d-99"])
def test_a_deleted_tag_takes_the_names_and_itself_and_not_every_page(
    peaceful: Bench, who: str, tag: str
) -> None:
    """Also the newest tag, without which the head begins with an older one than was known."""
    bench = peaceful
    bench.crawl(Mode.FULL, who=who)
    bench.registry.delete_tag(BIG, tag)
    done = bench.crawl(Mode.VERIFY, who=who)
    assert (done.status, bench.news(done)) == (COMPLETE, [f"tag_removed {BIG}:{tag}"])
    asked = [f"tags {BIG} 1", f"names {BIG}", f"tags {BIG} 1", f"tag {BIG}:{tag}"]
    assert bench.asked == ["repositories 1", *asked]
    done = bench.crawl(Mode.VERIFY, who=who)
    assert (done.status, bench.asked) == (COMPLETE, ["repositories 1", f"tags {BIG} 1"])


def test_the_names_are_not_asked_where_the_pages_cost_as_little(peaceful: Bench) -> None:
    bench = peaceful
    bench.registry.bound = None
    bench.registry.page_size = 150
    bench.crawl(Mode.FULL)
    bench.registry.delete_tag(BIG, "b-50")
    assert bench.news(bench.crawl(Mode.VERIFY)) == [f"tag_removed {BIG}:b-50"]
    assert not [each for each in bench.asked if each.startswith("names")]


def test_names_from_a_cache_remove_nothing_that_is_there(peaceful: Bench) -> None:
    """They are of a time before `new`, which is hidden below a hundred pushes, was there."""
    bench = peaceful
    old = list(held(bench))
    bench.registry.push(BIG, "new")
    for each in range(100):
        bench.registry.push(BIG, f"d-{each}")
    bench.crawl(Mode.FULL)
    bench.registry.delete_tag(BIG, "b-50")
    bench.registry.tells = lambda _: old
    for mode in (Mode.VERIFY, Mode.VERIFY, Mode.FULL):
        done = bench.crawl(mode, singles=10)
        assert not [each for each in bench.news(done) if not each.endswith("b-50")]
        assert "new" in known(bench)
    bench.registry.tells = list
    bench.crawl(Mode.FULL)
    assert known(bench) == held(bench)


def test_names_that_cannot_be_had_leave_it_to_the_pages(peaceful: Bench) -> None:
    bench = peaceful
    bench.registry.bound = None
    bench.crawl(Mode.FULL)
    bench.registry.delete_tag(BIG, "b-50")
    bench.registry.tells = None
    done = bench.crawl(Mode.VERIFY)
    assert (done.status, bench.news(done)) == (COMPLETE, [f"tag_removed {BIG}:b-50"])


def test_what_is_pushed_before_the_second_look_is_read_too(peaceful: Bench) -> None:
    bench = peaceful
    bench.registry.delete_tag(BIG, "b-50")

    def push(request: str) -> None:
        if request == f"names {BIG}" and "new" not in held(bench):
            bench.registry.push(BIG, "new")

    done = bench.crawl(Mode.VERIFY, before=push)
    news = [f"tag_added {BIG}:new", f"tag_removed {BIG}:b-50"]
    assert (done.status, sorted(bench.news(done))) == (COMPLETE, news)


def test_removals_by_the_names_are_held_back_as_all_are(peaceful: Bench) -> None:
    bench = peaceful
    bench.registry.bound = None
    bench.registry.page_size = 1
    bench.crawl(Mode.FULL)
    for tag in sorted(held(bench))[:220]:
        bench.registry.delete_tag(BIG, tag)
    done = bench.crawl(Mode.VERIFY)
    assert (done.status, bench.news(done)) == (INCOMPLETE, [])
    assert any("held back" in each for each in done.errors)


def test_a_repository_that_is_removed_leaves_as_many_out_of_sight_as_before(bench: Bench) -> None:
    """So that the crawl after the next is content with page 1 and the count again."""
    del bench.registry.held[BIG]
    bench.registry.bound, bench.registry.filters = 10, False
    names = bench.registry.add_many(40, "1.0")
    first = bench.crawl()
    assert (first.status, len(bench.indexed())) == (INCOMPLETE, 24)
    bench.registry.remove(names[0])
    done = bench.crawl()
    assert bench.news(done) == [f"repository_removed {names[0]}"]
    again = bench.crawl()
    assert (again.status, bench.news(again), bench.asked) == (INCOMPLETE, [], ["repositories 1"])


def test_what_was_deleted_meanwhile_does_not_stand_for_what_was_never_seen(bench: Bench) -> None:
    """Of 25 tags 24 are shown, one of which is deleted meanwhile: 24 are known, and 24 counted."""
    registry = bench.registry
    del registry.held[BIG]
    registry.bound, registry.filters, registry.tells = 10, False, None
    registry.add(BIG, *(f"t-{each}" for each in range(25)))
    heads: list[str] = []

    def delete(request: str) -> None:
        heads.extend([request] if request.startswith(f"tags {BIG}") else [])
        if len(heads) == 5:
            registry.held[BIG].tags.pop("t-0", None)

    bench.crawl(before=delete)
    assert known(bench) != held(bench)
    assert len(known(bench)) == len(held(bench))
    done = bench.crawl()
    assert (done.status, known(bench)) == (COMPLETE, held(bench))
