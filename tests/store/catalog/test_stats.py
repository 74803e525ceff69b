"""Counts by the day, as each audience may see them; `tests/web/test_stats.py` has the answers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.catalog.stats import StatsQuestion, StatsScope
from indexer.core.model import Repository
from tests.store.scribe import START, Scribe, tag

if TYPE_CHECKING:
    from indexer.store import Store

NAME = "library/api"
DAY = timedelta(days=1)
ASKED = StatsQuestion(None, None, START, 10)


def test_the_public_sees_only_days_since_a_repository_is_public(store: Store) -> None:
    scribe = Scribe(store.archive, identity="alice")
    for pulls, private in ((7, True), (9, False), (12, False)):
        scribe.repositories[NAME] = Repository(NAME, START, private=private, pulls=pulls)
        scribe.repositories["library/closed"] = Repository(
            "library/closed", START, private=True, pulls=100
        )
        scribe.crawl({"api": [tag("1", "a")], "closed": [tag("1", "a"), tag("2", "a")]})
        scribe.now += DAY
    for scope in (StatsScope("docker.io", "library"), StatsScope("docker.io", None, NAME)):
        found = store.browser(private=False).stats(scope, ASKED)
        assert [(each.counts.pulls, each.pulls_gained) for each in found.days] == [
            (9, None),
            (12, 3),
        ]
        assert [(each.repository, each.gained.pulls) for each in found.repositories] == [(NAME, 3)]
        assert found.shared == []
    everything = store.browser(private=True).stats(StatsScope("docker.io", "library"), ASKED)
    assert [each.counts.pulls for each in everything.days] == [107, 109, 112]
    assert [each.names for each in everything.shared] == [["1", "2"]]


def test_what_was_removed_is_counted_only_where_it_is_named(store: Store) -> None:
    scribe = Scribe(store.archive)
    for name in (NAME, "library/old"):
        scribe.repositories[name] = Repository(name, START, pulls=5)
    scribe.crawl({"api": [], "old": [tag("1", "a"), tag("2", "a")]})
    scribe.now += DAY
    scribe.crawl({"api": []})
    found = store.catalog.stats(StatsScope(None, "library"), ASKED)
    assert [each.counts.pulls for each in found.days] == [5, 5]
    old = store.catalog.stats(StatsScope("docker.io", None, "library/old"), ASKED)
    assert [each.counts.pulls for each in old.days] == [5]
    assert (old.shared, old.not_pulled) == ([], [])


def test_beyond_ten_tags_of_a_digest_are_counted(store: Store) -> None:
    tags = [tag(f"{number:02}", "a") for number in range(12)]
    Scribe(store.archive).crawl({"api": [*tags, tag("b", "b"), tag("c", "b")], "web": tags[:2]})
    found = store.catalog.stats(StatsScope(), ASKED._replace(limit=2))
    assert [(each.repository, len(each.names), each.number) for each in found.shared] == [
        (NAME, 10, 12),
        (NAME, 2, 2),
    ]
    assert found.shared_number == 3
