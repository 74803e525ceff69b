"""The change log: the five kinds of change, the baseline, and filters."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.model import Change, ChangeKind, Repository
from tests.store.scribe import MINUTE, START, changes, digest, tag, told

if TYPE_CHECKING:
    from indexer.store import Store
    from tests.store.scribe import Scribe

NGINX = "library/nginx"


def test_each_kind_of_change_says_what_it_is(store: Store, scribe: Scribe) -> None:
    pushed = START - timedelta(days=3)
    scribe.crawl({"nginx": [tag("moves", "one"), tag("goes", "two")], "old": []})
    scribe.repositories["library/new"] = Repository("library/new", pushed)
    done = scribe.crawl(
        {
            "nginx": [tag("moves", "two", pushed_at=pushed), tag("comes", "one", pushed_at=None)],
            "new": [tag("first", "three", pushed_at=pushed)],
        }
    )
    listed, nginx, new = (START + number * MINUTE for number in (7, 8, 9))

    def row(number: int, kind: str, repository: str, at: object, **more: object) -> Change:
        facts: dict[str, Any] = {
            "id": number,
            "observed_at": at,
            "kind": ChangeKind(kind),
            "registry": "docker.io",
            "repository": repository,
            "tag": None,
            "old_digest": None,
            "new_digest": None,
            "pushed_at": None,
            "crawl_id": done.id,
            "baseline": False,
            "pushed_by": None,
            "removed_by": None,
            "removed_at": None,
            "reason": None,
            **more,
        }
        return Change(**facts)

    moved = {"old_digest": digest("one"), "new_digest": digest("two"), "pushed_at": pushed}
    assert changes(store, baseline=False) == [
        row(5, "repository_added", "library/new", listed, pushed_at=pushed),
        row(6, "repository_removed", "library/old", listed),
        row(7, "tag_added", NGINX, nginx, tag="comes", new_digest=digest("one")),
        row(8, "tag_removed", NGINX, nginx, tag="goes", old_digest=digest("two")),
        row(9, "tag_retagged", NGINX, nginx, tag="moves", **moved),
        row(
            10,
            "tag_added",
            "library/new",
            new,
            tag="first",
            new_digest=digest("three"),
            pushed_at=pushed,
        ),
    ]
    assert {kind.value: number for kind, number in done.changes.items()} == {
        "repository_added": 1,
        "repository_removed": 1,
        "tag_added": 2,
        "tag_removed": 1,
        "tag_retagged": 1,
    }


def test_the_baseline_is_marked_and_not_shown_unless_asked(store: Store, scribe: Scribe) -> None:
    done = scribe.crawl({"nginx": [tag("latest", "one")]})
    assert changes(store, baseline=False) == []
    assert [change.baseline for change in changes(store)] == [True, True]
    assert (done.baseline, dict(done.changes)) == (2, {})


def test_the_baseline_of_tags_is_their_first_reading_whichever_crawl_gets_to_it(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": None, "redis": [tag("7", "one")]})
    late = scribe.crawl({"nginx": [tag("latest", "two")], "redis": [tag("7", "one")]})
    assert (late.baseline, dict(late.changes)) == (1, {})
    scribe.crawl({"nginx": [tag("latest", "two"), tag("1", "two")], "redis": [tag("7", "one")]})
    assert told(changes(store, baseline=False)) == [("tag_added", NGINX, "1")]


def test_a_repository_that_is_listed_later_is_a_change_and_so_are_its_tags(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": []})
    scribe.crawl({"nginx": [], "redis": [tag("7", "one")]})
    assert told(changes(store, baseline=False)) == [
        ("repository_added", "library/redis", None),
        ("tag_added", "library/redis", "7"),
    ]


def test_a_repository_of_the_baseline_that_comes_back_is_a_change(
    store: Store, scribe: Scribe
) -> None:
    for held in ({"nginx": None}, {}, {"nginx": [tag("latest", "one")]}):
        scribe.crawl(held)
    assert told(changes(store, baseline=False)) == [
        ("repository_removed", NGINX, None),
        ("repository_added", NGINX, None),
        ("tag_added", NGINX, "latest"),
    ]


@pytest.mark.parametrize("text", ["A text", ""])
def test_pulls_texts_visibility_and_dates_are_no_change(
    store: Store, scribe: Scribe, text: str
) -> None:
    scribe.crawl({"nginx": [tag("latest", "one", size=1)]})
    scribe.identity = "robot"
    scribe.repositories[NGINX] = Repository(NGINX, START + MINUTE, text, private=True)
    scribe.crawl({"nginx": [tag("latest", "one", size=2, last_updated=START + MINUTE)]})
    assert changes(store, baseline=False) == []
