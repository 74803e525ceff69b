"""Stores manifests and configurations by digest: see `indexer.manifests.ports.ManifestStore`.

Storing content twice has no effect, so every method is repeated after a lost connection.
"""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.manifests.base_image import BaseImage, base_images
from indexer.manifests.ports import KeptManifest, ManifestStore, StoredManifest, TagPointer
from indexer.store.database.dialect import insert
from indexer.store.database.retry import retried
from indexer.store.manifests import inside, referrer_lists
from indexer.store.manifests.contents import ContentWriter, KnownNumbers
from indexer.store.schema.codec import digest_bytes, digest_of, key_of, microseconds, time_of
from indexer.store.schema.manifest_tables import content, content_part
from indexer.store.schema.tables import (
    change,
    manifest,
    media_type,
    namespace,
    registry,
    repository,
    tag,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.core.model import Tag
    from indexer.manifests.ports import ManifestPart
    from indexer.manifests.signatures import Referrer
    from indexer.store.database.engine import Database
    from indexer.store.database.typed_rows import Value

MOST_BYTES = 4 * 1024 * 1024
"""The most bytes of a stored body, uncompressed."""

_LEVEL = 6
"""zlib's compression level; a manifest of some kB shrinks to a third."""

_FOUND = (
    sa.select(content.c.body, content.c.fetched_at, media_type.c.name.label("media_type"))
    .outerjoin(media_type, media_type.c.id == content.c.media_type_id)
    .where(content.c.key == sa.bindparam("key"))
)

_REPOSITORY = (
    sa.select(repository.c.id, repository.c.tag_order, repository.c.list_full_at)
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .where(
        registry.c.name == sa.bindparam("registry"),
        repository.c.name == sa.bindparam("repository"),
        repository.c.present,
    )
)

_UNREAD = (
    sa.select(manifest.c.key, sa.func.min(repository.c.name))
    .select_from(tag)
    .join(manifest, manifest.c.id == tag.c.manifest_id)
    .join(repository, repository.c.id == tag.c.repository_id)
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .outerjoin(content, content.c.key == manifest.c.key)
    .where(
        registry.c.name == sa.bindparam("registry"),
        namespace.c.name == sa.bindparam("namespace"),
        repository.c.present,
        repository.c.listed,
        sa.or_(content.c.id.is_(None), sa.not_(content.c.whole)),
    )
    .group_by(manifest.c.key, manifest.c.id)
)

_ALL = _UNREAD.order_by(manifest.c.id.desc())

_NEWS = (
    _UNREAD.join(
        change, (change.c.tag_id == tag.c.id) & (change.c.new_manifest_id == tag.c.manifest_id)
    )
    .where(change.c.observed_at >= sa.bindparam("since"), change.c.baseline == sa.false())
    .order_by(sa.func.max(change.c.id).desc())
)


class SqlManifestStore(ManifestStore):
    """The content of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers = KnownNumbers()

    @retried
    def find(self, digest: str) -> KeptManifest | None:
        """See `ManifestStore`."""
        with self._database.reading() as connection:
            row = connection.execute(_FOUND, {"key": digest_bytes(digest)}).one_or_none()
        if row is None:
            return None
        body = zlib.decompressobj().decompress(row.body, MOST_BYTES)
        return KeptManifest(
            StoredManifest(digest, row.media_type or "", body), time_of(row.fetched_at)
        )

    def unread(
        self, registry: str, namespace: str, since: datetime | None = None
    ) -> Iterator[tuple[str, str]]:
        """See `ManifestStore`."""
        wanted: dict[str, Value] = {"registry": registry, "namespace": namespace}
        statement = _ALL
        if since is not None:
            statement, wanted["since"] = _NEWS, microseconds(since)
        with self._database.reading() as connection:
            rows = connection.execute(statement, wanted).all()
        for key, name in rows:
            digest = digest_of(key)
            if digest is not None:
                yield name, digest

    @retried
    def keep(
        self, parts: Sequence[ManifestPart], about: Tag, now: datetime, *, whole: bool
    ) -> None:
        """See `ManifestStore`."""
        key, _ = key_of(about)
        with self._database.writing() as connection:
            is_known = sa.select(manifest.c.id).where(manifest.c.key == key)
            if connection.scalar(is_known) is None:
                return
            described = ContentWriter(self._numbers)
            described.store(connection, [about])
            if about.size is not None:
                sized = sa.update(manifest).where(manifest.c.key == key, manifest.c.size.is_(None))
                connection.execute(sized.values(size=about.size))
            if about.content_type is not None:
                named = sa.update(manifest).where(
                    manifest.c.key == key, manifest.c.content_type.is_(None)
                )
                connection.execute(named.values(content_type=about.content_type))
            _store(connection, parts, microseconds(now))
            if whole:
                connection.execute(
                    sa.update(content).where(content.c.key == key).values(whole=True)
                )
        described.committed()

    @retried
    def keep_referrers(
        self, registry: str, repository: str, digest: str, found: Sequence[Referrer], now: datetime
    ) -> None:
        """See `ManifestStore`."""
        with self._database.writing() as connection:
            referrer_lists.write(connection, (registry, repository), digest, found, now)

    @retried
    def pointer(self, registry: str, repository: str, tag: str) -> TagPointer | None:
        """See `ManifestStore`."""
        with self._database.reading() as connection:
            row = connection.execute(
                _REPOSITORY, {"registry": registry, "repository": repository}
            ).one_or_none()
            key = None if row is None else connection.scalar(_pointed(row.id, tag))
        if row is None or key is None:
            return None
        return TagPointer(digest_of(key), time_of(row.list_full_at))

    @retried
    def tag_names(self, registry: str, repository: str) -> tuple[str, ...] | None:
        """See `ManifestStore`."""
        with self._database.reading() as connection:
            row = connection.execute(
                _REPOSITORY, {"registry": registry, "repository": repository}
            ).one_or_none()
            if row is None:
                return None
            present = sa.select(tag.c.name).where(
                tag.c.repository_id == row.id, tag.c.manifest_id.is_not(None)
            )
            names = sorted(connection.scalars(present))
        order = {name: place for place, name in enumerate(unpacked_order(row.tag_order))}
        return tuple(sorted(names, key=lambda name: order.get(name, len(order))))


def packed_order(names: Sequence[str]) -> bytes | None:
    """Compress the order of a repository's tags; None if it is byte order."""
    if all(one < two for one, two in pairwise(names)):
        return None
    return zlib.compress("\n".join(names).encode(), _LEVEL)


def unpacked_order(packed: bytes | None) -> list[str]:
    """The names of `packed_order`."""
    return zlib.decompress(packed).decode().split("\n") if packed else []


def _pointed(repository_id: int, name: str) -> sa.Select[bytes]:
    return (
        sa.select(manifest.c.key)
        .join(tag, tag.c.manifest_id == manifest.c.id)
        .where(tag.c.repository_id == repository_id, tag.c.name == name)
    )


def _media_types(connection: sa.Connection, names: set[str]) -> dict[str, int]:
    """The numbers of media types; new ones are stored."""
    if not names:
        return {}
    rows = [{"name": name} for name in sorted(names)]
    connection.execute(insert(connection, media_type).on_conflict_do_nothing(), rows)
    found = sa.select(media_type.c.name, media_type.c.id).where(media_type.c.name.in_(names))
    return {name: number for name, number in connection.execute(found)}  # noqa: C416 - rows


def _store(connection: sa.Connection, parts: Sequence[ManifestPart], now: int) -> None:
    """Insert what is new, in the order of its keys, so that two crawls cannot deadlock."""
    unique = {part.content.digest: part.content for part in parts}
    types = _media_types(connection, {each.media_type for each in unique.values()} - {""})
    told = base_images((digest, each.media_type, each.body) for digest, each in unique.items())
    rows = [
        {
            "key": digest_bytes(digest),
            "media_type_id": types.get(each.media_type),
            "size": len(each.body),
            "body": zlib.compress(each.body, _LEVEL),
            "fetched_at": now,
            "whole": False,
            **_built_on(told.get(digest, BaseImage())),
        }
        for digest, each in sorted(unique.items())
    ]
    connection.execute(insert(connection, content).on_conflict_do_nothing(), rows)
    _complete(connection, told)
    inside.write(connection, unique)
    links = {(part.of, part.content.digest) for part in parts if part.of is not None}
    keys = {digest_bytes(digest) for link in links for digest in link}
    if not keys:
        return
    found = sa.select(content.c.key, content.c.id).where(content.c.key.in_(sorted(keys)))
    numbers = {key: number for key, number in connection.execute(found)}  # noqa: C416 - rows
    pairs = sorted((numbers[digest_bytes(one)], numbers[digest_bytes(two)]) for one, two in links)
    connection.execute(
        insert(connection, content_part).on_conflict_do_nothing(),
        [{"content_id": whole, "part_id": part} for whole, part in pairs],
    )


def _built_on(origin: BaseImage) -> dict[str, bytes | str | None]:
    return {
        "base_key": origin.base_digest and digest_bytes(origin.base_digest),
        "base_name": origin.base_name,
        "layer_key": origin.first_layer and digest_bytes(origin.first_layer),
    }


def _complete(connection: sa.Connection, told: Mapping[str, BaseImage]) -> None:
    """Add what this index says about images that were stored earlier."""
    for digest, origin in sorted(told.items()):
        if origin.base_digest is not None:
            kept = sa.update(content).where(
                content.c.key == digest_bytes(digest), content.c.base_key.is_(None)
            )
            connection.execute(
                kept.values(
                    base_key=digest_bytes(origin.base_digest),
                    base_name=sa.func.coalesce(content.c.base_name, origin.base_name),
                )
            )
