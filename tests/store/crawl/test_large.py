"""Large lists are written and read quickly: the bounds are generous, for slow machines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.store.scribe import changes, image, tag

if TYPE_CHECKING:
    from indexer.store import Store
    from tests.store.scribe import Scribe

SECONDS = {10_000: 30, 100_000: 60}
"""They take half a second and five; quadratic work would take a minute and hours."""


@pytest.mark.parametrize("number", [10_000, pytest.param(100_000, marks=pytest.mark.nightly)])
def test_very_many_tags_of_one_repository(store: Store, scribe: Scribe, number: int) -> None:
    begun = time.process_time()
    platform = (image("linux/amd64", "a", size=1),)
    many = [tag(f"{n:06}", f"{n}", platforms=platform) for n in range(number)]
    done = scribe.crawl({"nginx": many})
    assert done.tags == number
    moved = [tag("000000", "other"), *many[1 : number - 1], tag("new", "1")]
    done = scribe.crawl({"nginx": moved})
    assert {kind.value: found for kind, found in done.changes.items()} == {
        "tag_added": 1,
        "tag_removed": 1,
        "tag_retagged": 1,
    }
    assert done.tags == number
    assert sum(1 for _ in store.catalog.tags("docker.io", "library/nginx")) == number
    assert [each.tag for each in changes(store, limit=2)] == [f"{number - 1:06}", "000000"]
    scribe.crawl({})
    assert list(store.catalog.tags("docker.io", "library/nginx")) == []
    assert time.process_time() - begun < SECONDS[number]
