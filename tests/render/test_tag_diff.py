"""What two digests of a tag differ in, as lines for people."""

from __future__ import annotations

from datetime import timedelta

from indexer.catalog.tag_diff import Times, tag_diff
from indexer.core.catalog_entries import Period
from indexer.render.tag_diff import lines
from tests.store.scribe import START
from tests.support.image_contents import Built

DAY = timedelta(days=1)


def test_no_line_is_longer_than_the_terminal_is_wide_and_none_is_folded() -> None:
    built = Built()
    old, new = (
        built.image({"Labels": {"about": sign * 900}, "Cmd": [sign * 90] * 9}, [sign * 9])
        for sign in "ab"
    )
    periods = [
        Period("docker.io", "library/nginx", "1", old, None, START, START + DAY),
        Period("docker.io", "library/nginx", "1", new, None, START + DAY, None, pushed_by="eve"),
    ]
    times = Times(START + DAY, lambda _: None, lambda _: None)
    found = tag_diff(periods, None, None, times, built)
    wide, narrow = (list(lines(found, width)) for width in (None, 40))
    assert len(wide) == len(narrow)
    assert max(map(len, narrow)) == 40
    assert "until now, pushed by eve" in wide[1]
    assert wide[4] == "  1 added layer (9 B), 1 removed layer (9 B)"
