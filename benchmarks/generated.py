"""A registry of any size that is generated while it is read: tags with images, four to a digest."""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from indexer.core.model import ANONYMOUS, Cost, Repository, Tag
from indexer.core.platforms import PackedPlatforms
from indexer.crawl.pagination import Page
from indexer.crawl.ports import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.core.model import RateLimit
    from indexer.crawl.pagination import PageRequest

TAGS = 100
"""Tags of each repository: one page."""

TO_A_DIGEST = 4
PAGE = 100
NOW = datetime(2026, 1, 1, tzinfo=UTC)
INDEX = "application/vnd.oci.image.index.v1+json"

PLACES = tuple(
    (*place, None)
    for place in (
        *(("linux", "amd64", None), ("linux", "arm64", "v8"), ("linux", "arm", "v7")),
        *(("linux", "arm", "v6"), ("linux", "386", None), ("linux", "ppc64le", None)),
        *(("linux", "s390x", None), ("unknown", "unknown", None)),
    )
)


def names(repositories: int) -> Iterator[str]:
    """The repositories, newest first."""
    return (f"bench/repo-{number:05d}" for number in range(repositories))


def tags(repository: str, moved: int = 0) -> list[Tag]:
    """The tags of a repository, newest first; the first `moved` digests are of a later build."""
    return [
        tag for number in range(TAGS // TO_A_DIGEST) for tag in _build(repository, number, moved)
    ]


def _build(repository: str, number: int, moved: int) -> Iterator[Tag]:
    own = f"{repository}/{number}/{int(number < moved)}"
    images = PackedPlatforms(  # as what reads the Hub's answers makes them
        PLACES,
        tuple([30_000_000 + 7_919 * at + number for at in range(len(PLACES))]),
        b"".join([hashlib.sha256(f"{own}/{at}".encode()).digest() for at in range(len(PLACES))]),
    )
    date = NOW - timedelta(hours=number, microseconds=zlib.crc32(own.encode()) % 1_000_000)
    date += timedelta(days=number < moved)
    for at in range(TO_A_DIGEST):
        name = f"1.{TAGS - number}.{at}-alpine"
        yield Tag(name, date, _digest(own), images, 250_000_000 + number, INDEX, date)


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class GeneratedSource(Source):
    """A source with a number of repositories in the namespace `bench`."""

    def __init__(self, repositories: int) -> None:
        self._names = list(names(repositories))
        self._requests = 0

    @property
    def registry(self) -> str:
        """See `Source`."""
        return "docker.io"

    @property
    def identity(self) -> str:
        """See `Source`."""
        return ANONYMOUS

    @property
    def may_be_blind(self) -> bool:
        """See `Source`."""
        return False

    @property
    def spent(self) -> Cost:
        """See `Source`."""
        return Cost(self._requests)

    @property
    def rate_limit(self) -> RateLimit | None:
        """See `Source`."""
        return None

    def repositories(self, namespace: str, ask: PageRequest) -> Page[Repository] | None:
        """See `Source`."""
        del namespace
        self._requests += 1
        first = int(ask.cursor or 0)
        some = self._names[first : first + PAGE]
        items = tuple(
            Repository(name, NOW - timedelta(minutes=first + at)) for at, name in enumerate(some)
        )
        last = first + PAGE
        return Page(items, len(self._names), str(last) if last < len(self._names) else None)

    def repository(self, name: str) -> Repository | None:
        """See `Source`."""
        return Repository(name, NOW)

    def tags(self, repository: str, ask: PageRequest) -> Page[Tag] | None:
        """See `Source`."""
        del ask
        self._requests += 1
        found = tags(repository)
        return Page(tuple(found), len(found), None)

    def tag(self, repository: str, name: str) -> Tag | None:
        """See `Source`."""
        return next((tag for tag in tags(repository) if tag.name == name), None)
