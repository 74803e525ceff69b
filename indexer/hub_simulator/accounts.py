"""Who may see what on the simulated Hub: users, access tokens, organisations, log-ins."""

from __future__ import annotations

import base64
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from indexer.hub_simulator.clock import Clock

TOKEN_SECONDS = 600
"""How long the Hub's access tokens are valid: ten minutes (Docker's documentation)."""


class Identity(NamedTuple):
    """Who is asking.

    Attributes:
        name: the user or organisation; None for nobody in particular.
        sees: the namespaces whose private repositories are shown.
        is_organisation: came with an organisation access token, which old paths refuse.
    """

    name: str | None = None
    sees: frozenset[str] = frozenset()
    is_organisation: bool = False


ANYBODY = Identity()
"""A request without credentials."""


@dataclass(slots=True)
class _User:
    """An account. `orgs` are the namespaces it belongs to, its own among them."""

    name: str
    password: str
    two_factor: bool
    orgs: frozenset[str]


class LoginResult(NamedTuple):
    """What a log-in brought: a token, or why not."""

    token: str | None = None
    needs_second_factor: bool = False


class Accounts:
    """The Hub's users, access tokens and log-ins. Tokens age by the hub's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._users: dict[str, _User] = {}
        self._secrets: dict[tuple[str, str], Identity] = {}
        self._issued: dict[str, tuple[datetime, Identity]] = {}
        self._serial = itertools.count(1)

    def add_user(
        self,
        name: str,
        password: str,
        *,
        two_factor: bool = False,
        organisations: Iterable[str] = (),
    ) -> None:
        """Add (or replace) a user, who sees what is private in their own and these namespaces."""
        orgs = frozenset({name, *organisations})
        self._users[name] = _User(name, password, two_factor, orgs)

    def add_token(self, username: str, secret: str | None = None) -> str:
        """Give a user a personal access token, and return it."""
        secret = secret or f"dckr_pat_{next(self._serial):027d}"
        user = self._users[username]
        self._secrets[username, secret] = Identity(username, user.orgs)
        return secret

    def add_organisation_token(
        self, organisation: str, secret: str | None = None, *, may_list: bool = True
    ) -> str:
        """Give an organisation an access token, and return it.

        Without `may_list` it logs in all the same, and silently sees what everybody sees.
        """
        secret = secret or f"dckr_oat_{next(self._serial):027d}"
        sees = frozenset({organisation} if may_list else ())
        self._secrets[organisation, secret] = Identity(organisation, sees, is_organisation=True)
        return secret

    def revoke_secret(self, secret: str) -> None:
        """Make an access token worthless. What was issued for it stays valid until it ends."""
        for key in [key for key in self._secrets if key[1] == secret]:
            del self._secrets[key]

    def revoke_tokens(self) -> None:
        """Make every token issued by a log-in worthless, now."""
        self._issued.clear()

    def check(self, identifier: str, secret: str) -> Identity | None:
        """Who an identifier and a secret belong to; passwords of two-factor accounts to nobody."""
        found = self._secrets.get((identifier, secret))
        if found is not None:
            return found
        user = self._users.get(identifier)
        if user is None or user.two_factor or user.password != secret:
            return None
        return Identity(user.name, user.orgs)

    def log_in(self, identifier: str, secret: str) -> LoginResult:
        """Exchange a password or an access token for a token that lasts ten minutes."""
        identity = self.check(identifier, secret)
        if identity is not None:
            return LoginResult(self._issue(identity))
        user = self._users.get(identifier)
        right = user is not None and user.password == secret
        return LoginResult(needs_second_factor=right)

    def who(self, token: str) -> Identity | None:
        """Who a token was issued to; None when it never was, was revoked, or is too old."""
        issued = self._issued.get(token)
        if issued is None or self._clock.now() >= issued[0]:
            return None
        return issued[1]

    def _issue(self, identity: Identity) -> str:
        """A token in the shape of a JWT, with a true `exp`, and a signature that nobody checks."""
        now = self._clock.now()
        until = now.timestamp() + TOKEN_SECONDS
        claims = {
            "sub": identity.name,
            "iat": int(now.timestamp()),
            "exp": int(until),
            "jti": str(next(self._serial)),
        }
        token = ".".join(map(_part, ({"alg": "none", "typ": "JWT"}, claims, "simulated")))
        self._issued[token] = (type(now).fromtimestamp(until, now.tzinfo), identity)
        return token


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()
