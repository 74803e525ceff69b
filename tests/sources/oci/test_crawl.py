"""Crawls of Debian's docker-registry: what they find, what they flag, and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Unavailable
from indexer.core.model import ChangeKind, CrawlStatus, Mode
from indexer.sources.oci.api import RegistryApi
from indexer.sources.oci.tag_selection import TagSelection
from tests.sources.oci.crawls import Crawler
from tests.sources.oci.images import Recipe
from tests.sources.oci.real_registry import counted, skopeo
from tests.sources.oci.test_source import ME, Bench, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.sources.oci.name_lists import NamesPage
    from tests.sources.oci.real_registry import RealRegistry

ADDED, REMOVED, RETAGGED = ChangeKind.TAG_ADDED, ChangeKind.TAG_REMOVED, ChangeKind.TAG_RETAGGED


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    for connection in made.open:
        connection.close()


@pytest.fixture
def crawler() -> Crawler:
    return Crawler()


def test_a_crawl_finds_everything_and_an_unchanged_registry_costs_as_much_again(
    registry: RealRegistry, bench: Bench, crawler: Crawler
) -> None:
    fill(registry, 3, 8)
    for _ in range(2):
        source = bench.source(registry)
        done = crawler.crawl(source)
        assert (done.status, done.repositories, done.tags) == (CrawlStatus.COMPLETE, 3, 24)
        assert counted(registry.asked()) == {"GET catalog": 1, "GET list": 3, "HEAD manifest": 24}
        assert done.spent.requests == 1 + 3 + 24
        registry.forget()
    assert crawler.news() == []


@pytest.mark.parametrize("mode", list(Mode))
def test_exactly_what_skopeo_moved_and_deleted_is_flagged(
    registry: RealRegistry, bench: Bench, crawler: Crawler, mode: Mode
) -> None:
    fill(registry, 2, 8)
    source = bench.source(registry)
    crawler.crawl(source)
    crawler.news()
    home = f"docker://{registry.name}/team/app0"
    plain = ["--src-tls-verify=false", "--dest-tls-verify=false"]
    skopeo("copy", *plain, f"{home}:v1.0", f"{home}:v1.7")
    skopeo("delete", "--tls-verify=false", f"docker://{registry.name}/team/app1:v1.5")
    registry.push(Recipe(text="new").made(), "team/new", "1")
    done = crawler.crawl(bench.source(registry), mode)
    assert done.status is CrawlStatus.COMPLETE
    assert set(crawler.news()) == {
        (RETAGGED, "team/app0", "v1.7"),
        # four tags had one digest, and skopeo deletes the manifest
        *((REMOVED, "team/app1", f"v1.{tag}") for tag in (4, 5, 6, 7)),
        (ChangeKind.REPOSITORY_ADDED, "team/new", None),
        (ADDED, "team/new", "1"),
    }
    assert crawler.crawl(bench.source(registry)).status is CrawlStatus.COMPLETE
    assert crawler.news() == []


def test_a_repository_that_the_registry_no_longer_knows_is_removed_once(
    registry: RealRegistry, bench: Bench, crawler: Crawler
) -> None:
    fill(registry, 2, 1)
    names = ["team/app0", "team/app1"]
    crawler.crawl(bench.source(registry, repositories=names))
    crawler.news()
    registry.lose("team/app1")
    done = crawler.crawl(bench.source(registry, repositories=names))
    assert crawler.news() == [(ChangeKind.REPOSITORY_REMOVED, "team/app1", None)]
    assert (done.status, done.errors) == (CrawlStatus.COMPLETE, ())  # the change says it
    assert crawler.crawl(bench.source(registry, repositories=names)).status is CrawlStatus.COMPLETE
    assert crawler.news() == []


def test_nothing_is_recorded_before_a_named_repository_answers_and_what_is_late_is_baseline(
    registry: RealRegistry, bench: Bench, crawler: Crawler, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(registry, 3, 1)
    silent = {"team/app0", "team/app1", "team/app2"}
    ask = RegistryApi.tags

    def tags(
        api: RegistryApi, name: str, cursor: str | None, *, proves_end: bool
    ) -> NamesPage | None:
        if name in silent:
            raise Unavailable("no answer")
        return ask(api, name, cursor, proves_end=proves_end)

    monkeypatch.setattr(RegistryApi, "tags", tags)
    names = ["team/app0", "team/app1", "team/app2"]
    done = crawler.crawl(bench.source(registry, repositories=names))
    assert (done.status, done.repositories) == (CrawlStatus.FAILED, 0)
    for name in ("team/app2", "team/app1"):
        silent = {name}
        done = crawler.crawl(bench.source(registry, repositories=names))
        assert (done.status, done.repositories) == (CrawlStatus.INCOMPLETE, 3)
    assert crawler.news() == []  # also what is read first now: it belongs to the baseline
    silent = set()
    done = crawler.crawl(bench.source(registry, repositories=names))
    assert (done.status, done.repositories) == (CrawlStatus.COMPLETE, 3)


def test_a_repository_that_is_not_configured_any_more_is_kept_and_costs_nothing(
    registry: RealRegistry, bench: Bench, crawler: Crawler
) -> None:
    fill(registry, 3, 2)
    crawler.crawl(bench.source(registry))
    crawler.news()
    registry.forget()
    for mode, lists in ((Mode.INCREMENTAL, 1), (Mode.FULL, 2)):
        done = crawler.crawl(bench.source(registry, repositories=["team/app0"]), mode)
        assert (done.status, done.repositories, done.tags) == (CrawlStatus.COMPLETE, 3, 6)
        assert counted(registry.asked()) == {"GET list": lists, "HEAD manifest": 2}
        registry.forget()
    assert crawler.news() == []
    assert crawler.crawl(bench.source(registry)).status is CrawlStatus.COMPLETE
    assert crawler.news() == []


def test_tags_that_are_no_longer_wanted_leave_the_index_without_changes(
    registry: RealRegistry, bench: Bench, crawler: Crawler
) -> None:
    registry.push(Recipe().made(), "team/app", "v1", "v2", "sha-1", "sha-2")
    crawler.crawl(bench.source(registry))
    crawler.news()
    source = bench.source(registry, tags=("v*",))
    assert crawler.crawl(source).tags == 2
    assert crawler.news() == []
    assert set(crawler.known(source)["team/app"]) == {"v1", "v2"}


def test_tags_beyond_the_newest_are_listed_with_the_digest_that_they_last_had(
    registry: RealRegistry, bench: Bench, crawler: Crawler
) -> None:
    old = registry.push(Recipe(text="old").made(), "team/app", "1.0", "1.1")
    newest = TagSelection(newest=1)
    crawler.crawl(bench.source(registry, selection=newest))
    source = bench.source(registry, selection=newest)
    assert crawler.known(source) == {"team/app": {"1.0": None, "1.1": old}}
    new = registry.push(Recipe(text="new").made(), "team/app", "1.2")
    crawler.news()
    assert crawler.crawl(source).status is CrawlStatus.COMPLETE
    assert crawler.news() == [(ADDED, "team/app", "1.2")]
    assert crawler.known(source) == {"team/app": {"1.0": None, "1.1": old, "1.2": new}}
    # It moved while nobody looked: that is told when somebody looks again.
    registry.push(Recipe(text="new").made(), "team/app", "1.1", "1.0")
    assert crawler.crawl(bench.source(registry, selection=newest)).spent.requests == 3
    assert crawler.news() == []
    crawler.crawl(bench.source(registry))
    assert crawler.news() == [(RETAGGED, "team/app", "1.1")]
    assert set(crawler.known(source)["team/app"].values()) == {new}


def test_what_only_an_account_sees_is_kept_by_an_anonymous_crawl(
    locked: RealRegistry, bench: Bench, crawler: Crawler
) -> None:
    fill(locked, 1, 2)
    assert crawler.crawl(bench.source(locked, ME)).status is CrawlStatus.COMPLETE
    crawler.news()
    done = crawler.crawl(bench.source(locked))
    assert done.status is CrawlStatus.FAILED
    assert "refuses to show its catalog (401)" in done.errors[0]
    assert crawler.news() == []


def test_a_registry_that_loses_most_of_a_repository_is_not_believed_at_once(
    registry: RealRegistry, bench: Bench, crawler: Crawler
) -> None:
    fill(registry, 1, 24)
    crawler.crawl(bench.source(registry))
    crawler.news()
    registry.lose("team/app0/_manifests/tags")
    done = crawler.crawl(bench.source(registry))
    assert done.status is CrawlStatus.INCOMPLETE
    assert "24 of its 24 tags are missing, too many to remove at once" in done.errors[0]
    assert crawler.news() == []
    accepted = frozenset({"team/app0"})
    assert crawler.crawl(bench.source(registry), accepted=accepted).tags == 0
    assert len(crawler.news()) == 24
