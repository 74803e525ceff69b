"""Pins whose digests are younger than is asked for. In memory and on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.digest_age import AgeBasis
from indexer.core.reference import parse_reference
from indexer.pins import live
from indexer.pins.check import check
from indexer.pins.min_age import MinAge, after_live
from indexer.pins.pin import CheckedPin, Pin, Verdict
from tests.store.scribe import START, Scribe, digest, image, tag

if TYPE_CHECKING:
    from tests.support.memory_index import Index

DAY = timedelta(days=1)
KEPT, OTHER = image("linux/amd64", "amd"), image("linux/arm64", "arm")


def judged(index: Index, text: str, days: float) -> CheckedPin:
    """The verdict thirteen days after the first crawl."""
    wanted = MinAge(days * DAY, START + 13 * DAY)
    (found,) = check(index.catalog, [Pin(text, reference=parse_reference(text))], wanted)
    return found


def test_what_is_young_fails_and_what_is_old_enough_is_named_and_holds(index: Index) -> None:
    """`one` for ten days, then `two` for three; `old` was pushed a year ago."""
    scribe = Scribe(index.archive)
    kept = tag("old", "old", pushed_at=START - 365 * DAY)
    scribe.crawl({"nginx": [tag("1", "one", platforms=(KEPT, OTHER)), kept]})
    scribe.now = START + 10 * DAY
    scribe.crawl({"nginx": [tag("1", "two"), tag("new", "new"), kept]})
    one, two = digest("one"), digest("two")

    young = judged(index, f"nginx:1@{two}", 7)
    assert (young.verdict, young.age_by, young.settled) == (Verdict.YOUNG, AgeBasis.CRAWL, one)
    assert young.sentence == (
        "it is younger than 7d: its age counts from 2026-03-11 12:03 UTC, when a crawl first saw "
        f"it; use library/nginx:1@{one}."
    )
    assert judged(index, f"nginx:1@{two}", 2).verdict is Verdict.OK
    for pin in (f"nginx:1@{one}", f"nginx:1@{digest('amd')}"):
        settled = judged(index, pin, 7)
        assert (settled.verdict, settled.settled) == (Verdict.OK, one), pin
        assert settled.sentence == (
            "its tag pointed to it until 2026-03-11 12:03 UTC; what came later is younger than 7d."
        )
    retagged = judged(index, f"nginx:1@{one}", 2)
    assert (retagged.verdict, retagged.settled) == (Verdict.RETAGGED, two)
    assert judged(index, "nginx:1", 7).verdict is Verdict.YOUNG
    assert judged(index, "nginx:old", 300).verdict is Verdict.UNPINNED
    tagless = judged(index, f"nginx@{digest('new')}", 7)
    assert tagless.verdict is Verdict.YOUNG
    assert tagless.sentence.endswith("; name its tag to be told of an older one.")
    never = judged(index, "nginx:new", 7)
    assert (never.verdict, never.settled) == (Verdict.YOUNG, None)
    assert never.sentence.endswith(
        "; the index knows none that is old enough, and knows the tag since 2026-03-11 12:03 UTC."
    )
    assert judged(index, f"nginx:1@{digest('never')}", 7).verdict is Verdict.NEVER


def test_a_tag_that_was_removed_is_no_digest_to_use(index: Index) -> None:
    scribe = Scribe(index.archive)
    scribe.crawl({"nginx": [tag("1", "one"), tag("2", "two")]})
    scribe.now = START + 10 * DAY
    scribe.crawl({"nginx": [tag("2", "two")]})
    removed = judged(index, f"nginx:1@{digest('one')}", 7)
    assert (removed.verdict, removed.settled) == (Verdict.REMOVED, None)


A, B, C = (digest(each) for each in "abc")


@pytest.mark.parametrize(
    ("text", "by_index", "now", "said", "expected"),
    [
        (f"nginx:1@{A}", Verdict.OK, A, A, Verdict.OK),
        (f"nginx:1@{A}", Verdict.YOUNG, A, A, Verdict.YOUNG),
        (f"nginx:1@{A}", Verdict.RETAGGED, B, A, Verdict.YOUNG),
        (f"nginx:1@{A}", Verdict.NEVER, B, A, Verdict.YOUNG),
        (f"nginx:1@{A}", Verdict.OK, B, B, Verdict.OK),  # the newest that is old enough
        (f"nginx:1@{A}", Verdict.OK, A, B, Verdict.RETAGGED),
        ("nginx:1", Verdict.UNPINNED, A, A, Verdict.UNPINNED),
        ("nginx:1", Verdict.UNPINNED, A, B, Verdict.YOUNG),
        ("nginx:1", Verdict.YOUNG, A, B, Verdict.YOUNG),
        (f"nginx@{A}", Verdict.OK, None, A, Verdict.OK),
        (f"nginx@{A}", Verdict.YOUNG, None, A, Verdict.YOUNG),
        (f"nginx@{A}", Verdict.UNKNOWN, None, A, Verdict.YOUNG),
    ],
)
def test_what_only_the_registry_has_seen_is_not_old_enough(
    text: str, by_index: Verdict, now: str | None, said: str, expected: Verdict
) -> None:
    pin = Pin(text, reference=parse_reference(text))
    before = CheckedPin(pin, by_index, "the index said so.", "docker.io", now)
    found = after_live(before, live.judge(before, said))
    assert found.verdict is expected, found.sentence
