"""Large lists are written and read quickly: the bounds are generous, for slow machines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.store.scribe import changes, image, tag

if TYPE_CHECKING:
    from indexer.store import Store
    from tests.store.scribe import Scribe

MANY = 100_000
SECONDS = 60
"""It takes some five seconds; quadratic work would take hours."""


def test_a_hundred_thousand_tags_of_one_repository(store: Store, scribe: Scribe) -> None:
    begun = time.process_time()
    platform = (image("linux/amd64", "a", size=1),)
    many = [tag(f"{number:06}", f"{number}", platforms=platform) for number in range(MANY)]
    done = scribe.crawl({"nginx": many})
    assert done.tags == MANY
    moved = [tag("000000", "other"), *many[1 : MANY - 1], tag("new", "1")]
    done = scribe.crawl({"nginx": moved})
    assert {kind.value: number for kind, number in done.changes.items()} == {
        "tag_added": 1,
        "tag_removed": 1,
        "tag_retagged": 1,
    }
    assert done.tags == MANY
    assert sum(1 for _ in store.catalog.tags("docker.io", "library/nginx")) == MANY
    assert [each.tag for each in changes(store, limit=2)] == ["099999", "000000"]
    scribe.crawl({})
    assert list(store.catalog.tags("docker.io", "library/nginx")) == []
    assert time.process_time() - begun < SECONDS
