"""Patterns mean in both databases what they mean to `fnmatch.fnmatchcase`."""

from __future__ import annotations

import itertools
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from tests.store.scribe import Scribe, changes, tag

if TYPE_CHECKING:
    from indexer.store import Store

SIGNS = "ab-.]^[!\\"
NAMES = (
    {"".join(letters) for length in (1, 2) for letters in itertools.product(SIGNS, repeat=length)}
    | set("*?cZ09_~é😀\n{}()|+$&/% '\"")
    | {"latest", "1.27-alpine", "a\nb", "a*b", "[abc]", "", "--"}
)
PATTERNS = st.text(alphabet=SIGNS * 2 + "*?" * 3 + "[]" * 3 + "cZ09é😀\n|&~", max_size=7)

FNMATCHS_OWN = re.compile(r"\[[^!].*-.*!", re.DOTALL)
"""Where fnmatch may slip: it takes the `!` in `[b-a!x]` for a negation, as if it came first."""


@pytest.fixture
def names(store: Store) -> Store:
    """An index whose tags have these names. No registry would grant most of them."""
    tags = [tag(name, "one") for name in sorted(NAMES)]
    Scribe(store.archive).crawl({"nginx": tags})
    return store


@settings(
    max_examples=150,
    deadline=None,
    # One index for all examples, on purpose: nothing writes to it.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pattern=PATTERNS)
@example("[]")
@example("[!]")
@example("[]]")
@example("[!]]")
@example("[^a]")
@example("[!^a]")
@example("[^]")
@example("[a-c]")
@example("[c-a]")
@example("[!c-a]")
@example("[b-a]*")
@example("[a-]")
@example("[-a]")
@example("[!-a]")
@example("[]-a]")
@example("[--a]")
@example("[a-b-c]")
@example("[\\]")
@example("[\\]a]")
@example("[[]")
@example("[[:alpha:]]")
@example("[[.a.]]")
@example("[[=a=]]")
@example("[a\nb]")
@example("[!a")
@example("a[")
@example("[*]")
@example("[a-a]")
@example("[😀-😀]")
@example("[+-**]")
@example("a***b**")
@example("[?]")
@example("\\*")
@example("**")
@example("")
@example("a\n")
@example("(a|b)")
@example("$")
@example("***:")
@example("(?i)A")
@example("[😀é]")
@example("[a-😀]")
@example("[!\x01-😀]")
def test_a_pattern_finds_what_fnmatch_finds(names: Store, pattern: str) -> None:
    assume(not FNMATCHS_OWN.search(pattern))
    found = {each.tag for each in changes(names, tag=pattern) if each.tag is not None}
    assert found == {name for name in NAMES if fnmatchcase(name, pattern)}


@pytest.mark.parametrize(
    "pattern", ["library/*", "*/[a-m]*", "lib?ary/*", "library/nginx", "LIBRARY/*", "*"]
)
def test_patterns_of_repositories_cross_slashes_as_fnmatch_does(store: Store, pattern: str) -> None:
    Scribe(store.archive).crawl({"nginx": [], "redis": []})
    Scribe(store.archive, namespace="team").crawl({"ansible": []})
    found = [each.repository for each in changes(store, repository=pattern)]
    everything = ["library/nginx", "library/redis", "team/ansible"]
    assert found == [name for name in everything if fnmatchcase(name, pattern)]


def test_a_pattern_of_a_thousand_wildcards_is_answered(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    assert len(changes(store, tag="*" * 1_000)) == 1
    assert changes(store, tag="?" * 1_000) == []
    assert changes(store, tag="[a" * 1_000) == []
