"""What a crawl does when requests fail, and what it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Denied, RateLimited, StoreError, Unavailable, Unreadable
from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.crawler import LOST_AFTER, MOST_ERRORS
from tests.support.crawls import Bench

if TYPE_CHECKING:
    from tests.support.memory_archive import MemoryArchive

COMPLETE, INCOMPLETE = CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE
DOWN = Unavailable("it answers 503")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_when_nothing_can_be_read_the_crawl_fails_and_everything_stays(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.crawl()
    bench.registry.push("acme/api", "1.1")
    done = bench.crawl(trouble=(("repositories 1", DOWN),))
    assert (done.status, done.errors) == (CrawlStatus.FAILED, ("it answers 503",))
    assert bench.changes(done) == []
    assert bench.changes(bench.crawl()) == ["tag_added acme/api:1.1"]


def test_a_list_that_breaks_off_is_recorded_as_far_as_it_came(bench: Bench) -> None:
    bench.registry.page_size = 5
    names = bench.registry.add_many(12, "1.0")
    done = bench.crawl(trouble=(("repositories 2", DOWN),))
    assert done.status is INCOMPLETE
    assert done.errors == ("acme: its list could not be read to the end: it answers 503",)
    assert sorted(bench.indexed()) == names[7:]
    rest = bench.crawl()
    assert (rest.status, rest.changes, rest.baseline) == (COMPLETE, {}, 14)
    assert bench.indexed() == bench.truth()
    assert bench.crawl().spent.requests == 1


def test_a_list_that_breaks_off_removes_nothing(bench: Bench) -> None:
    bench.registry.page_size = 5
    names = bench.registry.add_many(12, "1.0")
    bench.crawl()
    bench.registry.remove(names[0])
    bench.registry.push(names[1], "1.0")
    done = bench.crawl(trouble=(("repositories 2", DOWN),))
    assert bench.changes(done) == [f"tag_retagged {names[1]}:1.0"]
    assert bench.changes(bench.crawl()) == [f"repository_removed {names[0]}"]


def test_a_list_that_never_stops_changing_is_reported_and_read_in_full_next_time(
    bench: Bench,
) -> None:
    bench.registry.page_size = 5
    names = bench.registry.add_many(12)
    bench.crawl()

    def unrest(request: str) -> None:
        if request.startswith("repositories"):
            bench.registry.push(names[0], "latest")

    done = bench.crawl(Mode.FULL, before=unrest)
    assert done.status is INCOMPLETE
    assert "its list could not be read as of one moment" in done.errors[0]
    again = bench.crawl()
    assert bench.asked[:4] == [f"repositories {page}" for page in (1, 2, 3, 1)]
    assert (again.status, bench.indexed()) == (COMPLETE, bench.truth())


@pytest.mark.parametrize("dated", [True, False])
def test_tags_that_could_not_be_settled_stay_pending_with_a_date_or_without(
    bench: Bench, *, dated: bool
) -> None:
    bench.registry.page_size = 2
    bench.registry.add("acme/api", "a", "b", "c", "d", "e")
    if not dated:
        bench.registry.undate("acme/api")
    bench.crawl()
    bench.registry.delete_tag("acme/api", "c")
    done = bench.crawl(Mode.VERIFY, trouble=(("tag acme/api:c", DOWN),))
    assert (done.status, bench.changes(done)) == (INCOMPLETE, [])
    again = bench.crawl()
    assert (again.status, bench.changes(again)) == (COMPLETE, ["tag_removed acme/api:c"])
    assert bench.crawl().spent.requests == 1


@pytest.mark.parametrize(
    "error",
    [Denied("it refuses (403)"), Unreadable("it is no JSON"), DOWN],
    ids=["denied", "unreadable", "unavailable"],
)
def test_a_repository_that_cannot_be_opened_is_kept_and_told_and_the_others_are_read(
    bench: Bench, error: Exception
) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.registry.add("acme/web", "1.0")
    bench.crawl()
    bench.registry.push("acme/web", "1.1")
    bench.registry.push("acme/api", "1.1")
    done = bench.crawl(trouble=(("tags acme/api *", error),))
    assert (done.status, done.errors) == (INCOMPLETE, (f"acme/api: {error}",))
    assert bench.changes(done) == ["tag_added acme/web:1.1"]
    assert bench.changes(bench.crawl()) == ["tag_added acme/api:1.1"]


def test_of_a_list_of_tags_that_breaks_off_what_was_read_is_kept_and_told(bench: Bench) -> None:
    bench.registry.add("acme/api", *(f"1.{minor}" for minor in range(250)))
    bench.crawl()
    bench.registry.push("acme/api", "2.0")
    bench.registry.delete_tag("acme/api", "1.0")
    done = bench.crawl(trouble=(("tags acme/api 2", DOWN),))
    assert (done.status, bench.changes(done)) == (INCOMPLETE, ["tag_added acme/api:2.0"])
    assert bench.changes(bench.crawl()) == ["tag_removed acme/api:1.0"]


def test_a_repository_deleted_between_listing_and_reading_is_reported_now_and_removed_next(
    bench: Bench,
) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.registry.add("acme/web", "1.0")

    def remove(request: str) -> None:
        if request == "tags acme/api 1":
            bench.registry.remove("acme/api")

    done = bench.crawl(before=remove)
    assert (done.status, done.errors) == (
        INCOMPLETE,
        ("acme/api: there are no tags of 'acme/api'",),
    )
    assert bench.changes(bench.crawl()) == ["repository_removed acme/api"]


def test_a_registry_that_is_lost_in_the_middle_is_asked_nothing_more(bench: Bench) -> None:
    names = bench.registry.add_many(20, "1.0")
    limit = RateLimited("it wants us to wait for an hour")
    done = bench.crawl(trouble=((f"tags {names[15]} 1", limit),))
    assert done.status is INCOMPLETE
    assert done.errors[0] == f"{names[15]}: {limit}"
    left = 20 - len(bench.asked[1:])
    assert done.errors[-1] == f"{left} repositories were left for the next crawl"
    assert left > 10
    rest = bench.crawl()
    assert len(bench.asked) == 1 + left + 1
    assert (rest.status, bench.indexed()) == (COMPLETE, bench.truth())


def test_the_crawl_gives_up_after_so_many_unavailable_repositories_in_a_row(bench: Bench) -> None:
    bench.registry.add_many(40, "1.0")
    done = bench.crawl(trouble=tuple(("tags *", DOWN) for _ in range(100)))
    told = [error for error in done.errors if error.endswith(str(DOWN))]
    assert LOST_AFTER <= len(told) <= LOST_AFTER + 2
    assert len(bench.asked) == 1 + len(told)
    assert done.errors[-1] == f"{40 - len(told)} repositories were left for the next crawl"


def test_a_repository_that_was_read_resets_the_count_of_unavailable_ones(bench: Bench) -> None:
    names = bench.registry.add_many(20, "1.0")
    bad = [name for place, name in enumerate(names) if place % LOST_AFTER]
    done = bench.crawl(trouble=tuple((f"tags {name} *", DOWN) for name in bad))
    assert len(bench.asked) == 1 + 20
    assert len(done.errors) == len(bad)


def test_denied_repositories_do_not_count_as_unavailable(bench: Bench) -> None:
    bench.registry.add_many(20, "1.0")
    done = bench.crawl(trouble=tuple(("tags *", Denied("403")) for _ in range(15)))
    assert len(bench.asked) == 1 + 20
    assert len(done.errors) == 15


def test_so_many_errors_are_kept_and_the_others_counted(bench: Bench) -> None:
    bench.registry.add_many(MOST_ERRORS + 30, "1.0")
    done = bench.crawl(trouble=tuple(("tags *", Denied("403")) for _ in range(MOST_ERRORS + 30)))
    assert len(done.errors) == MOST_ERRORS + 1
    assert done.errors[-1] == "and 30 more"


def test_another_crawl_that_wrote_the_list_meanwhile_wins(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.crawl()
    bench.registry.push("acme/api", "1.1")

    def meanwhile(request: str) -> None:
        if request == "repositories 1":
            Bench(bench.registry, takes_over(bench)).crawl()

    done = bench.crawl(before=meanwhile)
    assert (done.status, bench.asked) == (INCOMPLETE, ["repositories 1"])
    assert done.errors == ("another crawl wrote this namespace meanwhile; crawl again.",)
    assert len(bench.archive.changes) == 2 + 1


def test_another_crawl_that_wrote_the_tags_meanwhile_wins(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.registry.add("acme/web", "1.0")
    bench.crawl()
    bench.registry.push("acme/api", "1.1")
    bench.registry.push("acme/web", "1.1")

    def meanwhile(request: str) -> None:
        if request == "tags acme/web 1":
            Bench(bench.registry, takes_over(bench)).crawl()

    done = bench.crawl(before=meanwhile)
    assert done.status is INCOMPLETE
    assert all("was written by another crawl meanwhile" in error for error in done.errors)
    assert len(bench.archive.changes) == 4 + 2
    assert bench.indexed() == bench.truth()


def takes_over(bench: Bench) -> MemoryArchive:
    """The archive, which believes that the crawl that is going on has died."""
    bench.archive.die()
    return bench.archive


def test_a_database_that_fails_ends_the_crawl_with_its_own_error(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0")
    with pytest.raises(StoreError, match="the disk is full"):
        bench.crawl(trouble=(("tags acme/api *", StoreError("the disk is full")),))
    assert bench.archive.crawls[1].status is CrawlStatus.INTERRUPTED
    assert bench.crawl().status is COMPLETE
