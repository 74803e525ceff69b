"""Which tags are indexed, and which are asked for their digest."""

from __future__ import annotations

from indexer.sources.oci.tag_selection import TagSelection


def test_without_a_bound_every_tag_is_asked_for_in_its_order() -> None:
    assert TagSelection().asked(["b", "a"]) == (["b", "a"], 0)
    assert TagSelection(most=2).asked(["b", "a"]) == (["b", "a"], 0)


def test_the_newest_are_asked_for_and_that_is_all_that_was_wanted() -> None:
    assert TagSelection(newest=2).asked(["1.0", "latest", "2.0"]) == (["latest", "2.0"], 0)


def test_what_a_bound_leaves_out_is_counted() -> None:
    assert TagSelection(most=1).asked(["1.0", "2.0", "3.0"]) == (["3.0"], 2)
    assert TagSelection(newest=2, most=1).asked(["1.0", "2.0", "3.0"]) == (["3.0"], 1)
