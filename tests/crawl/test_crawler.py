"""What a crawl costs, what it writes, and what it leaves pending."""

from __future__ import annotations

import pytest

from indexer.core.errors import Unavailable
from indexer.core.model import ChangeKind, CrawlStatus, Mode
from tests.support.crawls import Bench

COMPLETE = CrawlStatus.COMPLETE


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_first_crawl_reads_everything_and_marks_it_as_the_baseline(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0", "latest")
    bench.registry.add("acme/web", "2.0")
    done = bench.crawl()
    assert done.status is COMPLETE
    assert bench.indexed() == bench.truth()
    assert (done.repositories, done.tags, done.baseline, done.changes) == (2, 3, 5, {})
    assert bench.asked == ["repositories 1", "tags acme/web 1", "tags acme/api 1"]
    assert bench.watcher.told == [
        "listing docker.io/acme",
        "opening 2",
        "opened acme/web as number 1",
        "opened acme/api as number 2",
    ]


def test_an_empty_namespace_is_complete(bench: Bench) -> None:
    done = bench.crawl()
    assert (done.status, done.repositories, bench.asked) == (COMPLETE, 0, ["repositories 1"])


def test_an_unchanged_namespace_costs_one_request_whatever_its_size(bench: Bench) -> None:
    bench.registry.add_many(250, "latest")
    bench.crawl()
    done = bench.crawl()
    assert (done.status, bench.asked) == (COMPLETE, ["repositories 1"])
    assert bench.changes(done) == []


def test_changed_repositories_on_one_page_cost_that_page_and_one_request_each(
    bench: Bench,
) -> None:
    names = bench.registry.add_many(250, "latest")
    bench.crawl()
    for name in names[:100:10]:
        bench.registry.push(name, "latest")
    done = bench.crawl()
    assert len(bench.asked) == 1 + 10
    assert done.changes == {ChangeKind.TAG_RETAGGED: 10}
    assert bench.indexed() == bench.truth()


def test_changed_repositories_on_two_pages_cost_page_one_once_more(bench: Bench) -> None:
    names = bench.registry.add_many(350, "latest")
    bench.crawl()
    for name in names[:120]:
        bench.registry.push(name, "latest")
    done = bench.crawl()
    assert len(bench.asked) == 2 + 1 + 120
    assert done.changes == {ChangeKind.TAG_RETAGGED: 120}


def test_a_push_to_a_repository_of_many_tags_costs_one_page_of_them(bench: Bench) -> None:
    bench.registry.add("acme/api", *(f"1.{minor}" for minor in range(450)))
    bench.crawl()
    assert len(bench.asked) == 1 + 5 + 1
    bench.registry.push("acme/api", "1.7")
    bench.registry.push("acme/api", "2.0")
    done = bench.crawl()
    assert bench.asked == ["repositories 1", "tags acme/api 1"]
    assert bench.changes(done) == ["tag_added acme/api:2.0", "tag_retagged acme/api:1.7"]


def test_a_verifying_crawl_asks_one_page_of_each_repository(bench: Bench) -> None:
    bench.registry.add_many(20, *(f"1.{minor}" for minor in range(110)))
    bench.crawl()
    bench.crawl(Mode.VERIFY)
    assert len(bench.asked) == 1 + 20


def test_a_verifying_crawl_finds_a_deleted_tag_although_no_date_moved(bench: Bench) -> None:
    bench.registry.add("acme/api", *(f"1.{minor}" for minor in range(250)))
    bench.crawl()
    bench.registry.delete_tag("acme/api", "1.3")
    assert bench.changes(bench.crawl()) == []
    done = bench.crawl(Mode.VERIFY)
    assert bench.changes(done) == ["tag_removed acme/api:1.3"]
    assert bench.asked[-1] == "tag acme/api:1.3"
    assert len(bench.asked) == 1 + 3 + 1 + 1


def test_a_full_crawl_reads_every_page_and_page_1_of_long_lists_twice(
    bench: Bench,
) -> None:
    bench.registry.add_many(150, "latest")
    bench.registry.add("acme/api", *(f"1.{minor}" for minor in range(250)))
    bench.crawl()
    bench.crawl(Mode.FULL)
    assert len(bench.asked) == (2 + 1) + 150 + (3 + 1)


def test_a_removed_repository_costs_one_question_after_the_listing_that_its_count_calls_for(
    bench: Bench,
) -> None:
    names = bench.registry.add_many(250, "latest")
    bench.crawl()
    for name in names[50:53]:
        bench.registry.remove(name)
    done = bench.crawl()
    assert len(bench.asked) == (3 + 1) + 3
    assert bench.changes(done) == [f"repository_removed {name}" for name in names[50:53]]
    assert done.status is COMPLETE


def test_a_removed_repository_is_one_change_and_ends_the_periods_of_its_tags(
    bench: Bench,
) -> None:
    bench.registry.add("acme/api", "1.0", "latest")
    bench.registry.add("acme/web")
    bench.crawl()
    bench.registry.remove("acme/api")
    done = bench.crawl()
    assert bench.changes(done) == ["repository_removed acme/api"]
    assert all(each.ended_at == bench.registry.now for each in bench.archive.intervals)


def test_a_repository_listed_later_is_a_change_and_so_are_its_tags(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.crawl()
    bench.registry.add("acme/web", "2.0")
    done = bench.crawl()
    assert (done.baseline, bench.changes(done)) == (
        0,
        ["repository_added acme/web", "tag_added acme/web:2.0"],
    )


def test_a_repository_that_comes_back_is_added_again_and_keeps_its_history(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.crawl()
    bench.registry.remove("acme/api")
    bench.crawl()
    bench.registry.add("acme/api", "1.0")
    done = bench.crawl()
    assert bench.changes(done) == ["repository_added acme/api", "tag_added acme/api:1.0"]
    assert [each.ended_at is None for each in bench.archive.intervals] == [False, True]


def test_a_repository_recreated_between_two_crawls_is_read_anew(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0", "1.1")
    bench.crawl()
    bench.registry.remove("acme/api")
    bench.registry.add("acme/api", "1.1", "2.0")
    done = bench.crawl()
    assert bench.changes(done) == [
        "tag_added acme/api:2.0",
        "tag_removed acme/api:1.0",
        "tag_retagged acme/api:1.1",
    ]
    assert bench.indexed() == bench.truth()


def test_tags_of_the_baseline_that_a_later_crawl_reads_first_belong_to_it(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.crawl(trouble=(("tags acme/api *", Unavailable("it is down")),))
    done = bench.crawl()
    assert bench.changes(done) == ["tag_added acme/api:1.0"]
    assert (done.baseline, done.changes) == (1, {})


def test_what_was_listed_and_not_read_is_read_next_time_wherever_it_stands(bench: Bench) -> None:
    names = bench.registry.add_many(250, "latest")
    bench.crawl()
    bench.registry.push(names[3], "latest")
    first = bench.crawl(trouble=((f"tags {names[3]} *", Unavailable("it is down")),))
    assert (first.status, first.changes) == (CrawlStatus.INCOMPLETE, {})
    for name in names[100:220]:
        bench.registry.push(name, "latest")
    done = bench.crawl()
    assert len(bench.asked) == 2 + 1 + 121
    assert f"tag_retagged {names[3]}:latest" in bench.changes(done)
    assert done.status is COMPLETE


def test_a_crawl_that_died_is_continued_without_repeating_what_was_done(bench: Bench) -> None:
    names = bench.registry.add_many(10, "latest")
    with pytest.raises(KeyboardInterrupt):
        bench.crawl(trouble=((f"tags {names[4]} *", KeyboardInterrupt()),))
    assert bench.archive.crawls[1].status is CrawlStatus.INTERRUPTED
    done = bench.crawl()
    assert sorted(bench.asked) == ["repositories 1", *(f"tags {name} 1" for name in names[:5])]
    assert done.status is COMPLETE
    assert bench.indexed() == bench.truth()


def test_a_push_between_listing_and_reading_is_written_once(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.registry.add("acme/web", "1.0")
    bench.crawl()
    bench.registry.push("acme/api", "1.1")

    def push(request: str) -> None:
        if request.startswith("tags"):
            bench.registry.push("acme/api", "1.2")

    first = bench.crawl(before=push)
    assert bench.changes(first) == ["tag_added acme/api:1.2", "tag_added acme/api:1.1"]
    second = bench.crawl()
    assert bench.asked == ["repositories 1", "tags acme/api 1"]
    assert bench.changes(second) == []
    assert bench.crawl().spent.requests == 1


def test_many_threads_write_what_one_writes(bench: Bench) -> None:
    names = bench.registry.add_many(60, "latest", "1.0")
    assert bench.crawl(concurrency=8).status is COMPLETE
    assert bench.indexed() == bench.truth()
    for name in names[::3]:
        bench.registry.push(name, "latest")
    done = bench.crawl(concurrency=8)
    assert sorted(bench.changes(done)) == [f"tag_retagged {name}:latest" for name in names[::3]]
    assert bench.indexed() == bench.truth()
