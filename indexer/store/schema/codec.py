"""Converts model values to columns and back. Pure."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, overload

import msgspec

from indexer.core.model import ChangeKind, Doubt, HeldBack
from indexer.core.platforms import PackedPlatforms, Platform, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from indexer.core.model import Tag
    from indexer.core.platforms import Place, Platforms

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
"""The stored numbers of the kinds of change; they never change their meaning."""

KIND_OF = {number: kind for kind, number in KINDS.items()}

_SHA256_BYTES = 32
_SHA512_BYTES = 64
_SHA256_DIGITS = 2 * _SHA256_BYTES
_SHA256 = "sha256:"
_NO_DIGITS = "0" * _SHA256_DIGITS
_UNNAMED = b"?"
"""Prefix of the key of unidentified content, which makes it longer than a fingerprint."""

UNNAMED_KEYS = (_UNNAMED + bytes(16), _UNNAMED + b"\xff" * 16)
"""The lowest and the highest key of content that nothing identifies."""

UNNAMED_BYTES = len(_UNNAMED) + 16
DIGEST_BYTES = (_SHA256_BYTES, _SHA512_BYTES)
"""Lengths of keys: of content that nothing identifies, and of digests."""

_ENCODER = msgspec.json.Encoder()
_NAMES = msgspec.json.Decoder(tuple[str, ...])
_HELD_BACK = msgspec.json.Decoder(tuple[int, int, int, tuple[str, ...], bool])
_DOUBTS = msgspec.json.Decoder(dict[str, tuple[int, int]])
_IMAGES = msgspec.json.Decoder(list[list[Any]])


@overload
def microseconds(time: datetime) -> int: ...
@overload
def microseconds(time: datetime | None) -> int | None: ...
def microseconds(time: datetime | None) -> int | None:
    """Convert a time to microseconds since 1970."""
    return None if time is None else (time - EPOCH) // _MICROSECOND


@overload
def time_of(number: int) -> datetime: ...
@overload
def time_of(number: int | None) -> datetime | None: ...
def time_of(number: int | None) -> datetime | None:
    """Convert microseconds since 1970 to a time."""
    return None if number is None else EPOCH + timedelta(microseconds=number)


def packed_doubts(doubts: Mapping[str, Doubt]) -> str | None:
    """Convert doubts to JSON: `[date, since]` in microseconds by name; None if there are none."""
    if not doubts:
        return None
    times = {name: [microseconds(time) for time in doubt] for name, doubt in doubts.items()}
    return _ENCODER.encode(times).decode()


def doubts_of(packed: str | None) -> dict[str, Doubt]:
    """Convert the column of doubts to values."""
    if packed is None:
        return {}
    times = _DOUBTS.decode(packed)
    return {name: Doubt(time_of(date), time_of(since)) for name, (date, since) in times.items()}


def packed_held_back(held: HeldBack | None) -> str | None:
    """Convert removals that are held back to a JSON array of the fields; None if there are none."""
    if held is None:
        return None
    return _ENCODER.encode((microseconds(held.since), *held[1:])).decode()


def held_back_of(packed: str | None) -> HeldBack | None:
    """Convert the column of removals that are held back to a value."""
    if packed is None:
        return None
    since, number, known, names, unknown = _HELD_BACK.decode(packed)
    return HeldBack(time_of(since), number, known, names, unknown)


A_DAY = 24 * 60 * 60 * 1_000_000


def day_of(number: int) -> int:
    """The day of a time in microseconds: how many days after 1970-01-01, in UTC."""
    return number // A_DAY


def date_of(day: int) -> date:
    """A day as the tables hold it, read."""
    return (EPOCH + timedelta(days=day)).date()


def packed_names(names: tuple[str, ...]) -> str | None:
    """Names as a JSON array; None for none."""
    return _ENCODER.encode(names).decode() if names else None


def names_of(packed: str | None) -> tuple[str, ...]:
    """Names, from a JSON array."""
    return () if packed is None else _NAMES.decode(packed)


def digest_bytes(digest: str) -> bytes:
    """A digest without its algorithm, which follows from its length: sha256 32 bytes, sha512 64."""
    return bytes.fromhex(digest.partition(":")[2])


def digest_of(key: bytes | None) -> str | None:
    """The digest in a manifest's key; None if the key is not a digest."""
    if key is None:
        return None
    if len(key) == _SHA256_BYTES:
        return f"sha256:{key.hex()}"
    return f"sha512:{key.hex()}" if len(key) == _SHA512_BYTES else None


def key_of(tag: Tag) -> Key:
    """The key of a tag's content, and the fingerprint of its platforms.

    Returns:
        The key: the digest (32 or 64 bytes), else the fingerprint (16), else, where nothing
        identifies the content, a hash of what is known (17), which does not identify it.
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


def places_of(platforms: Platforms) -> Iterable[Place]:
    """Platforms without their content: rows of the table `platform`."""
    if isinstance(platforms, PackedPlatforms):
        return platforms.places
    return (each[:4] for each in platforms)


def packed(platforms: Platforms, numbers: Mapping[Place, int]) -> tuple[str | None, bytes | None]:
    """The images of a manifest, in a fifth of the space that rows would take.

    Returns:
        JSON, which both databases can read in SQL: for each image the platform's id and the
        image's size. And the digests, 32 bytes for each image. A digest that is not sha256 is in
        the JSON instead, in full, as a third item (null if the image has no digest).
    """
    if not platforms:
        return None, None
    if isinstance(platforms, PackedPlatforms):
        rows = list(zip(map(numbers.__getitem__, platforms.places), platforms.sizes, strict=True))
        return _ENCODER.encode(rows).decode(), platforms.digests
    images: list[tuple[int, int | None] | tuple[int, int | None, str | None]] = []
    digits: list[str] = []
    are_short = False
    for each in platforms:
        digest = each[4]
        if digest is not None and digest.startswith(_SHA256):
            images.append((numbers[each[:4]], each[5]))
            digits.append(digest[len(_SHA256) :])
            are_short = True
        else:
            images.append((numbers[each[:4]], each[5], digest))
            digits.append(_NO_DIGITS)
    text = _ENCODER.encode(images).decode()
    return text, bytes.fromhex("".join(digits)) if are_short else None


def unpacked(
    images: str | None, digests: bytes | None, places: Mapping[int, Place]
) -> tuple[Platform, ...]:
    """The platforms of a manifest; `places` are the rows of `platform` by number."""
    if not images:
        return ()
    digits = (digests or b"").hex()
    return tuple(
        Platform(
            *places[number], named[0] if named else _SHA256 + digits[at : at + _SHA256_DIGITS], size
        )
        for at, (number, size, *named) in zip(
            count(0, _SHA256_DIGITS), _IMAGES.decode(images), strict=False
        )
    )
