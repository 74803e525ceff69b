"""A computer's clock that jumps: nothing is lost, and no two periods of a tag overlap."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.scribe import START, Scribe, changes, digest, tag, told
from tests.support.selection import examples

if TYPE_CHECKING:
    from indexer.store import Store

HERE = "docker.io", "library/nginx"
HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


def orderly(store: Store, registry: str, repository: str) -> bool:
    """Whether each tag's periods follow each other, and only the last one may last."""
    whole = list(store.catalog.history(registry, repository))
    for _, group in itertools.groupby(whole, key=lambda each: each.tag):
        *ended, last = group
        for period in (*ended, last) if last.ended_at else ended:
            assert period.ended_at is not None
            if period.ended_at < period.started_at:
                return False
        following = itertools.pairwise([*ended, last])
        if any(one.ended_at is None or one.ended_at > two.started_at for one, two in following):
            return False
    return True


@pytest.mark.parametrize("jump", [-HOUR, YEAR, -YEAR, timedelta()])
def test_a_jump_between_two_crawls_loses_nothing(
    store: Store, scribe: Scribe, jump: timedelta
) -> None:
    scribe.crawl({"nginx": [tag("moves", "one"), tag("goes", "one"), tag("back", "one")]})
    scribe.now += jump
    scribe.crawl({"nginx": [tag("moves", "two"), tag("back", "one"), tag("new", "one")]})
    scribe.now -= jump
    scribe.crawl({"nginx": [tag("moves", "three"), tag("new", "one"), tag("goes", "two")]})
    assert orderly(store, *HERE)
    assert told(changes(store, baseline=False)) == [
        ("tag_added", "library/nginx", "new"),
        ("tag_removed", "library/nginx", "goes"),
        ("tag_retagged", "library/nginx", "moves"),
        ("tag_added", "library/nginx", "goes"),
        ("tag_removed", "library/nginx", "back"),
        ("tag_retagged", "library/nginx", "moves"),
    ]
    assert [each.digest for each in store.catalog.history(*HERE, "moves")] == [
        digest("one"),
        digest("two"),
        digest("three"),
    ]
    assert {each.tag: each.digest for each in store.catalog.tags(*HERE)} == {
        "goes": digest("two"),
        "moves": digest("three"),
        "new": digest("one"),
    }


def test_a_clock_that_stands_still_keeps_the_order_of_events(store: Store, scribe: Scribe) -> None:
    contents = ["one", "two", "three", "one", "two"]
    for content in contents:
        scribe.now = START
        scribe.crawl({"nginx": [tag("latest", content)]})
    assert [each.digest for each in store.catalog.history(*HERE)] == list(map(digest, contents))


def test_a_removal_under_an_earlier_clock_ends_what_began_later(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    scribe.now -= HOUR
    scribe.crawl({})
    (period,) = store.catalog.history(*HERE)
    assert period.ended_at == period.started_at
    assert list(store.catalog.tags(*HERE)) == []
    scribe.now -= HOUR
    scribe.crawl({"nginx": [tag("latest", "two")]})
    assert orderly(store, *HERE)
    assert [each.digest for each in store.catalog.tags(*HERE)] == [digest("two")]


def test_changes_have_numbers_in_the_order_in_which_they_were_seen(
    store: Store, scribe: Scribe
) -> None:
    for turn in range(5):
        scribe.now -= HOUR
        scribe.crawl({"nginx": [tag("latest", f"{turn}")]})
    moved = changes(store, tag="latest")
    assert [change.new_digest for change in moved] == [digest(f"{turn}") for turn in range(5)]
    assert [change.id for change in moved] == sorted(change.id for change in moved)


def test_the_last_crawl_is_the_one_that_began_last_whatever_its_clock_said(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": []})
    scribe.now -= YEAR
    second = scribe.crawl({"nginx": []})
    (status,) = store.catalog.namespaces()
    assert status.last_crawl == second
    assert status.last_complete_at == second.finished_at


JUMPS = st.sampled_from([timedelta(), HOUR, -HOUR, YEAR, -YEAR, -timedelta(minutes=3)])
HELD = st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["one", "two", None]))


@settings(
    max_examples=examples(10, at_night=100),
    deadline=None,
    # One index for all examples, on purpose: each has a namespace of its own in it.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(states=st.lists(st.tuples(HELD | st.none(), JUMPS), max_size=8))
def test_no_sequence_of_states_and_jumps_breaks_the_history(
    store: Store, states: list[tuple[dict[str, str | None] | None, timedelta]]
) -> None:
    namespace = f"n{len(store.catalog.namespaces())}"
    here = "docker.io", f"{namespace}/nginx"
    scribe = Scribe(store.archive, namespace=namespace)
    scribe.crawl({"nginx": []})
    for held, jump in states:
        scribe.now += jump
        tags = [tag(name, content) for name, content in (held or {}).items()]
        scribe.crawl({} if held is None else {"nginx": tags})
        assert {each.tag for each in store.catalog.tags(*here)} == set(held or ())
    assert orderly(store, *here)
