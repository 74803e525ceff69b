"""What the index says of a namespace, read through the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.model import ChangeFilter
from indexer.names import DOCKER_HUB

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.model import Change, Interval
    from indexer.ports import Catalog
    from tests.oracle.truth import Tags


class Pointed(NamedTuple):
    """What a tag points to; the digest is None where the Hub does not say it."""

    digest: str | None
    images: frozenset[str]

    def tells_apart(self, other: Pointed) -> bool:
        """Whether there is evidence that the two are not the same content."""
        if self.digest and other.digest:
            return self.digest != other.digest
        return bool(self.images and other.images and self.images != other.images)


class Indexed(NamedTuple):
    """A repository as the index holds it."""

    private: bool
    tags: Mapping[str, Pointed]


class Reader:
    """Reads one namespace; `unnamed` are the stage's."""

    def __init__(
        self,
        catalog: Catalog,
        namespace: str,
        unnamed: Mapping[tuple[str, str, str], frozenset[str]],
    ) -> None:
        self._catalog = catalog
        self._namespace = namespace
        self._unnamed = unnamed
        self._cursor = 0

    def state(self) -> dict[str, Indexed]:
        """The repositories and their tags."""
        return {
            entry.repository: Indexed(
                entry.private,
                {
                    each.tag: Pointed(
                        each.digest,
                        frozenset(image.digest for image in each.platforms if image.digest),
                    )
                    for each in self._catalog.tags(DOCKER_HUB, entry.repository)
                },
            )
            for entry in self._catalog.repositories(DOCKER_HUB, self._namespace)
        }

    def news(self) -> list[Change]:
        """The changes since this was last asked, with the baseline."""
        wanted = ChangeFilter(registry=DOCKER_HUB, namespace=self._namespace, baseline=True)
        found = [each for each in self._catalog.changes(wanted) if each.id > self._cursor]
        self._cursor = found[-1].id if found else self._cursor
        return found

    def history(self, repository: str) -> list[Interval]:
        """Every digest that each tag of a repository had."""
        return list(self._catalog.history(DOCKER_HUB, repository))

    def points_to(self, repository: str, tag: str, pointed: Pointed, digest: str) -> bool:
        """Whether what the index says of a tag is what the Hub holds, as far as it tells."""
        if pointed.digest is not None:
            return pointed.digest == digest
        shown = self._unnamed.get((repository, tag, digest))
        return shown is not None and pointed.images == shown

    def equals(self, repository: str, indexed: Indexed, tags: Tags) -> bool:
        """Whether the index holds just these tags."""
        return indexed.tags.keys() == tags.keys() and all(
            self.points_to(repository, tag, indexed.tags[tag], digest)
            for tag, digest in tags.items()
        )
