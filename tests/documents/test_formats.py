"""docs/formats.md against the types that JSON is written from."""

from __future__ import annotations

import re

import pytest

from indexer.core.model import Change, RateLimit
from indexer.manifests import image_comparison
from indexer.notify.payload import Event, Move, Violation
from indexer.render.records import (
    configuration,
    crawls,
    fields_of,
    images,
    inside,
    notifications,
    outdated,
    pins,
    settled,
    stats,
)
from tests.documents import pages

PAGE = pages.ROOT / "docs" / "formats.md"

LAST_CRAWL_LEAVES_OUT = {
    "registry",
    "namespace",
    "repositories",
    "tags",
    "part",  # it is of the whole namespace
    "unseen_repositories",
    "unseen_tags",
    "unread",
}


def table(heading: str, number: int = 0) -> tuple[str, ...]:
    """The names in the first column of a section's table, in their order."""
    (section,) = re.findall(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", pages.read(PAGE), re.DOTALL | re.MULTILINE
    )
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    rows = tables[number].splitlines()[2:]
    return tuple(name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1]))


@pytest.mark.parametrize(
    ("heading", "record"),
    [
        ("A change: `indexer query`", Change),
        ("A repository: `indexer repos`", images.Repository),
        ("A tag: `indexer tags`", images.Tag),
        ("A digest that a tag had: `indexer history`", images.Period),
        ("A digest that is old enough: `indexer settled`", settled.Settled),
        ("What two digests differ in: `indexer diff`", inside.Diff),
        ("What grows, and what is dead: `indexer stats`", stats.Stats),
        ("A verdict: `indexer check`", pins.CheckedPin),
        ("A newer version: `indexer outdated`", outdated.OutdatedImage),
        ("A violation: `indexer violations`", Violation),
        ("Crawls: `indexer crawl`", crawls.Crawl),
        ("Namespaces: `indexer status`", crawls.Namespace),
        ("What waits for review: `indexer accept --list`", crawls.AwaitingReview),
        ("What comes next: `indexer due`", crawls.PlannedCrawl),
        ("The configuration: `indexer config`", configuration.ConfiguredValue),
    ],
)
def test_the_page_has_the_fields_of_each_record_in_their_order(heading: str, record: type) -> None:
    assert table(heading) == fields_of(record)


def test_what_a_tag_kept_has_the_fields_of_the_page() -> None:
    heading = "A digest that is old enough: `indexer settled`"
    assert table(heading, 1) == fields_of(settled.KeptDigest)


@pytest.mark.parametrize(("number", "record"), [(1, stats.StatsDay), (2, stats.RepositoryStats)])
def test_what_is_counted_has_the_fields_of_the_page(number: int, record: type) -> None:
    assert table("What grows, and what is dead: `indexer stats`", number) == fields_of(record)


@pytest.mark.parametrize(
    ("number", "record"), [(1, inside.ComparedDigest), (2, image_comparison.PlatformChange)]
)
def test_digests_and_platforms_have_the_fields_of_the_page(number: int, record: type) -> None:
    assert table("What two digests differ in: `indexer diff`", number) == fields_of(record)


@pytest.mark.parametrize(
    ("number", "record"), [(2, notifications.SinkStatus), (3, notifications.Queue)]
)
def test_a_sink_and_the_queue_have_the_fields_of_the_page(number: int, record: type) -> None:
    assert table("Namespaces: `indexer status`", number) == fields_of(record)


def test_the_last_crawl_is_a_crawl_without_what_its_namespace_says() -> None:
    of_a_crawl = set(fields_of(crawls.Crawl)) - LAST_CRAWL_LEAVES_OUT
    more = table("Namespaces: `indexer status`", 1)
    assert fields_of(crawls.LastCrawl)[-len(more) :] == more
    assert set(fields_of(crawls.LastCrawl)) == of_a_crawl | set(more)


@pytest.mark.parametrize(
    "record",
    [
        images.Platform, RateLimit, Move, Event, notifications.SinkTest, notifications.SinkOutcome,
        notifications.GivenUp, crawls.PlannedVerify, image_comparison.LayerChange,
        image_comparison.ValueChange, stats.UnpulledTag, stats.SharedTags,
    ],
)  # fmt: skip
def test_the_page_names_each_field_of_a_record_that_has_no_table(record: type) -> None:
    text = pages.read(PAGE)
    assert [name for name in fields_of(record) if f"`{name}`" not in text] == []
