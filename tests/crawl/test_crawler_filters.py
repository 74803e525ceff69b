"""A changed filter is recorded as no change, and removes nothing."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.wanted_names import WantedNames
from tests.support.crawls import Bench

if TYPE_CHECKING:
    from indexer.core.model import Crawl

COMPLETE, INCOMPLETE = CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE

API = WantedNames(("acme/api",))
ALL = WantedNames()


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.registry.add("acme/api", "latest", "v1", "v2")
    bench.registry.add("acme/web", "latest", "v1")
    return bench


@pytest.mark.parametrize("mode", Mode)
def test_what_a_wider_filter_lets_in_is_baseline_and_later_changes_are_recorded(
    bench: Bench, mode: Mode
) -> None:
    """The case widened-filter, for repositories and for tags."""
    first = bench.crawl(wanted=WantedNames(("acme/api",), ("latest",)))
    assert bench.indexed() == {"acme/api": {"latest": bench.truth()["acme/api"]["latest"]}}
    assert (first.status, bench.news(first)) == (COMPLETE, [])
    wider = bench.crawl(mode, wanted=WantedNames(("acme/api",), ("latest", "v*")))
    assert (wider.status, bench.news(wider)) == (COMPLETE, [])
    assert wider.baseline == 2
    widest = bench.crawl(mode, wanted=ALL)
    assert (widest.status, bench.news(widest)) == (COMPLETE, [])
    assert bench.indexed() == bench.truth()
    bench.registry.push("acme/api", "v3")
    bench.registry.push("acme/web", "v2")
    bench.registry.add("acme/new", "v1")
    assert bench.news(bench.crawl(mode, wanted=ALL)) == [
        "repository_added acme/new",
        "tag_added acme/new:v1",
        "tag_added acme/web:v2",
        "tag_added acme/api:v3",
    ]


@pytest.mark.parametrize("mode", Mode)
def test_a_narrower_filter_removes_nothing_and_what_comes_back_is_no_change(
    bench: Bench, mode: Mode
) -> None:
    bench.crawl(wanted=ALL)
    narrower = bench.crawl(mode, wanted=API)
    assert (narrower.status, bench.changes(narrower)) == (COMPLETE, [])
    known = bench.archive.present("docker.io", "acme")["acme/web"][0]
    assert known.unwatched_since == bench.registry.now
    assert not known.listed
    bench.registry.push("acme/web", "latest")
    bench.registry.delete_tag("acme/web", "v1")
    bench.registry.push("acme/web", "v2")
    assert bench.changes(bench.crawl(mode, wanted=API)) == []
    back = bench.crawl(mode, wanted=ALL)
    assert (back.status, bench.news(back)) == (COMPLETE, [])
    assert bench.indexed() == bench.truth()
    assert bench.archive.present("docker.io", "acme")["acme/web"][0].unwatched_since is None
    bench.registry.push("acme/web", "latest")
    assert bench.news(bench.crawl(mode, wanted=ALL)) == ["tag_retagged acme/web:latest"]


@pytest.mark.parametrize("mode", Mode)
def test_tags_that_were_left_out_come_back_without_changes(bench: Bench, mode: Mode) -> None:
    bench.crawl(wanted=ALL)
    no_versions = WantedNames(exclude=("v*",))
    assert bench.changes(bench.crawl(mode, wanted=no_versions)) == []
    assert set(bench.indexed()["acme/api"]) == {"latest"}
    bench.registry.push("acme/api", "v1")
    bench.registry.push("acme/api", "latest")
    assert bench.news(bench.crawl(mode, wanted=no_versions)) == ["tag_retagged acme/api:latest"]
    assert bench.news(bench.crawl(mode, wanted=ALL)) == []
    assert bench.indexed() == bench.truth()


def test_only_repositories_whose_tags_a_changed_filter_chooses_otherwise_are_read_again(
    bench: Bench,
) -> None:
    bench.crawl(wanted=WantedNames(("acme/api:v1", "acme/web")))
    assert set(bench.indexed()["acme/api"]) == {"v1"}
    wider = bench.crawl(wanted=ALL)
    assert (wider.status, bench.news(wider), wider.baseline) == (COMPLETE, [], 2)
    assert bench.indexed() == bench.truth()
    assert not [ask for ask in bench.asked if "acme/web" in ask]


def test_an_unchanged_filter_shows_what_is_new_within_it(bench: Bench) -> None:
    wanted = WantedNames(("acme/a*",), exclude=("*-rc*",))
    bench.crawl(wanted=wanted)
    bench.registry.push("acme/api", "v3")
    bench.registry.push("acme/api", "v4-rc1")
    bench.registry.add("acme/again", "v1", "v2-rc1")
    bench.registry.add("acme/other", "v1")
    done = bench.crawl(wanted=wanted)
    assert (done.status, bench.news(done)) == (
        COMPLETE,
        ["repository_added acme/again", "tag_added acme/again:v1", "tag_added acme/api:v3"],
    )
    bench.registry.remove("acme/again")
    done = bench.crawl(wanted=wanted)
    assert (done.status, bench.news(done)) == (COMPLETE, ["repository_removed acme/again"])


def test_an_account_that_is_added_brings_no_changes(bench: Bench) -> None:
    bench.registry.add("acme/secret", "1", private=True)
    bench.crawl()
    bench.registry.add("acme/public", "1")
    done = bench.crawl(who="alice")
    assert (done.status, bench.news(done)) == (
        COMPLETE,
        ["repository_added acme/public", "tag_added acme/public:1"],
    )
    assert bench.indexed() == bench.truth()


def test_one_repository_alone_is_read_within_the_record_of_its_namespace(bench: Bench) -> None:
    bench.crawl()
    bench.registry.push("acme/api", "v3")
    bench.registry.push("acme/web", "v2")
    bench.registry.add("acme/new", "v1")
    done = bench.crawl(part="acme/api")
    assert (done.status, bench.news(done)) == (COMPLETE, ["tag_added acme/api:v3"])
    present = bench.archive.present("docker.io", "acme")
    assert present["acme/web"][0].unwatched_since is None
    assert bench.news(bench.crawl(part="acme/new")) == [
        "repository_added acme/new",
        "tag_added acme/new:v1",
    ]
    assert bench.news(bench.crawl()) == ["tag_added acme/web:v2"]
    assert bench.indexed() == bench.truth()


def test_one_tag_alone_leaves_the_others_as_they_are(bench: Bench) -> None:
    bench.crawl()
    bench.registry.push("acme/api", "v1")
    bench.registry.push("acme/api", "v2")
    done = bench.crawl(part="acme/api:v1")
    assert (done.status, bench.news(done)) == (COMPLETE, ["tag_retagged acme/api:v1"])
    assert set(bench.indexed()["acme/api"]) == {"latest", "v1", "v2"}
    bench.registry.delete_tag("acme/api", "v1")
    assert bench.news(bench.crawl(part="acme/api:v1")) == ["tag_removed acme/api:v1"]
    assert bench.news(bench.crawl()) == ["tag_retagged acme/api:v2"]
    assert bench.indexed() == bench.truth()


@pytest.mark.parametrize("known", [True, False])
def test_a_named_tag_that_does_not_exist_is_told(bench: Bench, *, known: bool) -> None:
    if known:
        bench.crawl()
    done = bench.crawl(part="acme/api:nosuch")
    assert (done.status, bench.news(done)) == (INCOMPLETE, [])
    (sentence,) = done.errors
    assert sentence == ("there is no tag 'acme/api:nosuch' on docker.io (404): check the spelling")


def test_a_named_repository_is_read_with_the_filter_and_the_next_crawl_has_nothing_to_do(
    bench: Bench,
) -> None:
    wanted = WantedNames(tags=("v1",))
    bench.crawl(wanted=wanted)
    bench.registry.push("acme/api", "v1")
    bench.crawl(part="acme/api", wanted=WantedNames(("acme/api",), tags=("v1",)))
    assert set(bench.indexed()["acme/api"]) == {"v1"}
    bench.registry.push("acme/api", "v1")
    bench.crawl(wanted=wanted)
    pages = [each for each in bench.asked if each.startswith("tags acme/api")]
    bench.registry.push("acme/api", "v1")
    bench.crawl(wanted=wanted)
    assert [each for each in bench.asked if each.startswith("tags acme/api")] == pages


@pytest.mark.parametrize("part", ["acme/api", "acme/api:v1"])
def test_a_part_of_what_was_never_crawled_is_baseline_and_leaves_it_open(
    bench: Bench, part: str
) -> None:
    done = bench.crawl(part=part)
    assert (done.status, bench.news(done)) == (COMPLETE, [])
    assert set(bench.indexed()) == {"acme/api"}
    whole = bench.crawl()
    assert (whole.status, bench.news(whole)) == (COMPLETE, [])
    assert bench.indexed() == bench.truth()


MANY = [f"t{number:03}" for number in range(250)]
SOME = WantedNames(tags=("t00*", "new*"))


@pytest.fixture
def large() -> Bench:
    """A namespace of 120 repositories; the first has 250 tags, of which the filter wants ten."""
    bench = Bench()
    bench.registry.add_many(119, "latest")
    bench.registry.add("acme/large", *MANY)
    return bench


def asked(crawl: Crawl) -> int:
    assert crawl.status is COMPLETE
    return crawl.spent.requests


def test_an_unchanged_list_of_which_a_part_is_wanted_costs_as_much_as_one_without_a_filter(
    large: Bench,
) -> None:
    some = WantedNames(("acme/large", "acme/r00*"))
    large.crawl(wanted=some)
    quiet = large.crawl(wanted=some)
    assert (asked(quiet), large.changes(quiet)) == (1, [])
    large.registry.push("acme/large", "t001")
    moved = large.crawl(wanted=some)
    assert large.news(moved) == ["tag_retagged acme/large:t001"]
    assert asked(moved) == 2


def test_a_verified_list_of_tags_of_which_some_are_wanted_costs_a_page(large: Bench) -> None:
    only = WantedNames(("acme/large",), SOME.tags)
    large.crawl(wanted=only)
    assert asked(large.crawl(Mode.VERIFY, wanted=only)) == 2


def test_what_a_filter_leaves_out_may_come_without_costing_more(large: Bench) -> None:
    large.crawl(wanted=SOME)
    for tag in ("x1", "x2", "new1"):
        large.registry.push("acme/large", tag)
    found = large.crawl(wanted=SOME)
    assert (large.news(found), asked(found)) == (["tag_added acme/large:new1"], 2)
    assert asked(large.crawl(wanted=SOME)) == 1
    large.registry.push("acme/large", "new2")
    again = large.crawl(wanted=SOME)
    assert (large.news(again), asked(again)) == (["tag_added acme/large:new2"], 2)


@pytest.mark.parametrize("gone", ["t005", "t205"])
def test_a_removal_behind_a_filter_is_found_whatever_else_moves(large: Bench, gone: str) -> None:
    large.crawl(wanted=SOME)
    large.registry.delete_tag("acme/large", gone)
    large.registry.push("acme/large", "x1")
    large.registry.push("acme/large", "t100")
    found = large.crawl(wanted=SOME)
    assert large.news(found) == (["tag_removed acme/large:t005"] if gone == "t005" else [])
    large.registry.delete_tag("acme/large", "t006")
    assert large.news(large.crawl(Mode.VERIFY, wanted=SOME)) == ["tag_removed acme/large:t006"]


def test_a_removed_repository_is_found_behind_a_filter(large: Bench) -> None:
    some = WantedNames(exclude=("acme/large",))
    large.crawl(wanted=some)
    assert asked(large.crawl(wanted=some)) == 1
    name = next(iter(large.truth()))
    large.registry.remove(name)
    large.registry.push("acme/large", "more")
    assert large.news(large.crawl(wanted=some)) == [f"repository_removed {name}"]


ACTS = ("push w3", "push u3", "push w-new", "push u-new", "delete w5", "delete u5", "delete w9")


@pytest.mark.parametrize("first", ACTS)
def test_every_short_history_of_a_list_of_which_a_part_is_wanted_is_told(first: str) -> None:
    wanted = WantedNames(tags=("w*",))
    for second, third in itertools.product(ACTS, repeat=2):
        bench = Bench()
        bench.registry.page_size = 4
        names = [f"{kind}{number}" for number in range(10) for kind in "uw"]
        bench.registry.add("acme/app", *names)
        bench.crawl(wanted=wanted)
        for act in (first, second, third):
            verb, name = act.split()
            if verb == "push":
                bench.registry.push("acme/app", name)
            elif name in bench.truth()["acme/app"]:
                bench.registry.delete_tag("acme/app", name)
            if act is not third:
                continue
            for _ in range(2):
                assert bench.crawl(Mode.VERIFY, wanted=wanted).status is COMPLETE
                there = {tag: it for tag, it in bench.truth()["acme/app"].items() if tag[0] == "w"}
                assert bench.indexed() == {"acme/app": there}, (first, second, third)
