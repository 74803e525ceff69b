"""What an archive records of a namespace."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Conflict
from indexer.core.model import KnownRepository, Repository
from indexer.crawl.diff import RepositoriesDiff, TagsDiff
from tests.store.scribe import MINUTE, START, Scribe, remembered, tag
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.core.model import ListMemory
    from indexer.crawl.ports import Archive

NGINX = Repository("library/nginx", START, "A server", private=False)


@pytest.fixture
def scribe(archive: Archive) -> Scribe:
    return Scribe(archive)


def known(scribe: Scribe) -> Mapping[str, KnownRepository]:
    record = scribe.begin()
    found = record.known_repositories().repositories
    scribe.finish(record)
    return found


def test_a_namespace_that_was_never_listed_has_no_memory_and_no_repositories(
    scribe: Scribe,
) -> None:
    before = scribe.begin().known_repositories()
    assert before.memory is None
    assert dict(before.repositories) == {}


def test_what_was_listed_is_known_in_full(scribe: Scribe) -> None:
    record = scribe.begin()
    scribe.identity = "robot"
    scribe.list(record, [dataclasses.replace(NGINX, private=True)])
    assert dict(record.known_repositories().repositories) == {
        "library/nginx": KnownRepository(
            "library/nginx",
            last_updated=START,
            read_updated=None,
            was_read=False,
            listed=True,
            private=True,
            baseline=True,
            seen_by="robot",
            description="A server",
        )
    }


@pytest.mark.parametrize(
    "memory",
    [
        remembered(),
        remembered(
            exact=False,
            newest=None,
            identity="robot",
            full_at=datetime(2025, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC),
            newest_first=True,
            offset=-7,
            opposite_order=True,
            holds_null=True,
        ),
    ],
)
def test_the_memory_of_a_listing_comes_back_as_it_was(scribe: Scribe, memory: ListMemory) -> None:
    record = scribe.begin()
    record.known_repositories()
    record.record_repositories(RepositoriesDiff(added=(NGINX,), baseline=True), memory, START)
    record.known_tags("library/nginx")
    record_tags(record, "library/nginx", TagsDiff(), memory, START, START)
    assert record.known_repositories().memory == memory
    assert record.known_tags("library/nginx").memory == memory


def test_a_listing_that_did_not_finish_leaves_the_old_memory_and_an_open_baseline(
    scribe: Scribe,
) -> None:
    record = scribe.begin()
    record.known_repositories()
    record.record_repositories(RepositoriesDiff(added=(NGINX,), baseline=True), None, START)
    assert record.known_repositories().memory is None
    record.record_repositories(RepositoriesDiff(), remembered(), START)
    record.record_repositories(RepositoriesDiff(unlisted=("library/nginx",)), None, START)
    assert record.known_repositories().memory == remembered()


def test_what_a_later_listing_says_takes_the_place_of_what_an_earlier_one_said(
    scribe: Scribe,
) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    scribe.identity = "robot"
    later = Repository("library/nginx", None, "Another text", private=True)
    scribe.repositories["library/nginx"] = later
    scribe.crawl({"nginx": None})
    found = known(scribe)["library/nginx"]
    assert found == KnownRepository(
        "library/nginx",
        last_updated=None,
        read_updated=START,
        was_read=True,
        listed=True,
        private=True,
        baseline=True,
        seen_by="robot",
        description="Another text",
        read_crawl=1,
    )


def test_a_repository_is_pending_until_its_tags_were_read_for_the_listed_date(
    scribe: Scribe,
) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    scribe.repositories["library/nginx"] = Repository("library/nginx", START + MINUTE)
    scribe.crawl({"nginx": None})
    pending = known(scribe)["library/nginx"]
    assert (pending.last_updated, pending.read_updated) == (START + MINUTE, START)
    scribe.crawl({"nginx": [tag("latest", "one")]})
    paid = known(scribe)["library/nginx"]
    assert (paid.last_updated, paid.read_updated) == (START + MINUTE, START + MINUTE)


def test_a_repository_without_a_date_is_read_for_no_date(scribe: Scribe) -> None:
    scribe.repositories["library/nginx"] = Repository("library/nginx", None)
    scribe.crawl({"nginx": [tag("latest", "one")]})
    found = known(scribe)["library/nginx"]
    assert (found.was_read, found.read_updated, found.last_updated) == (True, None, None)


def test_what_is_kept_without_being_listed_says_so_until_it_is_listed_again(
    scribe: Scribe,
) -> None:
    scribe.crawl({"nginx": [], "redis": []})
    record = scribe.begin()
    record.known_repositories()
    record.record_repositories(RepositoriesDiff(unlisted=("library/redis",)), remembered(), START)
    now = record.known_repositories().repositories
    assert (now["library/nginx"].listed, now["library/redis"].listed) == (True, False)
    back = RepositoriesDiff(updated=(Repository("library/redis", START),), identity="me")
    record.record_repositories(back, remembered(), START)
    assert record.known_repositories().repositories["library/redis"].listed


def test_a_removed_repository_is_not_known_any_more_and_has_no_tags(scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")], "redis": []})
    scribe.crawl({"redis": []})
    record = scribe.begin()
    assert set(record.known_repositories().repositories) == {"library/redis"}
    assert dict(record.known_tags("library/nginx").tags) == {}


def test_what_comes_back_is_new_and_its_tags_were_never_read(scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    scribe.crawl({})
    scribe.crawl({"nginx": None})
    record = scribe.begin()
    back = record.known_repositories().repositories["library/nginx"]
    assert (back.was_read, back.read_updated, back.baseline) == (False, None, False)
    tags = record.known_tags("library/nginx")
    assert tags.memory is None
    assert dict(tags.tags) == {}


def test_only_what_was_in_the_first_listing_belongs_to_the_baseline(scribe: Scribe) -> None:
    scribe.crawl({"nginx": None})
    scribe.crawl({"nginx": None, "redis": None})
    found = known(scribe)
    assert found["library/nginx"].baseline
    assert not found["library/redis"].baseline


def test_namespaces_and_registries_know_nothing_of_each_other(archive: Archive) -> None:
    manifests = Scribe(archive)
    ansible = Scribe(archive, namespace="ansible")
    elsewhere = Scribe(archive, registry="registry.example.com")
    manifests.crawl({"nginx": [tag("latest", "one")]})
    ansible.crawl({"nginx": [tag("latest", "two")]})
    elsewhere.crawl({"nginx": []})
    elsewhere.crawl({})
    assert set(known(manifests)) == {"library/nginx"}
    assert set(known(ansible)) == {"ansible/nginx"}
    assert set(known(elsewhere)) == set()


def test_the_revision_moves_with_every_write_and_with_nothing_else(scribe: Scribe) -> None:
    record = scribe.begin()
    first = record.known_repositories().revision
    assert record.known_repositories().revision == first
    record.record_repositories(RepositoriesDiff(), remembered(), START)
    assert record.known_repositories().revision != first


def test_one_crawl_may_write_its_list_more_than_once(scribe: Scribe) -> None:
    record = scribe.begin()
    record.known_repositories()
    record.record_repositories(RepositoriesDiff(added=(NGINX,)), remembered(), START)
    record.record_repositories(RepositoriesDiff(), remembered(exact=False), START)
    memory = record.known_repositories().memory
    assert memory is not None
    assert not memory.exact


def test_a_list_that_was_never_asked_for_is_not_written(scribe: Scribe) -> None:
    record = scribe.begin()
    with pytest.raises(Conflict, match="crawl again"):
        record.record_repositories(RepositoriesDiff(), remembered(), START)


def test_dates_of_every_year_are_kept_to_the_microsecond(scribe: Scribe) -> None:
    dates = [
        datetime(2, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ]
    for number, date in enumerate(dates):
        scribe.repositories[f"library/{number}"] = Repository(f"library/{number}", date)
    scribe.crawl({str(number): None for number in range(len(dates))})
    found = known(scribe)
    assert [found[f"library/{number}"].last_updated for number in range(len(dates))] == dates


def test_times_come_back_in_utc(scribe: Scribe) -> None:
    scribe.crawl({"nginx": None})
    found = known(scribe)["library/nginx"].last_updated
    assert found is not None
    assert found.utcoffset() == timedelta(0)
