"""Removals that wait until a person has looked, as the last reading of each list left them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.catalog_entries import HeldBackList
from indexer.core.model import WHOLE_REGISTRY
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import held_back_of
from indexer.store.schema.tables import namespace, registry, repository

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Row(NamedTuple):
    """A list with removals that are held back: of a namespace, or of one repository's tags."""

    registry: str
    namespace: str
    repository: str | None
    held: str


_OF_REPOSITORIES = sa.select(
    registry.c.name.label("registry"),
    namespace.c.name.label("namespace"),
    sa.null().label("repository"),
    namespace.c.list_held_back.label("held"),
).join(registry, registry.c.id == namespace.c.registry_id)

_OF_TAGS = (
    sa.select(
        registry.c.name.label("registry"),
        namespace.c.name.label("namespace"),
        repository.c.name.label("repository"),
        repository.c.list_held_back.label("held"),
    )
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .where(
        repository.c.present,
        repository.c.hidden_since.is_(None),
        repository.c.unwatched_since.is_(None),
    )
)

HELD_BACK = (
    typed(_Row, _OF_REPOSITORIES.where(namespace.c.list_held_back.is_not(None))),
    typed(_Row, _OF_TAGS.where(repository.c.list_held_back.is_not(None))),
)


def held_back(connection: sa.Connection) -> Iterator[HeldBackList]:
    """Yield the lists from which removals are held back, by registry and name."""
    rows = [row for statement in HELD_BACK for row in read(connection, statement)]
    for row in sorted(rows, key=lambda row: (row.registry, row.namespace, row.repository or "")):
        whole = row.registry if row.namespace == WHOLE_REGISTRY else row.namespace
        held = held_back_of(row.held)
        assert held is not None, "only such rows are read"
        yield HeldBackList(row.registry, row.namespace, row.repository or whole, held)
