"""Computes the digest of a manifest, and verifies a body against a digest. Pure.

The digest is of the body, byte by byte. The exception is a signed manifest of schema 1: its digest
is of the text before it was signed, which the signatures describe (libtrust, JSON web signatures).
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from indexer.manifests import media_types
from indexer.manifests.untrusted_json import NotReadable, mapping, object_of, text, whole

_MODERN = frozenset(
    {media_types.SCHEMA2, media_types.SCHEMA2_LIST, media_types.OCI_MANIFEST, media_types.OCI_INDEX}
)


def digest_of(body: bytes, algorithm: str = "sha256") -> str:
    """The digest of a manifest: of its body, or of the unsigned text of signed schema 1.

    Raises:
        NotReadable: it is signed, and its signatures do not say what they sign.
    """
    return f"{algorithm}:{hashlib.new(algorithm, _payload(body)).hexdigest()}"


def blob_digest(body: bytes, algorithm: str = "sha256") -> str:
    """The digest of a blob: of its bytes, in any case."""
    return f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"


def digest_matches(digest: str, body: bytes) -> bool:
    """Whether a manifest's body matches a digest.

    Raises:
        NotReadable: as `digest_of`.
    """
    return digest_of(body, digest.partition(":")[0]) == digest


def _payload(body: bytes) -> bytes:
    """The bytes that the digest covers. libtrust inserts signatures before the last brace."""
    if b'"signatures"' not in body:
        return body
    sent = object_of(body, "it")
    signatures = sent.get("signatures")
    if sent.get("schemaVersion") != 1 or not signatures or text(sent.get("mediaType")) in _MODERN:
        return body
    heads = {_signed_part(each) for each in signatures} if isinstance(signatures, list) else set()
    if len(heads) != 1:
        raise NotReadable("its signatures do not agree on what they sign")
    length, tail = heads.pop()
    if not 0 < length <= len(body):
        raise NotReadable("its signatures are of another text")
    return body[:length] + tail


def _signed_part(signature: object) -> tuple[int, bytes]:
    """How many bytes of the text were signed, and what followed them in the unsigned text."""
    try:
        protected = object_of(_unpadded(mapping(signature, "a signature").get("protected")), "it")
        length = whole(protected.get("formatLength"))
        tail = _unpadded(protected.get("formatTail"))
    except (NotReadable, ValueError, binascii.Error):
        length, tail = None, b""
    if length is None or not tail:
        raise NotReadable("its signatures do not say what they sign")
    return length, tail


def _unpadded(value: object) -> bytes:
    """Decode base64 as JSON web signatures use it: the URL alphabet, without padding."""
    given = text(value).encode()
    return base64.b64decode(given + b"=" * (-len(given) % 4), altchars=b"-_", validate=True)
