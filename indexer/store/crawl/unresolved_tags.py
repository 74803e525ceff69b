"""Present tags whose digest is not known: of some, a retag would not be noticed."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from indexer.core.catalog_entries import UnresolvedTag
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import DIGEST_BYTES, UNNAMED_BYTES, UNNAMED_KEYS, is_unnamed
from indexer.store.schema.tables import manifest, namespace, registry, repository, tag


class _Row(NamedTuple):
    """A tag, and the key of its content."""

    registry: str
    repository: str
    tag: str
    key: bytes


_WITHOUT_DIGEST = (
    sa.select(
        registry.c.name.label("registry"),
        repository.c.name.label("repository"),
        tag.c.name.label("tag"),
        manifest.c.key,
    )
    .join(manifest, manifest.c.id == tag.c.manifest_id)
    .join(repository, repository.c.id == tag.c.repository_id)
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .where(
        repository.c.present,
        repository.c.hidden_since.is_(None),
        repository.c.unwatched_since.is_(None),
        sa.func.length(manifest.c.key).not_in(DIGEST_BYTES),
    )
    .order_by(registry.c.name, repository.c.name, tag.c.name)
)

UNRESOLVED = typed(_Row, _WITHOUT_DIGEST)

UNIDENTIFIED = typed(
    _Row,
    _WITHOUT_DIGEST.where(
        repository.c.namespace_id == sa.bindparam("namespace"),
        manifest.c.key.between(*UNNAMED_KEYS),  # so that an index is used
        sa.func.length(manifest.c.key) == UNNAMED_BYTES,
    ),
)


def unresolved(connection: sa.Connection) -> list[UnresolvedTag]:
    """Tags of which no digest is known, by name; not those that no crawl looks at any more."""
    return [
        UnresolvedTag(row.registry, row.repository, row.tag, is_compared=not is_unnamed(row.key))
        for row in read(connection, UNRESOLVED)
    ]


def unidentified(connection: sa.Connection, namespace_id: int) -> list[str]:
    """Tags of a namespace of whose content nothing is known, as `repository:tag`, by name."""
    rows = read(connection, UNIDENTIFIED, {"namespace": namespace_id})
    return [f"{row.repository}:{row.tag}" for row in rows]
