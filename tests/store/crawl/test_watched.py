"""A changed filter, on both databases: no change, no removal, and the index stays sound."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import Mode
from indexer.crawl.crawler import crawl
from indexer.crawl.target import Target
from indexer.crawl.wanted_names import WantedNames
from indexer.store import open_store
from indexer.store.maintenance.integrity_check import check
from tests.support.crawls import RegistryClock, Watcher
from tests.support.memory_registry import MemoryRegistry, MemorySource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store

CASE = Path(__file__).parent / "cases" / "widened-filter"


class Index(NamedTuple):
    """A registry, and the index of what is wanted of it."""

    registry: MemoryRegistry
    store: Store
    url: str

    def crawl(
        self, wanted: WantedNames, mode: Mode = Mode.VERIFY, part: str | None = None
    ) -> list[str]:
        """Crawl `team`, or a part of it, and return the changes."""
        done = crawl(
            Target("docker.io", "team", mode, part=part),
            source=MemorySource(self.registry, wants_only=WantedNames((part,)) if part else wanted),
            archive=self.store.archive,
            clock=RegistryClock(self.registry),
            observer=Watcher(),
        )
        assert done.errors == ()
        assert [finding for finding in check(self.url) if finding.examples] == []
        return [
            f"{each.kind} {each.repository}{':' if each.tag else ''}{each.tag or ''}"
            for each in self.store.catalog.changes(ChangeFilter(crawl=done.id))
        ]

    def tags(self, repository: str = "team/app") -> list[str]:
        return [each.tag for each in self.store.catalog.tags("docker.io", repository)]


@pytest.fixture
def index(database_url: str) -> Iterator[Index]:
    registry = MemoryRegistry(namespaces={"team"})
    registry.add("team/app", "latest", "v0", "v1", "v2", "v3", "v4")
    registry.add("team/web", "latest")
    store = open_store(database_url, create=False)
    yield Index(registry, store, database_url)
    store.close()


def of_the_case(name: str) -> WantedNames:
    keys = tomllib.loads((CASE / f"{name}.toml").read_text())
    return WantedNames(**{key: tuple(value) for key, value in keys.items()})


def test_what_comes_into_sight_because_the_configuration_was_changed_is_not_new(
    index: Index,
) -> None:
    """The case widened-filter."""
    index.crawl(of_the_case("before"))
    assert index.tags() == ["latest"]
    assert index.crawl(of_the_case("after")) == []
    assert index.tags() == ["latest", "v0", "v1", "v2", "v3", "v4"]
    told = index.store.catalog.changes(ChangeFilter(tag="v*", baseline=True))
    assert [each.baseline for each in told] == [True] * 5
    index.registry.push("team/app", "v5")
    assert index.crawl(of_the_case("after")) == ["tag_added team/app:v5"]


def test_what_is_left_out_is_not_removed_and_comes_back_without_changes(index: Index) -> None:
    index.crawl(WantedNames())
    assert index.crawl(WantedNames(("team/app",), ("latest",))) == []
    assert index.tags() == ["latest"]
    since = {each.repository: each.unwatched_since for each in index.store.catalog.repositories()}
    assert since == {"team/app": None, "team/web": index.registry.now}
    index.registry.push("team/app", "v1")
    index.registry.push("team/web", "latest")
    index.registry.push("team/web", "1.0")
    assert index.crawl(WantedNames(("team/app",), ("latest",))) == []
    assert index.crawl(WantedNames()) == []
    assert index.tags() == ["latest", "v0", "v1", "v2", "v3", "v4"]
    assert index.tags("team/web") == ["1.0", "latest"]
    index.registry.push("team/web", "latest")
    assert index.crawl(WantedNames()) == ["tag_retagged team/web:latest"]


def test_a_crawl_of_a_part_does_not_count_as_a_crawl_of_the_namespace(index: Index) -> None:
    assert index.crawl(WantedNames(), part="team/app:v1") == []
    assert index.tags() == ["v1"]
    assert index.store.catalog.crawl_history() == []
    (status,) = index.store.catalog.namespaces()
    assert (status.last_crawl, status.last_complete_at, status.repositories) == (None, None, 1)
    assert index.crawl(WantedNames(), part="team/app") == []
    assert index.crawl(WantedNames()) == []
    assert index.tags("team/web") == ["latest"]
    (known,) = index.store.catalog.crawl_history()
    index.registry.push("team/app", "v1")
    index.registry.push("team/web", "latest")
    assert index.crawl(WantedNames(), part="team/app:v1") == ["tag_retagged team/app:v1"]
    assert index.store.catalog.crawl_history() == [known]
    assert index.crawl(WantedNames()) == ["tag_retagged team/web:latest"]


def test_what_was_removed_while_it_was_left_out_is_not_left_out_for_ever(index: Index) -> None:
    index.crawl(WantedNames())
    index.crawl(WantedNames(tags=("latest",)))
    left_out = index.store.catalog.unwatched("docker.io", "team/app", ["v0", "v1"])
    assert sorted(left_out) == ["v0", "v1"]
    index.registry.delete_tag("team/app", "v0")
    assert index.crawl(WantedNames(tags=("latest", "v1"))) == []
    assert list(index.store.catalog.unwatched("docker.io", "team/app", ["v0", "v1"])) == ["v0"]
    assert index.crawl(WantedNames()) == []
    assert index.store.catalog.unwatched("docker.io", "team/app", ["v0", "v1"]) == {}
    assert index.crawl(WantedNames()) == []
