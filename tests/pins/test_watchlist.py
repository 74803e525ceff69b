"""Which entries of the configuration cover the images that files name."""

from __future__ import annotations

from indexer.core.reference import parse_reference
from indexer.crawl.wanted_names import WantedNames
from indexer.pins.pin import Pin
from indexer.pins.watchlist import Additions, Configured, Entry, watchlist

HUB = "docker.io"


def named(*images: str) -> list[Pin]:
    return [Pin(text, reference=parse_reference(text)) for text in images]


def configured(*namespaces: str, host: str = HUB, **filters: tuple[str, ...]) -> Configured:
    return Configured(host, host, namespaces, WantedNames(**filters))


def test_each_registry_gets_one_entry_with_each_repository_once_in_order() -> None:
    pins = named(
        "nginx:2",
        "nginx:1",
        "acme/web",
        "index.docker.io/acme/api",
        "quay.io/a/b@sha256:" + 64 * "0",
    )
    unread = Pin("$IMAGE", problem="a variable has no value.")
    found = watchlist([*pins, unread], [])
    assert found.entries == (
        Entry(HUB, HUB, (), ("acme/api", "acme/web", "library/nginx")),
        Entry("quay.io", "quay.io", (), ("a/b",)),
    )
    assert (found.covered, found.additions) == ((), ())


def test_whole_namespaces_are_those_of_docker_hub_but_for_the_official_images() -> None:
    found = watchlist(named("nginx", "acme/web", "acme/api", "quay.io/a/b"), [], whole=True)
    assert found.entries == (
        Entry(HUB, HUB, ("acme",), ("library/nginx",)),
        Entry("quay.io", "quay.io", (), ("a/b",)),
    )


def test_what_the_configuration_covers_is_left_out() -> None:
    quay = configured("*", host="quay.io", repositories=("a/*",))
    found = watchlist(named("acme/web:1", "quay.io/a/b"), [configured("acme"), quay])
    assert found.covered == ("docker.io/acme/web", "quay.io/a/b")
    assert (found.entries, found.additions) == ((), ())


def test_a_second_entry_of_docker_hub_gets_a_name_of_its_own() -> None:
    taken = Configured("docker.io-watchlist", HUB, ("b",), WantedNames())
    found = watchlist(named("nginx"), [configured("a"), taken])
    assert found.entries == (Entry("docker.io-watchlist-2", HUB, (), ("library/nginx",)),)


def test_an_entry_that_has_the_place_and_not_the_image_must_be_edited() -> None:
    hub = configured(
        "library", "acme", repositories=("library/nginx", "acme/*"), exclude=("*-rc*",)
    )
    quay = configured("*", host="quay.io", repositories=("a/*",))
    found = watchlist(named("redis:7", "acme/web:2-rc1", "nginx:1", "quay.io/c/d"), [hub, quay])
    assert found.entries == ()
    assert found.covered == ("docker.io/library/nginx",)
    assert found.additions == (
        Additions(HUB, ("library/redis",), ("acme/web:2-rc1",)),
        Additions("quay.io", ("c/d",), ()),
    )
