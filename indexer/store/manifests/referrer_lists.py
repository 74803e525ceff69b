"""Stores what refers to images, as registries list it: one row for each image that was asked for.

`indexer.store.manifests.referrers` reads the stored manifests of a repository instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import sqlalchemy as sa

from indexer.manifests.signatures import Referrer
from indexer.policies.evidence import ReadReferrers
from indexer.store.database.dialect import insert
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import digest_bytes, digest_of, microseconds, time_of
from indexer.store.schema.manifest_tables import referrers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_LISTED = msgspec.json.Decoder(tuple[Referrer, ...])


class ListRow(NamedTuple):
    """What refers to an image."""

    key: bytes
    listed: str
    read_at: int


_OF_REPOSITORY = typed(
    ListRow,
    sa.select(referrers.c.key, referrers.c.listed, referrers.c.read_at).where(
        referrers.c.registry == sa.bindparam("registry"),
        referrers.c.repository == sa.bindparam("repository"),
    ),
)
OF_IMAGE = _OF_REPOSITORY.where(referrers.c.key == sa.bindparam("key"))


def naming(dialect: str) -> sa.Select[ListRow]:
    """The lists of a repository in which a digest stands."""
    place = sa.func.instr if dialect == "sqlite" else sa.func.strpos
    return _OF_REPOSITORY.where(place(referrers.c.listed, sa.bindparam("digest")) > 0)


def of_repository(
    connection: sa.Connection, registry: str, repository: str
) -> dict[str, ReadReferrers]:
    """What refers to the images of a repository, by digest: of those that were asked for."""
    rows = read(connection, _OF_REPOSITORY, {"registry": registry, "repository": repository})
    found = ((digest_of(row.key), row) for row in rows)
    return {
        digest: ReadReferrers(listed(row), time_of(row.read_at))
        for digest, row in found
        if digest is not None
    }


def listed(row: ListRow) -> tuple[Referrer, ...]:
    """Convert a row."""
    return _LISTED.decode(row.listed)


def write(
    connection: sa.Connection,
    place: tuple[str, str],
    digest: str,
    found: Sequence[Referrer],
    now: datetime,
) -> None:
    """Store what refers to an image of a repository, in place of what was stored."""
    values = {"listed": msgspec.json.encode(found).decode(), "read_at": microseconds(now)}
    statement = insert(connection, referrers).on_conflict_do_update(
        index_elements=["registry", "repository", "key"], set_=values
    )
    home, name = place
    row = {"registry": home, "repository": name, "key": digest_bytes(digest), **values}
    connection.execute(statement, row)
