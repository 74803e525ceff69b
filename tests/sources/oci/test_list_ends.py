"""Where a list of names ends, and what is gone: registries that cut, forget and contradict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.model import CrawlStatus, Mode
from tests.sources.oci.simulated import APP, ME, SimulatedRegistry, case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.core.model import Crawl

COMPLETE, INCOMPLETE = CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE
FEW = [f"v{number}" for number in range(5)]


@pytest.fixture
def registry() -> Iterator[SimulatedRegistry]:
    with SimulatedRegistry() as running:
        yield running


def numbered(number: int) -> list[str]:
    return [f"v{each:04}" for each in range(number)]


# The end of a list


def test_a_list_cut_at_n_without_a_link_is_asked_on(registry: SimulatedRegistry) -> None:
    """The case `list-cut-without-link`: groups of Nexus."""
    requests = [each["request"] for each in case("list-cut-without-link")["answers"]]
    registry.holds(numbered(1_500))
    registry.crawl(registry.source(newest=2))
    registry.behaves(pages=True, link=None)
    done = registry.crawl(registry.source(newest=2))
    assert (done.status, registry.news(), len(registry.known())) == (COMPLETE, [], 1_500)
    answered = [each for each in registry.simulator.requests if each.status == 200]
    lists = [str(each) for each in answered if "tags/list" in each.path]
    assert lists[:2] == requests[1:]


def test_a_first_crawl_of_a_registry_that_cuts_has_all_tags(registry: SimulatedRegistry) -> None:
    registry.holds(numbered(230))
    registry.behaves(pages=True, link=None, page_size=100)
    assert registry.crawl(registry.source(newest=2)).status is COMPLETE
    assert len(registry.known()) == 230


def test_a_registry_that_cuts_and_ignores_last_is_asked_without_n(
    registry: SimulatedRegistry,
) -> None:
    registry.holds(numbered(1_100))
    registry.behaves(pages=True, link=None, knows_last=False)
    assert registry.crawl(registry.source(newest=2)).status is COMPLETE
    assert len(registry.known()) == 1_100


def test_what_is_cut_off_and_cannot_be_listed_is_kept_and_told(registry: SimulatedRegistry) -> None:
    registry.holds(numbered(60))
    registry.crawl(registry.source(newest=2))
    registry.behaves(pages=True, link=None, knows_last=False, page_size=50)
    done = registry.crawl(registry.source(newest=2))
    assert (done.status, registry.news(), len(registry.known())) == (INCOMPLETE, [], 60)
    assert done.errors == (f"{APP}: its list of tags leaves out 10 that exist",)


def test_a_first_crawl_of_what_is_cut_for_good_is_not_complete(
    registry: SimulatedRegistry,
) -> None:
    registry.holds(numbered(120))
    registry.behaves(pages=True, link=None, refuses_size=400, page_size=100, knows_last=False)
    done = registry.crawl(registry.source(newest=2))
    assert (done.status, len(registry.known())) == (INCOMPLETE, 100)
    assert "it may have more than 100 names: the registry gives no next page" in done.errors[0]


def test_a_catalog_is_cut_in_the_same_way(registry: SimulatedRegistry) -> None:
    for number in range(52):
        registry.holds(["1"], f"team/app{number:02}")
    registry.behaves(pages=True, link=None, page_size=50, catalog="token")
    assert registry.crawl(registry.source("*")).repositories == 52


def test_a_short_list_is_asked_on_in_a_full_crawl_only(registry: SimulatedRegistry) -> None:
    registry.holds(FEW)
    registry.behaves(pages=True, link=None, page_size=3)
    registry.crawl()
    assert registry.known() == FEW[:3]
    done = registry.crawl(None, Mode.FULL)
    assert (done.status, registry.known()) == (COMPLETE, FEW)
    assert registry.asked("GET */tags/list*last=*") == 2


def test_a_page_size_above_the_registrys_own_limit_is_made_smaller(
    registry: SimulatedRegistry,
) -> None:
    registry.holds(numbered(120))
    for status, size, sizes in ((405, 100, 2), (400, 7, 3)):
        registry.behaves(pages=True, page_size=size, refuses_size=status)
        assert registry.crawl(registry.source(newest=2)).status is COMPLETE
        assert len(
            {each.query for each in registry.simulator.requests if each.status == status}
        ) == (sizes - 1)
        assert len(registry.known()) == 120


def test_opaque_pages_are_followed(registry: SimulatedRegistry) -> None:
    """Quay until 2024: `next_page` instead of a name; two passes must agree."""
    registry.holds(numbered(120))
    registry.behaves(pages=True, opaque=True, page_size=50)
    assert registry.crawl(registry.source(newest=2)).status is COMPLETE
    assert len(registry.known()) == 120


@pytest.mark.parametrize("place", range(5))
def test_of_the_link_of_a_proxy_only_the_query_counts(
    registry: SimulatedRegistry, place: int
) -> None:
    """The case `link-of-a-proxy`: Nexus, Artifactory, gateways."""
    link = case("link-of-a-proxy")["Link, one case each"][place]
    address = link.partition("<")[2].partition("?")[0]
    registry.holds([f"v{number:02}" for number in range(12)])
    registry.behaves(pages=True, page_size=5, link=f"{address}?{{query}}")
    done = registry.crawl()
    assert (done.status, len(registry.known())) == (COMPLETE, 12)


def test_a_last_that_is_gone_begins_the_list_anew(registry: SimulatedRegistry) -> None:
    """Harbor answers 400 to a `last` that was deleted between two pages."""
    registry.holds(numbered(120))
    registry.behaves(pages=True, page_size=50, forgets_last=True)
    registry.crawl(registry.source(newest=2))
    deleted = iter([lambda: registry.hub.delete_tag(APP, "v0049")])
    registry.simulator.clear()
    registry.simulator.on_request(
        lambda received: next(deleted, lambda: None)() if "last=v0049" in received.query else None
    )
    done = registry.crawler.crawl(registry.source(newest=2))
    assert (done.status, registry.news()) == (COMPLETE, [f"tag_removed {APP}:v0049"])


# What is gone


def test_a_tag_is_removed_when_it_is_not_listed_and_answers_404_itself(
    registry: SimulatedRegistry,
) -> None:
    registry.holds(FEW)
    registry.crawl()
    registry.hub.delete_tag(APP, "v3")
    done = registry.crawl()
    assert (done.status, registry.news()) == (COMPLETE, [f"tag_removed {APP}:v3"])
    assert registry.asked("HEAD */manifests/v3") == registry.asked("GET */manifests/v3") == 1


@pytest.mark.parametrize(
    "body",
    [
        b"404 page not found\n",  # Traefik
        b"default backend - 404",  # Kubernetes
        b"<html><body><h1>404 Not Found</h1></body></html>",  # nginx
        b'{"message": "no Route matched with those values"}',  # Kong
    ],
)
@pytest.mark.parametrize("is_named", [True, False])
def test_a_404_of_a_proxy_that_lost_its_registry_removes_nothing(
    registry: SimulatedRegistry, body: bytes, *, is_named: bool
) -> None:
    """A registry that is being deployed anew: its proxy answers 404 in its place."""
    registry.behaves(catalog="token")
    registry.holds(FEW)
    names = (APP,) if is_named else ("*",)
    registry.crawl(registry.source(*names))

    def lose(received: Any) -> None:
        if "tags/list" in received.path or "manifests" in received.path:
            registry.behaves(catalog="token", lost=body)

    for _ in range(2):
        registry.behaves(catalog="token")
        registry.simulator.clear()
        registry.simulator.on_request(lose)
        done = registry.crawler.crawl(registry.source(*names))
        status = CrawlStatus.FAILED if is_named else INCOMPLETE  # nothing at all could be read
        assert (done.status, registry.news(), registry.known()) == (status, [], FEW)
        assert "404 for the tags of team/app, but not as a registry does" in done.errors[0]


def test_one_404_does_not_remove_a_repository_that_is_named(registry: SimulatedRegistry) -> None:
    registry.holds(FEW)
    registry.crawl()
    registry.simulator.clear()
    registry.behaves(lost=b"")
    registry.simulator.on_request(
        lambda _: registry.behaves() if registry.simulator.requests else None
    )
    done = registry.crawler.crawl(registry.source())
    assert (done.status, registry.news(), registry.known()) == (INCOMPLETE, [], FEW)


def no_list(registry: SimulatedRegistry) -> None:
    """Answer 404 to every list of tags, as some do for a repository without tags."""

    def lose(received: Any) -> None:
        lost = b"" if "tags/list" in received.path else None
        registry.behaves(catalog="empty", lost=lost)

    registry.simulator.on_request(lose)


@pytest.mark.parametrize("is_named", [True, False])
def test_a_repository_whose_manifests_answer_is_not_removed(
    registry: SimulatedRegistry, *, is_named: bool
) -> None:
    """Its list of tags says 404 twice, which is one answer and not two."""
    registry.behaves(catalog="token")
    registry.holds(FEW)
    names = (APP,) if is_named else ("*",)
    registry.crawl(registry.source(*names))
    crawls: list[Crawl] = []
    for _ in range(2):
        registry.simulator.clear()
        no_list(registry)
        crawls.append(registry.crawler.crawl(registry.source(*names)))
        assert (registry.news(), registry.known()) == ([], FEW)
    assert crawls[0].status is INCOMPLETE
    assert f"{APP} is no longer listed, but exists: it is kept" in crawls[0].errors


def test_a_named_repository_is_removed_when_its_tags_answer_404_as_well(
    registry: SimulatedRegistry,
) -> None:
    registry.holds(FEW)
    registry.crawl()
    registry.hub.remove_repository(APP)
    registry.crawl()
    assert registry.news() == [f"repository_removed {APP}"]
    assert registry.asked("HEAD */manifests/*") == registry.asked("GET */manifests/*") == 3


def test_at_docker_hubs_registry_no_manifest_is_pulled_for_that(
    registry: SimulatedRegistry,
) -> None:
    registry.holds(FEW)
    registry.crawl()
    registry.hub.remove_repository(APP)
    connection = registry.connect()
    connection.spares_pulls = True
    registry.crawl(registry.source(connection=connection))
    assert registry.news() == [f"repository_removed {APP}"]
    assert (registry.asked("HEAD */manifests/*"), registry.asked("GET */manifests/*")) == (3, 0)


def test_head_404_does_not_outweigh_the_list(registry: SimulatedRegistry) -> None:
    """The case `head-404-get-200`: proxies and Nexus."""
    answers = case("head-404-get-200")["answers"]
    registry.holds(answers[1]["tags"])
    registry.crawl()
    registry.behaves(head=str(answers[2]["status"]))
    done = registry.crawl(registry.source(connection=registry.connect(ME, width=1)))
    assert (done.status, registry.news()) == (COMPLETE, [])
    assert (registry.asked("GET */manifests/*"), registry.asked("HEAD */manifests/*")) == (3, 1)


@pytest.mark.parametrize("head", ["405", "octet-stream", "octet-stream with digest"])
def test_where_head_says_nothing_the_manifest_is_fetched(
    registry: SimulatedRegistry, head: str
) -> None:
    registry.holds(FEW)
    registry.crawl()
    registry.behaves(head=head)
    done = registry.crawl(registry.source(account=ME))
    assert (done.status, registry.news(), registry.asked("GET */manifests/*")) == (COMPLETE, [], 5)


def test_a_tag_that_is_listed_without_a_manifest_is_removed_once_by_the_second_crawl(
    registry: SimulatedRegistry,
) -> None:
    registry.holds(FEW)
    registry.crawl()
    registry.behaves(dangling=frozenset({f"{APP}:v2"}))
    first = registry.crawl()
    assert (first.status, registry.news()) == (COMPLETE, [])
    (note,) = first.errors
    assert f"{APP}: 1 tag is listed without a manifest (404): v2" in note
    second = registry.crawl()
    assert (second.status, registry.news()) == (COMPLETE, [f"tag_removed {APP}:v2"])
    assert registry.crawler.archive.changes[-1].reason == "dangling"
    for newest in (None, 1):  # asked for or not, it stays removed
        done = registry.crawl(registry.source(newest=newest))
        assert (done.status, done.errors, registry.news()) == (COMPLETE, (), [])


def test_a_manifest_that_comes_back_is_news_only_after_the_removal(
    registry: SimulatedRegistry,
) -> None:
    registry.holds(FEW)
    registry.crawl()
    gone = frozenset({f"{APP}:v2"})
    for quirk in (gone, frozenset(), gone):
        registry.behaves(dangling=quirk)
        assert (registry.crawl().status, registry.news()) == (COMPLETE, [])
    registry.crawl()
    assert registry.news() == [f"tag_removed {APP}:v2"]
    registry.behaves()
    registry.crawl()
    assert registry.news() == [f"tag_added {APP}:v2"]
