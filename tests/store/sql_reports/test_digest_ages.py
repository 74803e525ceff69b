"""How long digests were kept, in SQL: the same as `indexer.core.digest_age` says of the history."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from indexer.core.digest_age import kept
from indexer.store import open_store
from indexer.store.sql_reports.reports import Reports
from tests.store.scribe import Scribe, digest, tag
from tests.store.sql_reports.test_sql_page import answer

if TYPE_CHECKING:
    from indexer.store import Store

LONG_AGO = datetime(2020, 3, 1, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

STEPS: tuple[tuple[str | None, timedelta | None], ...] = (
    ("a", 30 * DAY),  # the baseline: its push counts
    ("b", HOUR),  # pushed between two crawls
    ("c", None),  # no push time
    ("d", 3 * DAY),  # pushed before the crawl that saw c
    (None, None),  # removed
    ("b", HOUR),  # back, after a gap
)
"""What the tag points to at each crawl, a day apart, and how long before that it was pushed."""


def told(store: Store) -> None:
    scribe = Scribe(store.archive, now=LONG_AGO)
    for number, (content, pushed) in enumerate(STEPS):
        scribe.now = LONG_AGO + number * DAY
        held = [tag("other", "o")]
        if content is not None:
            held.append(tag("1", content, pushed_at=scribe.now - pushed if pushed else None))
        scribe.crawl({"nginx": held})


def time(value: datetime | None) -> str | None:
    return str(value.replace(tzinfo=None)) if value else None


def test_each_digest_was_kept_for_as_long_as_its_history_says(database_url: str) -> None:
    with closing(open_store(database_url, create=False)) as store:
        told(store)
        history = kept(store.catalog.history("docker.io", "library/nginx", "1"))
    assert len(history) == len(STEPS) - 1
    with closing(Reports(database_url)) as reports:
        found = answer(
            reports,
            "SELECT digest, since, until, age_by, first_seen_at FROM report_digest_ages "
            "WHERE tag = '1' ORDER BY first_seen_at",
        )
        lengths = answer(
            reports,
            "SELECT held_days, held_seconds FROM report_digest_ages "
            "WHERE tag = '1' AND until IS NOT NULL ORDER BY first_seen_at",
        )
        lasting = answer(
            reports,
            "SELECT digest FROM report_digest_ages "
            "WHERE tag = '1' AND until IS NULL AND held_days >= 365",
        )
    assert found == [
        (
            each.digest,
            time(each.age_since),
            time(each.ended_at),
            each.age_by,
            time(each.first_seen_at),
        )
        for each in history
    ]
    spans = [each.lasted(LONG_AGO) for each in history if each.ended_at]
    assert lengths == [(span.days, int(span.total_seconds())) for span in spans]
    assert lasting == [(digest("b"),)]
