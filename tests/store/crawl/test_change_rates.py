"""What is counted of a repository at each reading of its tags, in every kind of archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.model import ChangeRate, Mode, Repository
from indexer.crawl.diff import TagsDiff
from indexer.crawl.due_repositories import UNSETTLED
from tests.store.scribe import MINUTE, START, Scribe, remembered, tag
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from indexer.core.model import Tag
    from indexer.crawl.ports import Archive, CrawlRecord

NGINX = "library/nginx"
A_DAY = timedelta(days=1)


@pytest.fixture
def scribe(archive: Archive) -> Scribe:
    scribe = Scribe(archive)
    scribe.crawl({"nginx": tags("1", "2", "3")})
    return scribe


def tags(*names: str) -> list[Tag]:
    return [tag(name, f"content {name}") for name in names]


def watch(scribe: Scribe) -> ChangeRate:
    record = scribe.begin()
    found = record.change_rates()[NGINX]
    scribe.finish(record)
    return found


def verify(scribe: Scribe, read: Iterable[Tag], *, moved: bool = False) -> None:
    """Read the tags again a day later."""
    scribe.now += A_DAY
    if moved:
        scribe.repositories[NGINX] = Repository(NGINX, scribe.now)
    scribe.crawl({"nginx": read}, Mode.VERIFY)


def opened(scribe: Scribe) -> CrawlRecord:
    record = scribe.begin(Mode.VERIFY)
    record.known_tags(NGINX)
    return record


def test_the_first_reading_begins_to_count(scribe: Scribe) -> None:
    found = watch(scribe)

    assert found == ChangeRate(3, found.seen_at)
    assert found.seen_at is not None
    assert START < found.seen_at < scribe.now


def test_a_tag_that_goes_without_a_moved_date_is_a_silent_change(scribe: Scribe) -> None:
    verify(scribe, tags("1", "2", "3"))
    verify(scribe, tags("1"))
    found = watch(scribe)

    assert (found.tags, found.silent, found.moves) == (1, 2, 0)
    assert found.quiet == found.watched == pytest.approx(2 * A_DAY.total_seconds(), rel=0.02)


def test_a_change_with_a_moved_date_is_not_silent(scribe: Scribe) -> None:
    verify(scribe, tags("1"), moved=True)
    found = watch(scribe)

    assert (found.tags, found.silent, found.quiet, found.moves) == (1, 0, 0, 1)


@pytest.mark.parametrize("since", [None, START], ids=["once more", "they lag"])
def test_what_is_found_by_reading_again_for_a_moved_date_is_not_silent(
    scribe: Scribe, since: datetime | None
) -> None:
    record = opened(scribe)
    again = replace(remembered(), lags_since=since, reread_at=scribe.now)
    record_tags(record, NGINX, TagsDiff(), again, START, scribe.passes())
    assert record.known_repositories().repositories[NGINX].reread_at == again.reread_at
    scribe.finish(record)
    verify(scribe, tags("1", "2"))

    assert watch(scribe).silent == 0


def test_a_reading_that_proves_nothing_counts_nothing(scribe: Scribe) -> None:
    before = watch(scribe)
    for memory, read_for in ((replace(remembered(), exact=False), START),
                             (remembered(), UNSETTLED)):  # fmt: skip
        scribe.now += A_DAY
        record = opened(scribe)
        record_tags(record, NGINX, TagsDiff(), memory, read_for, scribe.now + MINUTE)
        scribe.finish(record)

    assert watch(scribe) == before


def test_a_removed_repository_is_not_among_them(scribe: Scribe) -> None:
    scribe.crawl({})
    record = scribe.begin()

    assert record.change_rates() == {}
