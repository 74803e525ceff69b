"""Reads the manifests of a repository that may refer to an image: OCI manifests and indexes.

Only their bodies say what they refer to, so each is read: some thousand a second, and
only those that tags point to now, and those directly inside them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.catalog.answers import AnswerTimeout
from indexer.manifests.media_types import OCI_INDEX, OCI_MANIFEST
from indexer.store.database.typed_rows import typed
from indexer.store.manifests.repository_contents import content_of
from indexer.store.schema.codec import digest_of
from indexer.store.schema.manifest_tables import content, content_part
from indexer.store.schema.tables import manifest, media_type, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.manifests.ports import StoredManifest


class ArtifactRow(NamedTuple):
    """A manifest as it is stored: compressed."""

    id: int
    key: bytes
    body: bytes
    media_type: str


PAGE = 500
"""Manifests read at a time."""

_TOP = (
    sa.select(content.c.id)
    .join(manifest, manifest.c.key == content.c.key)
    .join(tag, tag.c.manifest_id == manifest.c.id)
    .where(tag.c.repository_id == sa.bindparam("repository"))
    .cte("top")
)

_INSIDE = sa.select(content_part.c.part_id).join(_TOP, _TOP.c.id == content_part.c.content_id)

ARTIFACTS = typed(
    ArtifactRow,
    sa.select(content.c.id, content.c.key, content.c.body, media_type.c.name.label("media_type"))
    .join(media_type, media_type.c.id == content.c.media_type_id)
    .where(
        media_type.c.name.in_([OCI_MANIFEST, OCI_INDEX]),
        content.c.id.in_(sa.union(sa.select(_TOP.c.id), _INSIDE)),
        content.c.id > sa.bindparam("after"),
    )
    .order_by(content.c.id)
    .limit(sa.bindparam("limit")),
)


def artifacts(
    ask: Callable[[int, int], list[ArtifactRow]], seconds: float
) -> Iterator[StoredManifest]:
    """Read them all, a page at a time.

    Args:
        ask: returns rows of `ARTIFACTS` after an id, at most so many.
        seconds: after which no further page is read.

    Raises:
        AnswerTimeout: there are more than can be read in time.
    """
    end = time.monotonic() + seconds
    after = 0
    while rows := ask(after, PAGE):
        if time.monotonic() > end:
            raise AnswerTimeout(
                "that repository has too many artifacts to be looked through in time."
            )
        for row in rows:
            digest = digest_of(row.key)
            if digest is not None:
                yield content_of(digest, row.body, row.media_type)
        after = rows[-1].id
