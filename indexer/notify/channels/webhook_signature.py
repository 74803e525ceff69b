"""Signatures by Standard Webhooks: HMAC-SHA256 over id, time stamp and body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"

FEWEST_BYTES, MOST_BYTES = 24, 64
"""The fewest and most bytes of a secret (Standard Webhooks, "Signature scheme")."""

SHAPE = (
    f"a secret as 'openssl rand -base64 32' writes one ({FEWEST_BYTES} to {MOST_BYTES} bytes in "
    f"base64, with or without '{PREFIX}' before it)"
)


def secret(text: str) -> bytes:
    """Read a secret.

    Raises:
        ValueError: it is not a secret of this form.
    """
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        raise ValueError(SHAPE) from None
    if not FEWEST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(SHAPE)
    return key


def headers(
    keys: tuple[bytes, ...], identifier: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers; with several keys, as while one replaces another, one signature each."""
    signed = f"{identifier}.{timestamp}.".encode() + body
    signatures = [
        base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys
    ]
    found = {"webhook-id": identifier, "webhook-timestamp": str(timestamp)}
    if signatures:
        found["webhook-signature"] = " ".join(f"v1,{each}" for each in signatures)
    return found
