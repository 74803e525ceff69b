"""Slows down who guesses tokens, without locking out others behind the same address.

Wrong credentials are counted for each sender: an address, and the user name sent with them. Behind
a proxy everybody has its address, and names tell them apart. Without a name, the secret's own class
does: the same secret is always of the same class, and a guesser rarely hits it. Since any user name
goes with a token, a guesser could take a new name each time; so the wrong ones of an address are
counted together as well, except of senders that were right lately. Who has sent too many waits some
seconds, and right credentials of the same sender wait too: otherwise the answer would tell which
guess is right.

Cookies and bearer tokens of `/token` are signed, cannot be guessed, and never wait.
"""

from __future__ import annotations

import ipaddress
import math
import secrets
from base64 import b64decode
from collections import OrderedDict
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from indexer.core.humanize import count
from indexer.web.access import challenges

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.web.access.credentials import Visitor

MOST_OF_SENDER = 10
MOST_OF_ADDRESS = 60
"""How many wrong credentials are looked at at once, and again in each `WINDOW_SECONDS`."""

WINDOW_SECONDS = 60.0

RIGHT_SECONDS = 24 * 3_600.0
"""For how long a sender whose credentials were right is not counted with its address."""

CLASSES = 4_096
"""Of secrets without a user name: a guesser must be 4,096 times as fast to hold up one of them."""

MOST_REMEMBERED = 10_000
"""The most senders and addresses; the longest unused are forgotten first."""

IPV6_NETWORK = 64
"""Bits of an IPv6 address that one client cannot choose."""


class WrongCredentials:
    """Counts wrong credentials. Times are monotonic, in seconds.

    Args:
        key: which classes secrets are of depends on it; by default a new one.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = secrets.token_bytes(16) if key is None else key
        # When the sender or address has nothing to its account any more (GCRA, ITU-T I.371).
        self._clear_at: OrderedDict[int, float] = OrderedDict()
        self._right_at: OrderedDict[int, float] = OrderedDict()

    def seconds_to_wait(
        self, scope: Mapping[str, Any], now: float, *, is_right: bool, secret: str | None = None
    ) -> int:
        """How long to refuse credentials that were compared with a secret; 0: they count.

        Args:
            scope: of the request.
            now: the time.
            is_right: they are those of a token.
            secret: what was sent; None: the `Authorization` header was.
        """
        address = _network(scope)
        name = self._class(secret) if secret is not None else self._name(scope)
        address_key, sender_key = hash(address), hash((address, name))
        most = {sender_key: MOST_OF_SENDER}
        if now - self._right_at.get(sender_key, -math.inf) > RIGHT_SECONDS:
            most[address_key] = MOST_OF_ADDRESS
        wait = max(self._wait(key, number, now) for key, number in most.items())
        if wait > 0:
            return math.ceil(wait)
        if is_right:
            _keep(self._right_at, sender_key, now)
            return 0
        for key, number in most.items():
            clear_at = max(self._clear_at.get(key, now), now) + WINDOW_SECONDS / number
            _keep(self._clear_at, key, clear_at)
        return 0

    def _name(self, scope: Mapping[str, Any]) -> str | int:
        """The user name of HTTP's basic authentication, or the class of a secret without one."""
        kind, _, given = challenges.header(scope, b"authorization").partition(" ")
        user = ""
        if kind.lower() == "basic":
            with suppress(ValueError):
                user, _, given = b64decode(given.strip(), validate=True).decode().partition(":")
        return user or self._class(given)

    def _class(self, secret: str) -> int:
        made = blake2b(secret.encode("utf-8", "replace"), key=self._key).digest()
        return int.from_bytes(made[:8], "big") % CLASSES

    def _wait(self, key: int, most: int, now: float) -> float:
        """Seconds until one more is looked at."""
        return self._clear_at.get(key, now) - now - WINDOW_SECONDS * (most - 1) / most


def refusal(seconds: int) -> tuple[str, dict[str, str]]:
    """The sentence and the headers of a 429."""
    sentence = f"too many wrong tokens were sent: try again in {count(seconds, 'second')}."
    return sentence, {"Retry-After": str(seconds)}


def was_compared(visitor: Visitor | None) -> bool:
    """Whether it took a comparison with a secret to find this visitor, or to find none."""
    return visitor is None or (
        visitor.name is not None and not visitor.by_bearer and not visitor.by_cookie
    )


def _keep(kept: OrderedDict[int, float], key: int, value: float) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MOST_REMEMBERED:
        kept.popitem(last=False)


def _network(scope: Mapping[str, Any]) -> str:
    """The address of the client, or the network that it can choose addresses of."""
    client = scope.get("client")
    text = str(client[0]) if client else ""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:  # a socket of the file system has none
        return text
    if isinstance(address, ipaddress.IPv4Address):
        return text
    if address.ipv4_mapped is not None:  # a socket of both protocols (RFC 4291, section 2.5.5.2)
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), IPV6_NETWORK), strict=False))
