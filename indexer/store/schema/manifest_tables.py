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

content_child = Table(
    "content_child",
    metadata,
    # What a manifest names, stored or not: the manifests of an index, the configuration of an
    # image. Its layers are in `image_layer`.
    Column("content_id", ID, ForeignKey("content.id"), primary_key=True, autoincrement=False),
    Column("key", LargeBinary, primary_key=True, nullable=False),  # its digest
    Index("ix_content_child_key", "key"),
)

image_config = Table(
    "image_config",
    metadata,
    # Of a configuration, or of a manifest of schema 1, which has none.
    Column("content_id", ID, ForeignKey("content.id"), primary_key=True, autoincrement=False),
    Column("platform", Text, nullable=False),
    Column("created", BigInteger),
    # JSON: text, or an array of texts. Null: the configuration does not say it.
    *(
        Column(name, Text)
        for name in ("entrypoint", "command", "run_user", "working_dir", "exposed_ports", "volumes")
    ),
)

image_layer = Table(
    "image_layer",
    metadata,
    Column("content_id", ID, ForeignKey("content.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),  # from the lowest, 1
    Column("key", LargeBinary, nullable=False),  # its digest
    Column("size", BigInteger),  # bytes, compressed
    Index("ix_image_layer_key", "key"),
)

image_label = Table(
    "image_label",
    metadata,
    # Labels of a configuration, annotations of a manifest.
    Column("content_id", ID, ForeignKey("content.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    # Of the name, then of both, which are too long for an index: `store.manifests.inside`.
    Column("hash", LargeBinary, nullable=False),
    Index("ix_image_label_hash", "hash"),
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
