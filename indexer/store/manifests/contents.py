"""Stores what tags point to, each content once, however many tags point to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.store.database.dialect import CHUNK, BulkInsert, FetchByValue, chunks, insert
from indexer.store.schema.codec import key_of, packed, places_of
from indexer.store.schema.tables import manifest, media_type, platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.core.model import Tag
    from indexer.core.platforms import Place
    from indexer.store.database.typed_rows import Cells, Columns

_PLACE = (platform.c.os, platform.c.architecture, platform.c.variant, platform.c.os_version)

AT_ONCE = 1_000
"""Contents whose rows are made at a time: of a huge list they would take megabytes."""

_INSERT = BulkInsert(
    manifest,
    ("key", "fingerprint", "media_type_id", "size", "images", "digests"),
    # For existing content, add what was not known: its images, or their digests.
    conflict="""
        ON CONFLICT (key) DO UPDATE SET
            fingerprint = excluded.fingerprint,
            media_type_id = coalesce(manifest.media_type_id, excluded.media_type_id),
            size = coalesce(manifest.size, excluded.size),
            images = excluded.images,
            digests = excluded.digests
        WHERE excluded.images IS NOT NULL AND (
            manifest.images IS NULL
            OR (manifest.fingerprint IS NULL AND excluded.fingerprint IS NOT NULL)
        )
    """,
)


class _ManifestRow(NamedTuple):
    """A manifest's id, and what identifies its content."""

    key: bytes
    id: int


_BY_KEY = FetchByValue(_ManifestRow, manifest.c.key)


class KnownNumbers:
    """Ids of platforms and media types that are known to be in the database."""

    def __init__(self) -> None:
        self.places: dict[Place, int] = {}
        self.media_types: dict[str | None, int | None] = {None: None}


class ContentWriter:
    """Stores the content of tags within ONE transaction.

    Args:
        numbers: ids known from earlier transactions, of other threads too; `committed` adds the
            new ones.
    """

    def __init__(self, numbers: KnownNumbers) -> None:
        self._known = numbers
        self._found = KnownNumbers()

    def committed(self) -> None:
        """The transaction was committed: share the ids that it found."""
        self._known.places.update(self._found.places)
        self._known.media_types.update(self._found.media_types)

    def store(self, connection: sa.Connection, tags: Iterable[Tag]) -> list[int]:
        """Store what tags point to; of those with the same content, the one that tells most.

        Rows are written in the order of their keys, so that two crawls that store the same
        content cannot deadlock.

        Returns:
            The ids of their contents, in the order of the tags.
        """
        keys: list[bytes] = []
        best: dict[bytes, tuple[Tag, bytes | None]] = {}
        complete: dict[str | None, bytes] = {}  # by digest, where no tag can tell more
        for tag in tags:
            key = complete.get(tag.digest)
            if key is None:
                key, prints = key_of(tag)
                if key not in best or _tells_more((tag, prints), best[key]):
                    best[key] = tag, prints
                    if tag.digest is not None and all(_weight(tag, prints)):
                        complete[tag.digest] = key
            keys.append(key)
        ordered = [(key, *best[key]) for key in sorted(best)]
        for some in chunks(ordered, AT_ONCE):
            try:
                rows = _rows(some, self._known)
            except KeyError:  # rare: there are few platforms and media types
                rows = _rows(some, self._numbered(connection, [tag for _, tag, _ in some]))
            _INSERT.run(connection, rows)
        numbers = dict(_BY_KEY.run(connection, best))
        return [numbers[key] for key in keys]

    def _numbered(self, connection: sa.Connection, tags: Sequence[Tag]) -> KnownNumbers:
        """The known ids, and those that had to be looked up or stored for these tags."""
        self._found.places |= self._number_places(connection, tags)
        self._found.media_types |= self._number_media_types(connection, tags)
        numbers = KnownNumbers()
        numbers.places = {**self._known.places, **self._found.places}
        numbers.media_types = {**self._known.media_types, **self._found.media_types}
        return numbers

    def _number_places(self, connection: sa.Connection, tags: Iterable[Tag]) -> dict[Place, int]:
        places = {place for tag in tags for place in places_of(tag.platforms)}
        unknown = sorted(places - self._known.places.keys(), key=repr)
        numbers: dict[Place, int] = {}
        for some in chunks(unknown, CHUNK // len(_PLACE)):
            told = {place: tuple(part or "" for part in place) for place in some}
            rows = [dict(zip((c.name for c in _PLACE), row, strict=True)) for row in told.values()]
            connection.execute(insert(connection, platform).on_conflict_do_nothing(), rows)
            found = sa.select(*_PLACE, platform.c.id).where(sa.tuple_(*_PLACE).in_(told.values()))
            stored = {tuple(row): number for *row, number in connection.execute(found)}
            numbers.update((place, stored[row]) for place, row in told.items())
        return numbers

    def _number_media_types(
        self, connection: sa.Connection, tags: Iterable[Tag]
    ) -> dict[str | None, int | None]:
        names = {tag.media_type for tag in tags} - self._known.media_types.keys()
        numbers: dict[str | None, int | None] = {}
        for some in chunks(sorted(name for name in names if name is not None)):
            rows: list[Columns] = [{"name": name} for name in some]
            connection.execute(insert(connection, media_type).on_conflict_do_nothing(), rows)
            found = sa.select(media_type.c.name, media_type.c.id)
            found = found.where(media_type.c.name.in_(some))
            numbers.update((name, number) for name, number in connection.execute(found))
        return numbers


def _rows(
    contents: Iterable[tuple[bytes, Tag, bytes | None]], numbers: KnownNumbers
) -> list[Cells]:
    """The rows of contents, each given by its key, a tag that points to it, and its fingerprint.

    Raises:
        KeyError: a platform or a media type has no number.
    """
    places, media_types = numbers.places, numbers.media_types
    return [
        (key, prints, media_types[tag.media_type], tag.size, *packed(tag.platforms, places))
        for key, tag, prints in contents
    ]


def _tells_more(one: tuple[Tag, bytes | None], other: tuple[Tag, bytes | None]) -> bool:
    """Whether one tag says more about the content than another that points to it."""
    return _weight(*one) > _weight(*other)


def _weight(tag: Tag, prints: bytes | None) -> tuple[bool, bool, bool]:
    return prints is not None, bool(tag.platforms), tag.size is not None
