"""The platforms of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.tables import platform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.core.platforms import Place


class PlatformRow(NamedTuple):
    """A platform; a missing variant or version is an empty string."""

    id: int
    os: str
    architecture: str
    variant: str
    os_version: str


_PLATFORMS = typed(
    PlatformRow,
    sa.select(
        platform.c.id,
        platform.c.os,
        platform.c.architecture,
        platform.c.variant,
        platform.c.os_version,
    ),
)


def places(connection: sa.Connection) -> Mapping[int, Place]:
    """All platforms in the index, by id; some hundred."""
    return {
        row.id: (row.os, row.architecture, row.variant or None, row.os_version or None)
        for row in read(connection, _PLATFORMS)
    }
