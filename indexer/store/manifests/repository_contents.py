"""Reads content of one repository: what its tags point or pointed to, with all parts.

A digest is not a secret, and content is stored once for all repositories. So that private content
is not shown through a public repository, content is only found below a repository that has it.
"""

from __future__ import annotations

import zlib
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.manifests.ports import StoredManifest
from indexer.store.database.typed_rows import typed
from indexer.store.manifests.manifest_store import MOST_BYTES
from indexer.store.schema.codec import digest_bytes
from indexer.store.schema.manifest_tables import content, content_part
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


def key_for(digest: str) -> dict[str, bytes]:
    """The parameter for these statements."""
    return {"key": digest_bytes(digest)}


def content_of(digest: str, body: bytes, media_type: str | None) -> StoredManifest:
    """Convert a row of `content_of_key`."""
    return StoredManifest(
        digest, media_type or "", zlib.decompressobj().decompress(body, MOST_BYTES)
    )
