"""Ten weeks of two teams, as crawls saw them: what the reports are asked about."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from indexer.core.model import CrawlStatus, Mode, Repository, Tag
from indexer.manifests.ports import ManifestPart, StoredManifest
from indexer.policies.violation import Breach, Found, Severity
from tests.store.scribe import Scribe, digest, image

if TYPE_CHECKING:
    from indexer.core.platforms import Platform
    from indexer.crawl.ports import Archive
    from indexer.manifests.ports import ManifestStore

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
"""When the questions are asked: a Tuesday."""

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"

BASE_NAME = "docker.io/library/alpine:3.20"
BASE = {
    "org.opencontainers.image.base.digest": digest("alpine"),
    "org.opencontainers.image.base.name": BASE_NAME,
}


def day(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def repository(name: str, updated: datetime | None, pulls: int | None = None) -> Repository:
    return Repository(name, updated, f"What {name} is for", private=name == "acme/web", pulls=pulls)


def built(name: str, content: str, *images: Platform, pushed: datetime) -> Tag:
    """A tag with images, pushed then."""
    return Tag(name, pushed, digest(content), images, 1_000, OCI_INDEX, pushed)


def api(name: str, build: str, pushed: datetime) -> Tag:
    return built(
        name,
        f"api {build}",
        image("linux/amd64", f"api {build} amd64", 600),
        image("linux/arm/v7", f"api {build} arm", 400),
        image("unknown/unknown", f"api {build} attestation", None),
        pushed=pushed,
    )


def web(name: str, build: str, *places: str, pushed: datetime) -> Tag:
    images = [image(place, f"web {build} {place}", 500) for place in places]
    return built(name, f"web {build}", *images, pushed=pushed)


VIOLATION = Found(
    policy="still",
    severity=Severity.HIGH,
    breach=Breach.RETAGGED,
    registry="docker.io",
    repository="acme/api",
    tag="1.0",
    old_digest=digest("was"),
    new_digest=None,
    since=day(1, 5),
    observed_at=day(1, 12),
    crawl_id=2,
    change_id=9,
    sentence="it moved.",
)
"""What a policy has against the story; nobody has judged it."""


def tell(archive: Archive) -> None:
    """Write the whole story: crawls on Mondays, of acme and then of beta."""
    acme, beta = Scribe(archive, "acme"), Scribe(archive, "beta", identity="beta-bot")
    long_ago = datetime(2024, 6, 1, tzinfo=UTC)
    acme.repositories = {
        "acme/api": repository("acme/api", day(1, 4), 12_000_000),
        "acme/old": repository("acme/old", long_ago, 5_000_000),
        "acme/web": repository("acme/web", None, 70),
    }
    old = [Tag("1.0", long_ago)]
    gone = [Tag("7", day(1, 2), digest("gone"), pushed_at=day(1, 2))]

    acme.now = day(1, 5)
    acme.crawl(
        {
            "api": [
                api("latest", "1", day(1, 4)),
                api("1.0.0", "1", day(1, 4)),
                api("v1.1.0-rc.1", "0", day(1, 3)),
                api("nightly", "1", day(1, 4)),
            ],
            "web": [web("latest", "1", "linux/amd64", "linux/arm/v7", pushed=day(1, 1))],
            "old": old,
            "gone": gone,
        },
        Mode.FULL,
    )
    beta.now = day(1, 6)
    beta.crawl({"tool": [api("api-copy", "1", day(1, 5)), Tag("none", None)]})

    acme.now = day(2, 2)
    acme.crawl(
        {
            "api": [
                api("latest", "2", day(2, 1)),
                api("1.0.0", "2", day(2, 1)),
                api("v1.1.0-rc.1", "0", day(1, 3)),
                api("nightly", "2", day(2, 1)),
            ],
            "web": [
                web("latest", "2", "linux/amd64", pushed=day(2, 1)),
                web("2.0.0", "2", "linux/amd64", pushed=day(2, 1)),
            ],
            "old": old,
            "gone": gone,
        }
    )
    acme.now = day(3, 2)
    acme.crawl(
        {
            "api": [
                api("latest", "3", day(3, 1)),
                api("1.0.0", "2", day(2, 1)),
                api("nightly", "3", day(3, 1)),
            ],
            "web": [
                web("latest", "2", "linux/amd64", pushed=day(2, 1)),
                web("2.0.0", "2", "linux/amd64", pushed=day(2, 1)),
            ],
            "old": old,
            "gone": gone,
            "new": [web("2.0.0", "2", "linux/amd64", pushed=day(3, 1))],
        }
    )
    acme.now = day(3, 9)
    record = acme.begin()
    kept = ("acme/api", "acme/web", "acme/old", "acme/new")
    acme.list(record, [acme.repositories.get(name, Repository(name, day(3, 1))) for name in kept])
    acme.read(
        record,
        "acme/api",
        [
            api("latest", "3", day(3, 1)),
            api("1.0.0", "2", day(2, 1)),
            api("nightly", "4", day(3, 8)),
        ],
    )
    acme.finish(record, CrawlStatus.INCOMPLETE, errors=("acme/old: 403", "acme/new: 503"))


def keep(manifests: ManifestStore) -> None:
    """Manifests of what there is at the end: both say their base, or one of them, or none."""
    _keep(manifests, "api 3", {"api 3 amd64": ({}, "lowest"), "api 3 arm": ({}, "low")}, told=BASE)
    _keep(manifests, "api 4", {"api 4 amd64": (BASE, "lowest"), "api 4 arm": (BASE, "low")})
    _keep(manifests, "web 2", {"web 2 linux/amd64": ({}, "lowest")})


def _keep(
    manifests: ManifestStore,
    index: str,
    images: dict[str, tuple[dict[str, str], str]],
    *,
    told: dict[str, str] | None = None,
) -> None:
    entries = [{**descriptor(name, OCI_IMAGE), "annotations": told or {}} for name in images]
    parts = [ManifestPart(content(index, OCI_INDEX, {"manifests": entries}))]
    for name, (own, lowest) in images.items():
        sent = {
            "annotations": own,
            "config": descriptor(f"config of {name}", OCI_CONFIG),
            "layers": [descriptor(layer, "layer") for layer in (lowest, f"layer of {name}")],
        }
        parts.append(ManifestPart(content(name, OCI_IMAGE, sent), digest(index)))
        config = {"rootfs": {}, "config": {"Labels": {"title": name}, "Cmd": [name, "\u00fc"]}}
        parts.append(ManifestPart(content(f"config of {name}", "", config), digest(name)))
    manifests.keep(parts, Tag("", None, digest(index)), day(3, 9), whole=False)


def descriptor(what: str, media_type: str) -> dict[str, Any]:
    return {"digest": digest(what), "mediaType": media_type, "size": 1}


def content(what: str, media_type: str, sent: dict[str, Any]) -> StoredManifest:
    return StoredManifest(digest(what), media_type, json.dumps(sent).encode())
