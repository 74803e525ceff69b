"""Tags that are listed without a digest: a digest that becomes known later is no retag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from indexer.core.model import ChangeKind
from indexer.core.platforms import fingerprint
from tests.store.scribe import (
    MINUTE,
    START,
    changes,
    digest,
    image,
    spans,
    tag,
    told,
)

if TYPE_CHECKING:
    from indexer.core.model import Tag
    from indexer.store import Store
    from tests.store.scribe import Scribe

NGINX = "library/nginx"
A, B = image("linux/amd64", "a"), image("linux/arm64", "b")
BARE = image("linux/amd64"), image("linux/arm64")

NAMED = tag("t", "one")
BOTH = tag("t", "one", platforms=(A, B))
IMAGES = tag("t", platforms=(A, B))
NOTHING = tag("t")
UNNAMED = tag("t", platforms=BARE, size=12)


def after(scribe: Scribe, *seen: Tag) -> None:
    """Let the repository's only tag be seen like this, one crawl after the other."""
    for each in seen:
        scribe.crawl({"nginx": [each]})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(NOTHING, NAMED, id="a digest after nothing"),
        pytest.param(NOTHING, IMAGES, id="images after nothing"),
        pytest.param(UNNAMED, IMAGES, id="images with digests after images without"),
        pytest.param(UNNAMED, NAMED, id="a digest after images without"),
        pytest.param(IMAGES, BOTH, id="a digest after images"),
        pytest.param(IMAGES, NAMED, id="a digest in place of images"),
    ],
)
def test_content_that_can_be_named_later_is_no_change(
    store: Store, scribe: Scribe, first: Tag, second: Tag
) -> None:
    after(scribe, first)
    before = changes(store)
    after(scribe, second)
    assert told(changes(store)) == told(before)
    (entry,) = store.catalog.tags("docker.io", NGINX)
    assert entry.digest == second.digest
    assert entry.platforms == second.platforms
    (period,) = store.catalog.history("docker.io", NGINX)
    assert (period.digest, period.ended_at) == (second.digest, None)
    assert period.started_at == before[-1].observed_at


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(NAMED, NOTHING, id="nothing after a digest"),
        pytest.param(BOTH, NOTHING, id="nothing after a digest with images"),
        pytest.param(BOTH, IMAGES, id="images after a digest with images"),
        pytest.param(NAMED, UNNAMED, id="images without digests after a digest"),
        pytest.param(IMAGES, NOTHING, id="nothing after images"),
        pytest.param(IMAGES, UNNAMED, id="images without digests after images"),
    ],
)
def test_content_that_is_known_less_well_never_replaces_what_is_known_better(
    store: Store, scribe: Scribe, first: Tag, second: Tag
) -> None:
    later = START + 5 * MINUTE
    after(scribe, first, structs.replace(second, last_updated=later))
    (entry,) = store.catalog.tags("docker.io", NGINX)
    assert (entry.digest, entry.platforms) == (first.digest, first.platforms)
    assert told(changes(store, baseline=False)) == []
    record = scribe.begin()
    known = record.known_tags(NGINX).tags["t"]
    assert (known.digest, known.fingerprint) == (first.digest, fingerprint(first.platforms))
    assert known.last_updated == later


def test_what_a_digest_consists_of_is_kept_when_it_is_learnt_later(
    store: Store, scribe: Scribe
) -> None:
    bare = tag("t", "one", platforms=BARE, last_updated=START)
    full = tag("t", "one", platforms=(A, B), last_updated=START + MINUTE)
    after(scribe, bare, full)
    (entry,) = store.catalog.tags("docker.io", NGINX)
    assert entry.platforms == (A, B)
    assert scribe.begin().known_tags(NGINX).tags["t"].fingerprint == fingerprint((A, B))


def test_what_a_digest_consists_of_is_learnt_from_any_tag(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("a", "one")]})
    scribe.crawl({"nginx": [tag("a", "one"), tag("b", "one", platforms=(A, B), size=5)]})
    assert [
        (each.tag, each.platforms, each.size) for each in store.catalog.tags("docker.io", NGINX)
    ] == [("a", (A, B), 5), ("b", (A, B), 5)]


def test_less_known_of_a_digest_takes_nothing_away_from_other_tags(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("a", "one", platforms=(A, B), size=5)]})
    scribe.crawl(
        {
            "nginx": [
                tag("a", "one", platforms=(A, B), size=5),
                tag("b", "one"),
                tag("c", "one", platforms=BARE),
            ]
        }
    )
    found = list(store.catalog.tags("docker.io", NGINX))
    assert [each.platforms for each in found] == [(A, B)] * 3
    assert [each.size for each in found] == [5] * 3


def test_a_retag_between_tags_without_digests_names_no_digests(
    store: Store, scribe: Scribe
) -> None:
    after(scribe, IMAGES, tag("t", platforms=(A,)))
    (change,) = changes(store, baseline=False)
    assert change.kind is ChangeKind.TAG_RETAGGED
    assert (change.old_digest, change.new_digest) == (None, None)
    assert [each.digest for each in store.catalog.history("docker.io", NGINX)] == [None, None]


def test_unnamed_content_of_two_tags_is_not_taken_for_one_and_the_same(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("a", platforms=BARE, size=1), tag("b", platforms=BARE, size=2)]})
    assert [each.size for each in store.catalog.tags("docker.io", NGINX)] == [1, 2]
    named = [tag("a", "one", size=1), tag("b", platforms=BARE, size=2)]
    scribe.crawl({"nginx": named})
    assert [each.digest for each in store.catalog.tags("docker.io", NGINX)] == [digest("one"), None]


def test_unnamed_content_that_two_tags_share_is_named_for_one_of_them_alone(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("a"), tag("b")]})
    scribe.crawl({"nginx": [tag("a", "one"), tag("b")]})
    assert [each.digest for each in store.catalog.tags("docker.io", NGINX)] == [digest("one"), None]


def test_the_digest_that_a_period_ended_with_stays_with_it(store: Store, scribe: Scribe) -> None:
    after(scribe, IMAGES, BOTH, tag("t", "two"))
    first, second = spans(store.catalog.history("docker.io", NGINX))
    assert (first[0], second[0]) == (digest("one"), digest("two"))
    assert first[2] == second[1]
    (change,) = changes(store, baseline=False)
    assert (change.old_digest, change.new_digest) == (digest("one"), digest("two"))


def test_a_removed_tag_without_a_digest_comes_back_as_new(store: Store, scribe: Scribe) -> None:
    after(scribe, NOTHING)
    scribe.crawl({"nginx": []})
    after(scribe, NOTHING)
    assert told(changes(store, baseline=False)) == [
        ("tag_removed", NGINX, "t"),
        ("tag_added", NGINX, "t"),
    ]


def test_dates_and_sizes_of_tags_without_content_are_refreshed(
    store: Store, scribe: Scribe
) -> None:
    later = START + MINUTE
    after(scribe, NOTHING, tag("t", last_updated=later, pushed_at=later))
    (entry,) = store.catalog.tags("docker.io", NGINX)
    assert entry.pushed_at == later
    assert scribe.begin().known_tags(NGINX).tags["t"].last_updated == later
