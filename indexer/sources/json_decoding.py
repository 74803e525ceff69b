"""Decodes JSON bodies of registries into a given shape; invalid characters are removed. Pure."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

from indexer.http import Undecodable

T = TypeVar("T")


MOST_MENDED_BYTES = 2 * 1024 * 1024
"""The largest body that is decoded a second, slower time; a page of 100 tags has some 300 kB."""


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode a body.

    Raises:
        Undecodable: it has another shape, or is not JSON.
    """
    try:
        return strictly(body, decoder)
    except msgspec.ValidationError:
        raise Undecodable("its answer is JSON of an unexpected shape") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Undecodable("its answer is not JSON, or is cut short", may_be_cut=True) from None
    except RecursionError:
        raise Undecodable("its answer is nested too deeply") from None


def strictly(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode; if that fails because of invalid characters, decode without them."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        mended = _mended(body) if len(body) <= MOST_MENDED_BYTES else None
        if mended is None:
            raise
        return decoder.decode(mended)


def _mended(body: bytes) -> bytes | None:
    """JSON without invalid UTF-8, lone surrogates, and a byte order mark."""
    try:
        value = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
