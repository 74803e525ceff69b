"""Which tags of a repository point to the same content: some of their names, and their number.

A window function counts all of them and returns the first few, so a digest of ten thousand tags
is answered as fast as one of ten.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.catalog.answers import AnyTime, SharedDigest
from indexer.store.catalog.tags import of_the_repository
from indexer.store.database.dialect import chunks
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import digest_bytes, digest_of, microseconds
from indexer.store.schema.tables import manifest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from indexer.store.schema.visibility import Periods


class _Shared(NamedTuple):
    """A tag, and how many tags have the same content."""

    name: str
    number: int
    key: bytes


_KEYS = sa.bindparam("keys", expanding=True, type_=sa.LargeBinary)
_TIME = sa.bindparam("time", type_=sa.BigInteger)

_WANTED = sa.select(manifest.c.id).where(manifest.c.key.in_(_KEYS))


class _When(Enum):
    """Of which time: see `tags_of_digests`."""

    NOW = 1
    THEN = 2
    EVER = 3


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


@cache
def _statement(of: Periods, when: _When) -> sa.Select[_Shared]:
    tag, history = of
    here = of_the_repository(of)
    now = sa.select(tag.c.name, tag.c.manifest_id).where(here, tag.c.manifest_id.in_(_WANTED))
    if when is _When.NOW:
        return _counted(now.subquery("pairs"))
    before = (
        sa.select(tag.c.name, history.c.manifest_id)
        .join_from(history, tag, tag.c.id == history.c.tag_id)
        .where(here, history.c.manifest_id.in_(_WANTED))
    )
    if when is _When.EVER:
        return _counted(sa.union(now, before).subquery("pairs"))
    then = sa.union_all(
        now.where(tag.c.since <= _TIME),
        before.where(history.c.started_at <= _TIME, history.c.ended_at > _TIME),
    )
    return _counted(then.subquery("pairs"))


def tags_of_digests(
    connection: sa.Connection,
    repository_id: int | None,
    digests: Iterable[str],
    limit: int,
    when: datetime | AnyTime | None,
    of: Periods,
) -> dict[str, SharedDigest]:
    """See `indexer.store.catalog.browser.Browser.tags_of_digests`."""
    statement, given = _statement(of, _When.NOW), {}
    if when is AnyTime.EVER:
        statement = _statement(of, _When.EVER)
    elif when is not None:
        statement, given = _statement(of, _When.THEN), {"time": microseconds(when)}
    found: dict[str, SharedDigest] = {}
    for keys in chunks([digest_bytes(digest) for digest in sorted(set(digests))]):
        values = {"repository": repository_id, "keys": keys, "limit": limit, **given}
        for name, number, key in read(connection, statement, values):
            digest = digest_of(key)
            if digest is not None:
                found.setdefault(digest, SharedDigest([], number)).names.append(name)
    return found
