"""Repositories and tags as the index shows them."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from indexer.core.catalog_entries import RepositoryEntry, TagEntry
from indexer.core.errors import UsageError
from indexer.core.model import Repository
from indexer.core.platforms import Platform
from indexer.crawl.diff import RepositoriesDiff
from tests.store.scribe import MINUTE, START, Scribe, changes, digest, image, remembered, tag

if TYPE_CHECKING:
    from indexer.store import Store

HERE = "docker.io", "library/nginx"
MOST = 2**63 - 1


def test_a_repository_tells_what_is_known_of_it(store: Store, scribe: Scribe) -> None:
    scribe.repositories["library/nginx"] = Repository(
        "library/nginx", START, "A server", private=True
    )
    scribe.crawl({"nginx": [tag("a", "one"), tag("b", "two")], "redis": None})
    nginx = RepositoryEntry(
        registry="docker.io",
        repository="library/nginx",
        description="A server",
        private=True,
        tags=2,
        last_updated=START,
        listed=True,
        pending=False,
        first_seen_at=START + 2 * MINUTE,
    )
    redis = dataclasses.replace(
        nginx, repository="library/redis", description="", private=False, tags=0, pending=True
    )
    assert list(store.catalog.repositories()) == [nginx, redis]


def test_repositories_come_by_registry_and_name_and_can_be_narrowed(store: Store) -> None:
    for registry in ("registry.example.com", "docker.io"):
        for namespace in ("library", "librarian", "a-b", "a"):
            Scribe(store.archive, namespace=namespace, registry=registry).crawl(
                {name: [] for name in ("b", "a-b", "a", "a.b", "a_b", "aa")}
            )
    everything = [(each.registry, each.repository) for each in store.catalog.repositories()]
    assert everything == sorted(everything)
    assert len(everything) == 48

    def narrowed(*by: str | None) -> list[tuple[str, str]]:
        return [(each.registry, each.repository) for each in store.catalog.repositories(*by)]

    assert narrowed("docker.io") == everything[:24]
    for namespace in ("library", "librarian", "a-b", "a", "librar", ""):
        inside = [each for each in everything if each[1].startswith(f"{namespace}/")]
        assert narrowed(None, namespace) == inside
        mine = [each for each in inside if each[0] == "docker.io"]
        assert narrowed("docker.io", namespace) == mine
    assert narrowed("nowhere.example.com") == []


def test_what_is_kept_without_being_listed_is_shown_as_that(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": []})
    record = scribe.begin()
    record.known_repositories()
    record.record_repositories(RepositoriesDiff(unlisted=("library/nginx",)), remembered(), START)
    (entry,) = store.catalog.repositories()
    assert (entry.listed, entry.pending) == (False, False)


def test_a_repository_is_shown_as_pending_until_it_was_read(store: Store, scribe: Scribe) -> None:
    def pending() -> bool:
        (entry,) = store.catalog.repositories()
        (status,) = store.catalog.namespaces()
        assert status.pending == int(entry.pending)
        return entry.pending

    for date in (START, None, START + MINUTE, None):
        scribe.repositories["library/nginx"] = Repository("library/nginx", date)
        scribe.crawl({"nginx": None})
        assert pending()
        scribe.crawl({"nginx": []})
        assert not pending()


def test_a_tag_tells_what_is_known_of_it(store: Store, scribe: Scribe) -> None:
    platforms = (
        image("linux/amd64", "a", size=7),
        image("linux/arm/v7", "b"),
        Platform("windows", "amd64", os_version="10.0.20348.2227", digest=digest("c"), size=0),
        image("unknown/unknown", "d", size=3),
    )
    pushed = datetime(2020, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)
    scribe.crawl({"nginx": [tag("1", "one", platforms=platforms, size=10, pushed_at=pushed)]})
    assert list(store.catalog.tags(*HERE)) == [
        TagEntry(
            registry="docker.io",
            repository="library/nginx",
            tag="1",
            digest=digest("one"),
            size=10,
            platforms=platforms,
            pushed_at=pushed,
            first_seen_at=changes(store, tag="1")[0].observed_at,
        )
    ]


def test_the_order_of_platforms_and_their_repetition_is_kept(store: Store, scribe: Scribe) -> None:
    amd, arm = image("linux/amd64", "a"), image("linux/arm64", "b")
    scribe.crawl({"nginx": [tag("t", "one", platforms=(arm, amd, arm, arm._replace(size=1)))]})
    (entry,) = store.catalog.tags(*HERE)
    assert entry.platforms == (arm, amd, arm, arm._replace(size=1))


def test_odd_platforms_are_kept_as_they_are(store: Store, scribe: Scribe) -> None:
    odd = [
        Platform("", ""),
        Platform("linux", ""),
        Platform("", "amd64", digest="sha512:" + "ab" * 64),
        Platform("linux", "amd64", os_version="6.1"),
        Platform("linux", "amd64", variant="v9", os_version="x" * 100),
        Platform("LINUX", "amd64"),
        Platform('o\'s "%s" \\ ? :name', "{}[]", variant="é😀\n\t\x1b[31m"),
        Platform("linux", "amd64", digest=digest("a"), size=MOST),
        Platform("linux/arm", "v7"),
        Platform("linux", "arm/v7"),
    ]
    scribe.crawl({"nginx": [tag("t", "one", platforms=tuple(odd))]})
    (entry,) = store.catalog.tags(*HERE)
    assert list(entry.platforms) == odd


def test_an_empty_variant_is_none(store: Store, scribe: Scribe) -> None:
    empty = Platform("linux", "amd64", variant="", os_version="", digest=digest("a"))
    scribe.crawl({"nginx": [tag("t", "one", platforms=(empty,))]})
    (entry,) = store.catalog.tags(*HERE)
    assert entry.platforms == (Platform("linux", "amd64", digest=digest("a")),)


@pytest.mark.parametrize("size", [0, 1, 2**31, 2**32, 2**53 + 1, MOST, None])
def test_sizes_are_kept_to_the_byte(store: Store, scribe: Scribe, size: int | None) -> None:
    platform = image("linux/amd64", "a", size=size)
    scribe.crawl({"nginx": [tag("t", "one", size=size, platforms=(platform,))]})
    (entry,) = store.catalog.tags(*HERE)
    assert (entry.size, entry.platforms[0].size) == (size, size)


def test_content_that_many_tags_point_to_is_shown_for_each(store: Store, scribe: Scribe) -> None:
    platforms = (image("linux/amd64", "a", size=1),)
    same = [tag(f"{number}", "one", platforms=platforms, size=5) for number in range(5)]
    scribe.crawl({"nginx": same, "other": same})
    for name in ("library/nginx", "library/other"):
        entries = list(store.catalog.tags("docker.io", name))
        assert [(each.digest, each.size, each.platforms) for each in entries] == [
            (digest("one"), 5, platforms)
        ] * 5


def test_tags_come_in_the_order_of_their_bytes(store: Store, scribe: Scribe) -> None:
    names = ["b", "B", "a", "_a", "1.10", "1.9", "1.9-rc1", "1.9.0", "a-b", "a.b", "a_b", "aa", "Z"]
    scribe.crawl({"nginx": [tag(name, "one") for name in names]})
    found = [each.tag for each in store.catalog.tags(*HERE)]
    assert found == sorted(names, key=str.encode)
    assert [each.tag for each in store.catalog.tags(*HERE, scribe.now)] == found


def test_a_repository_without_tags_has_none(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [], "redis": None})
    assert list(store.catalog.tags(*HERE)) == []
    assert list(store.catalog.tags("docker.io", "library/redis")) == []


def test_a_repository_that_is_not_known_is_refused_before_anything_is_read(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": []})
    told = r"^the index knows no repository 'library/ngin'; did you mean 'library/nginx'\?$"
    with pytest.raises(UsageError, match=told):
        store.catalog.tags("docker.io", "library/ngin")
    with pytest.raises(UsageError, match=told):
        store.catalog.history("docker.io", "library/ngin")
    with pytest.raises(UsageError):
        store.catalog.tags("registry.example.com", "library/nginx")


def test_a_tag_is_found_in_each_repository_that_has_it_now(store: Store) -> None:
    library = Scribe(store.archive)
    library.crawl({"nginx": [tag("1.27", "a"), tag("1", "a")], "redis": [tag("1.27", "b")]})
    library.crawl({"nginx": [tag("1.27", "a"), tag("1", "a")], "redis": [tag("7", "b")]})
    Scribe(store.archive, "acme").crawl({"nginx": [tag("1.27.1", "a")]})
    other = Scribe(store.archive, "team", "reg.example")
    other.crawl({"app": [tag("1.27", "a")], "web": [tag("2", "a")]})
    nginx, mine, app = (
        ("docker.io", "library/nginx"),
        ("docker.io", "acme/nginx"),
        ("reg.example", "team/app"),
    )
    assert store.catalog.with_tag("1.27") == [nginx, app]
    assert store.catalog.with_tag("1.2*") == [mine, nginx, app]
    assert store.catalog.with_tag("1.27", "reg.example") == [app]
    assert store.catalog.with_tag("1.2*", "docker.io", "acme") == [mine]
    assert store.catalog.with_tag("9") == []


def test_some_tags_are_read_in_the_order_that_is_asked_for(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag(name, name) for name in ("1", "2", "3")]})
    then = scribe.now
    scribe.crawl({"nginx": [tag("1", "other"), tag("3", "3")]})
    catalog = store.catalog
    wanted = ["3", "none", "2", "1"]

    now = {each.tag: each for each in catalog.tags(*HERE)}
    assert list(catalog.tags(*HERE, None, wanted)) == [now["3"], now["1"]]
    before = {each.tag: each for each in catalog.tags(*HERE, then)}
    assert list(catalog.tags(*HERE, then, wanted)) == [before["3"], before["2"], before["1"]]
    assert list(catalog.tags(*HERE, None, [])) == []

    for time, found in ((None, now), (then, before)):
        digests = [(each.tag, each.digest) for each in found.values()]
        assert list(catalog.tag_digests(*HERE, time)) == digests
