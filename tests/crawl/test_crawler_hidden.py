"""Private repositories that their account no longer sees: hidden, not removed."""

from __future__ import annotations

import pytest

from indexer.core.errors import Denied, LoginFailed
from indexer.core.model import CrawlStatus, Mode
from tests.support.crawls import Bench

COMPLETE, INCOMPLETE = CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE

ACCEPTED = frozenset({"acme"})


@pytest.fixture
def bench() -> Bench:
    """Nine private repositories and a public one, as alice saw them."""
    bench = Bench()
    for number in range(9):
        bench.registry.add(f"acme/p{number}", "1.0", private=True)
    bench.registry.add("acme/web", "1.0")
    bench.crawl(who="alice")
    return bench


def hidden(bench: Bench) -> list[str]:
    present = bench.archive.present("docker.io", "acme")
    return sorted(name for name, (item, _) in present.items() if item.hidden_since is not None)


ALL = [f"acme/p{number}" for number in range(9)]


@pytest.mark.parametrize("mode", Mode)
def test_an_account_that_loses_rights_removes_nothing(bench: Bench, mode: Mode) -> None:
    only = frozenset({"acme/p3"})
    noticing = bench.crawl(mode, who="alice", sees=only)
    assert (noticing.status, bench.changes(noticing)) == (INCOMPLETE, [])
    told = (
        "acme: 8 private repositories are no longer visible to alice and kept as hidden: acme/p0, "
        "acme/p1, acme/p2, acme/p4, acme/p5 and 3 more; give that account its rights back, or, if "
        "they were deleted, say 'indexer accept acme'"
    )
    assert noticing.errors == (told,)
    assert bench.indexed() == bench.truth()
    assert hidden(bench) == [name for name in ALL if name not in only]
    later = bench.crawl(mode, who="alice", sees=only)
    assert (later.status, bench.changes(later)) == (COMPLETE, [])


def test_an_unchanged_namespace_with_hidden_ones_takes_one_request(bench: Bench) -> None:
    bench.crawl(who="alice", sees=frozenset())
    bench.crawl(who="alice", sees=frozenset())
    assert bench.asked == ["repositories 1"]


@pytest.mark.parametrize("organisation", [None, True])
def test_a_hidden_repository_that_is_seen_again_is_visible_and_no_change(
    bench: Bench, *, organisation: bool | None
) -> None:
    bench.crawl(who="alice", organisation=organisation, sees=frozenset())
    bench.registry.push("acme/p1", "1.0")
    bench.registry.delete_tag("acme/p2", "1.0")
    back = bench.crawl(who="alice", organisation=organisation)
    assert (back.status, bench.changes(back)) == (
        COMPLETE,
        ["tag_retagged acme/p1:1.0", "tag_removed acme/p2:1.0"],
    )
    assert hidden(bench) == []
    assert bench.indexed() == bench.truth()


def test_the_last_private_repositories_deleted_are_hidden_until_a_person_has_looked(
    bench: Bench,
) -> None:
    for name in ALL:
        bench.registry.remove(name)
    assert bench.crawl(who="alice", organisation=True).status is INCOMPLETE
    assert bench.crawl(who="alice", organisation=True).status is COMPLETE
    assert hidden(bench) == ALL
    done = bench.crawl(who="alice", organisation=True, accepted=ACCEPTED)
    assert done.status is COMPLETE
    assert bench.changes(done) == [f"repository_removed {name}" for name in ALL]
    assert bench.indexed() == bench.truth()


def test_one_is_accepted_by_its_own_name(bench: Bench) -> None:
    bench.crawl(who="alice", sees=frozenset())
    done = bench.crawl(who="alice", sees=frozenset(), accepted=frozenset({"acme/p4"}))
    assert (done.status, bench.changes(done)) == (COMPLETE, ["repository_removed acme/p4"])


def test_what_was_not_hidden_before_is_not_accepted(bench: Bench) -> None:
    """A person who runs 'accept' without credentials accepts nothing of what alice sees."""
    done = bench.crawl(accepted=ACCEPTED)
    assert (done.status, bench.changes(done)) == (INCOMPLETE, [])
    assert hidden(bench) == ALL


def test_what_is_accepted_and_there_after_all_is_visible_again(bench: Bench) -> None:
    """It answers to its name, although the list lacks it."""
    bench.crawl(who="alice", sees=frozenset())
    done = bench.crawl(who="alice", accepted=ACCEPTED)
    assert bench.changes(done) == []
    assert hidden(bench) == []


def test_what_is_accepted_and_cannot_be_asked_for_stays_hidden(bench: Bench) -> None:
    bench.crawl(who="alice", sees=frozenset())
    refused = ("repository acme/p0", Denied("403"))
    done = bench.crawl(who="alice", sees=frozenset(), accepted=ACCEPTED, trouble=(refused,))
    assert (done.status, len(bench.changes(done))) == (INCOMPLETE, 8)
    assert hidden(bench) == ["acme/p0"]


def test_removals_are_believed_of_an_account_whose_rights_never_change(bench: Bench) -> None:
    bench.registry.remove("acme/p0")
    bench.registry.remove("acme/p1")
    done = bench.crawl(who="alice", believes=True)
    assert done.status is COMPLETE
    assert bench.changes(done) == ["repository_removed acme/p0", "repository_removed acme/p1"]


def test_of_another_account_none_are_believed(bench: Bench) -> None:
    for who in ("anonymous", "bob"):
        done = bench.crawl(who=who, sees=frozenset(), believes=True)
        assert bench.changes(done) == []
    assert hidden(bench) == ALL


def test_what_was_hidden_is_removed_once_it_is_believed(bench: Bench) -> None:
    bench.crawl(who="alice", sees=frozenset(ALL[1:]))
    done = bench.crawl(who="alice", sees=frozenset(ALL[1:]), believes=True)
    assert (done.status, bench.changes(done)) == (COMPLETE, ["repository_removed acme/p0"])


def test_lost_credentials_hide_without_a_question_for_each(bench: Bench) -> None:
    lost = bench.crawl()
    assert (lost.status, bench.changes(lost)) == (INCOMPLETE, [])
    assert "9 private repositories are no longer visible to anonymous" in lost.errors[0]
    assert not [each for each in bench.asked if each.startswith("repository ")]
    assert bench.crawl().status is COMPLETE
    found = bench.crawl(who="alice")
    assert (found.status, bench.changes(found)) == (COMPLETE, [])
    assert hidden(bench) == []


def test_most_of_many_are_hidden_without_a_question_for_each() -> None:
    bench = Bench()
    for number in range(30):
        bench.registry.add(f"acme/p{number:02}", private=True)
    bench.crawl(who="alice")
    assert bench.crawl(who="alice", sees=frozenset()).status is INCOMPLETE
    assert len(hidden(bench)) == 30
    assert not [each for each in bench.asked if each.startswith("repository ")]


def test_a_missing_private_repository_that_cannot_be_asked_for_is_asked_for_again(
    bench: Bench,
) -> None:
    only = frozenset(ALL[1:])
    refused = ("repository acme/p0", Denied("403"))
    done = bench.crawl(who="alice", sees=only, trouble=(refused,))
    assert (done.status, hidden(bench)) == (INCOMPLETE, [])
    assert bench.crawl(who="alice", sees=only).status is INCOMPLETE
    assert hidden(bench) == ["acme/p0"]


def test_nothing_is_hidden_when_no_further_question_makes_sense(bench: Bench) -> None:
    lost = ("repository acme/p0", LoginFailed("the password is refused"))
    bench.crawl(who="alice", sees=frozenset(), trouble=(lost,))
    assert hidden(bench) == []
    assert bench.indexed() == bench.truth()


def test_a_hidden_name_that_is_public_now_is_visible_again(bench: Bench) -> None:
    bench.crawl()
    bench.registry.set_private("acme/p5", private=False)
    shown = bench.crawl()
    assert (shown.status, bench.changes(shown)) == (COMPLETE, [])
    assert hidden(bench) == [name for name in ALL if name != "acme/p5"]
    bench.registry.remove("acme/p5")
    assert bench.changes(bench.crawl()) == ["repository_removed acme/p5"]


def test_public_repositories_are_removed_while_private_ones_are_hidden(bench: Bench) -> None:
    bench.registry.remove("acme/web")
    done = bench.crawl(who="alice", sees=frozenset())
    assert bench.changes(done) == ["repository_removed acme/web"]
    assert hidden(bench) == ALL


def test_a_private_one_that_the_list_lacks_and_that_answers_is_kept_and_not_hidden() -> None:
    """One removed and an old one made, between two pages: the list misses one that is there."""
    bench = Bench()
    bench.registry.page_size = 2
    bench.registry.add("acme/old", "1.0")
    names = [f"acme/p{number:02}" for number in range(10)]
    for name in names:
        bench.registry.add(name, "1.0", private=True)
    bench.registry.set_private("acme/old", private=True)
    bench.crawl(who="alice", sees=frozenset(names))

    def swap(request: str) -> None:
        if request == "repositories 4":
            bench.registry.remove(names[5])
            bench.registry.set_private("acme/old", private=False)

    bench.crawl(Mode.FULL, who="alice", sees=frozenset(names), before=swap)
    assert names[3] in bench.indexed()
    assert f"repository {names[3]}" in bench.asked
    assert hidden(bench) == []
    bench.crawl(who="alice", sees=frozenset(names))
    assert hidden(bench) == [names[5]]


@pytest.fixture
def long_list() -> Bench:
    """Twelve public repositories in pages of two, as alice reads them."""
    bench = Bench()
    bench.registry.page_size = 2
    for number in range(12):
        bench.registry.add(f"acme/r{number:02}", "1.0")
    bench.crawl(who="alice")
    return bench


def private(bench: Bench) -> list[str]:
    present = bench.archive.present("docker.io", "acme")
    return sorted(name for name, (item, _) in present.items() if item.private)


@pytest.mark.parametrize(("mode", "found"), [(Mode.INCREMENTAL, []), (Mode.VERIFY, ["acme/r03"])])
def test_a_verify_crawl_with_an_account_finds_what_was_made_private(
    long_list: Bench, mode: Mode, found: list[str]
) -> None:
    """To alice it stays listed, in its old place: its date does not move, nor does the count."""
    long_list.registry.set_private("acme/r03", private=True)
    done = long_list.crawl(mode, who="alice")
    assert (done.status, long_list.changes(done)) == (COMPLETE, [])
    assert private(long_list) == found


def test_without_an_account_a_verify_crawl_reads_the_head_of_the_list_only() -> None:
    """What is made private is not listed any more, and the count says so."""
    bench = Bench()
    bench.registry.page_size = 2
    for number in range(12):
        bench.registry.add(f"acme/r{number:02}", "1.0")
    bench.crawl()
    bench.crawl(Mode.VERIFY)
    assert [each for each in bench.asked if each.startswith("repositories")] == ["repositories 1"]
    bench.registry.set_private("acme/r03", private=True)
    done = bench.crawl()
    assert bench.changes(done) == ["repository_removed acme/r03"]
