"""JSON that others wrote, taken apart without trust."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

GREATEST = 2**63 - 1
"""The largest number that databases hold."""


class NotReadable(Exception):
    """Content is not what it must be. Continues a sentence: "The manifest … cannot be read: "."""


def object_of(body: bytes, what: str) -> dict[str, Any]:
    """A JSON object.

    Characters that are none are replaced, as every reader of manifests does: their digest is of
    the bytes, not of what is read.

    Raises:
        NotReadable: it is none.
    """
    try:
        value = msgspec.json.decode(body)
    except RecursionError:
        raise NotReadable(f"{what} is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = _mended(body)
    if not isinstance(value, dict):
        raise NotReadable(f"{what} is no JSON object")
    return value


def _mended(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """A part that must be an object.

    Raises:
        NotReadable: it is none.
    """
    if not isinstance(value, dict):
        raise NotReadable(f"{what} is no object")
    return value


def text(value: object) -> str:
    """A text, without NUL, which PostgreSQL cannot hold; empty for whatever is none."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else ""


def whole(value: object) -> int | None:
    """A size; None for whatever is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= GREATEST else None
