"""Namespaces of any size for benchmarks: repositories whose tags are made when they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from indexer.hub_simulator import hub_json, synthetic_manifests
from indexer.hub_simulator.push import Pushed, held_tag
from indexer.hub_simulator.state import Repo, Sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.state import Held

BETWEEN_REPOSITORIES = timedelta(minutes=7)
BETWEEN_TAGS = timedelta(hours=5)

FIRST_TAG_ID = 1_000_000_000
"""The first id of tags made in bulk, far from the ids that the hub counts."""

MEAN_IMAGE_BYTES = 46_000_000
"""Bytes of an image on average, as `synthetic_manifests` draws sizes."""


@dataclass(frozen=True, eq=False, slots=True)
class BulkTags:
    """The tags of a repository, made anew at each reading, always the same.

    Attributes:
        key: their content is generated from it.
        repository: the id of their repository.
        newest: the date of the first tag.
        between: how much older each tag is than the one before.
        platforms: what each tag is built for.
        make_names: returns their names, without repeats, newest first.
    """

    key: str
    repository: int
    newest: datetime
    between: timedelta
    platforms: tuple[synthetic_manifests.Platform, ...]
    make_names: Callable[[], Sequence[str]]

    def names(self) -> Sequence[str]:
        """All names, newest first."""
        return self.make_names()

    def sketches(self) -> Sequence[Sketch]:
        """All tags as sketches, newest first."""
        newest, between = self.newest, self.between
        return [
            Sketch(name, newest - position * between, position, self)
            for position, name in enumerate(self.names())
        ]

    def made(self, sketch: Sketch) -> Held:
        """The complete tag of a sketch."""
        own = f"{self.key}:{sketch.name}"
        date = sketch.last_updated
        pushed = Pushed(own, synthetic_manifests.images(own, self.platforms, date))
        number = FIRST_TAG_ID + self.repository * 100_000 + sketch.position
        return held_tag(sketch.name, pushed, repo=self.repository, number=number, date=date)

    def held(self, name: str) -> Held | None:
        """One complete tag; None if there is none of this name."""
        for sketch in self.sketches():
            if sketch.name == name:
                return self.made(sketch)
        return None

    def everything(self) -> dict[str, Held]:
        """All complete tags, oldest first."""
        return dict(_everything(self))


@lru_cache(maxsize=2)
def _everything(tags: BulkTags) -> dict[str, Held]:
    """All tags of a repository, cached, by digest."""
    return {sketch.name: tags.made(sketch) for sketch in reversed(tags.sketches())}


def add_bulk(hub: Hub, namespace: str, *, repositories: int, tags: int, platforms: int) -> None:
    """Fill a namespace with equal repositories, `repo-00000` the most recently updated.

    They exist from the beginning, without events. Only those that are changed later take memory.
    """
    with hub.lock:
        now = hub.clock.now().replace(microsecond=0)
        for index in range(repositories):
            date = now - (index + 1) * BETWEEN_REPOSITORIES
            item = hub_json.Repository(
                name=f"repo-{index:05d}",
                namespace=namespace,
                description=f"Repository number {index} of a benchmark",
                last_updated=date,
                last_modified=date,
                date_registered=date - timedelta(days=1_000),
                pull_count=index * 1_000,
                storage_size=tags * platforms * MEAN_IMAGE_BYTES,
            )
            wanted = synthetic_manifests.platforms_of(platforms)
            add_repository(hub, item, _Releases(tags), wanted, BETWEEN_TAGS)


def add_repository(
    hub: Hub,
    item: hub_json.Repository,
    names: Callable[[], Sequence[str]],
    platforms: tuple[synthetic_manifests.Platform, ...],
    between: timedelta,
) -> None:
    """Add a repository that exists from the beginning, with tags that are made when they are read.

    Args:
        hub: the simulated Hub.
        item: the repository as a list shows it; its newest tag has the same date.
        names: returns the names of its tags, without repeats, newest first.
        platforms: what each tag is built for.
        between: how much older each tag is than the one before.
    """
    hub.add_namespace(item.namespace)
    home = hub.namespaces[item.namespace]
    kind = synthetic_manifests.INDEX if len(platforms) > 1 else synthetic_manifests.MANIFEST
    repo = Repo(hub.next_number(), msgspec.structs.replace(item, media_types=(kind,)))
    assert item.last_updated is not None, "its tags need a date"
    key = f"{hub.seed}:{repo.name}"
    repo.bulk = BulkTags(key, repo.id, item.last_updated, between, platforms, names)
    home.repositories[item.name] = repo
    home.revision += 1


@dataclass(frozen=True, slots=True)
class _Releases:
    """Makes a number of release names: `1.3.0`, `1.2.0`, `1.1.0`."""

    tags: int

    def __call__(self) -> Sequence[str]:
        """The names, newest first."""
        return [f"1.{number}.0" for number in range(self.tags, 0, -1)]


def targets(hub: Hub, namespace: str, *, page_size: int = 100) -> Iterator[str]:
    """The pages that a full crawl of the namespace asks for, to prepare them."""
    path = f"/v2/namespaces/{namespace}/repositories"
    repos = hub.namespaces[namespace].repositories
    for query in _queries(len(repos), page_size):
        yield f"{path}?{query}"
    for name, repo in repos.items():
        for query in _queries(len(repo.names), page_size):
            yield f"{path}/{name}/tags?{query}"


def _queries(items: int, page_size: int) -> Iterator[str]:
    yield f"page_size={page_size}"
    for page in range(2, -(-items // page_size) + 1):
        yield f"page_size={page_size}&page={page}"
