"""A changed filter is recorded as no change, and removes nothing."""

from __future__ import annotations

import pytest

from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.wanted_names import WantedNames
from tests.support.crawls import Bench

COMPLETE = CrawlStatus.COMPLETE

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
    wider = bench.crawl(Mode.VERIFY, wanted=WantedNames(("acme/api",), ("latest", "v*")))
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


@pytest.mark.parametrize("mode", [Mode.VERIFY, Mode.FULL])
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
