"""How fresh an answer is, in words and in JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from indexer.core.model import CrawlStatus
from indexer.crawl.schedule.freshness import Freshness, NamespaceFreshness
from indexer.render.freshness import last_complete, record, too_old, warnings
from indexer.render.output import as_json

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
FRESH = NamespaceFreshness("docker.io", "acme", NOW - timedelta(hours=2))
STALE = NamespaceFreshness(
    "docker.io", "library", NOW - timedelta(days=3), "1h", CrawlStatus.FAILED
)
NEVER = NamespaceFreshness("reg.example", "*", None, "0 3 * * *")


def test_the_oldest_crawl_is_named_with_its_age_where_that_is_wanted() -> None:
    assert last_complete(Freshness((FRESH,)), NOW) == (
        "last complete crawl: 2026-07-01 10:00 UTC, 2h ago"
    )
    assert last_complete(Freshness((FRESH, STALE))) == (
        "oldest of the last complete crawls: 2026-06-28 12:00 UTC"
    )
    assert last_complete(Freshness((FRESH, NEVER)), NOW) == "no complete crawl yet of reg.example"
    assert last_complete(Freshness(()), NOW) == "no complete crawl yet"


def test_what_is_stale_is_said_with_the_schedule_and_with_the_failure() -> None:
    stale, never = warnings(Freshness((FRESH, STALE, NEVER)), NOW)
    assert stale == (
        "docker.io/library is stale: its last complete crawl was 3d ago (the last crawl is "
        "failed), and one is due every 1h."
    )
    assert never == (
        "reg.example is stale: it was never crawled completely, and one is due at '0 3 * * *'."
    )
    assert not list(warnings(Freshness((FRESH,)), NOW))


def test_many_stale_namespaces_are_counted() -> None:
    said = list(warnings(Freshness((STALE,) * 5), NOW))
    assert len(said) == 4
    assert said[-1] == "2 more are stale: see 'indexer status'."


def test_a_last_crawl_that_did_not_read_all_is_said_though_nothing_is_stale() -> None:
    partly = replace(FRESH, last_status=CrawlStatus.INCOMPLETE)
    running = replace(FRESH, last_status=CrawlStatus.RUNNING)
    sentence = (
        f"the last crawl of {partly.name} is incomplete: what it did not read may have changed; "
        "see 'indexer status'."
    )
    assert list(warnings(Freshness((partly, running)), NOW)) == [sentence]
    several = [replace(partly, namespace=f"n{number}") for number in range(5)]
    assert list(warnings(Freshness(tuple(several)), NOW))[-1] == "the same of 2 more."


def test_what_is_too_old_is_named() -> None:
    day = timedelta(days=1)
    assert not too_old(Freshness((FRESH,)), day, "1d", NOW)
    assert too_old(Freshness((FRESH, STALE, NEVER)), day, "1d", NOW) == (
        "--max-age 1d: the last complete crawl of docker.io/library and 1 more is longer ago, or "
        "there was none."
    )
    assert too_old(Freshness(()), day, "1d", NOW) == (
        "--max-age 1d: none of this was ever crawled."
    )


def test_json_has_the_time_and_the_names_of_what_is_stale() -> None:
    assert json.loads(as_json(record(Freshness((FRESH, STALE))))) == {
        "last_complete_at": "2026-06-28T12:00:00Z",
        "stale": ["docker.io/library"],
        "partly_read": ["docker.io/library"],
    }
