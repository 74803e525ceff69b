"""Which tags of a repository point to the same content: some of their names, and their number.

A window function counts all of them and returns the first few, so a digest of ten thousand tags
is answered as fast as one of ten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.catalog.answers import AnyTime, SharedDigest
from indexer.store.database.dialect import chunks
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import digest_bytes, digest_of, microseconds
from indexer.store.schema.tables import history, manifest, tag

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class _Shared(NamedTuple):
    """A tag, and how many tags have the same content."""

    name: str
    number: int
    key: bytes


_HERE = tag.c.repository_id == sa.bindparam("repository")
_KEYS = sa.bindparam("keys", expanding=True, type_=sa.LargeBinary)
_TIME = sa.bindparam("time", type_=sa.BigInteger)

_WANTED = sa.select(manifest.c.id).where(manifest.c.key.in_(_KEYS))

_NOW = sa.select(tag.c.name, tag.c.manifest_id).where(_HERE, tag.c.manifest_id.in_(_WANTED))
_BEFORE = (
    sa.select(tag.c.name, history.c.manifest_id)
    .join(tag, tag.c.id == history.c.tag_id)
    .where(_HERE, history.c.manifest_id.in_(_WANTED))
)


def _counted(pairs: sa.Subquery) -> sa.Select[_Shared]:
    """The first names for each content, each with the number of all."""
    content = pairs.c.manifest_id
    numbered = sa.select(
        pairs.c.name,
        content,
        sa.func.row_number().over(partition_by=content, order_by=pairs.c.name).label("place"),
        sa.func.count().over(partition_by=content).label("number"),
    ).subquery("numbered")
    return typed(
        _Shared,
        sa.select(numbered.c.name, numbered.c.number, manifest.c.key)
        .join(manifest, manifest.c.id == numbered.c.manifest_id)
        .where(numbered.c.place <= sa.bindparam("limit"))
        .order_by(numbered.c.manifest_id, numbered.c.place),
    )


_SHARED_NOW = _counted(_NOW.subquery("pairs"))
_SHARED_THEN = _counted(
    sa.union_all(
        _NOW.where(tag.c.since <= _TIME),
        _BEFORE.where(history.c.started_at <= _TIME, history.c.ended_at > _TIME),
    ).subquery("pairs")
)
_SHARED_EVER = _counted(sa.union(_NOW, _BEFORE).subquery("pairs"))


def tags_of_digests(
    connection: sa.Connection,
    repository_id: int | None,
    digests: Iterable[str],
    limit: int,
    when: datetime | AnyTime | None,
) -> dict[str, SharedDigest]:
    """See `indexer.store.catalog.browser.Browser.tags_of_digests`."""
    statement, given = _SHARED_NOW, {}
    if when is AnyTime.EVER:
        statement = _SHARED_EVER
    elif when is not None:
        statement, given = _SHARED_THEN, {"time": microseconds(when)}
    found: dict[str, SharedDigest] = {}
    for keys in chunks([digest_bytes(digest) for digest in sorted(set(digests))]):
        values = {"repository": repository_id, "keys": keys, "limit": limit, **given}
        for name, number, key in read(connection, statement, values):
            digest = digest_of(key)
            if digest is not None:
                found.setdefault(digest, SharedDigest([], number)).names.append(name)
    return found
