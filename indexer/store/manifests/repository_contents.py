"""Reads content of one repository: what its tags point or pointed to, with all parts.

What is not stored is known by what names it: a stored manifest (`naming`), or Docker Hub's list of
a tag's platforms (`of_platform`).

A digest is not a secret, and content is stored once for all repositories. So that private content
is not shown through a public repository, content is only found below a repository that has it.
"""

from __future__ import annotations

import zlib
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.manifests import manifest_parser
from indexer.manifests.ports import NamedPart, PartKind, StoredManifest
from indexer.manifests.untrusted_json import NotReadable
from indexer.store.database.typed_rows import typed
from indexer.store.manifests.manifest_store import MOST_BYTES
from indexer.store.schema.codec import digest_bytes, digest_of
from indexer.store.schema.manifest_tables import (
    content,
    content_child,
    content_part,
    image_layer,
)
from indexer.store.schema.tables import manifest, media_type

if TYPE_CHECKING:
    from indexer.store.schema.visibility import Periods


class MediaTypeRow(NamedTuple):
    """The media type of some content."""

    media_type: str | None


class ContentRow(NamedTuple):
    """Content as it is stored: compressed."""

    body: bytes
    media_type: str | None


class NamingRow(NamedTuple):
    """A stored manifest that names some content."""

    key: bytes
    body: bytes
    media_type: str | None
    root: bytes  # the key of what a tag points or pointed to


class KeyRow(NamedTuple):
    """The key of a manifest."""

    key: bytes


SHA256_BYTES = 32
"""Of each digest in `manifest.digests`."""

_KEY = sa.bindparam("key", type_=sa.LargeBinary)
_REPOSITORY = sa.bindparam("repository", type_=sa.BigInteger)


def _is_mine(of: Periods) -> sa.ColumnElement[bool]:
    """Whether a tag of the repository points or pointed to a manifest."""
    tag, history = of
    return sa.or_(
        sa.select(tag.c.id)
        .where(tag.c.manifest_id == manifest.c.id, tag.c.repository_id == _REPOSITORY)
        .correlate(manifest)
        .exists(),
        sa.select(history.c.id)
        .join_from(history, tag, tag.c.id == history.c.tag_id)
        .where(history.c.manifest_id == manifest.c.id, tag.c.repository_id == _REPOSITORY)
        .correlate(manifest)
        .exists(),
    )


@cache
def pointed_to(of: Periods) -> sa.Select[MediaTypeRow]:
    """The media type of a key that a tag of the repository points or pointed to."""
    return typed(
        MediaTypeRow,
        sa.select(media_type.c.name.label("media_type"))
        .select_from(manifest)
        .outerjoin(media_type, media_type.c.id == manifest.c.media_type_id)
        .where(manifest.c.key == _KEY, _is_mine(of)),
    )


@cache
def content_of_key(of: Periods) -> sa.Select[ContentRow]:
    """The content of a key, if a tag of the repository points or pointed to it or its parent."""
    above = sa.select(content.c.id, content.c.key).where(content.c.key == _KEY).cte(recursive=True)
    wholes = (
        sa.select(content.c.id, content.c.key)
        .join(content_part, content_part.c.content_id == content.c.id)
        .join(above, above.c.id == content_part.c.part_id)
    )
    above = above.union(wholes)
    named = sa.select(manifest.c.id).join(above, above.c.key == manifest.c.key)
    is_mine = named.where(_is_mine(of)).exists()
    return typed(
        ContentRow,
        sa.select(content.c.body, media_type.c.name.label("media_type"))
        .outerjoin(media_type, media_type.c.id == content.c.media_type_id)
        .where(content.c.key == _KEY, is_mine),
    )


@cache
def naming(of: Periods) -> sa.Select[NamingRow]:
    """A stored manifest of the repository that names a key, whether that is stored or not."""
    namers = sa.union(
        sa.select(content_child.c.content_id).where(content_child.c.key == _KEY),
        sa.select(image_layer.c.content_id).where(image_layer.c.key == _KEY),
    ).subquery("namers")
    above = sa.select(namers.c.content_id.label("namer"), namers.c.content_id).cte(
        "above", recursive=True
    )
    above = above.union(
        sa.select(above.c.namer, content_part.c.content_id).join(
            content_part, content_part.c.part_id == above.c.content_id
        )
    )
    top = content.alias("top")
    return typed(
        NamingRow,
        sa.select(
            content.c.key,
            content.c.body,
            media_type.c.name.label("media_type"),
            manifest.c.key.label("root"),
        )
        .select_from(above)
        .join(top, top.c.id == above.c.content_id)
        .join(manifest, manifest.c.key == top.c.key)
        .join(content, content.c.id == above.c.namer)
        .outerjoin(media_type, media_type.c.id == content.c.media_type_id)
        .where(_is_mine(of))
        .limit(1),
    )


@cache
def of_platform(of: Periods, dialect: str) -> sa.Select[KeyRow]:
    """A manifest that a tag of the repository points or pointed to, with an image of this key."""
    tag, history = of
    place = sa.func.instr if dialect == "sqlite" else sa.func.pg_catalog.position
    at = place(manifest.c.digests, _KEY)
    holds = (at > 0) & ((at - 1) % SHA256_BYTES == 0)
    present = sa.select(manifest.c.key).join(tag, tag.c.manifest_id == manifest.c.id)
    past = (
        sa.select(manifest.c.key)
        .join(history, history.c.manifest_id == manifest.c.id)
        .join(tag, tag.c.id == history.c.tag_id)
    )
    mine = tag.c.repository_id == _REPOSITORY
    found = sa.union_all(*(each.where(mine, holds) for each in (present, past))).subquery("found")
    return typed(KeyRow, sa.select(found.c.key).limit(1))


def key_for(digest: str) -> dict[str, bytes]:
    """The parameter for these statements."""
    return {"key": digest_bytes(digest)}


def content_of(digest: str, body: bytes, media_type: str | None) -> StoredManifest:
    """Convert a row of `content_of_key`."""
    return StoredManifest(
        digest, media_type or "", zlib.decompressobj().decompress(body, MOST_BYTES)
    )


def part_of(digest: str, row: NamingRow) -> NamedPart | None:
    """What the manifest of a row of `naming` says of the digest that it names."""
    parent, root = digest_of(row.key), digest_of(row.root)
    assert parent is not None  # only digests are keys of content
    assert root is not None
    body = content_of(parent, row.body, row.media_type).body
    try:
        found = manifest_parser.read(body, row.media_type or "")
    except NotReadable:
        return None
    config = (found.config,) if found.config else ()
    named = {
        PartKind.MANIFEST: found.children,
        PartKind.CONFIG: config,
        PartKind.LAYER: found.layers,
    }
    return next(
        (
            NamedPart(digest, kind, each.media_type, each.size, parent, root)
            for kind, parts in named.items()
            for each in parts
            if each.digest == digest
        ),
        None,
    )
