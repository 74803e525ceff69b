"""Namespaces of any size for benchmarks: repositories whose tags are made when somebody looks."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from indexer.hub_simulator import hub_json, synthetic_manifests
from indexer.hub_simulator.push import Pushed, held_tag
from indexer.hub_simulator.state import Repo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.state import Held, Namespace

BETWEEN_REPOSITORIES = timedelta(minutes=7)
BETWEEN_TAGS = timedelta(hours=5)

FIRST_TAG_ID = 1_000_000_000
"""Ids of tags made in bulk: clear of those that the hub counts."""


def add_bulk(hub: Hub, namespace: str, *, repositories: int, tags: int, platforms: int) -> None:
    """Fill a namespace with equal repositories, `repo-00000` the most recently updated.

    They are there from the beginning: no events. Memory is taken by those that are changed later.
    Their digests are drawn, not computed: the registry's manifests do not fit them.
    """
    with hub.lock:
        hub.add_namespace(namespace)
        home = hub.namespaces[namespace]
        now = hub.clock.now().replace(microsecond=0)
        for index in range(repositories):
            _add(hub, home, index, now - (index + 1) * BETWEEN_REPOSITORIES, (tags, platforms))
        home.revision += 1


def targets(hub: Hub, namespace: str, *, page_size: int = 100) -> Iterator[str]:
    """The pages that a full crawl of the namespace asks for, to be prepared."""
    path = f"/v2/namespaces/{namespace}/repositories"
    repos = hub.namespaces[namespace].repositories
    for query in _queries(len(repos), page_size):
        yield f"{path}?{query}"
    for name, repo in repos.items():
        for query in _queries(len(repo.tags), page_size):
            yield f"{path}/{name}/tags?{query}"


def _queries(items: int, page_size: int) -> Iterator[str]:
    yield f"page_size={page_size}"
    for page in range(2, -(-items // page_size) + 1):
        yield f"page_size={page_size}&page={page}"


def _add(hub: Hub, home: Namespace, index: int, date: datetime, size: tuple[int, int]) -> None:
    item = hub_json.Repository(
        name=f"repo-{index:05d}",
        namespace=home.name,
        description=f"Repository number {index} of a benchmark",
        last_updated=date,
        last_modified=date,
        date_registered=date - timedelta(days=1_000),
        pull_count=index * 1_000,
    )
    repo = Repo(hub.next_number(), item)
    repo.make = partial(_tags, f"{hub.seed}:{repo.name}", repo.id, date, *size)
    home.repositories[item.name] = repo


def _tags(key: str, repo: int, newest: datetime, tags: int, platforms: int) -> dict[str, Held]:
    """The tags of one repository: the same at each call."""
    wanted = synthetic_manifests.platforms_of(platforms)
    made = {}
    for index in reversed(range(tags)):
        date = newest - index * BETWEEN_TAGS
        name = f"1.{tags - index}.0"
        own = f"{key}:{name}"
        pushed = Pushed(own, _images(own, wanted, date), synthetic_manifests.sha256(own.encode()))
        number = FIRST_TAG_ID + repo * tags + index
        made[name] = held_tag(name, pushed, repo=repo, number=number, date=date)
    return made


def _images(
    key: str, platforms: tuple[synthetic_manifests.Platform, ...], date: datetime
) -> tuple[hub_json.Image, ...]:
    """As `content.images`, at a quarter of the cost: of a page of 100 tags it would be most."""
    drawn = [hashlib.sha256(f"{key}/{number}".encode()) for number in range(len(platforms))]
    return tuple(
        hub_json.Image(
            os=platform.os,
            architecture=platform.architecture,
            variant=platform.variant,
            os_version=platform.os_version,
            digest="sha256:" + one.hexdigest(),
            size=int.from_bytes(one.digest()[:3]) * 5,
            last_pushed=date,
        )
        for platform, one in zip(platforms, drawn, strict=True)
    )
