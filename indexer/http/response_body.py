"""Reads and unpacks bodies within bounds."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from indexer.core.errors import Unreadable
from indexer.core.printable import shown
from indexer.http.errors import ExchangeFailed

if TYPE_CHECKING:
    import urllib3

MOST_BYTES = 32 * 1024 * 1024
"""The most bytes of one body, unpacked. A page of 100 tags with 200 platforms each has 8 MiB."""

_CHUNK_BYTES = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
"""zlib's `wbits` for a gzip header and checksum."""

_TOO_LARGE = f"it is larger than {MOST_BYTES // 1024 // 1024} MiB"


def read(response: urllib3.BaseHTTPResponse) -> bytes:
    """Read a body as it was sent.

    Raises:
        ExchangeFailed: it is too large.
        urllib3.exceptions.HTTPError: the connection failed, or the deadline passed.
    """
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK_BYTES, decode_content=False):
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise ExchangeFailed(_TOO_LARGE, error=Unreadable, tries=1)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def unpack(raw: bytes, encoding: str) -> bytes:
    """Undo the content encoding of a body.

    Raises:
        ExchangeFailed: it is truncated, damaged, too large, or in an encoding we did not ask for.
    """
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"} or not raw:
        return raw
    if encoding not in {"gzip", "x-gzip"}:
        what = f"its answer is encoded as '{shown(encoding, 40)}', which was not requested"
        raise ExchangeFailed(what, error=Unreadable, tries=1)
    try:
        return _gunzip(raw)
    except zlib.error:
        raise ExchangeFailed("its compression is damaged", error=Unreadable) from None


def _gunzip(raw: bytes) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    body = unpacker.decompress(raw, MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ExchangeFailed(_TOO_LARGE, error=Unreadable, tries=1)
    if not unpacker.eof:
        raise ExchangeFailed("its compressed body is cut short", error=Unreadable)
    if unpacker.unused_data:
        raise ExchangeFailed("something follows its compressed body", error=Unreadable, tries=1)
    return body
