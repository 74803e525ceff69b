"""Parses JSON that comes from outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

GREATEST = 2**63 - 1
"""The largest integer that the databases hold."""


class NotReadable(Exception):
    """Content violates its format. Continues a sentence: "The manifest … cannot be read: "."""


def object_of(body: bytes, what: str) -> dict[str, Any]:
    """Parse a JSON object.

    Bytes that are not UTF-8 are replaced, as every reader of manifests does: the digest is of
    the bytes, not of the parsed text.

    Raises:
        NotReadable: it is not a JSON object.
    """
    try:
        value = msgspec.json.decode(body)
    except RecursionError:
        raise NotReadable(f"{what} is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = _mended(body)
    if not isinstance(value, dict):
        raise NotReadable(f"{what} is not a JSON object")
    return value


def _mended(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """A value that must be an object.

    Raises:
        NotReadable: it is not.
    """
    if not isinstance(value, dict):
        raise NotReadable(f"{what} is not an object")
    return value


def text(value: object) -> str:
    """A string without NUL, which PostgreSQL cannot store; empty for any other type."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else ""


def whole(value: object) -> int | None:
    """A size in bytes; None for anything else."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= GREATEST else None
