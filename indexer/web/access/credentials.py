"""Finds who asks: whose token, bearer token or cookie a client sent."""

from __future__ import annotations

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.config import Scope
from indexer.web.access.signed import Purpose, owner, signed

if TYPE_CHECKING:
    from indexer.config import AccessToken

ANONYMOUS_BEARER = "anonymous"
"""What `/token` gives a client without credentials; it gives no rights and needs no signature."""

PULL_SECONDS = 300
"""How long a bearer token of `/token` is valid; clients ask for the next one themselves."""

SESSION_SECONDS = 12 * 3_600
"""How long a log-in of a browser is valid."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks.

    Attributes:
        name: of the token; None: the client showed none.
        scopes: what it may do.
        by_cookie: a browser that logged in.
        is_silent: it sent nothing at all, perhaps because it waits to be asked.
        by_bearer: it sent what `/token` had given, which ends after minutes.
    """

    name: str | None = None
    scopes: frozenset[Scope] = frozenset()
    by_cookie: bool = False
    is_silent: bool = False
    by_bearer: bool = False

    @property
    def may_read(self) -> bool:
        """Whether it sees what is public where others see nothing."""
        return Scope.READ in self.scopes

    @property
    def sees_private(self) -> bool:
        """Whether it sees private repositories."""
        return Scope.PRIVATE in self.scopes


ANYBODY = Visitor()
SILENT = Visitor(is_silent=True)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The tokens that are valid.

    Attributes:
        tokens: each with its name, secret and scopes.
    """

    tokens: tuple[AccessToken, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.tokens)

    def of_secret(self, secret: str) -> AccessToken | None:
        """The token with this secret. Each is compared, in constant time."""
        found = None
        given = secret.encode("utf-8", "replace")
        for token in self.tokens:
            if hmac.compare_digest(given, token.secret.encode()):
                found = token
        return found

    def of_header(self, authorization: str, now: float) -> Visitor | None:
        """Who sent this `Authorization` header; None: its credentials are wrong.

        A token is sent as a bearer token, or as the password of any user. Some clients send an
        empty user and password if they have none (containers/image, asked for Basic).

        Args:
            authorization: the header.
            now: the time, in seconds since 1970.
        """
        scheme, _, given = authorization.partition(" ")
        given = given.strip()
        if scheme.lower() == "basic":
            user, colon, given = _decoded(given).partition(":")
            if colon and not user and not given:
                return ANYBODY
        elif scheme.lower() != "bearer":
            return None
        elif given == ANONYMOUS_BEARER:
            return ANYBODY
        elif (token := owner(given, Purpose.PULL, self.tokens, now)) is not None:
            return Visitor(token.name, token.scopes, by_bearer=True)
        found = self.of_secret(given)
        return Visitor(found.name, found.scopes) if found is not None else None

    def of_cookies(self, header: str, name: str, now: float) -> Visitor | None:
        """Who logged in with a browser; None: nobody, or it is too long ago.

        Args:
            header: the `Cookie` header.
            name: of our cookie.
            now: the time, in seconds since 1970.
        """
        value = _cookie(header, name)
        token = owner(value, Purpose.SESSION, self.tokens, now) if value else None
        return Visitor(token.name, token.scopes, by_cookie=True) if token is not None else None


def cookie_name(*, is_https: bool) -> str:
    """The name of our cookie. With TLS its prefix keeps hosts of our domain from setting it."""
    return "__Host-indexer" if is_https else "indexer"


def session(token: AccessToken, now: float) -> str:
    """The value of the cookie for somebody who logged in."""
    return signed(token, Purpose.SESSION, int(now) + SESSION_SECONDS)


def bearer(token: AccessToken, now: float) -> str:
    """A bearer token of the registry API."""
    return signed(token, Purpose.PULL, int(now) + PULL_SECONDS)


def _decoded(given: str) -> str:
    try:
        return b64decode(given, validate=True).decode("latin-1")
    except (NotBase64, ValueError):
        return ""


def _cookie(header: str, name: str) -> str | None:
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value.strip().strip('"')
    return None
