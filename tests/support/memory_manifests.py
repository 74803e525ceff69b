"""Manifests in memory: an `indexer.manifests.ports.ManifestStore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.manifests.ports import KeptManifest, ManifestStore, TagPointer
from indexer.policies.evidence import ReadReferrers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from indexer.core.model import Tag
    from indexer.manifests.ports import ManifestPart
    from indexer.manifests.signatures import Referrer
    from tests.support.memory_archive import MemoryArchive
    from tests.support.memory_record import Shelf


class MemoryManifestStore(ManifestStore):
    """See `ManifestStore`."""

    def __init__(self, archive: MemoryArchive) -> None:
        self._archive = archive
        self._kept: dict[str, KeptManifest] = {}
        self._whole: set[str] = set()

    def find(self, digest: str) -> KeptManifest | None:
        """See `ManifestStore`."""
        return self._kept.get(digest)

    def unread(
        self, registry: str, namespace: str, since: datetime | None = None
    ) -> Iterator[tuple[str, str]]:
        """See `ManifestStore`."""
        found: dict[str, tuple[int, str]] = {}
        for digest, number, name in self._pointed(registry, namespace, since):
            if digest not in self._whole:
                newest, named = found.get(digest, (number, name))
                found[digest] = max(newest, number), min(named, name)
        for digest, (_, name) in sorted(found.items(), key=lambda each: each[1], reverse=True):
            yield name, digest

    def _pointed(
        self, registry: str, namespace: str, since: datetime | None
    ) -> Iterator[tuple[str, int, str]]:
        """The digests of present tags, with a number that is higher for newer ones."""
        home = self._archive.homes.get((registry, namespace))
        listed = (
            {name: home.shelves[name].tags for name, known in home.present.items() if known.listed}
            if home is not None
            else {}
        )
        if since is None:
            ages = {digest: age for age, digest in enumerate(self._archive.books.images)}
            for name, tags in listed.items():
                for held in tags.values():
                    if held.known.digest is not None:
                        yield held.known.digest, ages[held.known.digest], name
            return
        for each in self._archive.changes:
            held_now = listed.get(each.repository, {}).get(each.tag or "")
            if each.registry != registry or each.baseline or each.observed_at < since:
                continue
            if held_now and each.new_digest and held_now.known.digest == each.new_digest:
                yield each.new_digest, each.id, each.repository

    def keep(
        self, parts: Sequence[ManifestPart], about: Tag, now: datetime, *, whole: bool
    ) -> None:
        """See `ManifestStore`."""
        images = self._archive.books.images
        if about.digest is None or about.digest not in images:
            return
        images[about.digest] = images[about.digest] or tuple(about.platforms)
        for part in parts:
            self._kept.setdefault(part.content.digest, KeptManifest(part.content, now))
        if whole:
            self._whole.add(about.digest)

    def keep_referrers(
        self, registry: str, repository: str, digest: str, found: Sequence[Referrer], now: datetime
    ) -> None:
        """See `ManifestStore`."""
        known = self._archive.referrers.setdefault((registry, repository), {})
        known[digest] = ReadReferrers(tuple(found), now)

    def pointer(self, registry: str, repository: str, tag: str) -> TagPointer | None:
        """See `ManifestStore`."""
        shelf = self._present(registry, repository)
        if shelf is None or tag not in shelf.tags:
            return None
        full_at = None if shelf.memory is None else shelf.memory.full_at
        return TagPointer(shelf.tags[tag].known.digest, full_at)

    def tag_names(self, registry: str, repository: str) -> tuple[str, ...] | None:
        """See `ManifestStore`."""
        shelf = self._present(registry, repository)
        if shelf is None:
            return None
        order = {name: place for place, name in enumerate(shelf.order)}
        names = sorted(shelf.tags)
        return tuple(sorted(names, key=lambda name: order.get(name, len(order))))

    def _present(self, registry: str, repository: str) -> Shelf | None:
        shelf = self._archive.shelf(registry, repository)
        return shelf if shelf is not None and shelf.known is not None else None
