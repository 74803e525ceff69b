"""Finds the repositories that have an image with a label, where manifests were fetched.

label -> configurations and manifests that have it   by the hash of name and value, or of the name
      -> what they are part of                       image, index
      -> manifests that tags point to now            by digest
      -> their repositories
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.store.database.glob_match import matches
from indexer.store.manifests.inside import hashes_of, label_hash
from indexer.store.schema.manifest_tables import content, content_part, image_label
from indexer.store.schema.tables import manifest, repository
from indexer.store.schema.visibility import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.manifests.image_contents import LabelFilter
    from indexer.store.schema.visibility import Periods

_GLOB = re.compile(r"[*?\[]")


def with_label(wanted: LabelFilter, dialect: str, of: Periods = ALL) -> sa.ColumnElement[bool]:
    """Whether a present tag of a repository, as `of` shows it, points to an image with a label."""
    tag = of.tag
    found = (
        sa.select(image_label.c.content_id)
        .where(image_label.c.name == wanted.name, *_has_value(wanted, dialect))
        .cte("labelled", recursive=True)
    )
    found = found.union(
        sa.select(content_part.c.content_id).join(
            found, found.c.content_id == content_part.c.part_id
        )
    )
    # One within the other: SQLite joins them in any order, and might begin with all tags.
    stored = sa.select(content.c.key).where(content.c.id.in_(sa.select(found.c.content_id)))
    pointed_to = sa.select(manifest.c.id).where(manifest.c.key.in_(stored))
    return repository.c.id.in_(
        sa.select(tag.c.repository_id).where(tag.c.manifest_id.in_(pointed_to))
    )


def _has_value(wanted: LabelFilter, dialect: str) -> Iterator[sa.ColumnElement[bool]]:
    first, last = hashes_of(wanted.name)
    value = wanted.value
    if value is None or _GLOB.search(value):
        yield image_label.c.hash.between(first, last)
    if value is not None and _GLOB.search(value):
        yield (image_label.c.value == value) | matches(image_label.c.value, value, dialect)
    elif value is not None:
        yield image_label.c.hash == label_hash(wanted.name, value)
        yield image_label.c.value == value
