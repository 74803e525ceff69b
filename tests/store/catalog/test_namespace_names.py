"""Names of namespaces, and what is hidden in each, asked without counting repositories."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.catalog_entries import HiddenRepositories
from indexer.core.model import Repository
from tests.store.scribe import REGISTRY, START, Scribe

if TYPE_CHECKING:
    from indexer.store import Store

ELSEWHERE = "registry.example.com:5000"


def test_names_come_by_registry_also_of_namespaces_without_repositories(store: Store) -> None:
    assert store.catalog.namespace_names() == []
    for registry, namespace in ((ELSEWHERE, "b"), (REGISTRY, "b"), (REGISTRY, "a")):
        Scribe(store.archive, namespace, registry).crawl({})
    expected = [(REGISTRY, "a"), (REGISTRY, "b"), (ELSEWHERE, "b")]
    assert store.catalog.namespace_names() == expected


def test_of_what_is_hidden_the_number_and_the_earliest_time_are_told(store: Store) -> None:
    secrets = [Repository(f"library/{name}", START, private=True) for name in "abc"]
    Scribe(store.archive, "other").crawl({"seen": []})
    scribe = Scribe(
        store.archive, identity="alice", repositories={each.name: each for each in secrets}
    )
    scribe.crawl({"a": [], "b": [], "c": [], "public": []})
    assert store.catalog.hidden() == []
    times = []
    for secret in secrets[:2]:
        record = scribe.begin()
        scribe.list(record, [], removed=(), hidden=[secret.name])
        times.append(scribe.now)
        scribe.finish(record)
        scribe.now += timedelta(hours=1)
    expected = HiddenRepositories(REGISTRY, "library", 2, times[0], "alice")
    assert store.catalog.hidden() == [expected]
