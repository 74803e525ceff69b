"""Suggestions for a mistyped name."""

from __future__ import annotations

import pytest

from indexer.core.reference import parse_reference
from indexer.core.suggestions import did_you_mean, how_to_add, nearest, unknown


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("namespace", ["namespaces", "tags", "exclude"], ["namespaces"]),
        ("Intervall", ["interval", "mode"], ["interval"]),
        ("quay.oi", ["docker.io", "quay.io"], ["quay.io"]),
        ("quay.oi", ["Docker.io", "Quay.io"], ["Quay.io"]),
        ("something", ["tags", "exclude"], []),
        ("anything", [], []),
    ],
)
def test_the_nearest_name_is_what_was_meant(
    name: str, known: list[str], expected: list[str]
) -> None:
    assert nearest(name, known) == expected


def test_what_all_names_share_does_not_make_them_similar() -> None:
    known = ["a-long-organisation/api", "a-long-organisation/web"]
    assert nearest("a-long-organisation/xyz", known) == []
    assert nearest("a-long-organisation/wbe", known, 3) == ["a-long-organisation/web"]


def test_several_names_make_one_question() -> None:
    assert did_you_mean(["a"]) == "did you mean 'a'?"
    assert did_you_mean(["a", "b\n"]) == "did you mean 'a' or 'b\N{REPLACEMENT CHARACTER}'?"


def test_a_name_that_the_index_does_not_know_is_answered_with_those_that_it_knows() -> None:
    known = ["library/nginx", "library/redis"]
    start = "the index knows no repository "
    found = unknown("repository", "library/ngnix", known, "crawl first.")
    assert found == f"{start}'library/ngnix'; did you mean 'library/nginx'?"
    assert unknown("repository", "b/b", [], "crawl first.") == f"{start}'b/b'; crawl first."
    many = [f"a/{number:02}" for number in range(12)]
    assert unknown("repository", "zzz", many, "").endswith("'a/09' and others.")


@pytest.mark.parametrize(
    ("image", "command", "entry"),
    [
        ("nginx:1.27", "indexer crawl library/nginx", 'repositories = ["library/nginx"]'),
        ("docker.io/acme/app", "indexer crawl acme/app", 'repositories = ["acme/app"]'),
        (
            "ghcr.io/acme/app:2",
            "indexer crawl ghcr.io/acme/app",
            'name = "ghcr.io", type = "oci", repositories = ["acme/app"]',
        ),
    ],
)
def test_what_is_unknown_comes_with_the_command_and_the_line_that_add_it(
    image: str, command: str, entry: str
) -> None:
    assert how_to_add(parse_reference(image)) == (
        f"Not in the index: add it with '{command}', or to the configuration with [[registry]] "
        f"{entry}."
    )
