"""What tokens are for: scopes taken apart by their colons, and reading only."""

from __future__ import annotations

import pytest

from indexer.sources.oci import scopes
from indexer.sources.oci.scopes import Purpose

TAGS = Purpose("tags", "team/app")
CATALOG = Purpose("catalog")


@pytest.mark.parametrize(
    ("challenge", "own", "other"),
    [
        ("repository:team/app:pull", "repository:team/app:pull", "repository:a/b:pull"),
        ("repository:team/app:pull,push,delete", "repository:team/app:pull", "repository:a/b:pull"),
        ("repository:team/app:push", "repository:team/app:pull", "repository:a/b:pull"),
        ("repository:team/app:*", "repository:team/app:pull", "repository:a/b:pull"),
        (
            "repository:team/app:metadata_read",
            "repository:team/app:metadata_read",
            "repository:a/b:metadata_read",
        ),
        ("repository:key/team/app:pull", "repository:key/team/app:pull", "repository:key/a/b:pull"),
        (
            "repository:h:80/team/app:pull",
            "repository:h:80/team/app:pull",
            "repository:h:80/a/b:pull",
        ),
        ("repository(plugin):team/app:pull", "repository(plugin):team/app:pull", None),
        ("", "repository:team/app:pull", "repository:a/b:pull"),
        ("aws", "aws", "aws"),
        ("*", "*", "*"),
        ("registry:catalog:*,delete", "registry:catalog:*", "registry:catalog:*"),
    ],
)
def test_of_a_repository_only_reading_is_asked_for(
    challenge: str, own: str, other: str | None
) -> None:
    kept = scopes.learnt(challenge, TAGS)
    assert scopes.needed(kept, TAGS) == own
    if other is not None:
        assert scopes.needed(kept, Purpose("tags", "a/b")) == other


@pytest.mark.parametrize("name", ["repo", "tor", "sit", "pull", "repository", "y:p"])
def test_names_that_are_parts_of_a_scopes_own_words_stay_names(name: str) -> None:
    kept = scopes.learnt(f"repository:{name}:pull", Purpose("tags", name))
    assert scopes.needed(kept, Purpose("tags", name)) == f"repository:{name}:pull"
    assert scopes.needed(kept, TAGS) == "repository:team/app:pull"


def test_a_catalog_is_asked_for_as_a_catalog() -> None:
    assert scopes.needed(None, CATALOG) == "registry:catalog:*"
    assert scopes.needed(scopes.learnt("", CATALOG), CATALOG) == "registry:catalog:*"
    assert scopes.needed(scopes.learnt("aws", CATALOG), CATALOG) == "aws"
