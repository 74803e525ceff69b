"""Lists that are old copies: what a cache or a replica hands out, and when it is believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from indexer.core.model import CrawlStatus, Mode
from tests.support.crawls import Bench
from tests.support.manifest_shelf import Shelf
from tests.support.memory_registry import MemorySource

if TYPE_CHECKING:
    from datetime import datetime

COMPLETE, INCOMPLETE = CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE
HOUR = timedelta(hours=1)


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.registry.add("acme/a", "v1", "v2")
    return bench


class Heads(Shelf):
    """Answers `HEAD` from a registry in memory."""

    def __init__(self, source: MemorySource) -> None:
        super().__init__()
        self._source = source

    def head(self, repository: str, tag: str) -> str | None:
        """See `ManifestSource`."""
        self._source.asked.append(f"head {repository}:{tag}")
        held = self._source.of.held[repository].tags.get(tag)
        return held.digest if held else None


class WithHeads(MemorySource):
    """A source whose registry answers `HEAD`."""

    @property
    def contents(self) -> Heads:
        """See `Source`."""
        return Heads(self)


def with_heads(source: MemorySource) -> WithHeads:
    return WithHeads(**vars(source))


def date_back(bench: Bench, name: str, tag: str | None = None, *, to: datetime) -> None:
    """A date really goes back."""
    held = bench.registry.held[name]
    if tag is None:
        held.item = replace(held.item, last_updated=to)
    else:
        held.tags[tag] = structs.replace(held.tags[tag], last_updated=to)


@pytest.mark.parametrize("tells", [list, None], ids=["with tags/list", "without it"])
def test_answers_from_the_past(bench: Bench, tells: type[list[str]] | None) -> None:
    """The case `answers-from-the-past`: in the third crawl both lists are those of the first."""
    bench.registry.tells = tells
    bench.crawl()
    past = bench.registry.copied()
    bench.registry.push("acme/a", "v1")
    bench.registry.push("acme/a", "v3")
    assert bench.changes(bench.crawl()) == ["tag_added acme/a:v3", "tag_retagged acme/a:v1"]

    third = bench.crawl(cached=past)
    assert (third.status, bench.changes(third)) == (INCOMPLETE, [])
    (sentence,) = third.errors
    assert sentence.startswith("acme: its list of repositories seems to be an old copy")
    assert bench.asked[:3] == ["repositories 1"] * 3

    fourth = bench.crawl()
    assert (fourth.status, bench.changes(fourth)) == (COMPLETE, [])
    assert bench.indexed() == bench.truth()


def test_only_the_list_of_tags_is_old(bench: Bench) -> None:
    bench.crawl()
    past = bench.registry.copied()
    bench.registry.push("acme/a", "v1")
    bench.registry.push("acme/a", "v3")
    bench.crawl()
    bench.registry.push("acme/a", "v2")
    past.held["acme/a"].item = bench.registry.held["acme/a"].item
    third = bench.crawl(cached=past)
    assert (third.status, bench.changes(third)) == (INCOMPLETE, [])
    (sentence,) = third.errors
    assert sentence.startswith("acme/a: its list of tags seems to be an old copy")
    fourth = bench.crawl()
    assert (fourth.status, bench.changes(fourth)) == (COMPLETE, ["tag_retagged acme/a:v2"])


def test_one_old_answer_is_read_again_at_once(bench: Bench) -> None:
    bench.crawl()
    past = bench.registry.copied()
    bench.registry.push("acme/a", "v1")
    bench.crawl()
    bench.registry.push("acme/a", "v2")
    done = bench.crawl(cached=past, cache_hits=1)
    assert (done.status, bench.changes(done)) == (COMPLETE, ["tag_retagged acme/a:v2"])
    assert bench.asked == ["repositories 1", "repositories 1", "tags acme/a 1"]


def test_what_was_removed_does_not_come_back_with_an_old_list(bench: Bench) -> None:
    """No date went back: the old lists only have what was removed since."""
    bench.registry.add("acme/b", "v1")
    bench.crawl()
    past = bench.registry.copied()
    bench.registry.delete_tag("acme/a", "v2")
    bench.registry.remove("acme/b")
    removed = ["repository_removed acme/b", "tag_removed acme/a:v2"]
    assert bench.changes(bench.crawl(Mode.FULL)) == removed
    third = bench.crawl(Mode.FULL, cached=past)
    assert (third.status, bench.changes(third)) == (INCOMPLETE, [])
    why = "which the registry does not have; it seems to be an old copy: not recorded; crawl again"
    assert third.errors == (
        f"acme: its list of repositories shows acme/b, {why}",
        f"acme/a: its list of tags shows v2, {why}",
    )
    fourth = bench.crawl(Mode.FULL)
    assert (fourth.status, bench.changes(fourth)) == (COMPLETE, [])


def test_whether_a_list_lost_its_newest_tag_or_is_old_is_decided_by_the_tag_itself(
    bench: Bench,
) -> None:
    bench.registry.push("acme/a", "v3")
    bench.crawl()
    without = bench.registry.copied(tags=("v1", "v2"))
    done = bench.crawl(Mode.VERIFY, cached=without)
    assert (done.status, bench.changes(done)) == (INCOMPLETE, [])
    assert done.errors == ("acme/a: its list of tags leaves out 1 that exist",)
    bench.registry.delete_tag("acme/a", "v3")
    done = bench.crawl(Mode.VERIFY, cached=without)
    assert (done.status, bench.changes(done)) == (COMPLETE, ["tag_removed acme/a:v3"])


def test_a_tag_whose_date_really_went_back_is_believed_once_the_registry_confirms_it(
    bench: Bench,
) -> None:
    bench.crawl()
    known = bench.registry.held["acme/a"].tags["v1"]
    assert known.last_updated is not None
    bench.registry.push("acme/a", "v1")
    bench.crawl()
    bench.registry.push("acme/a", "v1")
    date_back(bench, "acme/a", "v1", to=known.last_updated - HOUR)
    done = bench.crawl(through=with_heads)
    assert (done.status, bench.changes(done)) == (COMPLETE, ["tag_retagged acme/a:v1"])
    lists = ["tags acme/a 1"] * 3
    assert bench.asked == ["repositories 1", *lists, "head acme/a:v1", "tags acme/a 1"]


def test_the_registry_contradicts_an_old_list_of_tags(bench: Bench) -> None:
    bench.crawl()
    past = bench.registry.copied()
    bench.registry.push("acme/a", "v1")
    bench.crawl()
    past.held["acme/a"].item = bench.registry.held["acme/a"].item
    done = bench.crawl(Mode.FULL, cached=past, through=with_heads)
    assert bench.asked[-1] == "head acme/a:v1"
    assert (done.status, bench.changes(done)) == (INCOMPLETE, [])


def test_a_repository_whose_date_went_back_with_a_deletion_is_believed_at_once(
    bench: Bench,
) -> None:
    """The repository itself has that date, and the registry names other tags than are known."""
    bench.registry.tells = list
    bench.crawl()
    newest = bench.registry.held["acme/a"].tags["v1"].last_updated
    assert newest is not None
    bench.registry.delete_tag("acme/a", "v2")
    date_back(bench, "acme/a", to=newest)
    done = bench.crawl()
    assert (done.status, bench.changes(done)) == (COMPLETE, ["tag_removed acme/a:v2"])


@pytest.mark.parametrize("of_a_tag", [False, True], ids=["repository", "tag"])
def test_what_is_the_same_after_24_hours_is_true(bench: Bench, *, of_a_tag: bool) -> None:
    bench.crawl()
    before = bench.registry.held["acme/a"].tags["v1"].last_updated
    assert before is not None
    date_back(bench, "acme/a", "v2" if of_a_tag else None, to=before - HOUR)
    for _ in range(3):
        assert bench.crawl(Mode.VERIFY).status is INCOMPLETE
        bench.registry.now += 8 * HOUR
    done = bench.crawl(Mode.VERIFY)
    assert (done.status, bench.changes(done)) == (COMPLETE, [])
    assert bench.crawl().status is COMPLETE
    assert bench.asked == ["repositories 1"]


@pytest.mark.parametrize("of_a_tag", [False, True], ids=["repository", "tag"])
def test_one_date_that_went_back_does_not_hold_up_later_pushes(
    bench: Bench, *, of_a_tag: bool
) -> None:
    """An older copy of the list cannot have what is newer than all that the list ever showed."""
    bench.registry.add("acme/b", "v1")
    bench.crawl()
    doubted = "acme/b" if of_a_tag else "acme/a"
    before = bench.registry.held[doubted].tags["v1"].last_updated
    assert before is not None
    bench.registry.push("acme/b", "v2")
    date_back(bench, doubted, "v1" if of_a_tag else None, to=before - HOUR)
    done = bench.crawl()
    assert (done.status, bench.changes(done)) == (INCOMPLETE, ["tag_added acme/b:v2"])
    bench.registry.add("acme/c", "v1")
    bench.registry.push("acme/b", "v2")
    done = bench.crawl()
    told = ["repository_added acme/c", "tag_added acme/c:v1", "tag_retagged acme/b:v2"]
    assert (done.status, sorted(bench.changes(done))) == (INCOMPLETE, told)
    bench.registry.now += 24 * HOUR
    done = bench.crawl(Mode.VERIFY)
    assert (done.status, bench.changes(done)) == (COMPLETE, [])


def test_a_removed_tag_in_an_old_list_needs_a_second_answer_however_new_it_is(
    bench: Bench,
) -> None:
    """The list is older than the last one, and shows a push that no list ever showed."""
    bench.crawl()
    before = bench.registry.held["acme/a"].tags["v1"].last_updated
    assert before is not None
    bench.registry.push("acme/a", "v2")
    past = bench.registry.copied()
    bench.registry.delete_tag("acme/a", "v2")
    assert bench.changes(bench.crawl()) == ["tag_removed acme/a:v2"]
    held = past.held["acme/a"]
    held.tags["v1"] = structs.replace(held.tags["v1"], last_updated=before - HOUR)
    done = bench.crawl(Mode.VERIFY, cached=past)
    assert (done.status, bench.changes(done)) == (INCOMPLETE, [])
    assert bench.asked[-1] == "tag acme/a:v2"


def test_a_date_that_was_another_meanwhile_is_doubted_for_24_hours_anew(bench: Bench) -> None:
    bench.crawl()
    before = bench.registry.held["acme/a"].tags["v1"].last_updated
    assert before is not None
    date_back(bench, "acme/a", to=before - HOUR)
    assert bench.crawl().status is INCOMPLETE
    bench.registry.now += 24 * HOUR
    date_back(bench, "acme/a", to=before - 2 * HOUR)
    assert bench.crawl().status is INCOMPLETE
    bench.registry.now += 23 * HOUR
    assert bench.crawl().status is INCOMPLETE
    bench.registry.now += HOUR
    assert bench.crawl().status is COMPLETE


def test_a_repository_that_was_pushed_to_and_deleted_between_two_crawls_is_not_revived(
    bench: Bench,
) -> None:
    """The old copy shows it with a later date than any crawl ever saw."""
    bench.crawl()
    bench.registry.push("acme/a", "v9")
    past = bench.registry.copied()
    bench.registry.remove("acme/a")
    assert "repository_removed acme/a" in bench.changes(bench.crawl())
    third = bench.crawl(cached=past)
    assert (third.status, bench.changes(third)) == (INCOMPLETE, [])
    assert "acme/a" in " ".join(third.errors)
    bench.registry.add("acme/a", "v1")
    fourth = bench.crawl()
    assert fourth.status == COMPLETE
    assert "repository_added acme/a" in bench.changes(fourth)


def test_a_tag_that_was_pushed_and_deleted_between_two_crawls_is_not_revived(bench: Bench) -> None:
    """The old copy shows it with a later date than any crawl ever saw."""
    bench.crawl()
    bench.registry.push("acme/a", "v2")
    past = bench.registry.copied()
    bench.registry.delete_tag("acme/a", "v2")
    assert bench.changes(bench.crawl()) == ["tag_removed acme/a:v2"]
    third = bench.crawl(Mode.VERIFY, cached=past)
    assert (third.status, bench.changes(third)) == (INCOMPLETE, [])
    assert bench.asked == ["repositories 1", "tags acme/a 1", "tag acme/a:v2"]
    (sentence,) = third.errors
    assert sentence.startswith("acme/a: its list of tags shows v2, which the registry does not")
    bench.registry.push("acme/a", "v2")
    fourth = bench.crawl()
    assert (fourth.status, bench.changes(fourth)) == (COMPLETE, ["tag_added acme/a:v2"])
    assert bench.asked == ["repositories 1", "tags acme/a 1", "tag acme/a:v2"]
    bench.registry.push("acme/a", "v2")
    assert bench.changes(bench.crawl()) == ["tag_retagged acme/a:v2"]
    assert bench.asked == ["repositories 1", "tags acme/a 1"]


def test_many_removed_tags_that_are_listed_again_are_asked_for_at_once(bench: Bench) -> None:
    bench.registry.tells = list
    names = [f"nightly-{number}" for number in range(5)]
    for name in names:
        bench.registry.push("acme/a", name)
    bench.crawl()
    for name in names:
        bench.registry.delete_tag("acme/a", name)
    bench.crawl(Mode.VERIFY, accepted=frozenset({"acme/a"}))
    for name in names[:4]:
        bench.registry.push("acme/a", name)
    past = bench.registry.copied()
    bench.registry.delete_tag("acme/a", "nightly-0")
    done = bench.crawl(cached=past)
    assert bench.asked[1:] == ["tags acme/a 1", "names acme/a", "tag acme/a:nightly-0"]
    assert done.status is INCOMPLETE
    assert sorted(bench.changes(done)) == [f"tag_added acme/a:{name}" for name in names[1:4]]


def test_a_repository_that_comes_back_does_not_bring_its_old_tags(bench: Bench) -> None:
    bench.crawl()
    past = bench.registry.copied()
    bench.registry.remove("acme/a")
    bench.crawl()
    bench.registry.add("acme/a", "v3")
    past.held["acme/a"].item = bench.registry.held["acme/a"].item
    done = bench.crawl(cached=past)
    assert (done.status, bench.changes(done)) == (INCOMPLETE, ["repository_added acme/a"])
    done = bench.crawl()
    assert (done.status, bench.changes(done)) == (COMPLETE, ["tag_added acme/a:v3"])
