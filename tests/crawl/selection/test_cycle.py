"""A full or verify crawl that is cut short, again and again, reads each repository in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from indexer.core.errors import SourceLost, Unavailable
from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.selection import cycle
from indexer.crawl.selection.cycle import Past
from tests.support.crawls import Bench
from tests.support.memory_registry import START

LIMIT = SourceLost("the registry wants us to wait")
DOWN = Unavailable("it is down")
NUMBER = 12
each_mode = pytest.mark.parametrize("mode", [Mode.VERIFY, Mode.FULL])


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.registry.add_many(NUMBER, "1.0", "1.1")
    bench.crawl()
    return bench


def opened(bench: Bench) -> list[str]:
    """The repositories whose tags the last crawl asked for, in that order."""
    return [asked.split()[1] for asked in bench.asked if asked.startswith("tags ")]


def cut_after(bench: Bench, mode: Mode, number: int, how: BaseException = LIMIT) -> list[str]:
    """Crawl until so many repositories were read; the next request of tags fails."""

    def cut(request: str) -> None:
        if request.startswith("tags ") and len(opened(bench)) == number:
            raise how

    if isinstance(how, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            bench.crawl(mode, before=cut)
    else:
        bench.crawl(mode, before=cut)
    return opened(bench)


@each_mode
@pytest.mark.parametrize("how", [LIMIT, KeyboardInterrupt()], ids=["rate limit", "kill"])
def test_the_next_crawl_continues_with_what_was_not_read(
    bench: Bench, mode: Mode, how: BaseException
) -> None:
    first = cut_after(bench, mode, 5, how)
    second = cut_after(bench, mode, 5, how)
    done = bench.crawl(mode)

    assert sorted([*first, *second, *opened(bench)]) == sorted(bench.registry.held)
    assert done.status is CrawlStatus.COMPLETE
    assert done.unread == 0
    bench.crawl(mode)
    assert len(opened(bench)) == NUMBER  # that cycle is done, and another one begins


@each_mode
def test_tags_deleted_behind_an_unmoved_date_are_found_however_often_a_crawl_is_cut_short(
    bench: Bench, mode: Mode
) -> None:
    for name in bench.registry.held:
        bench.registry.delete_tag(name, "1.0")
    for _ in range(4):
        cut_after(bench, mode, 3)

    assert bench.indexed() == bench.truth()


@each_mode
def test_a_crawl_that_was_cut_short_says_how_many_repositories_it_left(
    bench: Bench, mode: Mode
) -> None:
    cut_after(bench, mode, 5)
    (done,) = [each for each in bench.archive.crawls.values() if each.mode is mode]

    assert done.status is CrawlStatus.INCOMPLETE
    assert done.unread == NUMBER - 5
    assert "repositories were left for the next" in done.errors[-1]


@each_mode
def test_what_cannot_be_read_keeps_no_other_from_being_read(bench: Bench, mode: Mode) -> None:
    """Five in a row that fail end a crawl; they do not come first in the next one again."""
    failing = sorted(bench.registry.held)[-5:]
    trouble = tuple((f"tags {name} *", DOWN) for name in failing)
    for _ in range(3):
        bench.crawl(mode, trouble=trouble)
    read = [item for item, _ in bench.archive.present("docker.io", "acme").values()]

    first_one = min(each.id for each in bench.archive.crawls.values() if each.mode is mode)
    unread = {item.name for item in read if cycle.last_read(item, mode) < first_one}
    assert unread == set(failing)


def test_what_cannot_be_read_keeps_no_pending_one_from_being_read(bench: Bench) -> None:
    names = sorted(bench.registry.held)
    for name in names:
        bench.registry.push(name, "2.0")
    trouble = tuple((f"tags {name} *", DOWN) for name in names[-5:])
    bench.crawl(trouble=trouble)
    bench.crawl(trouble=trouble)

    indexed = bench.indexed()
    assert [name for name in names if "2.0" not in indexed[name]] == names[-5:]


@each_mode
def test_what_failed_is_an_error_of_its_crawl_and_does_not_keep_the_cycle_open(
    bench: Bench, mode: Mode
) -> None:
    name = sorted(bench.registry.held)[3]
    done = bench.crawl(mode, trouble=((f"tags {name} *", DOWN),))
    assert (done.status, done.unread) == (CrawlStatus.INCOMPLETE, 0)
    bench.crawl(mode)

    assert len(opened(bench)) == NUMBER


def test_a_full_crawl_counts_as_a_verify_crawl_and_not_the_other_way_round(bench: Bench) -> None:
    cut_after(bench, Mode.FULL, 5)
    bench.crawl(Mode.VERIFY)
    assert len(opened(bench)) == NUMBER - 5
    bench.crawl(Mode.FULL)
    assert len(opened(bench)) == NUMBER - 5


def test_what_is_pushed_meanwhile_is_read_first(bench: Bench) -> None:
    first = cut_after(bench, Mode.FULL, 5)
    bench.registry.push(first[0], "3.0")
    bench.crawl(Mode.FULL)

    assert opened(bench)[0] == first[0]
    assert len(opened(bench)) == NUMBER - 5 + 1


def test_an_incremental_crawl_in_between_opens_nothing(bench: Bench) -> None:
    cut_after(bench, Mode.FULL, 5)
    bench.crawl()
    assert opened(bench) == []
    bench.crawl(Mode.FULL)
    assert len(opened(bench)) == NUMBER - 5


def test_a_cycle_of_long_ago_begins_anew_with_the_longest_unread(bench: Bench) -> None:
    first = cut_after(bench, Mode.FULL, 5)
    bench.registry.now += cycle.LONGEST + timedelta(days=1)
    bench.crawl(Mode.FULL)

    assert len(opened(bench)) == NUMBER
    assert set(opened(bench)[-5:]) == set(first)


def test_a_crawl_that_got_through_and_left_nothing_ends_the_cycle() -> None:
    def past(*crawls: tuple[CrawlStatus, int]) -> Past | None:
        rows = [Past(number, *crawl, START) for number, crawl in enumerate(crawls, 1)]
        return cycle.began(reversed(rows), START)

    complete, cut = (CrawlStatus.COMPLETE, 0), (CrawlStatus.INCOMPLETE, 7)
    failed, killed = (CrawlStatus.FAILED, 0), (CrawlStatus.INTERRUPTED, 0)
    assert past(complete) is None
    assert past(cut, cut, complete) is None
    assert past(complete, failed, killed, cut) == Past(2, *failed, START)
    assert past((CrawlStatus.INCOMPLETE, 0), killed) == Past(2, *killed, START)
