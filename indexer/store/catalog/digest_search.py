"""Finds which tags point to a digest, or ever did, in all repositories.

digest or its beginning
  -> manifests with that key            the index by key
  -> manifests that hold it             an index with the image of a platform: all are read
  -> stored content with that key       a configuration (a container's image id), by its parents
  -> periods of tags, by the indexes of `tag` and `history` by manifest
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.catalog_entries import FoundTag
from indexer.store.database.dialect import chunks
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import digest_of, time_of
from indexer.store.schema.manifest_tables import content, content_part
from indexer.store.schema.tables import manifest, namespace, registry, repository
from indexer.store.schema.visibility import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from indexer.core.digest_text import DigestPrefix
    from indexer.store.schema.visibility import Periods

MOST_DIGESTS = 100
"""The most digests with the same beginning that are looked at."""

_BYTES = 32
"""Of a sha256 digest; so many each image has in `manifest.digests`."""

_SHA512_BYTES = 64


class _KeyRow(NamedTuple):
    id: int
    key: bytes


class _InsideRow(NamedTuple):
    id: int
    digests: bytes


class _FoundRow(NamedTuple):
    registry: str
    repository: str
    tag: str
    key: bytes
    pushed_at: int | None
    started_at: int
    ended_at: int | None
    pushed_by: str | None


def search(
    connection: sa.Connection,
    wanted: DigestPrefix,
    visible: Sequence[sa.ColumnElement[bool]] = (),
    of: Periods = ALL,
) -> dict[str, list[FoundTag]]:
    """The tags that point to a digest or ever did, by full digest: several fit a short one.

    Args:
        connection: in a transaction.
        wanted: the digest, or its beginning.
        visible: conditions for repositories that the audience may see.
        of: the periods that it may see.

    Returns:
        Only digests that some tag led to; their tags by registry, repository, name and time.
    """
    leading: dict[str, set[int]] = {}
    for digest, number in _manifests(connection, wanted):
        if digest in leading or len(leading) < MOST_DIGESTS:
            leading.setdefault(digest, set()).add(number)
    found = {
        digest: _periods(connection, digest, numbers, visible, of)
        for digest, numbers in sorted(leading.items())
    }
    return {digest: periods for digest, periods in found.items() if periods}


def _manifests(connection: sa.Connection, wanted: DigestPrefix) -> Iterator[tuple[str, int]]:
    """Full digests that begin so, each with a manifest that has, or leads to, it."""
    for row in _with_key(connection, manifest, wanted):
        if (digest := digest_of(row.key)) and wanted.begins(digest):
            yield digest, row.id
    if wanted.algorithm != "sha512" and len(wanted.digits) <= 2 * _BYTES:
        yield from _holding(connection, wanted)
    yield from _above(connection, wanted)


def _with_key(
    connection: sa.Connection, table: sa.Table, wanted: DigestPrefix
) -> Sequence[_KeyRow]:
    """Rows of `manifest` or `content` whose key begins with the digits."""
    least = bytes.fromhex(wanted.digits.ljust(len(wanted.digits) + len(wanted.digits) % 2, "0"))
    greatest = bytes.fromhex(wanted.digits.ljust(2 * _SHA512_BYTES, "f"))
    statement = typed(
        _KeyRow,
        sa.select(table.c.id, table.c.key).where(
            table.c.key >= least,
            table.c.key <= greatest,
            sa.func.length(table.c.key).in_([_BYTES, _SHA512_BYTES]),  # others are no digests
        ),
    )
    return read(connection, statement.order_by(table.c.key).limit(MOST_DIGESTS))


def _holding(connection: sa.Connection, wanted: DigestPrefix) -> Iterator[tuple[str, int]]:
    """Manifests that hold images whose digests begin so."""
    part = bytes.fromhex(wanted.digits[: len(wanted.digits) // 2 * 2])
    is_sqlite = connection.dialect.name == "sqlite"
    place = sa.func.instr if is_sqlite else sa.func.pg_catalog.position
    statement = typed(
        _InsideRow,
        sa.select(manifest.c.id, manifest.c.digests).where(place(manifest.c.digests, part) > 0),
    )
    for row in read(connection, statement.order_by(manifest.c.id)):
        for at in range(0, len(row.digests), _BYTES):
            digest = f"sha256:{row.digests[at : at + _BYTES].hex()}"
            if wanted.begins(digest):
                yield digest, row.id


def _above(connection: sa.Connection, wanted: DigestPrefix) -> Iterator[tuple[str, int]]:
    """Manifests that lead to stored content with that digest, such as a configuration."""
    for row in _with_key(connection, content, wanted):
        digest = digest_of(row.key)
        if digest is None or not wanted.begins(digest):
            continue
        above = sa.select(content_part.c.content_id).where(content_part.c.part_id == row.id)
        whole = above.cte("above", recursive=True)
        whole = whole.union(
            sa.select(content_part.c.content_id).join(
                whole, whole.c.content_id == content_part.c.part_id
            )
        )
        roots = (
            sa.select(manifest.c.id)
            .join(content, content.c.key == manifest.c.key)
            .where(content.c.id.in_(sa.select(whole.c.content_id)))
        )
        yield from ((digest, number) for number in connection.scalars(roots))


def _periods(
    connection: sa.Connection,
    digest: str,
    numbers: Iterable[int],
    visible: Sequence[sa.ColumnElement[bool]],
    of: Periods,
) -> list[FoundTag]:
    """The periods in which tags pointed to these manifests."""
    found: list[FoundTag] = []
    for some in chunks(sorted(numbers)):
        for statement in (_ended(of), _lasting(of)):
            rows = read(connection, statement.where(manifest.c.id.in_(some), *visible))
            found += (_found(row, digest) for row in rows)
    return sorted(
        found,
        key=lambda each: (
            each.registry,
            each.repository,
            each.tag,
            each.started_at,
            each.ended_at is None,
        ),
    )


def _named_tags(tag: sa.FromClause) -> sa.Join:
    """Tags with the names of their repositories and registries."""
    return (
        tag.join(repository, repository.c.id == tag.c.repository_id)
        .join(namespace, namespace.c.id == repository.c.namespace_id)
        .join(registry, registry.c.id == namespace.c.registry_id)
    )


def _ended(of: Periods) -> sa.Select[_FoundRow]:
    tag, history = of
    return typed(
        _FoundRow,
        sa.select(
            registry.c.name.label("registry"),
            repository.c.name.label("repository"),
            tag.c.name.label("tag"),
            manifest.c.key,
            history.c.pushed_at,
            history.c.started_at,
            history.c.ended_at,
            history.c.pushed_by,
        )
        .select_from(_named_tags(tag))
        .join(history, history.c.tag_id == tag.c.id)
        .join(manifest, manifest.c.id == history.c.manifest_id),
    )


def _lasting(of: Periods) -> sa.Select[_FoundRow]:
    tag = of.tag
    return typed(
        _FoundRow,
        sa.select(
            registry.c.name.label("registry"),
            repository.c.name.label("repository"),
            tag.c.name.label("tag"),
            manifest.c.key,
            tag.c.pushed_at,
            tag.c.since.label("started_at"),
            sa.null().cast(sa.BigInteger).label("ended_at"),
            tag.c.pushed_by,
        )
        .select_from(_named_tags(tag))
        .join(manifest, manifest.c.id == tag.c.manifest_id),
    )


def _found(row: _FoundRow, digest: str) -> FoundTag:
    return FoundTag(
        registry=row.registry,
        repository=row.repository,
        tag=row.tag,
        digest=digest,
        points_to=digest_of(row.key),
        pushed_at=time_of(row.pushed_at),
        started_at=time_of(row.started_at),
        ended_at=time_of(row.ended_at),
        pushed_by=row.pushed_by,
    )
