"""Values of the model as the tables hold them, and back. Pure."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, overload

import msgspec

from indexer.model import ChangeKind, Platform, fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.model import Tag

    Place = tuple[str, str, str | None, str | None]
    Key = tuple[bytes, bytes | None]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

KINDS = {
    ChangeKind.REPOSITORY_ADDED: 1,
    ChangeKind.REPOSITORY_REMOVED: 2,
    ChangeKind.TAG_ADDED: 3,
    ChangeKind.TAG_REMOVED: 4,
    ChangeKind.TAG_RETAGGED: 5,
}
"""The numbers of the kinds of change; a number never gets another meaning."""

KIND_OF = {number: kind for kind, number in KINDS.items()}

_SHA256_BYTES = 32
_SHA512_BYTES = 64
_SHA256_DIGITS = 2 * _SHA256_BYTES
_UNNAMED = b"?"
"""Begins the key of content that nothing identifies, which makes it longer than a fingerprint."""

_ENCODER = msgspec.json.Encoder()
_IMAGES = msgspec.json.Decoder(list[tuple[int, str | None, int | None]])


@overload
def microseconds(time: datetime) -> int: ...
@overload
def microseconds(time: datetime | None) -> int | None: ...
def microseconds(time: datetime | None) -> int | None:
    """A time as the tables hold it."""
    return None if time is None else (time - EPOCH) // _MICROSECOND


@overload
def time_of(number: int) -> datetime: ...
@overload
def time_of(number: int | None) -> datetime | None: ...
def time_of(number: int | None) -> datetime | None:
    """A time as the tables hold it, read."""
    return None if number is None else EPOCH + timedelta(microseconds=number)


def digest_bytes(digest: str) -> bytes:
    """A digest without its algorithm, which its length tells: sha256 has 32 bytes, sha512 64."""
    return bytes.fromhex(digest.partition(":")[2])


def digest_of(key: bytes | None) -> str | None:
    """The digest that a manifest is known by; None where it is known by something else."""
    if key is None:
        return None
    if len(key) == _SHA256_BYTES:
        return f"sha256:{key.hex()}"
    return f"sha512:{key.hex()}" if len(key) == _SHA512_BYTES else None


def key_of(tag: Tag) -> Key:
    """What a tag's content is known by, and the fingerprint of its platforms.

    Returns:
        The key: the digest (32 or 64 bytes), else the fingerprint (16), else, where nothing
        identifies it, a description of what is known (17), which identifies nothing.
    """
    prints = fingerprint(tag.platforms)
    if tag.digest is not None:
        return digest_bytes(tag.digest), prints
    if prints is not None:
        return prints, prints
    described = repr((tag.size, tag.media_type, tuple(map(tuple, tag.platforms)))).encode()
    return _UNNAMED + hashlib.sha256(described).digest()[:16], None


def is_unnamed(key: bytes) -> bool:
    """Whether nothing identifies the content."""
    return len(key) not in {16, _SHA256_BYTES, _SHA512_BYTES}


def place_of(platform: Platform) -> Place:
    """A platform without its content: a row of the table `platform`."""
    return platform[:4]


def packed(platforms: tuple[Platform, ...], numbers: Mapping[Place, int]) -> str | None:
    """The images of a manifest as JSON: for each the platform's number, its digest and its size.

    A sha256 digest is 64 digits without more, any other is in full. One text is a tenth of the
    rows, and both databases can take it apart in SQL.
    """
    if not platforms:
        return None
    images = [
        (numbers[each[:4]], each[4] and each[4].removeprefix("sha256:"), each[5])
        for each in platforms
    ]
    return _ENCODER.encode(images).decode()


def unpacked(images: str | None, places: Mapping[int, Place]) -> tuple[Platform, ...]:
    """The platforms of a manifest; `places` are the rows of `platform` by number."""
    if not images:
        return ()
    return tuple(
        Platform(*places[number], _full(digest), size)
        for number, digest, size in _IMAGES.decode(images)
    )


def _full(digest: str | None) -> str | None:
    return f"sha256:{digest}" if digest and len(digest) == _SHA256_DIGITS else digest
