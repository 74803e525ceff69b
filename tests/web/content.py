"""What the sites under test serve."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.model import CrawlStatus, Repository
from tests.store.scribe import START, Scribe, image, tag

if TYPE_CHECKING:
    from indexer.store import Store

INDEX = "application/vnd.oci.image.index.v1+json"


def two_days(store: Store) -> None:
    """Crawl two namespaces of Docker Hub and one of another registry, with two days of changes.

    `library/secret` is private.
    """
    images = (image("linux/amd64", "a", 5), image("linux/arm64/v8", "b", 6))
    secret = Repository("library/secret", START, "do not tell", private=True)
    scribe = Scribe(store.archive, identity="me")
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
    Scribe(store.archive, "ansible").crawl({"awx": [tag("24", "awx"), tag("old")]})
    other = Scribe(store.archive, "team", "registry.example.com:5000")
    other.crawl({"app": [tag("v1", "app")], "nginx": [tag("latest", "other")]})
    failed = other.begin()
    other.finish(failed, CrawlStatus.FAILED, errors=("team/app: library/secret is not there",))
