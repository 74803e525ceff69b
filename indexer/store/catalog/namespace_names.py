"""The names of namespaces, and what is hidden in each, without counting repositories."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from indexer.core.catalog_entries import HiddenRepositories
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import time_of
from indexer.store.schema.tables import namespace, registry, repository


class _Name(NamedTuple):
    """A namespace."""

    registry: str
    name: str


class _Hidden(NamedTuple):
    """A namespace with hidden repositories: how many, and the first of each column."""

    registry: str
    name: str
    number: int
    since: int
    account: str | None


NAMES = typed(
    _Name,
    sa.select(registry.c.name.label("registry"), namespace.c.name)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .order_by(registry.c.name, namespace.c.name),
)

HIDDEN = typed(
    _Hidden,
    sa.select(
        registry.c.name.label("registry"),
        namespace.c.name,
        sa.func.count().label("number"),
        sa.func.min(repository.c.hidden_since).label("since"),
        sa.func.min(repository.c.hidden_from).label("account"),
    )
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .where(repository.c.present, repository.c.hidden_since.is_not(None))
    .group_by(registry.c.name, namespace.c.name)
    .order_by(registry.c.name, namespace.c.name),
)


def names(connection: sa.Connection) -> list[tuple[str, str]]:
    """Registry and name of each namespace, in that order."""
    return [(row.registry, row.name) for row in read(connection, NAMES)]


def hidden(connection: sa.Connection) -> list[HiddenRepositories]:
    """The namespaces with hidden repositories, by registry and name."""
    return [
        HiddenRepositories(row.registry, row.name, row.number, time_of(row.since), row.account)
        for row in read(connection, HIDDEN)
    ]
