"""Names that people type: found, or answered with the most similar ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import UsageError
from indexer.core.reference import Reference, parse_reference
from tests.store.scribe import Scribe, tag

if TYPE_CHECKING:
    from indexer.store import Store

ELSEWHERE = "registry.example.com"


@pytest.fixture
def known(store: Store) -> Store:
    Scribe(store.archive).crawl({"nginx": [], "redis": [], "postgres": []})
    Scribe(store.archive, namespace="ansible").crawl({"ansible": [], "awx": []})
    Scribe(store.archive, registry=ELSEWHERE).crawl({"nginx": []})
    Scribe(store.archive, namespace="team", registry=ELSEWHERE).crawl({"web": []})
    return store


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("redis", ("docker.io", "library/redis")),
        ("ansible/awx", ("docker.io", "ansible/awx")),
        ("ansible/awx:latest", ("docker.io", "ansible/awx")),
        ("docker.io/library/nginx", ("docker.io", "library/nginx")),
        (f"{ELSEWHERE}/library/nginx", (ELSEWHERE, "library/nginx")),
        ("team/web", (ELSEWHERE, "team/web")),
    ],
)
def test_a_repository_is_found_by_its_name(
    known: Store, typed: str, found: tuple[str, str]
) -> None:
    assert known.catalog.locate(parse_reference(typed)) == found


def test_a_removed_repository_is_found_too(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    scribe.crawl({})
    assert store.catalog.locate(Reference(None, "library/nginx")) == ("docker.io", "library/nginx")


def test_a_name_that_several_registries_have_must_be_typed_in_full(known: Store) -> None:
    with pytest.raises(UsageError) as refused:
        known.catalog.locate(parse_reference("nginx"))
    assert str(refused.value) == (
        "several registries have 'library/nginx': write 'docker.io/library/nginx' or "
        "'registry.example.com/library/nginx'."
    )


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("ngnix", "'library/ngnix'; did you mean 'library/nginx'?"),
        ("ansible/ansibel", "'ansible/ansibel'; did you mean 'ansible/ansible'?"),
        ("tema/web", "'tema/web'; did you mean 'team/web'?"),
        ("ansible/zzzzzzzz", "'ansible/zzzzzzzz'; known are 'ansible/ansible', 'ansible/awx'."),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(known: Store, typed: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        known.catalog.locate(parse_reference(typed))
    assert str(refused.value) == f"the index knows no repository {hint}"


def test_an_empty_index_says_what_comes_first(store: Store) -> None:
    with pytest.raises(UsageError) as refused:
        store.catalog.locate(parse_reference("nginx"))
    assert str(refused.value) == (
        "the index knows no repository 'library/nginx'; nothing was crawled yet: "
        "run 'indexer crawl NAMESPACE' first."
    )


def test_a_known_name_of_a_registry_that_lacks_it_is_not_found(known: Store) -> None:
    with pytest.raises(UsageError):
        known.catalog.locate(parse_reference(f"{ELSEWHERE}/library/redis"))


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("library/", ["library/nginx", "library/postgres", "library/redis"]),
        ("library/n", ["library/nginx"]),
        ("ans", ["ansible/ansible", "ansible/awx"]),
        ("ansible/awx", ["ansible/awx"]),
        ("LIBRARY/", []),
        ("lib%", []),
        ("library_", []),
        ("z", []),
    ],
)
def test_names_with_the_same_beginning_are_completed(
    known: Store, prefix: str, names: list[str]
) -> None:
    assert known.catalog.repository_names(prefix, 100) == names


def test_completion_is_bounded_sorted_and_without_repetition(known: Store) -> None:
    everything = known.catalog.repository_names("", 100)
    assert everything == [
        "ansible/ansible",
        "ansible/awx",
        "library/nginx",
        "library/postgres",
        "library/redis",
        "team/web",
    ]
    assert known.catalog.repository_names("", 2) == everything[:2]
    assert known.catalog.repository_names("library/", 1) == ["library/nginx"]


def test_removed_names_are_not_completed(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [], "redis": []})
    scribe.crawl({"redis": []})
    assert store.catalog.repository_names("", 100) == ["library/redis"]
