"""What is inside images: their settings, layers, labels and annotations.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

PIECE = 500
"""Manifests that are in memory at a time."""

MOST_BYTES = 4 * 1024 * 1024
"""Of one that is unpacked: no larger one was ever kept."""

MOST_CHARACTERS, MOST_TEXTS, MOST_LAYERS = 2_000, 500, 1_000

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SETTINGS = {
    "entrypoint": "Entrypoint",
    "command": "Cmd",
    "run_user": "User",
    "working_dir": "WorkingDir",
    "exposed_ports": "ExposedPorts",
    "volumes": "Volumes",
}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


def _of_content(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("content_id", _ID, nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name=f"fk_{table}_content_id"),
    ]


def upgrade() -> None:
    """Add the tables, and fill them from what is stored."""
    op.create_table(
        "image_config",
        *_of_content("image_config"),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger()),
        *(sa.Column(name, sa.Text()) for name in _SETTINGS),
        sa.PrimaryKeyConstraint("content_id", name="pk_image_config"),
    )
    op.create_table(
        "image_layer",
        *_of_content("image_layer"),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger()),
        sa.PrimaryKeyConstraint("content_id", "position", name="pk_image_layer"),
    )
    op.create_table(
        "image_label",
        *_of_content("image_label"),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("content_id", "position", name="pk_image_label"),
    )
    op.create_index("ix_image_label_hash", "image_label", ["hash"])
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(_KEPT, {"last": last, "piece": PIECE}).all():
        last = rows[-1].id
        told: dict[str, list[dict[str, Any]]] = {name: [] for name in _INSERTS}
        for row in rows:
            for table, found in _told(row.body):
                told[table].append({"content_id": row.id, **found})
        for table, statement in _INSERTS.items():
            if told[table]:
                connection.execute(statement, told[table])


def downgrade() -> None:
    """Undo it."""
    for name in ("image_label", "image_layer", "image_config"):
        op.drop_table(name)


_KEPT = sa.text("SELECT id, body FROM content WHERE id > :last ORDER BY id LIMIT :piece")


def _insert(table: str, *columns: str) -> sa.TextClause:
    names, values = (", ".join(f"{sign}{each}" for each in columns) for sign in ("", ":"))
    return sa.text(f"INSERT INTO {table} ({names}) VALUES ({values})")  # noqa: S608 - our names


_INSERTS = {
    "image_config": _insert("image_config", "content_id", "platform", "created", *_SETTINGS),
    "image_layer": _insert("image_layer", "content_id", "position", "key", "size"),
    "image_label": _insert("image_label", "content_id", "position", "name", "value", "hash"),
}


def _told(body: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of one content, with their tables."""
    try:
        sent = json.loads(zlib.decompressobj().decompress(body, MOST_BYTES))
    except (ValueError, zlib.error, RecursionError):
        return
    if not isinstance(sent, dict):
        return
    if isinstance(sent.get("history"), list) and isinstance(sent.get("fsLayers"), list):
        yield from _schema1(sent)
    elif "rootfs" in sent:
        yield from _config(sent)
    else:
        layers = sent.get("layers")
        yield from _layers(layers if isinstance(layers, list) else [], "digest")
        yield from _labels(sent.get("annotations"))


def _schema1(sent: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        past = [json.loads(each["v1Compatibility"]) for each in sent["history"]]
        ids = [each.get("id") for each in past]
    except (AttributeError, KeyError, TypeError, ValueError):
        return
    kept = [n for n, own in enumerate(ids) if own is None or [own] != ids[n + 1 : n + 2]]
    if not kept or len(sent["fsLayers"]) != len(past):
        return
    yield from _config(past[kept[0]])
    yield from _layers([sent["fsLayers"][n] for n in reversed(kept)], "blobSum")


def _config(sent: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    inner = sent.get("config") or {}
    if not isinstance(inner, dict):
        return
    place = (sent.get(each) for each in ("os", "architecture", "variant"))
    settings = {name: _setting(inner.get(theirs)) for name, theirs in _SETTINGS.items()}
    platform = _clean("/".join(each for each in place if isinstance(each, str) and each))
    yield (
        "image_config",
        {
            "platform": platform,
            "created": _created(sent.get("created")),
            **settings,
        },
    )
    yield from _labels(inner.get("Labels"))


def _setting(value: object) -> str | None:
    if isinstance(value, str):
        return _clean(value) or None
    if isinstance(value, dict):
        value = sorted(value)
    if not isinstance(value, list) or not value:
        return None
    texts = [_clean(each if isinstance(each, str) else "") for each in value[:MOST_TEXTS]]
    return json.dumps(texts, ensure_ascii=False)


def _layers(layers: Iterable[Any], field: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, layer in enumerate([*layers][:MOST_LAYERS], 1):
        digest = layer.get(field) if isinstance(layer, dict) else None
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            continue
        size = layer.get("size")
        is_size = isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**63
        key = bytes.fromhex(digest.partition(":")[2])
        yield "image_layer", {"position": number, "key": key, "size": size if is_size else None}


def _labels(labels: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(labels, dict):
        return
    pairs = [(name, text if isinstance(text, str) else "") for name, text in labels.items()]
    cut = dict(sorted((_clean(name), _clean(text)) for name, text in sorted(pairs)[:MOST_TEXTS]))
    for number, (name, value) in enumerate(cut.items(), 1):
        found = hashlib.blake2b(f"{name}\0{value}".encode(), digest_size=16).digest()
        yield "image_label", {"position": number, "name": name, "value": value, "hash": found}


def _clean(text: str) -> str:
    cut = text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
    return cut.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _created(text: object) -> int | None:
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
        if time is None or time.year <= 1:
            return None
        zoned = time if time.tzinfo else time.replace(tzinfo=UTC)
        return (zoned - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None
