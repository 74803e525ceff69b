"""Which entries of the configuration cover the images that files name. Pure.

pins ─▶ repositories ─▶ covered by the configuration
                     ├▶ entries to append to it, one for each registry
                     └▶ additions to entries that have their namespace or registry already
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.hub_names import DOCKER_HUB
from indexer.core.model import WHOLE_REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.crawl.wanted_names import WantedNames
    from indexer.pins.pin import Pin

OFFICIAL = "library"
"""The namespace of Docker's official images. It is too large to be watched for some of them."""


@dataclass(frozen=True, slots=True)
class Configured:
    """An entry that the configuration has.

    Attributes:
        name: its own.
        host: its registry.
        namespaces: of Docker Hub; of others `*` alone.
        wanted: which repositories and tags it wants.
    """

    name: str
    host: str
    namespaces: tuple[str, ...]
    wanted: WantedNames

    def has_place_of(self, image: _Image) -> bool:
        """Whether no other entry may have the image's namespace or registry."""
        return self.host == image.host and not {image.namespace, WHOLE_REGISTRY}.isdisjoint(
            self.namespaces
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to append.

    Attributes:
        name: its own; it is its host, unless the configuration has an entry of that name.
        host: its registry.
        namespaces: whole ones, of Docker Hub only.
        repositories: by namespace and name.
    """

    name: str
    host: str
    namespaces: tuple[str, ...]
    repositories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Additions:
    """What a person has to add to an entry, because no second one may have the same place.

    Attributes:
        entry: its name.
        repositories: missing in its `repositories`.
        left_out: images whose tags its filters leave out.
    """

    entry: str
    repositories: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Watchlist:
    """The result.

    Attributes:
        covered: repositories of which the configuration wants what is used.
        entries: to append.
        additions: to make by hand.
    """

    covered: tuple[str, ...]
    entries: tuple[Entry, ...]
    additions: tuple[Additions, ...]


class _Image(NamedTuple):
    host: str
    repository: str
    tag: str | None

    @property
    def namespace(self) -> str:
        return self.repository.partition("/")[0]

    @property
    def text(self) -> str:
        return f"{self.repository}:{self.tag}" if self.tag else self.repository


def watchlist(
    pins: Iterable[Pin], configured: Sequence[Configured], *, whole: bool = False
) -> Watchlist:
    """Find the entries that cover the images.

    Args:
        pins: what files name; those that could not be read are passed over.
        configured: what the configuration has.
        whole: name whole namespaces of Docker Hub, other than that of the official images.
    """
    covered: set[str] = set()
    missing: dict[str, set[_Image]] = {}
    lacking: dict[str, set[_Image]] = {}
    left_out: dict[str, set[_Image]] = {}
    for image in sorted(set(_images(pins)), key=lambda each: (*each[:2], each.tag or "")):
        entry = next((each for each in configured if each.has_place_of(image)), None)
        if entry is None:
            missing.setdefault(image.host, set()).add(image)
        elif entry.wanted.has(image.repository, image.tag):
            covered.add(f"{image.host}/{image.repository}")
        elif replace(entry.wanted, tags=(), exclude=()).has(image.repository):
            left_out.setdefault(entry.name, set()).add(image)
        else:
            lacking.setdefault(entry.name, set()).add(image)
    names = {each.name for each in configured}
    return Watchlist(
        tuple(sorted(covered)),
        tuple(_entry(host, missing[host], names, whole=whole) for host in sorted(missing)),
        tuple(
            Additions(
                name,
                tuple(sorted({each.repository for each in lacking.get(name, ())})),
                tuple(sorted({each.text for each in left_out.get(name, ())})),
            )
            for name in sorted(lacking.keys() | left_out.keys())
        ),
    )


def _images(pins: Iterable[Pin]) -> Iterable[_Image]:
    for pin in pins:
        if named := pin.reference:
            yield _Image(named.registry or DOCKER_HUB, named.repository, named.tag)


def _entry(host: str, images: set[_Image], names: set[str], *, whole: bool) -> Entry:
    name = host
    for number in range(1, len(names) + 2):
        if name not in names:
            break
        name = f"{host}-watchlist" if number == 1 else f"{host}-watchlist-{number}"
    is_whole = whole and host == DOCKER_HUB
    namespaces = {each.namespace for each in images if is_whole and each.namespace != OFFICIAL}
    repositories = {each.repository for each in images if each.namespace not in namespaces}
    return Entry(name, host, tuple(sorted(namespaces)), tuple(sorted(repositories)))
