"""What an index says of a namespace, through the catalog or from memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from indexer.catalog.answers import RepositoryKey, RepositoryScope
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.platforms import Platform, fingerprint
from indexer.core.reference import DOCKER_HUB

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from indexer.core.catalog_entries import Period
    from indexer.core.model import Change, KnownTag
    from indexer.store import Store
    from tests.oracle.truth import Tags
    from tests.support.memory_archive import MemoryArchive

    Unnamed = Mapping[tuple[str, str, str], frozenset[str]]
    """See `tests.oracle.stage.Stage`."""


class Pointed(NamedTuple):
    """What a tag points to.

    The digest is None where the Hub does not say it; `images` identifies its images, None where it
    does not say those either.
    """

    digest: str | None
    images: bytes | None

    def tells_apart(self, other: Pointed) -> bool:
        """Whether there is evidence that the two are not the same content."""
        if self.digest and other.digest:
            return self.digest != other.digest
        return bool(self.images and other.images and self.images != other.images)


class Indexed(NamedTuple):
    """A repository as the index holds it."""

    private: bool
    tags: Mapping[str, Pointed]
    hidden: bool = False


class Reader(Protocol):
    """Reads what an index holds of one namespace."""

    def state(self) -> dict[str, Indexed]:
        """The repositories and their tags."""

    def news(self) -> list[Change]:
        """The changes since this was last asked, with the baseline."""

    def history(self, repository: str) -> list[Period]:
        """Every digest that each tag of a repository had."""

    def shown_to_the_public(self) -> Iterator[tuple[str, str, str | None]]:
        """The repository, tag and digest of what is shown without the token, if it is asked."""

    def points_to(self, repository: str, tag: str, pointed: Pointed, digest: str) -> bool:
        """Whether what the index says of a tag is what the Hub holds, as far as it tells."""

    def equals(self, repository: str, indexed: Indexed, tags: Tags) -> bool:
        """Whether the index holds just these tags."""


class _Reader(Reader):
    """What all readers do alike; `unnamed` are the stage's."""

    def __init__(self, namespace: str, unnamed: Unnamed) -> None:
        self._namespace = namespace
        self._unnamed = unnamed

    def points_to(self, repository: str, tag: str, pointed: Pointed, digest: str) -> bool:
        """See `ManifestReader`."""
        if pointed.digest is not None:
            return pointed.digest == digest
        shown = self._unnamed.get((repository, tag, digest))
        return shown is not None and pointed.images == identity_of(shown)

    def equals(self, repository: str, indexed: Indexed, tags: Tags) -> bool:
        """See `ManifestReader`."""
        return indexed.tags.keys() == tags.keys() and all(
            self.points_to(repository, tag, indexed.tags[tag], digest)
            for tag, digest in tags.items()
        )


MOST = 1_000
"""More repositories, periods and changes than a history makes."""


def identity_of(digests: frozenset[str]) -> bytes | None:
    """What identifies images by their digests; None if there are none."""
    return fingerprint(tuple(Platform("linux", "amd64", digest=digest) for digest in digests))


class CatalogReader(_Reader):
    """Reads a database."""

    def __init__(self, store: Store, namespace: str, unnamed: Unnamed) -> None:
        super().__init__(namespace, unnamed)
        self._catalog = store.catalog
        self._public = store.browser(private=False)
        self._cursor = 0

    def state(self) -> dict[str, Indexed]:
        """See `ManifestReader`."""
        return {
            entry.repository: Indexed(
                entry.private,
                {
                    each.tag: Pointed(each.digest, fingerprint(each.platforms))
                    for each in self._catalog.tags(DOCKER_HUB, entry.repository)
                },
                entry.hidden_since is not None,
            )
            for entry in self._catalog.repositories(DOCKER_HUB, self._namespace)
        }

    def news(self) -> list[Change]:
        """See `ManifestReader`."""
        wanted = ChangeFilter(registry=DOCKER_HUB, namespace=self._namespace, baseline=True)
        found = [each for each in self._catalog.changes(wanted) if each.id > self._cursor]
        self._cursor = found[-1].id if found else self._cursor
        return found

    def history(self, repository: str) -> list[Period]:
        """See `ManifestReader`."""
        return list(self._catalog.history(DOCKER_HUB, repository))

    def shown_to_the_public(self) -> Iterator[tuple[str, str, str | None]]:
        """See `ManifestReader`."""
        public, here = self._public, RepositoryScope(DOCKER_HUB, self._namespace)
        for entry in public.repositories(here, None, MOST):
            place = RepositoryKey(DOCKER_HUB, entry.repository)
            for period in public.history(place, None, ("", 0), MOST, everything=True):
                yield entry.repository, period.tag, period.digest
        wanted = ChangeFilter(registry=DOCKER_HUB, namespace=self._namespace, baseline=True)
        for each in public.changes(wanted, 0, MOST).changes:
            if each.tag is not None:
                yield each.repository, each.tag, each.new_digest
                yield each.repository, each.tag, each.old_digest


class MemoryReader(_Reader):
    """Reads an archive in memory that holds one namespace only."""

    def __init__(self, archive: MemoryArchive, namespace: str, unnamed: Unnamed) -> None:
        super().__init__(namespace, unnamed)
        self._archive = archive
        self._cursor = 0

    def state(self) -> dict[str, Indexed]:
        """See `ManifestReader`."""
        known = self._archive.present(DOCKER_HUB, self._namespace)
        return {
            name: Indexed(
                item.private,
                {tag: _pointed(each) for tag, each in tags.items()},
                item.hidden_since is not None,
            )
            for name, (item, tags) in known.items()
        }

    def news(self) -> list[Change]:
        """See `ManifestReader`."""
        found = self._archive.changes[self._cursor :]
        self._cursor += len(found)
        return found

    def history(self, repository: str) -> list[Period]:
        """See `ManifestReader`."""
        found = [each for each in self._archive.intervals if each.repository == repository]
        return sorted(found, key=lambda each: (each.tag, each.started_at, each.ended_at is None))

    def shown_to_the_public(self) -> Iterator[tuple[str, str, str | None]]:
        """See `ManifestReader`. It is not asked: it keeps no visibility of periods."""
        return iter(())


def _pointed(known: KnownTag) -> Pointed:
    return Pointed(known.digest, known.fingerprint)
