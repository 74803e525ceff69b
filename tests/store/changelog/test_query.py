"""Which changes a filter lets through, and in which order."""

from __future__ import annotations

import itertools
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import ChangeKind, Repository
from tests.store.scribe import MINUTE, START, Scribe, changes, tag

if TYPE_CHECKING:
    from indexer.core.model import Change
    from indexer.store import Store

NGINX = "library/nginx"

VALUES: dict[str, tuple[Any, ...]] = {
    "since": tuple(START + number * MINUTE for number in (0, 2, 5, 9, 99)),
    "until": tuple(START + number * MINUTE for number in (0, 2, 5, 9, 99)),
    "crawl": (0, 1, 3, 6, 8, 9),
    "until_crawl": (0, 1, 3, 6, 9),
    "until_change": (0, 7, 1_000),
    "kinds": (
        frozenset({ChangeKind.TAG_ADDED}),
        frozenset({ChangeKind.REPOSITORY_REMOVED, ChangeKind.TAG_RETAGGED}),
        frozenset(ChangeKind),
    ),
    "registry": ("docker.io", "registry.example.com", "docker", ""),
    "namespace": ("library", "ansible", "librar", NGINX, ""),
    "repository": (NGINX, "library/*", "*/redis", "[al]*/nginx", "*redis*", "nginx", "*"),
    "tag": ("latest", "1.*", "1.2?", "*", "LATEST", ""),
    "baseline": (False, True),
    "limit": (1, 3, 1_000),
}


def expected(log: list[Change], wanted: ChangeFilter) -> list[Change]:
    """What a filter lets through of the whole log, in words of Python."""
    found = [change for change in log if _fits(change, wanted)]
    if wanted.since is not None or wanted.until is not None:
        found.sort(key=lambda change: (change.observed_at, change.id))
    return found if wanted.limit is None else found[-wanted.limit :]


def _fits(change: Change, wanted: ChangeFilter) -> bool:
    return (
        (wanted.since is None or change.observed_at >= wanted.since)
        and (wanted.until is None or change.observed_at < wanted.until)
        and (wanted.until_crawl is None or change.crawl_id <= wanted.until_crawl)
        and (wanted.until_change is None or change.id <= wanted.until_change)
        and (wanted.crawl is None or change.crawl_id >= wanted.crawl)
        and (not wanted.kinds or change.kind in wanted.kinds)
        and wanted.registry in {None, change.registry}
        and (wanted.namespace is None or change.repository.startswith(f"{wanted.namespace}/"))
        and (wanted.repository is None or fnmatchcase(change.repository, wanted.repository))
        and (wanted.tag is None or (change.tag is not None and fnmatchcase(change.tag, wanted.tag)))
        and (wanted.baseline or not change.baseline)
    )


@pytest.fixture
def eventful(store: Store) -> list[Change]:
    """A log with everything that a filter can ask for; with the baseline."""
    teams = [
        Scribe(store.archive, namespace="library"),
        Scribe(store.archive, namespace="ansible"),
        Scribe(store.archive, namespace="library", registry="registry.example.com"),
        Scribe(store.archive, namespace="librarian"),
    ]
    for number, team in enumerate(teams):
        team.now += number * timedelta(seconds=7)  # their changes interleave in time
        team.crawl({"nginx": [tag("1.27", "a"), tag("latest", "a")], "redis": [tag("7", "b")]})
    for team in teams:
        team.crawl({"nginx": [tag("1.28", "c"), tag("latest", "c")], "old-redis": [tag("7", "b")]})
    return changes(store)


def test_each_condition_alone_lets_through_what_fits(store: Store, eventful: list[Change]) -> None:
    for name, values in VALUES.items():
        for value in values:
            wanted = ChangeFilter(**{"baseline": True, name: value})
            found = expected(eventful, wanted)
            assert list(store.catalog.changes(wanted)) == found, wanted
            assert list(store.catalog.changes(wanted, newest_first=True)) == found[::-1], wanted


def test_conditions_together_let_through_what_fits_them_all(
    store: Store, eventful: list[Change]
) -> None:
    ends = {"until_crawl", "until_change"}
    together = set(VALUES) - {"since", *ends}, set(VALUES) - {"crawl", "until"}
    pairs = itertools.combinations([name for name in VALUES if name not in ends], 2)
    for names in (*pairs, *map(sorted, together)):
        if {"since", "crawl"} <= set(names):
            continue  # they exclude each other
        for turn in range(12):
            wanted = ChangeFilter(
                **{name: VALUES[name][turn % len(VALUES[name])] for name in names}
            )
            assert list(store.catalog.changes(wanted)) == expected(eventful, wanted), wanted


def test_a_limit_keeps_the_newest_oldest_first(store: Store, eventful: list[Change]) -> None:
    for limit in (1, 3, len(eventful) - 1, len(eventful), len(eventful) + 1, 10_000):
        assert changes(store, limit=limit) == eventful[-limit:]


def test_a_limit_counts_what_fits_and_nothing_else(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag(f"{number}", "one") for number in range(50)]})
    scribe.crawl({"nginx": [tag("0", "one")]})
    assert [each.tag for each in changes(store, limit=2, tag="0")] == ["0"]
    newest = changes(store, limit=3)
    assert [each.kind for each in newest] == [ChangeKind.TAG_REMOVED] * 3


def test_the_changes_of_a_crawl_are_those_of_every_later_one_too(
    store: Store, scribe: Scribe
) -> None:
    done = [scribe.crawl({"nginx": [tag("latest", f"{turn}")]}) for turn in range(4)]
    for number, crawl in enumerate(done):
        found = {each.crawl_id for each in changes(store, crawl=crawl.id)}
        assert found == {each.id for each in done[number:]}
    assert changes(store, crawl=done[-1].id + 1) == []


def test_changes_of_a_crawl_that_a_later_crawl_overtook_are_not_lost(store: Store) -> None:
    early, late = Scribe(store.archive), Scribe(store.archive, namespace="ansible")
    first = early.begin()
    second = late.begin()
    late.list(second, [Repository("ansible/ansible", START)])
    early.list(first, [Repository(NGINX, START)])
    assert [each.crawl_id for each in changes(store, crawl=first.id)] == [second.id, first.id]
    assert [each.crawl_id for each in changes(store, crawl=second.id)] == [second.id]
    late.list(second, [])
    assert [each.crawl_id for each in changes(store, crawl=second.id)] == [second.id] * 2


def test_a_filter_without_conditions_lets_every_change_through(
    store: Store, eventful: list[Change]
) -> None:
    news = [each for each in eventful if not each.baseline]
    assert list(store.catalog.changes(ChangeFilter())) == news


def test_an_empty_index_has_no_changes(store: Store) -> None:
    assert changes(store) == []
    assert changes(store, since=START, limit=5, tag="*") == []
    assert changes(store, crawl=7) == []
