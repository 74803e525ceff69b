"""Which names are wanted, and what a changed filter means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from indexer.core.model import ListMemory
from indexer.crawl.wanted_names import (
    NOTHING,
    WantedNames,
    as_remembered,
    left_out_before,
    read_filter,
)

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "repository", "tag", "is_wanted"),
    [
        (WantedNames(), "library/nginx", "1", True),
        (WantedNames(("library/ng*",)), "library/nginx", None, True),
        (WantedNames(("library/ng*",)), "library/redis", None, False),
        (WantedNames(("library/nginx:1.2*",)), "library/nginx", None, True),
        (WantedNames(("library/nginx:1.2*",)), "library/nginx", "1.27", True),
        (WantedNames(("library/nginx:1.2*",)), "library/nginx", "1.3", False),
        (WantedNames((), ("v*",)), "library/nginx", "v1", True),
        (WantedNames((), ("v*",)), "library/nginx", "V1", False),
        (WantedNames(exclude=("library/test*",)), "library/test1", None, False),
        (WantedNames(exclude=("library/test*",)), "library/test1", "1", False),
        (WantedNames(exclude=("library/test*",)), "library/nginx", "test", True),
        (WantedNames(exclude=("library/nginx:1.2*",)), "library/nginx", None, True),
        (WantedNames(exclude=("library/nginx:1.2*",)), "library/nginx", "1.27", False),
        (WantedNames(exclude=("library/nginx:1.2*",)), "library/redis", "1.27", True),
        (WantedNames(exclude=("*-rc*",)), "library/some-rc1", None, True),
        (WantedNames(exclude=("*-rc*",)), "library/nginx", "1.27-rc1", False),
        (WantedNames(("library/nginx",), ("1*",), ("1.2",)), "library/nginx", "1.2", False),
    ],
)
def test_a_filter_says_what_is_wanted(
    wanted: WantedNames, repository: str, tag: str | None, *, is_wanted: bool
) -> None:
    assert wanted.has(repository, tag) is is_wanted
    assert read_filter(wanted.text).has(repository, tag) is is_wanted


@pytest.mark.parametrize(
    ("wanted", "is_the_same"),
    [
        (WantedNames(("library/nginx", "library/redis:7")), True),
        (WantedNames(exclude=("library/redis:7", "acme/*")), True),
        (WantedNames(("library/nginx:1.27", "library/*")), True),
        (WantedNames(("library/nginx:1.27",)), False),
        (WantedNames((), ("1*",)), False),
        (WantedNames(exclude=("*-rc*",)), False),
        (WantedNames(exclude=("library/n*:1.2",)), False),
    ],
)
def test_two_filters_are_compared_by_what_they_say_of_the_tags_of_a_repository(
    wanted: WantedNames, *, is_the_same: bool
) -> None:
    everything = WantedNames().of_tags("library/nginx")
    assert (wanted.of_tags("library/nginx") == everything) is is_the_same
    assert read_filter(wanted.text).of_tags("library/nginx") == wanted.of_tags("library/nginx")


def test_a_filter_that_wants_everything_is_recorded_as_empty() -> None:
    assert WantedNames().text == WantedNames(("*",)).text == WantedNames(("a/b", "*")).text == ""
    assert not WantedNames(("*",)).chooses_repositories
    assert not read_filter(NOTHING).has("library/nginx", "latest")


def test_names_without_a_glob_need_no_list() -> None:
    wanted = WantedNames(("library/nginx:1.27", "library/redis", "acme/*"), exclude=("*/redis",))
    assert wanted.named_repositories() is None
    assert wanted.within("library").named_repositories() == ("library/nginx",)
    assert wanted.named_tags("library/nginx") == ("1.27",)
    assert wanted.named_tags("library/redis") is None
    assert WantedNames(("a/b",), ("1", "2"), ("2",)).named_tags("a/b") == ("1",)
    assert WantedNames(("a/b",), ("1", "2*")).named_tags("a/b") is None
    assert WantedNames((), ("1", "2")).named_tags("a/b") is None


def memory(filters: str | None) -> ListMemory:
    return ListMemory(
        exact=True, newest=NOW, identity="me", full_at=NOW, newest_first=True, filters=filters
    )


def test_no_shortcut_is_taken_where_the_filter_changed() -> None:
    same = memory("")
    assert as_remembered(same, "") is same
    remembered = as_remembered(same, WantedNames(("a/*",)).text)
    assert remembered is not None
    assert remembered.newest is None


def test_what_only_the_wider_filter_lets_in_was_left_out_before() -> None:
    narrow = memory(WantedNames(("a/b",), ("latest",)).text)
    assert left_out_before(narrow, "", ["latest", "v1"], "a/b") == {"v1"}
    assert left_out_before(narrow, "", ["a/b", "a/c"]) == {"a/c"}
    assert left_out_before(memory(None), "", ["a/c"]) == frozenset()
    assert left_out_before(None, "", ["a/c"]) == frozenset()
