"""Users, access tokens, organisations and log-ins of the simulated Hub, and who may see what."""

from __future__ import annotations

import base64
import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from indexer.hub_simulator.clock import Clock

TOKEN_SECONDS = 600
"""How long the Hub's access tokens are valid: ten minutes (Docker's documentation)."""


LOCK_SECONDS = 600
"""How long a name is locked after too many log-ins (docker/hub-feedback#2201)."""

MOST_LOG_INS = 60
"""Log-ins in ten minutes: an assumption, because Docker names no number."""

Plan = Literal["free", "team", "business"]


class Identity(NamedTuple):
    """The account that sends a request.

    Attributes:
        name: the user or organisation; None if anonymous.
        sees: the namespaces whose private repositories it sees.
        is_organisation: it uses an organisation access token, which the old paths refuse.
        may_audit: its organisation access token has the scope to read the audit log.
        only: its access token is narrowed to these private repositories; None: to none.
    """

    name: str | None = None
    sees: frozenset[str] = frozenset()
    is_organisation: bool = False
    may_audit: bool = False
    only: frozenset[str] | None = None

    def may_see(self, namespace: str, repository: str) -> bool:
        """Whether it sees a private repository of a namespace, named in full."""
        return namespace in self.sees and (self.only is None or repository in self.only)


ANYBODY = Identity()
"""A request without credentials."""


@dataclass(slots=True)
class _User:
    """An account. `orgs` are the namespaces it belongs to, its own among them."""

    name: str
    password: str
    two_factor: bool
    orgs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Organisation:
    """The plan and the owners of an organisation.

    Attributes:
        plan: only `team` and `business` have an audit log.
        owners: usernames.
    """

    plan: Plan = "free"
    owners: frozenset[str] = frozenset()


class _Secret(NamedTuple):
    """Whom an access token belongs to, and until when it is valid."""

    identity: Identity
    until: datetime | None = None


class LoginResult(NamedTuple):
    """The result of a log-in: a token, or why there is none."""

    token: str | None = None
    needs_second_factor: bool = False
    is_locked: bool = False


class Accounts:
    """The Hub's users, organisations, access tokens and log-ins. Tokens age by the hub's clock.

    Attributes:
        most_log_ins: after more of them in ten minutes, with right or wrong passwords, the name is
            locked. The real number is not known; assume that it is smaller.
    """

    def __init__(self, clock: Clock) -> None:
        self.most_log_ins = MOST_LOG_INS
        self._clock = clock
        self._users: dict[str, _User] = {}
        self._organisations: dict[str, Organisation] = {}
        self._log_ins: dict[str, list[datetime]] = {}
        self._locked: dict[str, datetime] = {}
        self._secrets: dict[tuple[str, str], _Secret] = {}
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
        """Add or replace a user, who sees what is private in their own and these namespaces."""
        orgs = frozenset({name, *organisations})
        self._users[name] = _User(name, password, two_factor, orgs)

    def add_organisation(
        self, name: str, *, plan: Plan = "free", owners: Iterable[str] = ()
    ) -> None:
        """Set the plan and the owners of an organisation."""
        self._organisations[name] = Organisation(plan, frozenset(owners))

    def is_user(self, name: str) -> bool:
        """Whether there is a user of this name."""
        return name in self._users

    def is_organisation(self, name: str) -> bool:
        """Whether an organisation of this name was added."""
        return name in self._organisations

    def may_audit(self, identity: Identity, account: str) -> bool:
        """Whether an identity may read an account's audit log: owners, if the plan has one."""
        found = self._organisations.get(account, Organisation())
        if found.plan == "free":
            return False
        if identity.is_organisation:
            return identity.may_audit and identity.name == account
        return identity.name in found.owners

    def add_token(
        self,
        username: str,
        secret: str | None = None,
        *,
        expires_at: datetime | None = None,
        only: Iterable[str] | None = None,
    ) -> str:
        """Give a user a personal access token, and return it; `only`: as `Identity` has it."""
        secret = secret or f"dckr_pat_{next(self._serial):027d}"
        narrowed = None if only is None else frozenset(only)
        identity = Identity(username, self._users[username].orgs, only=narrowed)
        self._secrets[username, secret] = _Secret(identity, expires_at)
        return secret

    def add_organisation_token(
        self,
        organisation: str,
        secret: str | None = None,
        *,
        may_list: bool = True,
        may_audit: bool = False,
        only: Iterable[str] | None = None,
    ) -> str:
        """Give an organisation an access token, and return it.

        Without `may_list` it still logs in, but sees only what is public, without an error.
        `only`: as `Identity` has it.
        """
        secret = secret or f"dckr_oat_{next(self._serial):027d}"
        sees = frozenset({organisation} if may_list else ())
        identity = Identity(
            organisation,
            sees,
            is_organisation=True,
            may_audit=may_audit,
            only=None if only is None else frozenset(only),
        )
        self._secrets[organisation, secret] = _Secret(identity)
        return secret

    def revoke_secret(self, secret: str) -> None:
        """Revoke an access token. Tokens of earlier log-ins stay valid until they expire."""
        for key in [key for key in self._secrets if key[1] == secret]:
            del self._secrets[key]

    def revoke_tokens(self) -> None:
        """Revoke every token that a log-in has issued."""
        self._issued.clear()

    def check(self, identifier: str, secret: str) -> Identity | None:
        """The identity of an identifier and a secret; a password with two-factor login has none."""
        found = self._secrets.get((identifier, secret))
        if found is not None:
            is_over = found.until is not None and self._clock.now() >= found.until
            return None if is_over else found.identity
        user = self._users.get(identifier)
        if user is None or user.two_factor or user.password != secret:
            return None
        return Identity(user.name, user.orgs)

    def log_in(self, identifier: str, secret: str) -> LoginResult:
        """Exchange a password or an access token for a token that is valid for ten minutes."""
        if self._is_locked(identifier):
            return LoginResult(is_locked=True)
        identity = self.check(identifier, secret)
        if identity is not None:
            return LoginResult(self._issue(identity))
        user = self._users.get(identifier)
        right = user is not None and user.password == secret
        return LoginResult(needs_second_factor=right)

    def who(self, token: str) -> Identity | None:
        """The identity that a token was issued to; None if it is unknown, revoked or expired."""
        issued = self._issued.get(token)
        if issued is None or self._clock.now() >= issued[0]:
            return None
        return issued[1]

    def _is_locked(self, identifier: str) -> bool:
        """Whether this name is locked, or becomes locked by this log-in."""
        now = self._clock.now()
        if (until := self._locked.get(identifier)) is not None and now < until:
            return True
        last = self._log_ins.get(identifier, [])
        recent = [at for at in last if 0 <= (now - at).total_seconds() < LOCK_SECONDS]
        if len(recent) < self.most_log_ins:
            self._log_ins[identifier] = [*recent, now]
            return False
        self._locked[identifier] = now + timedelta(seconds=LOCK_SECONDS)
        self._log_ins.pop(identifier, None)
        return True

    def _issue(self, identity: Identity) -> str:
        """A token in the form of a JWT, with the right `exp` and a signature that nobody checks."""
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
