"""When a crawl reports something as removed, and when it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Denied, LoginFailed, Unavailable
from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.pagination import Page
from indexer.crawl.wanted_names import WantedNames
from tests.support.crawls import Bench
from tests.support.memory_registry import MemorySource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.core.model import Tag
    from indexer.crawl.pagination import PageRequest

    Tells = Callable[[Sequence[str]], Sequence[str]] | None

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
    assert f"cannot tell whether {names[1]} was removed, so it is kept: {error}" in done.errors
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
    assert "2 repositories were no longer listed, and kept: the password is refused" in done.errors
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


@pytest.mark.parametrize("tells", [list, None], ids=["with tags/list", "without it"])
def test_one_empty_answer_removes_nothing(bench: Bench, tells: Tells) -> None:
    """The names contradict it, and the list is read again; without names, one tag does."""
    bench.registry.tells = tells
    bench.registry.add("acme/api", *"abcdefghi")
    bench.crawl()
    bench.registry.push("acme/api", "a")
    no_tags = bench.registry.copied(tags=())
    done = bench.crawl(cached=no_tags, cache_hits=2)  # the first is of the repositories
    assert bench.changes(done) == ["tag_retagged acme/api:a"]
    assert done.status is COMPLETE
    second = "names acme/api" if tells else "tag acme/api:i"
    assert bench.asked == ["repositories 1", "tags acme/api 1", second, "tags acme/api 1"]
    assert bench.changes(bench.crawl()) == []
    assert bench.indexed() == bench.truth()


def test_a_list_that_stays_empty_removes_nothing_that_the_registry_names(bench: Bench) -> None:
    bench.registry.tells = list
    bench.registry.add("acme/api", *"abcdefghi")
    bench.crawl()
    bench.registry.push("acme/api", "a")
    done = bench.crawl(cached=bench.registry.copied(tags=()))
    sentence = "acme/api: its list of tags leaves out 9 that the registry names: they are kept"
    assert (done.status, bench.changes(done)) == (INCOMPLETE, [])
    assert done.errors == (f"{sentence}; crawl again",)
    again = bench.crawl()
    assert (again.status, bench.changes(again)) == (COMPLETE, ["tag_retagged acme/api:a"])


def test_accepting_removals_does_not_accept_an_empty_answer(bench: Bench) -> None:
    """What a person accepted are removals that were held back, not what a cache answers now."""
    bench.registry.tells = list
    bench.registry.add("acme/api", *(f"1.{minor}" for minor in range(30)))
    bench.crawl()
    for minor in range(20):
        bench.registry.delete_tag("acme/api", f"1.{minor}")
    assert bench.changes(bench.crawl(Mode.VERIFY)) == []
    accepted = frozenset({"acme/api"})
    done = bench.crawl(cached=bench.registry.copied(tags=()), cache_hits=2, accepted=accepted)
    assert len(bench.changes(done)) == 20
    assert bench.indexed() == bench.truth()


def test_tags_that_neither_the_list_nor_the_registry_names_are_removed_at_one_request_more(
    bench: Bench,
) -> None:
    bench.registry.tells = list
    bench.registry.add("acme/api", *"abcdefghi")
    bench.crawl()
    for tag in "abcd":
        bench.registry.delete_tag("acme/api", tag)
    bench.registry.push("acme/api", "e")
    done = bench.crawl()
    removed = [f"tag_removed acme/api:{tag}" for tag in "abcd"]
    assert bench.changes(done) == [*removed, "tag_retagged acme/api:e"]
    assert bench.asked == ["repositories 1", "tags acme/api 1", "names acme/api"]


class ByName(MemorySource):
    """A source that asks for each wanted tag by its name, and reads no list."""

    def tags(self, repository: str, ask: PageRequest) -> Page[Tag] | None:
        """See `Source`."""
        del ask
        found = [self.tag(repository, name) for name in self.wanted.tags]
        return Page(tuple(filter(None, found)), None, None, proves_absence=False)


def by_name(source: MemorySource) -> ByName:
    return ByName(**vars(source))


def test_a_tag_that_is_read_by_its_name_is_kept_while_the_registry_names_it(bench: Bench) -> None:
    """There the first answer is its own 404, so a second 404 of its own is no other answer."""
    wanted = WantedNames(("acme/api",), ("a", "b"))
    bench.registry.tells = lambda _: ["a", "b"]
    bench.registry.add("acme/api", "a", "b")
    bench.crawl(wanted=wanted, through=by_name)
    bench.registry.delete_tag("acme/api", "a")
    bench.registry.push("acme/api", "b")
    done = bench.crawl(wanted=wanted, through=by_name)
    assert (done.status, bench.changes(done)) == (INCOMPLETE, ["tag_retagged acme/api:b"])
    bench.registry.tells = list
    done = bench.crawl(wanted=wanted, through=by_name)
    assert (done.status, bench.changes(done)) == (COMPLETE, ["tag_removed acme/api:a"])


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
