"""Names of the configuration that the registry does not have are said by each crawl."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.model import CrawlStatus
from indexer.crawl.unmatched_names import unmatched
from indexer.crawl.wanted_names import WantedNames
from tests.support.hub_crawls import SECRET, hub_bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.hub_crawls import HubBench

TAGS = {"acme/api": ["1.0", "1.1"], "acme/new": None}


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("acme/api:1.O", "acme/api: there is no tag '1.O' of the configuration"),
        ("acme/api:2.*", "acme/api: no tag matches '2.*' of the configuration"),
        ("acme/x*:1.*", "no repository matches 'acme/x*' of the configuration"),
        ("acme/api:1.0", None),
        ("acme/*:9", None),
        ("acme/new:1.0", None),  # its tags were not read yet
        ("acme/gone", None),  # it is asked for by its name
        ("other/x*", None),
        ("*/x*", None),
    ],
)
def test_a_pattern_that_matches_nothing_is_said(pattern: str, sentence: str | None) -> None:
    found = list(unmatched(WantedNames((pattern,)), "acme", TAGS, TAGS.__getitem__))
    assert found == ([sentence] if sentence else [])


@pytest.fixture
def bench(database_url: str) -> Iterator[HubBench]:
    with hub_bench(database_url) as bench:
        for name in ("acme/api", "acme/web"):
            bench.hub.add_repository(name)
            bench.hub.push(name, "1.0")
        bench.hub.add_repository("acme/secret", private=True)
        bench.hub.push("acme/secret", "1.0")
        bench.hub.accounts.add_user("alice", SECRET, organisations=["acme"])
        yield bench


def test_a_mistyped_tag_is_said_by_each_crawl_which_is_complete(bench: HubBench) -> None:
    wanted = WantedNames(("acme/api:1.0", "acme/api:1.O"))
    for _ in range(2):
        done = bench.crawl(wanted=wanted)
        assert done.status is CrawlStatus.COMPLETE
        assert done.errors == ("acme/api: there is no tag '1.O' of the configuration",)
    bench.hub.push("acme/api", "1.O")
    assert bench.crawl(wanted=wanted).errors == ()


def test_the_spelling_of_a_known_name_is_not_doubted(bench: HubBench) -> None:
    wanted = WantedNames(("acme/api", "acme/web", "acme/secret"))
    assert bench.crawl(who="alice", wanted=wanted).status is CrawlStatus.COMPLETE
    bench.hub.remove_repository("acme/secret")
    hidden = bench.crawl(who="alice", wanted=wanted)
    assert (hidden.status, len(hidden.errors)) == (CrawlStatus.INCOMPLETE, 1)
    assert "no longer visible to alice and kept as hidden: acme/secret" in hidden.errors[0]
    again = bench.crawl(who="alice", wanted=wanted)
    assert (again.status, again.errors) == (CrawlStatus.COMPLETE, ())

    bench.hub.remove_repository("acme/web")
    assert bench.crawl(who="alice", wanted=wanted).errors == ()
    after = bench.crawl(who="alice", wanted=wanted)
    assert (after.status, after.errors) == (
        CrawlStatus.COMPLETE,
        ("acme/web was removed (404), and the configuration still names it",),
    )
    typo = bench.crawl(who="alice", wanted=WantedNames(("acme/api", "acme/wbe")))
    assert (typo.status, typo.errors) == (
        CrawlStatus.INCOMPLETE,
        ("acme: there is no repository 'acme/wbe' on docker.io (404): check the spelling",),
    )
