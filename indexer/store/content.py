"""Content, stored once: what tags point to, however many do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from indexer.store.codec import key_of, packed, place_of
from indexer.store.dialect import CHUNK, chunks, insert
from indexer.store.tables import manifest, media_type, platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.model import Tag
    from indexer.store.codec import Place

_PLACE = (platform.c.os, platform.c.architecture, platform.c.variant, platform.c.os_version)


class Contents:
    """Finds or stores the content of tags within a transaction.

    The numbers of platforms and media types are remembered from one transaction to the next, but
    only once it was committed: see `committed`.
    """

    def __init__(self) -> None:
        self._places: dict[Place, int] = {}
        self._media_types: dict[str, int] = {}
        self._new_places: dict[Place, int] = {}
        self._new_media_types: dict[str, int] = {}

    def committed(self) -> None:
        """The transaction was committed: what it found may be relied on."""
        self._places |= self._new_places
        self._media_types |= self._new_media_types

    def store(self, connection: sa.Connection, tags: Iterable[Tag]) -> dict[bytes, int]:
        """The number of each content that a tag points to, by its key (`codec.key_of`).

        Everything is written in the order of its keys: so that two crawls that store the same
        content wait for each other, and never in a circle.
        """
        keyed: dict[bytes, tuple[Tag, bytes | None]] = {}
        for tag in tags:
            key, prints = key_of(tag)
            keyed.setdefault(key, (tag, prints))
        if not keyed:
            return {}
        wanted = [tag for tag, _ in keyed.values()]
        self._new_places = self._number_places(connection, wanted)
        self._new_media_types = self._number_media_types(connection, wanted)
        rows = [self._row(key, *keyed[key]) for key in sorted(keyed)]
        connection.execute(_insert_manifests(connection), rows)
        numbers: dict[bytes, int] = {}
        for some in chunks(keyed):
            found = sa.select(manifest.c.key, manifest.c.id).where(manifest.c.key.in_(some))
            numbers.update((key, number) for key, number in connection.execute(found))
        return numbers

    def _row(self, key: bytes, tag: Tag, prints: bytes | None) -> dict[str, Any]:
        name = tag.media_type
        return {
            "key": key,
            "fingerprint": prints,
            "media_type_id": (self._media_types.get(name) or self._new_media_types[name])
            if name
            else None,
            "size": tag.size,
            "images": packed(tag.platforms, self._place),
        }

    def _place(self, place: Place) -> int:
        return self._places.get(place) or self._new_places[place]

    def _number_places(self, connection: sa.Connection, tags: Sequence[Tag]) -> dict[Place, int]:
        places = {place_of(each) for tag in tags for each in tag.platforms}
        unknown = sorted(places - self._places.keys())
        numbers: dict[Place, int] = {}
        for some in chunks(unknown, CHUNK // len(_PLACE)):
            rows = [dict(zip((c.name for c in _PLACE), place, strict=True)) for place in some]
            connection.execute(insert(connection, platform).on_conflict_do_nothing(), rows)
            found = sa.select(*_PLACE, platform.c.id).where(sa.tuple_(*_PLACE).in_(some))
            numbers.update(
                ((os, architecture, variant, os_version), number)
                for os, architecture, variant, os_version, number in connection.execute(found)
            )
        return numbers

    def _number_media_types(self, connection: sa.Connection, tags: Sequence[Tag]) -> dict[str, int]:
        names = {tag.media_type for tag in tags if tag.media_type}
        unknown = sorted(names - self._media_types.keys())
        numbers: dict[str, int] = {}
        for some in chunks(unknown):
            rows = [{"name": name} for name in some]
            connection.execute(insert(connection, media_type).on_conflict_do_nothing(), rows)
            found = sa.select(media_type.c.name, media_type.c.id)
            found = found.where(media_type.c.name.in_(some))
            numbers.update((name, number) for name, number in connection.execute(found))
        return numbers


def _insert_manifests(connection: sa.Connection) -> Any:
    """New content, or what was not known of old content: its images."""
    statement = insert(connection, manifest)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "fingerprint": new.fingerprint,
            "media_type_id": sa.func.coalesce(manifest.c.media_type_id, new.media_type_id),
            "size": sa.func.coalesce(manifest.c.size, new.size),
            "images": new.images,
        },
        where=manifest.c.images.is_(None) & new.images.is_not(None),
    )
