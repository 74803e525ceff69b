from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.model import CrawlStatus, Repository
from indexer.store import open_store
from tests.store.scribe import START, Scribe, image, tag
from tests.support.databases import sqlite_index
from tests.web.serving import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.store import Store
    from tests.web.serving import Running

INDEX = "application/vnd.oci.image.index.v1+json"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    """An empty index in SQLite; `tests/store` asks both databases the same."""
    store = open_store(sqlite_index(tmp_path / "index.db"), create=False)
    yield store
    store.close()


@pytest.fixture
def index(empty: Store) -> Store:
    """Two namespaces of Docker Hub and one of another registry, with two days of changes.

    `library/secret` is private.
    """
    images = (image("linux/amd64", "a", 5), image("linux/arm64/v8", "b", 6))
    secret = Repository("library/secret", START, "do not tell", private=True)
    scribe = Scribe(empty.archive, identity="me")
    scribe.repositories[secret.name] = secret
    for turn in range(3):
        latest = tag("latest", f"{turn}", media_type=INDEX, platforms=images, size=11)
        held = {
            "nginx": [latest, tag("1.0", "0"), tag(f"1.{turn + 1}", f"{turn}")],
            "redis": [tag("latest", "redis")],
            "secret": [tag("covert", f"secret{turn}")],
        }
        if turn == 2:
            held["new"] = [tag("0.1", "new")]
        scribe.crawl(held)
        scribe.now += timedelta(days=1)
    Scribe(empty.archive, "ansible").crawl({"awx": [tag("24", "awx"), tag("old")]})
    other = Scribe(empty.archive, "team", "registry.example.com:5000")
    other.crawl({"app": [tag("v1", "app")], "nginx": [tag("latest", "other")]})
    failed = other.begin()
    other.finish(failed, CrawlStatus.FAILED, errors=("team/app: library/secret is not there",))
    return empty


@pytest.fixture
def site(index: Store) -> Iterator[Running]:
    with running(index) as served:
        yield served
