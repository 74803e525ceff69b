"""Which tags are indexed, and which are asked for their digest."""

from __future__ import annotations

import tomllib
from pathlib import Path

from indexer.crawl.wanted_names import WantedNames
from indexer.sources.oci.tag_selection import TagSelection

CASE = Path(__file__).parent / "cases" / "newest-behind-a-word"


def test_without_a_bound_every_tag_is_asked_for_in_its_order() -> None:
    assert TagSelection().asked(["b", "a"]) == (["b", "a"], 0)
    assert TagSelection(most=2).asked(["b", "a"]) == (["b", "a"], 0)


def test_the_newest_are_asked_for_and_that_is_all_that_was_wanted() -> None:
    assert TagSelection(newest=2).asked(["1.0", "latest", "2.0"]) == (["latest", "2.0"], 0)


def test_what_a_bound_leaves_out_is_counted() -> None:
    assert TagSelection(most=1).asked(["1.0", "2.0", "3.0"]) == (["3.0"], 2)
    assert TagSelection(newest=2, most=1).asked(["1.0", "2.0", "3.0"]) == (["3.0"], 1)


def test_the_newest_are_told_by_the_version_behind_a_word() -> None:
    """A case of the public: crazy-max/diun, pull request 680."""
    said = tomllib.loads((CASE / "indexer.toml").read_text())
    wanted = WantedNames(said["repositories"], said["tags"])
    listed = [tag for tag in (CASE / "tags.txt").read_text().split() if wanted.has("team/app", tag)]
    asked, left_out = TagSelection(newest=said["newest"]).asked(listed)
    assert asked == ["version-5.11.10", "version-5.11.2", "version-5.11.0"]
    assert left_out == 0
