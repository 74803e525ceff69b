"""When a crawl reports something as removed, and when it does not."""

from __future__ import annotations

import pytest

from indexer.core.errors import Denied, LoginFailed, Unavailable
from indexer.core.model import CrawlStatus, Mode
from tests.support.crawls import Bench

COMPLETE, INCOMPLETE = CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_repository_that_a_swap_of_visibility_hides_from_a_clean_listing_is_kept(
    bench: Bench,
) -> None:
    """One removed and an old one shown, between two pages: the fifth page begins one too far."""
    bench.registry.page_size = 2
    bench.registry.add("acme/hidden", private=True)
    names = bench.registry.add_many(10)
    bench.crawl()

    def swap(request: str) -> None:
        if request == "repositories 4":
            bench.registry.remove(names[5])
            bench.registry.set_private("acme/hidden", private=False)

    done = bench.crawl(Mode.FULL, before=swap)
    assert names[3] in bench.indexed()
    assert f"repository {names[3]}" in bench.asked
    assert (done.status, bench.changes(done)) == (INCOMPLETE, ["repository_added acme/hidden"])
    assert f"{names[3]} is no longer listed, but exists: it is kept" in done.errors

    again = bench.crawl()
    assert (again.status, bench.changes(again)) == (
        COMPLETE,
        [f"repository_removed {names[5]}"],
    )
    assert bench.indexed() == bench.truth()


def test_a_repository_made_private_is_removed_for_an_account_that_may_not_see_it(
    bench: Bench,
) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.registry.add("acme/web", "1.0")
    bench.crawl()
    bench.registry.set_private("acme/api", private=True)
    done = bench.crawl()
    assert (done.status, bench.changes(done)) == (COMPLETE, ["repository_removed acme/api"])
    bench.registry.set_private("acme/api", private=False)
    back = bench.crawl()
    assert bench.changes(back) == ["repository_added acme/api", "tag_added acme/api:1.0"]


def test_an_old_repository_shown_below_the_head_is_found_by_the_count(bench: Bench) -> None:
    bench.registry.page_size = 5
    bench.registry.add("acme/old", "1.0", private=True)
    bench.registry.add_many(12)
    bench.crawl()
    bench.registry.set_private("acme/old", private=False)
    done = bench.crawl()
    assert bench.changes(done) == ["repository_added acme/old", "tag_added acme/old:1.0"]


def test_two_that_swap_below_the_head_are_found_by_verifying(bench: Bench) -> None:
    """No single request can see it: the count fits, and no date moved."""
    bench.registry.page_size = 5
    bench.registry.add("acme/old", "1.0", private=True)
    names = bench.registry.add_many(12, "1.0")
    bench.crawl()
    bench.registry.set_private("acme/old", private=False)
    bench.registry.remove(names[2])
    assert bench.changes(bench.crawl()) == []
    verified = bench.crawl(Mode.VERIFY)
    assert verified.status is INCOMPLETE
    assert verified.errors == (f"{names[2]}: there are no tags of '{names[2]}'",)
    done = bench.crawl()
    assert (done.status, bench.indexed()) == (COMPLETE, bench.truth())


@pytest.mark.parametrize(
    "error", [Denied("403"), Unavailable("it answers 503")], ids=["denied", "unavailable"]
)
def test_a_missing_repository_that_cannot_be_asked_for_is_kept(
    bench: Bench, error: Exception
) -> None:
    names = bench.registry.add_many(3)
    bench.crawl()
    bench.registry.remove(names[1])
    done = bench.crawl(trouble=((f"repository {names[1]}", error),))
    assert (done.status, bench.changes(done)) == (INCOMPLETE, [])
    assert f"it is not known whether {names[1]} was removed, so it is kept: {error}" in done.errors
    assert bench.changes(bench.crawl()) == [f"repository_removed {names[1]}"]


def test_when_no_further_question_makes_sense_everything_missing_is_kept(bench: Bench) -> None:
    names = bench.registry.add_many(4, "1.0")
    bench.crawl()
    bench.registry.remove(names[0])
    bench.registry.remove(names[1])
    bench.registry.push(names[2], "1.0")
    done = bench.crawl(trouble=(("repository *", LoginFailed("the password is refused")),))
    assert bench.asked[-1].startswith("repository")
    assert (done.status, bench.changes(done)) == (INCOMPLETE, [])
    assert "2 repositories are no longer listed and kept: the password is refused" in done.errors
    assert bench.changes(bench.crawl()) == [
        f"repository_removed {names[0]}",
        f"repository_removed {names[1]}",
        f"tag_retagged {names[2]}:1.0",
    ]


def test_a_missing_tag_is_asked_for_where_the_list_proves_nothing(bench: Bench) -> None:
    bench.registry.page_size = 2
    bench.registry.add("acme/api", "a", "b", "c", "d", "e")
    bench.crawl()
    bench.registry.delete_tag("acme/api", "c")
    bench.registry.push("acme/api", "f")
    assert len(bench.registry.held["acme/api"].tags) == 5  # too few to convince of an order
    done = bench.crawl()
    assert bench.asked[-1] == "tag acme/api:c"
    assert bench.changes(done) == ["tag_added acme/api:f", "tag_removed acme/api:c"]


def test_no_namespace_is_a_failed_crawl_and_removes_nothing(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.crawl()
    bench.registry.namespaces.clear()
    done = bench.crawl()
    assert (done.status, done.errors) == (
        CrawlStatus.FAILED,
        ("there is no namespace 'acme'",),
    )
    assert bench.indexed() == bench.truth()


def test_a_kept_repository_that_is_not_listed_does_not_make_the_list_inexact(bench: Bench) -> None:
    bench.registry.add("acme/secret", "1.0", private=True)
    bench.registry.page_size = 5
    bench.registry.add_many(12)
    bench.crawl(who="alice")
    bench.crawl()
    bench.crawl(Mode.VERIFY)
    bench.crawl()
    assert bench.asked == ["repositories 1"]


def test_a_removed_public_repository_is_removed_for_every_identity(bench: Bench) -> None:
    bench.registry.add("acme/api", "1.0")
    bench.registry.add("acme/web", "1.0")
    bench.crawl(who="alice")
    bench.registry.remove("acme/api")
    done = bench.crawl()
    assert (done.status, bench.changes(done)) == (COMPLETE, ["repository_removed acme/api"])
