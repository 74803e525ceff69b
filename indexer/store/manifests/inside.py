"""Keeps what is inside stored content in columns of its own: for SQL, and for searches by label.

What a manifest names is kept too, so that it is known what belongs to a repository before it is
fetched.

A configuration does not say what it is, and is stored without a media type: what is not a manifest
and names its layers (`rootfs`, which OCI requires) is taken for one.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.manifests import manifest_parser, media_types
from indexer.manifests.image_contents import image_contents, texts
from indexer.manifests.manifest_parser import Kind, Manifest
from indexer.manifests.untrusted_json import NotReadable, object_of
from indexer.store.database.dialect import chunks, insert
from indexer.store.schema.codec import digest_bytes, microseconds
from indexer.store.schema.manifest_tables import (
    content,
    content_child,
    image_config,
    image_label,
    image_layer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from indexer.manifests.ports import StoredManifest

MOST_LAYERS = 1_000
"""The most layers of an image that are kept; docker runs images of up to 127."""

_HASH_BYTES = 16

_COLUMNS = {
    "entrypoint": "entrypoint",
    "command": "command",
    "run_user": "user",  # a word of SQL
    "working_dir": "working_dir",
    "exposed_ports": "exposed_ports",
    "volumes": "volumes",
}
"""Our columns, and the names of `ImageContents.settings`."""

_ATTESTATION = "unknown/unknown"
"""The platform in the configuration of BuildKit's attestations, which are no images."""

_ANY = Manifest(Kind.IMAGE, media_types.OCI_MANIFEST)


class _Inside(NamedTuple):
    """The rows of one content, without its id."""

    config: Mapping[str, object] | None
    layers: list[dict[str, object]]
    labels: list[dict[str, object]]
    children: list[dict[str, object]] = []  # noqa: RUF012 - never written to


def write(connection: sa.Connection, stored: Mapping[str, StoredManifest]) -> None:
    """Store what is inside content that is in the database, given by its digest."""
    found = {digest_bytes(digest): _inside(each) for digest, each in stored.items()}
    numbers: dict[bytes, int] = {}
    for some in chunks(sorted(key for key, each in found.items() if any(each))):
        rows = connection.execute(
            sa.select(content.c.key, content.c.id).where(content.c.key.in_(some))
        )
        numbers.update((key, number) for key, number in rows)
    for place, table in enumerate((image_config, image_layer, image_label, content_child)):
        values = [
            {"content_id": number, **row}
            for key, number in sorted(numbers.items(), key=lambda each: each[1])
            for row in _rows(found[key], place)
        ]
        if values:
            connection.execute(insert(connection, table).on_conflict_do_nothing(), values)


def label_hash(name: str, value: str) -> bytes:
    """What a label is found by: half of it is of the name, so that an index leads to that too."""
    return _half(name) + _half(f"{name}\0{value}")


def hashes_of(name: str) -> tuple[bytes, bytes]:
    """The first and the last hash that a label of this name can have."""
    half = _HASH_BYTES // 2
    return _half(name) + bytes(half), _half(name) + b"\xff" * half


def _half(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=_HASH_BYTES // 2).digest()


def _rows(inside: _Inside, place: int) -> list[Mapping[str, object]]:
    if place == 0:
        return [inside.config] if inside.config else []
    return list(inside[place])  # type: ignore[arg-type] # the three lists


def _inside(stored: StoredManifest) -> _Inside:
    try:
        manifest = manifest_parser.read(stored.body, stored.media_type)
    except NotReadable:
        manifest = None
    if manifest is None or manifest.kind is Kind.UNKNOWN:
        return _of_config(_ANY, stored.body)
    own = _of_config(manifest, b"") if manifest.past else _Inside(None, [], [])
    layers: list[dict[str, object]] = [
        {"position": number, "key": digest_bytes(each.digest), "size": each.size}
        for number, each in enumerate(islice(manifest.layers, MOST_LAYERS), 1)
    ]
    notes = list(_labelled(texts((manifest.annotations or {}).items())))
    named = [*manifest.children, *([manifest.config] if manifest.config else [])]
    children: list[dict[str, object]] = [
        {"key": digest_bytes(digest)} for digest in dict.fromkeys(each.digest for each in named)
    ]
    return _Inside(own.config, layers, own.labels or notes, children)


def _of_config(manifest: Manifest, body: bytes) -> _Inside:
    try:
        if not manifest.past and "rootfs" not in object_of(body, "it"):
            return _Inside(None, [], [])
        found = image_contents(manifest, body)
    except NotReadable:
        return _Inside(None, [], [])
    if found.platform == _ATTESTATION:
        return _Inside(None, [], [])
    told = {column: found.settings.get(name) for column, name in _COLUMNS.items()}
    row = {
        "platform": found.platform,
        "created": _time(str(found.settings.get("created", ""))),
        **{name: _column(value) for name, value in told.items()},
    }
    return _Inside(row, [], list(_labelled(found.labels)))


def _column(value: str | list[str] | None) -> str | None:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _labelled(labels: Mapping[str, str]) -> Iterator[dict[str, object]]:
    for number, (name, value) in enumerate(labels.items(), 1):
        yield {"position": number, "name": name, "value": value, "hash": label_hash(name, value)}


def _time(text: str) -> int | None:
    """Microseconds since 1970; None for no time, and for Go's zero time."""
    try:
        time = datetime.fromisoformat(text)
        return microseconds(time) if time.year > 1 else None
    except (ValueError, OverflowError):
        return None
