"""Which digest a manifest has, and whether a body is what a digest names. Pure.

The digest is of the body, byte by byte. Signed manifests of schema 1 are the exception: theirs is
of the text before it was signed, which the signatures describe (libtrust, JSON web signatures).
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
    """The digest of a manifest: of its body, or of what signed schema 1 was before it was signed.

    Raises:
        NotReadable: it is signed, and its signatures do not say what they sign.
    """
    return f"{algorithm}:{hashlib.new(algorithm, _payload(body)).hexdigest()}"


def blob_digest(body: bytes, algorithm: str = "sha256") -> str:
    """The digest of anything but a manifest."""
    return f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"


def is_what(digest: str, body: bytes) -> bool:
    """Whether a manifest is the one that a digest names.

    Raises:
        NotReadable: as `digest_of`.
    """
    return digest_of(body, digest.partition(":")[0]) == digest


def _payload(body: bytes) -> bytes:
    """What the digest is of. Signatures were put into the JSON before its last brace (libtrust)."""
    if b'"signatures"' not in body:
        return body
    sent = object_of(body, "it")
    signatures = sent.get("signatures")
    if sent.get("schemaVersion") != 1 or not signatures or sent.get("mediaType") in _MODERN:
        return body
    heads = {_signed_part(each) for each in signatures} if isinstance(signatures, list) else set()
    if len(heads) != 1:
        raise NotReadable("its signatures do not agree on what they sign")
    length, tail = heads.pop()
    if not 0 < length <= len(body):
        raise NotReadable("its signatures are of another text")
    return body[:length] + tail


def _signed_part(signature: object) -> tuple[int, bytes]:
    """How much of the text is signed, and what follows that in the text that was."""
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
    """base64 of JSON web signatures: the alphabet for URLs, and no padding."""
    given = text(value).encode()
    return base64.b64decode(given + b"=" * (-len(given) % 4), altchars=b"-_", validate=True)
