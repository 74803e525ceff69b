"""Pages, feeds and the API say how fresh they are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.config import RegistrySettings, ServeSettings, Settings
from indexer.core.humanize import iso, short_time
from tests.web.serving import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store
    from tests.web.serving import Running

OBJECTS = {
    "/api/v1/changes?namespace=library": ("library",),
    "/api/v1/repositories?namespace=ansible": ("ansible",),
    "/api/v1/tags/library/redis": ("library",),
    "/api/v1/history/ansible/awx": ("ansible",),
    "/api/v1/compare/library/redis?from=3d": ("library",),
    "/api/v1/counters/library/redis": ("library",),
    "/api/v1/status": ("ansible", "library", "never", "team"),
    "/api/v1/search?q=redis": ("ansible", "library", "never", "team"),
}
"""Each answer that is an object, and the namespaces that it rests on."""

PAGES = (
    "/",
    "/namespaces",
    "/repositories",
    "/search?q=redis",
    "/image/docker.io/library/redis",
    "/image/docker.io/library/redis:latest",
    "/compare/docker.io/library/redis",
    "/diff/docker.io/library/nginx:latest",
)


@pytest.fixture
def old(index: Store) -> Iterator[Running]:
    """A site whose namespaces have a schedule that nobody kept."""
    registry = RegistrySettings(namespaces=("library", "never"))
    shown = ServeSettings(public_for=timedelta(days=500).total_seconds())
    settings = Settings(registries=(registry,), serve=shown, file=Path("indexer.toml"))
    with running(index, settings=settings) as served:
        served.clock.time += timedelta(days=400)
        yield served


def test_each_object_of_the_api_says_how_fresh_it_is(old: Running, index: Store) -> None:
    ages = {each.namespace: each.last_complete_at for each in index.catalog.ages(old.clock.time)}
    for path, names in OBJECTS.items():
        times = [ages.get(name) for name in names]
        oldest = None if None in times else min(time for time in times if time)
        stale = [f"docker.io/{name}" for name in names if name in {"library", "never"}]
        partly = [f"registry.example.com:5000/{name}" for name in names if name == "team"]
        assert old.json(path)["freshness"] == {
            "last_complete_at": iso(oldest),
            "stale": stale,
            "partly_read": partly,
        }


def test_each_page_says_when_the_last_complete_crawl_was_and_what_is_stale(
    old: Running, index: Store
) -> None:
    (library,) = (
        each for each in index.catalog.ages(old.clock.time) if each.namespace == "library"
    )
    text = ""
    for path in PAGES:
        text = old.get(path, headers={"Accept": "text/html"}).text
        stale = '<p class="alert">docker.io/library is stale: its last complete crawl was 57w ago'
        assert stale in text, path
    assert f"Last complete crawl: {short_time(library.last_complete_at)} UTC. All" in text
    assert "is stale" not in old.get("/api/docs").text


def test_each_feed_says_it_without_an_age_that_would_change_it_every_minute(
    old: Running, index: Store
) -> None:
    (library,) = (
        each for each in index.catalog.ages(old.clock.time) if each.namespace == "library"
    )
    when = f"{short_time(library.last_complete_at)} UTC"
    said = f"docker.io/library is stale: its last complete crawl was {when}, and one is due every"
    feed = old.json("/feed.json?namespace=library")
    assert feed["description"].startswith(f"last complete crawl: {when}. {said}")
    assert feed["_indexer"]["freshness"]["last_complete_at"] == iso(library.last_complete_at)
    atom = old.get("/feed.atom?namespace=library")
    assert f"<subtitle>last complete crawl: {when}. {said}" in atom.text
    old.clock.time += timedelta(minutes=1)
    known = {"If-None-Match": atom.headers["ETag"]}
    assert old.get("/feed.atom?namespace=library", headers=known).status_code == 304
