"""Newer versions of the images that files name, by an index in memory and on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.catalog.outdated import Currency
from indexer.core.newer_versions import Level
from indexer.core.reference import parse_reference
from indexer.pins.outdated import outdated
from indexer.pins.pin import Pin
from tests.store.scribe import Scribe, digest, tag

if TYPE_CHECKING:
    from tests.support.memory_index import Index


def test_images_of_several_repositories_are_answered_in_their_order(index: Index) -> None:
    for name in ("team", "other"):
        scribe = Scribe(index.archive, name)
        scribe.crawl({"app": [tag("1.0", "old"), tag("gone", "x"), tag("3.0", name)]})
        scribe.crawl({"app": [tag("1.0", "old"), tag("1.1", f"{name} 1.1"), tag("2.0")]})
    images = ("other/app:1.0", "team/app:1.1", "team/app:1.0", "other/app:1.0", "team/app")
    found = outdated(index.catalog, [Pin(text, reference=parse_reference(text)) for text in images])
    assert [each.pin.text for each in found] == list(images)
    answers = [each.found for each in found]
    assert [each.minor and each.minor.digest for each in answers] == [
        *(digest("other 1.1"), None, digest("team 1.1"), digest("other 1.1"), None)
    ]
    assert {each.major.tag for each in answers if each.major} == {"2.0"}
    assert {each.update for each in answers[:4]} == {Level.MAJOR}
    assert answers[4].status is Currency.UNKNOWN


def test_what_is_newer_on_another_distribution_is_said_to_be_of_another_shape(
    index: Index,
) -> None:
    names = ("3.12.1-alpine3.19", "3.12.2-alpine3.21", "3.12.2-slim")
    Scribe(index.archive, "team").crawl({"app": [tag(name, name) for name in names]})
    image = f"team/app:{names[0]}"
    (each,) = outdated(index.catalog, [Pin(image, reference=parse_reference(image))])
    assert (each.found.status, each.found.update) == (Currency.OUTDATED, Level.PATCH)
    assert each.found.sentence == (
        "3.12.2-alpine3.21 is newer, by a patch version; none of the same prefix and suffix is."
    )
