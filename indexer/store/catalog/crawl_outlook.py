"""What is known before the next crawls, to predict what they will do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.catalog.answers import Outlook
from indexer.core.model import Mode
from indexer.store.crawl import cycles
from indexer.store.crawl.known_state import WATCH, change_rates, known_namespace, watch_of
from indexer.store.database.dialect import chunks
from indexer.store.database.typed_rows import stream, typed
from indexer.store.schema.tables import namespace, registry, repository

if TYPE_CHECKING:
    from indexer.core.model import ChangeRate

_NUMBER = (
    sa.select(namespace.c.id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .where(registry.c.name == sa.bindparam("registry"), namespace.c.name == sa.bindparam("name"))
)

_LAST = sa.select(sa.func.max(repository.c.id))


class SampleRow(NamedTuple):
    """The change rate of a repository, and where it is."""

    registry: str
    namespace: str
    tags: int
    seen_at: int | None
    silent: float
    quiet: float
    moves: float
    watched: float


SAMPLE = typed(
    SampleRow,
    sa.select(
        registry.c.name.label("registry"),
        namespace.c.name.label("namespace"),
        *(repository.c[name] for name in WATCH),
    )
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .where(repository.c.present, repository.c.id.in_(sa.bindparam("ids", expanding=True))),
)


def outlook(connection: sa.Connection, host: str, name: str) -> Outlook:
    """What is known of a namespace before its next crawl."""
    number = connection.scalar(_NUMBER, {"registry": host, "name": name})
    if number is None:
        return Outlook({}, {})
    known, _ = known_namespace(connection, number)
    first = cycles.began(connection, number, Mode.VERIFY, None)
    rates = change_rates(connection, number)
    return Outlook(known.repositories, rates, first.id if first else 0)


def watched(connection: sa.Connection, most: int) -> dict[tuple[str, str], list[ChangeRate]]:
    """Change rates of repositories of each namespace: an even sample, `most` repositories at most.

    It is taken by id, so that no more is read.
    """
    last = connection.scalar(_LAST) or 0
    step = last // most + 1
    found: dict[tuple[str, str], list[ChangeRate]] = {}
    for ids in chunks(range(step, last + 1, step)):
        for row in stream(connection, SAMPLE, {"ids": ids}):
            found.setdefault((row.registry, row.namespace), []).append(watch_of(*row[2:]))
    return found
