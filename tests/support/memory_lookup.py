"""The lookup of pins and policies in memory: an `indexer.catalog.ports.Lookup`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.catalog.ports import Lookup
from indexer.core.catalog_entries import TagEntry, Unseen, held_back
from indexer.core.errors import NotInIndex, UsageError
from indexer.core.suggestions import unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from indexer.core.catalog_entries import Period
    from indexer.core.reference import Reference
    from tests.support.memory_archive import MemoryArchive


class MemoryLookup(Lookup):
    """See `Lookup`."""

    def __init__(self, archive: MemoryArchive) -> None:
        self._archive = archive

    def locate(self, reference: Reference) -> tuple[str, str]:
        """See `Lookup`."""
        known = [
            (home.registry, name) for home in self._archive.homes.values() for name in home.shelves
        ]
        for name in reference.names:
            found = sorted(
                registry
                for registry, each in known
                if each == name and reference.registry in {None, registry}
            )
            if len(found) > 1:
                raise UsageError(f"several registries have '{name}'.")
            if found:
                return found[0], name
        wanted = reference.repository
        homes = sorted(registry for registry, each in known if each in reference.names)
        if homes:
            raise NotInIndex(
                f"the index knows '{wanted}' from {' and '.join(homes)}, "
                f"not from the registry '{reference.registry}'."
            )
        raise NotInIndex(unknown("repository", wanted, {name for _, name in known}, "crawl first."))

    def is_present(self, registry: str, repository: str) -> bool:
        """See `Lookup`."""
        shelf = self._archive.shelf(registry, repository)
        return shelf is not None and shelf.known is not None

    def history(self, registry: str, repository: str, tag: str | None = None) -> Iterator[Period]:
        """See `Lookup`."""
        periods = self._periods(registry, repository)
        if tag is not None:
            names = {each.tag for each in periods}
            if tag not in names:
                raise NotInIndex(unknown(f"tag of {repository}", tag, names, "crawl again."))
            periods = [each for each in periods if each.tag == tag]
        return iter(periods)

    def holding(self, registry: str, repository: str, digest: str) -> list[Period]:
        """See `Lookup`."""
        return [
            each
            for each in self._periods(registry, repository)
            if digest in {each.digest, *(image.digest for image in each.platforms)}
        ]

    def tag_names(self, registry: str, repository: str) -> list[str]:
        """See `Lookup`."""
        return [each.tag for each in self._periods(registry, repository) if each.ended_at is None]

    def named_tags(self, registry: str, repository: str, tags: Collection[str]) -> list[TagEntry]:
        """See `Lookup`."""
        return [
            TagEntry(
                *(registry, repository, each.tag, each.digest, None, each.platforms),
                *(each.pushed_at, each.started_at),
            )
            for each in self._periods(registry, repository)
            if each.ended_at is None and each.tag in tags
        ]

    def unwatched(
        self, registry: str, repository: str, tags: Collection[str]
    ) -> dict[str, datetime]:
        """See `Lookup`."""
        shelf = self._archive.shelf(registry, repository)
        left_out = shelf.unwatched if shelf else {}
        return {name: since for name, since in left_out.items() if name in tags}

    def unseen(self, registry: str, repository: str, tags: Collection[str] = ()) -> Unseen | None:
        """See `Lookup`."""
        shelf = self._archive.shelf(registry, repository)
        if shelf is None or shelf.known is None:
            return None
        if shelf.known.hidden_since is not None:
            return Unseen(shelf.known.hidden_since, shelf.known.seen_by)
        left_out = shelf.known.unwatched_since
        if left_out is not None:
            return Unseen(left_out, None)
        homes = self._archive.homes.values()
        home = next(each.memory for each in homes if shelf in each.shelves.values())
        memories = (home, shelf.memory)
        of_namespace, of_tags = (each.held_back if each else None for each in memories)
        return held_back(of_namespace, of_tags, repository, tags)

    def _periods(self, registry: str, repository: str) -> list[Period]:
        """The periods of a repository, with platforms, by tag and time."""
        images = self._archive.books.images
        mine = [
            replace(each, platforms=images.get(each.digest or "", ()))
            for each in self._archive.intervals
            if (each.registry, each.repository) == (registry, repository)
        ]
        return sorted(mine, key=lambda each: (each.tag, each.started_at))
