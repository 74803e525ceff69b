"""The rows of crawls: their status, cost and changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from indexer.core.catalog_entries import BaselineGaps, NamespaceStatus
from indexer.core.errors import Busy, UsageError
from indexer.core.model import (
    ChangeKind,
    Cost,
    Crawl,
    CrawlStatus,
    Gaps,
    Mode,
    RateLimit,
    Repository,
)
from indexer.crawl.diff import RepositoriesDiff, TagsDiff
from tests.store.scribe import MINUTE, START, Scribe, remembered, tag
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from indexer.crawl.ports import Archive
    from indexer.store import Store

NGINX = Repository("library/nginx", START)


@pytest.fixture
def writer(archive: Archive) -> Scribe:
    return Scribe(archive)


def test_a_crawl_that_is_finished_tells_all_of_itself(writer: Scribe) -> None:
    writer.identity = "robot"
    record = writer.begin(Mode.VERIFY)
    writer.list(record, [NGINX, Repository("library/redis", START)])
    writer.read(record, "library/nginx", [tag("a", "one"), tag("b", "two")])
    spent = Cost(requests=7, bytes=2**40)
    errors = ("redis: 'quoted' \\ 😀", "and 3 more")
    limit = RateLimit(180, 0, START + MINUTE)
    done = writer.finish(
        record, CrawlStatus.INCOMPLETE, spent=spent, errors=errors, rate_limit=limit
    )
    assert done == Crawl(
        id=record.id,
        registry="docker.io",
        namespace="library",
        status=CrawlStatus.INCOMPLETE,
        mode=Mode.VERIFY,
        identity="robot",
        started_at=START + MINUTE,
        finished_at=START + 4 * MINUTE,
        repositories=2,
        tags=2,
        spent=spent,
        changes={},
        baseline=4,
        errors=errors,
        rate_limit=limit,
        unread=1,
    )


@pytest.mark.parametrize("status", [each for each in CrawlStatus if each != "running"])
def test_each_status_is_kept(writer: Scribe, status: CrawlStatus) -> None:
    done = writer.finish(writer.begin(), status)
    assert done.status is status


@pytest.mark.parametrize(
    "limit",
    [None, RateLimit(None, None, START), RateLimit(None, 0, None), RateLimit(0, None, None)],
)
def test_what_the_registry_said_of_its_limit_is_kept(
    writer: Scribe, limit: RateLimit | None
) -> None:
    assert writer.finish(writer.begin(), rate_limit=limit).rate_limit == limit


def test_changes_are_counted_by_kind_and_apart_from_the_baseline(writer: Scribe) -> None:
    writer.crawl({"nginx": [tag("moves", "one"), tag("goes", "one")], "old": []})
    done = writer.crawl(
        {"nginx": [tag("moves", "two"), tag("a", "one"), tag("b", "one")], "new": [tag("t", "x")]}
    )
    assert dict(done.changes) == {
        ChangeKind.REPOSITORY_ADDED: 1,
        ChangeKind.REPOSITORY_REMOVED: 1,
        ChangeKind.TAG_ADDED: 3,
        ChangeKind.TAG_REMOVED: 1,
        ChangeKind.TAG_RETAGGED: 1,
    }
    assert done.baseline == 0
    assert (done.repositories, done.tags) == (2, 4)


def test_what_a_crawl_changed_in_several_writes_is_summed(writer: Scribe) -> None:
    record = writer.begin()
    for names in (["nginx"], ["nginx", "redis"], ["redis"]):
        writer.list(record, [Repository(f"library/{name}", START) for name in names])
    done = writer.finish(record)
    assert done.baseline == 1
    assert dict(done.changes) == {
        ChangeKind.REPOSITORY_ADDED: 1,
        ChangeKind.REPOSITORY_REMOVED: 1,
    }
    assert done.repositories == 1


def test_a_crawl_counts_its_own_namespace_only(archive: Archive) -> None:
    Scribe(archive).crawl({"nginx": [tag("a", "one")], "redis": []})
    done = Scribe(archive, namespace="ansible").crawl({"ansible": []})
    assert (done.repositories, done.tags) == (1, 0)


def test_numbers_of_crawls_grow(archive: Archive) -> None:
    numbers = [Scribe(archive, namespace=name).crawl({}).id for name in ("a", "b", "a", "c", "b")]
    assert numbers == sorted(set(numbers))


def test_a_namespace_takes_one_crawl_at_a_time(writer: Scribe) -> None:
    record = writer.begin()
    with pytest.raises(Busy, match=r"docker\.io/library is being crawled by"):
        writer.begin()
    writer.finish(record)
    writer.finish(writer.begin())


def test_other_namespaces_are_crawled_at_the_same_time(archive: Archive) -> None:
    for name in ("library", "ansible", "bitnami"):
        scribe = Scribe(archive, namespace=name)
        record = scribe.begin()
        scribe.list(record, [Repository(f"{name}/one", START)])
    elsewhere = Scribe(archive, registry="registry.example.com")
    elsewhere.finish(elsewhere.begin())


def test_a_crawl_that_runs_has_no_end(store: Store, scribe: Scribe) -> None:
    record = scribe.begin(Mode.FULL)
    found = store.catalog.crawl(record.id)
    assert found == Crawl(
        id=record.id,
        registry="docker.io",
        namespace="library",
        status=CrawlStatus.RUNNING,
        mode=Mode.FULL,
        identity="anonymous",
        started_at=START + MINUTE,
    )


def test_a_crawl_that_is_running_counts_what_it_has_written(store: Store, scribe: Scribe) -> None:
    scribe.crawl({})
    record = scribe.begin()
    scribe.list(record, [NGINX])
    found = store.catalog.crawl(record.id)
    assert found is not None
    assert dict(found.changes) == {ChangeKind.REPOSITORY_ADDED: 1}


def test_a_crawl_number_that_was_never_given_is_unknown(store: Store, scribe: Scribe) -> None:
    done = scribe.crawl({})
    assert store.catalog.crawl(done.id) == done
    assert store.catalog.crawl(done.id + 1) is None
    assert store.catalog.crawl(2**62) is None


def test_a_namespace_tells_how_well_it_is_known(store: Store, scribe: Scribe) -> None:
    first = scribe.crawl({"nginx": [tag("a", "one"), tag("b", "two")], "redis": None})
    assert store.catalog.namespaces() == [
        NamespaceStatus(
            registry="docker.io",
            namespace="library",
            repositories=2,
            tags=2,
            pending=1,
            last_crawl=first,
            last_complete_at=first.finished_at,
            last_full_at=first.finished_at,
        )
    ]


def test_only_complete_crawls_count_as_complete_and_only_whole_ones_as_full(
    store: Store, scribe: Scribe
) -> None:
    def finished(status: CrawlStatus, mode: Mode) -> Crawl:
        record = scribe.begin(mode)
        record.known_repositories()
        record.record_repositories(RepositoriesDiff(), remembered(), scribe.now)
        return scribe.finish(record, status)

    never = finished(CrawlStatus.INCOMPLETE, Mode.FULL)
    (status,) = store.catalog.namespaces()
    assert (status.last_crawl, status.last_complete_at, status.last_full_at) == (never, None, None)
    complete = finished(CrawlStatus.COMPLETE, Mode.INCREMENTAL)
    (status,) = store.catalog.namespaces()
    assert (status.last_complete_at, status.last_full_at) == (complete.finished_at, None)
    full = finished(CrawlStatus.COMPLETE, Mode.FULL)
    later = finished(CrawlStatus.COMPLETE, Mode.VERIFY)
    failed = finished(CrawlStatus.FAILED, Mode.FULL)
    (status,) = store.catalog.namespaces()
    assert (status.last_crawl, status.last_complete_at, status.last_full_at) == (
        failed,
        later.finished_at,
        full.finished_at,
    )


def test_a_kept_repository_that_is_not_listed_is_not_pending(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": []})
    record = scribe.begin()
    record.known_repositories()
    record.record_repositories(RepositoriesDiff(unlisted=("library/nginx",)), remembered(), START)
    (status,) = store.catalog.namespaces()
    assert (status.repositories, status.pending) == (1, 0)


def test_namespaces_come_by_registry_and_name(store: Store) -> None:
    for registry in ("registry.example.com", "docker.io", "Example.com", "docker-io"):
        for name in ("b", "a-b", "a", "ab", "a_b", "a.b"):
            Scribe(store.archive, namespace=name, registry=registry).crawl({})
    found = [(each.registry, each.namespace) for each in store.catalog.namespaces()]
    assert found == sorted(found)
    assert len(found) == 24


def test_an_empty_index_has_no_namespaces(store: Store) -> None:
    assert store.catalog.namespaces() == []


def test_what_lists_that_are_shown_in_part_did_not_show_is_counted(
    store: Store, scribe: Scribe
) -> None:
    in_part = {"exact": False, "partial": True, "gaps": Gaps(START)}
    record = scribe.begin()
    scribe.list(record, [NGINX, replace(NGINX, name="library/redis")])
    record.known_repositories()
    record.record_repositories(RepositoriesDiff(), remembered(**in_part, offset=81), scribe.now)
    for name, memory in (
        ("library/nginx", remembered(**in_part, offset=339)),
        ("library/redis", remembered(offset=5)),
    ):
        record.known_tags(name)
        record_tags(record, name, TagsDiff(), memory, START, scribe.now)
    done = scribe.finish(record, CrawlStatus.INCOMPLETE)
    assert (done.unseen_repositories, done.unseen_tags) == (81, 339)
    assert store.catalog.crawl(done.id) == done
    (status,) = store.catalog.namespaces()
    assert status.gaps == BaselineGaps(repositories=81, lists=1, tags=339)


def test_a_crawl_of_a_part_says_which(store: Store, scribe: Scribe) -> None:
    record = store.archive.begin(
        "docker.io", "library", Mode.INCREMENTAL, "anonymous", START, "library/nginx:1.27"
    )
    done = scribe.finish(record)
    assert done.part == "library/nginx:1.27"
    assert store.browser(private=True).crawl(done.id) == done
    hidden = store.browser(private=False).crawl(done.id)
    assert hidden is not None
    assert hidden.part == "only shown with the token"


def test_a_look_reads_what_is_known_and_begins_no_crawl(archive: Archive) -> None:
    scribe = Scribe(archive)
    scribe.crawl({"nginx": [tag("a", "one")]})
    running = scribe.begin()
    record = archive.look("docker.io", "library")
    assert list(record.known_repositories().repositories) == ["library/nginx"]
    assert list(record.known_tags("library/nginx").tags) == ["a"]
    assert scribe.finish(running).id == running.id
    assert scribe.begin().id == running.id + 1
    with pytest.raises(UsageError, match="does not know"):
        archive.look("docker.io", "none")
