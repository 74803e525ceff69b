"""Every digest that a tag ever had, and the period in which it had it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.catalog_entries import Period
from indexer.core.errors import UsageError
from tests.store.scribe import MINUTE, START, changes, digest, spans, tag, told

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.store import Store
    from tests.store.scribe import Scribe

NGINX = "library/nginx"
HERE = "docker.io", NGINX


def present(store: Store, time: datetime | None = None) -> dict[str, str | None]:
    return {each.tag: each.digest for each in store.catalog.tags(*HERE, time)}


def test_a_tag_that_was_never_retagged_has_one_open_period(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("latest", "one", pushed_at=START)]})
    (added,) = changes(store, tag="latest")
    assert list(store.catalog.history(*HERE)) == [
        Period(
            registry="docker.io",
            repository=NGINX,
            tag="latest",
            digest=digest("one"),
            pushed_at=START,
            started_at=added.observed_at,
            ended_at=None,
            counted_push=START,
        )
    ]


def test_a_retag_ends_one_period_where_the_next_begins(store: Store, scribe: Scribe) -> None:
    for content in ("one", "two", "one"):
        scribe.crawl({"nginx": [tag("latest", content, pushed_at=scribe.now)]})
    added, moved, back = changes(store, tag="latest")
    assert spans(store.catalog.history(*HERE)) == [
        (digest("one"), added.observed_at, moved.observed_at),
        (digest("two"), moved.observed_at, back.observed_at),
        (digest("one"), back.observed_at, None),
    ]
    assert [each.pushed_at for each in store.catalog.history(*HERE)] == [
        added.pushed_at,
        moved.pushed_at,
        back.pushed_at,
    ]


def test_a_removal_ends_the_period_and_a_re_creation_starts_another(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    scribe.crawl({"nginx": []})
    scribe.crawl({"nginx": [tag("latest", "one")]})
    added, removed, again = changes(store, tag="latest")
    assert told([removed, again]) == [
        ("tag_removed", NGINX, "latest"),
        ("tag_added", NGINX, "latest"),
    ]
    assert (removed.old_digest, removed.new_digest) == (digest("one"), None)
    assert (again.old_digest, again.new_digest) == (None, digest("one"))
    assert spans(store.catalog.history(*HERE)) == [
        (digest("one"), added.observed_at, removed.observed_at),
        (digest("one"), again.observed_at, None),
    ]
    (entry,) = store.catalog.tags(*HERE)
    assert entry.first_seen_at == added.observed_at


def test_tags_of_a_removed_repository_end_with_it_and_without_rows_of_their_own(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("a", "one"), tag("b", "two")]})
    scribe.crawl({})
    (removed,) = changes(store, baseline=False)
    assert told([removed]) == [("repository_removed", NGINX, None)]
    assert [each.ended_at for each in store.catalog.history(*HERE)] == [removed.observed_at] * 2
    assert present(store) == {}
    assert list(store.catalog.repositories()) == []


def test_a_repository_that_comes_back_keeps_its_history(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("a", "one"), tag("b", "two")]})
    (first,) = store.catalog.repositories()
    scribe.crawl({})
    scribe.crawl({"nginx": [tag("a", "one"), tag("c", "two")]})
    gone, back, a, c = changes(store, baseline=False)
    assert told([gone, back, a, c]) == [
        ("repository_removed", NGINX, None),
        ("repository_added", NGINX, None),
        ("tag_added", NGINX, "a"),
        ("tag_added", NGINX, "c"),
    ]
    added = changes(store, tag="[ab]", kinds={a.kind})[0].observed_at
    assert spans(store.catalog.history(*HERE)) == [
        (digest("one"), added, gone.observed_at),
        (digest("one"), a.observed_at, None),
        (digest("two"), added, gone.observed_at),
        (digest("two"), c.observed_at, None),
    ]
    (again,) = store.catalog.repositories()
    assert again.first_seen_at == first.first_seen_at


def test_a_repository_removed_twice_ends_only_open_periods(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("a", "one")]})
    scribe.crawl({})
    scribe.crawl({"nginx": []})
    scribe.crawl({})
    first, *_ = changes(store, baseline=False)
    assert [each.ended_at for each in store.catalog.history(*HERE)] == [first.observed_at]


def test_a_tag_that_was_removed_before_its_repository_ended_earlier(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("a", "one"), tag("b", "two")]})
    scribe.crawl({"nginx": [tag("b", "two")]})
    scribe.crawl({})
    tag_gone, repository_gone = changes(store, baseline=False)
    a, b = store.catalog.history(*HERE)
    assert (a.ended_at, b.ended_at) == (tag_gone.observed_at, repository_gone.observed_at)


def test_the_history_is_told_by_tag_and_time(store: Store, scribe: Scribe) -> None:
    for turn in range(4):
        names = ["b", "A", "a", "_", "0"][: turn + 2]
        scribe.crawl({"nginx": [tag(name, f"{name}{turn}") for name in names]})
    found = [(each.tag, each.started_at) for each in store.catalog.history(*HERE)]
    assert found == sorted(found)
    assert {name for name, _ in found} == {"0", "A", "_", "a", "b"}


def test_the_history_of_one_tag_is_its_own(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("a", "one"), tag("b", "two")]})
    scribe.crawl({"nginx": [tag("a", "three"), tag("b", "two")]})
    assert [each.digest for each in store.catalog.history(*HERE, "a")] == [
        digest("one"),
        digest("three"),
    ]


def test_a_tag_that_was_never_seen_has_no_history_but_the_nearest_names(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("latest", "one"), tag("1.27", "two")]})
    with pytest.raises(UsageError) as refused:
        list(store.catalog.history(*HERE, "lates"))
    assert str(refused.value) == (
        "the index knows no tag of library/nginx 'lates'; did you mean 'latest'?"
    )


def test_a_removed_tag_has_its_history(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    scribe.crawl({"nginx": []})
    assert [each.digest for each in store.catalog.history(*HERE, "latest")] == [digest("one")]


def test_a_repository_whose_tags_were_never_read_says_what_to_do(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": None})
    assert list(store.catalog.history(*HERE)) == []
    with pytest.raises(UsageError, match=r"its tags were not read yet: crawl again\.$"):
        store.catalog.history(*HERE, "latest")


def test_what_was_there_at_a_time_is_told_with_what_it_pointed_to_then(
    store: Store, scribe: Scribe
) -> None:
    states = [
        {"a": "one", "b": "two"},
        {"a": "three", "b": "two", "c": "one"},
        {"b": "two", "c": "four"},
        {},
        {"a": "five"},
    ]
    read_at: list[datetime] = []
    for state in states:
        scribe.crawl({"nginx": [tag(name, content) for name, content in state.items()]})
        read_at.append(changes(store)[-1].observed_at)
    with pytest.raises(UsageError, match="and nothing of an earlier time"):
        present(store, read_at[0] - MINUTE / 1_000)
    for state, time in zip(states, read_at, strict=True):
        expected = {name: digest(content) for name, content in state.items()}
        assert present(store, time) == expected
        assert present(store, time + MINUTE) == expected
    assert present(store) == {"a": digest("five")}


def test_the_tags_of_a_removed_repository_can_be_asked_for_as_of_when_it_was_there(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("a", "one", size=5, pushed_at=START)]})
    then = scribe.now
    scribe.crawl({})
    (entry,) = store.catalog.tags(*HERE, then)
    assert (entry.digest, entry.size, entry.pushed_at) == (digest("one"), 5, START)
    assert present(store, scribe.now) == {}


def test_as_of_tells_when_the_tag_was_first_seen_at_all(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("a", "one")]})
    (added,) = changes(store, tag="a")
    scribe.crawl({"nginx": [tag("a", "two")]})
    (now,) = store.catalog.tags(*HERE)
    (then,) = store.catalog.tags(*HERE, scribe.now)
    assert now == then
    assert now.first_seen_at == added.observed_at
