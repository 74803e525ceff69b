"""Signs texts that stand for a token for some time, without holding it.

A text names the token and the end of its time, and is signed with the token's secret. So it needs
no store, several servers accept it, and taking a token out of the configuration, or changing its
secret, ends whatever was signed with it. Whoever reads such a text cannot use it for another
purpose, or longer.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.config import AccessToken

LONGEST = 256
"""The most characters of such a text."""


class Purpose(StrEnum):
    """What a signed text is for."""

    SESSION = "session"
    PULL = "pull"


def signed(token: AccessToken, purpose: Purpose, expires: int) -> str:
    """A text that stands for a token.

    Args:
        token: whose rights the text gives.
        purpose: the only one that it can be used for.
        expires: the end of its time, in seconds since 1970.
    """
    return f"{token.name}.{expires}.{_signature(token, purpose, expires)}"


def owner(
    text: str, purpose: Purpose, tokens: Iterable[AccessToken], now: float
) -> AccessToken | None:
    """The token that a signed text stands for; None: it is not valid, or no longer.

    Args:
        text: what a client sent.
        purpose: what it is used for.
        tokens: those that are valid.
        now: the time, in seconds since 1970.
    """
    rest, _, signature = text[:LONGEST].rpartition(".")
    name, _, expires = rest.rpartition(".")  # a name may hold a dot, the others do not
    if not (expires.isascii() and expires.isdigit()) or int(expires) <= now:
        return None
    for token in tokens:
        if token.name == name:
            right = _signature(token, purpose, int(expires))
            return token if hmac.compare_digest(signature.encode(), right.encode()) else None
    return None


def _signature(token: AccessToken, purpose: Purpose, expires: int) -> str:
    message = f"indexer {purpose}\n{token.name}\n{expires}".encode()
    made = hmac.digest(token.secret.encode(), message, sha256)
    return urlsafe_b64encode(made).decode().rstrip("=")
