"""Leaves out the tags that tools keep: `indexer.manifests.companion_tags`, as SQL."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.manifests.companion_tags import GLOBS, PATTERN

if TYPE_CHECKING:
    from sqlalchemy.sql import ColumnElement


@lru_cache(maxsize=16)
def is_companion(name: ColumnElement[str], dialect: str) -> sa.ColumnElement[bool]:
    """Whether the name of a tag has the form of such a tag."""
    if dialect == "sqlite":
        return sa.or_(*(name.op("GLOB", is_comparison=True)(glob) for glob in GLOBS))
    return name.regexp_match(f"^(?:{PATTERN})$")
