"""The tables of fetched manifests and configurations."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from indexer.store.schema.tables import ID, NAME, metadata

content = Table(
    "content",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", LargeBinary, nullable=False, unique=True),  # its digest
    Column("media_type_id", ID, ForeignKey("media_type.id"), nullable=True),
    Column("size", Integer, nullable=False),  # bytes, uncompressed
    Column("body", LargeBinary, nullable=False),  # compressed with zlib
    Column("fetched_at", BigInteger, nullable=False),
    Column("whole", Boolean, nullable=False),  # everything below it is stored too
    # What an image was built on: `indexer.manifests.base_image`.
    Column("base_key", LargeBinary),  # the digest of its base
    Column("base_name", Text),
    Column("layer_key", LargeBinary),  # the digest of its lowest layer
)

content_part = Table(
    "content_part",
    metadata,
    # An index and its images, an image and its configuration.
    Column("content_id", ID, ForeignKey("content.id"), primary_key=True, autoincrement=False),
    Column("part_id", ID, ForeignKey("content.id"), primary_key=True, autoincrement=False),
    Index("ix_content_part_part_id", "part_id"),
)

referrers = Table(
    "referrers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("registry", NAME, nullable=False),
    Column("repository", NAME, nullable=False),
    Column("key", LargeBinary, nullable=False),  # the digest of an image
    Column("listed", Text, nullable=False),  # JSON: what refers to it
    Column("read_at", BigInteger, nullable=False),
    UniqueConstraint("registry", "repository", "key"),
)
