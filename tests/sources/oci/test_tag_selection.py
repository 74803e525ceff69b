"""Which tags are indexed, and which are asked for their digest."""

from __future__ import annotations

import pytest

from indexer.sources.oci.tag_selection import TagSelection, newest_first


@pytest.mark.parametrize(
    "tags",
    [
        ["latest", "v2.0.0", "1.10.0", "1.9.3", "1.9", "stable", "main"],
        ["2.0.0", "2.0.0-rc.10", "2.0.0-rc.2", "2.0.0-rc", "2.0.0-beta.11", "1.27", "1.27-alpine"],
        ["1.0", "1.0rc2", "1.0rc1", "1.0b1"],
        ["20240302", "20240301", "20231231"],
        ["3", "2.7", "2", "sha-9", "4e83c1a", "123456789abc"],
        ["1.2.3.4", "1.2.3", "1.2"],
    ],
)
def test_tags_are_ordered_by_what_their_names_say(tags: list[str]) -> None:
    assert newest_first(reversed(tags)) == tags
    assert newest_first(sorted(tags)) == tags


def test_without_a_bound_every_tag_is_asked_for_in_its_order() -> None:
    assert TagSelection().asked(["b", "a"]) == (["b", "a"], 0)
    assert TagSelection(most=2).asked(["b", "a"]) == (["b", "a"], 0)


def test_the_newest_are_asked_for_and_that_is_all_that_was_wanted() -> None:
    assert TagSelection(newest=2).asked(["1.0", "latest", "2.0"]) == (["latest", "2.0"], 0)


def test_what_a_bound_leaves_out_is_counted() -> None:
    assert TagSelection(most=1).asked(["1.0", "2.0", "3.0"]) == (["3.0"], 2)
    assert TagSelection(newest=2, most=1).asked(["1.0", "2.0", "3.0"]) == (["3.0"], 1)


def test_globs_say_which_tags_are_indexed() -> None:
    selection = TagSelection(globs=("v*", "latest"))
    assert [tag for tag in ("v1", "latest", "sha-1", "V2") if selection.wants(tag)] == [
        "v1",
        "latest",
    ]
    assert TagSelection().wants("anything")
