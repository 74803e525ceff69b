"""Since when a repository is known, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.catalog.answers import RepositoryKey
from indexer.core.errors import UsageError
from tests.store.scribe import START, tag

if TYPE_CHECKING:
    from indexer.store import Store
    from tests.store.scribe import Scribe

NGINX = ("docker.io", "library/nginx")
NEW = ("docker.io", "library/new")


def test_a_repository_of_the_baseline_is_known_since_its_tags_were_first_read(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": None})
    scribe.crawl({"nginx": [tag("1", "a")]})
    read = scribe.now
    scribe.crawl({"nginx": [tag("1", "b")]})
    (first, _) = store.catalog.history(*NGINX)
    assert store.catalog.known_since(*NGINX) == first.started_at
    assert START < first.started_at < read
    assert [each.tag for each in store.catalog.tags(*NGINX, first.started_at)] == ["1"]
    before = first.started_at - timedelta(seconds=1)
    for ask in (
        lambda: store.catalog.tags(*NGINX, before),
        lambda: store.browser(private=False).tags(RepositoryKey(*NGINX), "", 9, before),
    ):
        with pytest.raises(UsageError, match="the index knows library/nginx since 2026-03-01 12:"):
            ask()


def test_a_repository_that_came_later_is_known_since_its_namespace_is(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("1", "a")]})
    began = store.browser(private=False).repository(RepositoryKey(*NGINX))
    scribe.now += timedelta(days=1)
    scribe.crawl({"nginx": [tag("1", "a")], "new": [tag("1", "a")]})
    assert began is not None
    assert store.catalog.known_since(*NEW) == began.entry.first_seen_at
    assert list(store.catalog.tags(*NEW, START + timedelta(hours=1))) == []


def test_nobody_is_told_since_when_an_unknown_repository_is_known(store: Store) -> None:
    place = RepositoryKey("docker.io", "library/none")
    assert store.browser(private=False).known_since(place) is None
    assert store.browser(private=False).tags(place, "", 9, START) == []
