"""Who may see what in the simulated registry: challenges, passwords, and its token service."""

from __future__ import annotations

import base64
import binascii
import itertools
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from indexer.hub_simulator.accounts import ANYBODY
from indexer.hub_simulator.http import Answer
from indexer.hub_simulator.hub_json import encode
from indexer.hub_simulator.registry.lists import error

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.hub_simulator.accounts import Identity
    from indexer.hub_simulator.http import Request
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.hub_lists import HubLists
    from indexer.hub_simulator.registry.quirks import RegistryQuirks

TOKEN_SECONDS = 300
"""The value of `expires_in` from Docker's token service."""

CATALOG = "registry:catalog:*"

_TOKEN_PATHS = (("token",), ("oauth2", "token"))


class _Grant(NamedTuple):
    """A registry token: its scopes, when it expires, and whose it is."""

    scopes: frozenset[str]
    until: datetime
    identity: Identity


class RegistryAuth:
    """Authorizes requests to the registry; also its token service. The caller holds the hub's lock.

    Args:
        hub: the state.
        lists: holds the quirks.
    """

    def __init__(self, hub: Hub, lists: HubLists) -> None:
        self._hub = hub
        self._lists = lists
        self._grants: dict[str, _Grant] = {}
        self._serial = itertools.count(1)

    @property
    def _quirks(self) -> RegistryQuirks:
        return self._lists.quirks.registry

    def token(self, request: Request) -> Answer | None:
        """The answer of the token service; None if the request is not for it."""
        if request.parts not in _TOKEN_PATHS:
            return None
        form = dict(parse_qsl(request.body.decode())) if request.method == "POST" else {}
        if form:
            identity = self._exchanged(form)
        else:
            identity = self._with_password(request) if request.authorization[0] else ANYBODY
        if identity is None:
            return Answer(401, encode({"details": "incorrect username or password"}))
        query = [value for key, value in parse_qsl(request.query) if key == "scope"]
        asked = form.get("scope", " ".join(query)).split()
        return self._granted(frozenset(asked), identity)

    def refusal(self, request: Request, name: str | None) -> Answer | None:
        """The challenge for a request (`name` None: for the catalog); None if it is allowed."""
        wanted = self._wanted(request, name)
        if self._asks_password(wanted):
            found = self._with_password(request)
            is_public = (
                name is not None and self._quirks.asks_for == "basic" and self._is_open(name)
            )
            is_fine = is_public or (found is not None and self._may_see(wanted, found))
            return None if is_fine else _unauthorized('Basic realm="registry"')
        grant = self._grant(request)
        is_over = grant is not None and self._hub.clock.now() >= grant.until
        if is_over and self._quirks.ended_token == 400:  # noqa: PLR2004 - a status
            return error(400, "UNSUPPORTED", "Your authorization token has expired.")
        if grant is None or is_over or not self._opens(grant, wanted):
            return self._challenge(request, wanted)
        return None

    def identity(self, request: Request) -> Identity:
        """Whose token or password a request carries."""
        grant = self._grant(request)
        return grant.identity if grant else self._with_password(request) or ANYBODY

    def _wanted(self, request: Request, name: str | None) -> str:
        """The scope that a request needs; empty for `/v2/`."""
        if name is None:
            return CATALOG if request.parts == ("v2", "_catalog") else ""
        is_list = request.path.endswith("/tags/list")
        return f"repository:{name}:{self._quirks.list_action if is_list else 'pull'}"

    def _asks_password(self, wanted: str) -> bool:
        quirks = self._quirks
        return quirks.asks_for == "basic" or (wanted == CATALOG and quirks.catalog == "basic")

    def _opens(self, grant: _Grant, wanted: str) -> bool:
        scopes = {self._quirks.scope or wanted}
        is_asked = not wanted or bool(grant.scopes & scopes)
        return is_asked and self._may_see(wanted, grant.identity)

    def _may_see(self, wanted: str, identity: Identity) -> bool:
        if wanted == CATALOG:
            return self._quirks.catalog is not None
        name = wanted.split(":")[1] if wanted else ""
        repo = self._hub.find(name)
        if repo is None or not repo.item.is_private:
            return True
        return identity.may_see(repo.item.namespace, repo.name)

    def _is_open(self, name: str) -> bool:
        """Whether anybody may see a repository of a registry that asks for passwords."""
        return self._quirks.is_public and self._may_see(f"repository:{name}:pull", ANYBODY)

    def _granted(self, asked: frozenset[str], identity: Identity) -> Answer:
        now = self._hub.clock.now()
        until = type(now).fromtimestamp(now.timestamp() + TOKEN_SECONDS, now.tzinfo)
        token = f"registry-{next(self._serial)}"
        self._grants[token] = _Grant(asked, until, identity)
        answer = {
            "token": token,
            "access_token": token,
            "expires_in": TOKEN_SECONDS,
            "issued_at": now,
        }
        return Answer(200, encode({key: answer[key] for key in self._quirks.token_fields}))

    def _exchanged(self, form: dict[str, str]) -> Identity | None:
        """The account of the identity token in a form; the token is the account's secret."""
        if not self._quirks.identity_tokens or form.get("grant_type") != "refresh_token":
            return None
        return self._hub.accounts.check(self._quirks.identity_tokens, form.get("refresh_token", ""))

    def _with_password(self, request: Request) -> Identity | None:
        scheme, credentials = request.authorization
        if scheme.lower() != "basic":
            return None
        name, _, secret = _basic(credentials).partition(":")
        return self._hub.accounts.check(name, secret)

    def _grant(self, request: Request) -> _Grant | None:
        scheme, token = request.authorization
        return self._grants.get(token) if scheme.lower() == "bearer" else None

    def _challenge(self, request: Request, wanted: str) -> Answer:
        named = self._lists.quirks.realm_base
        base = request.base if named is None else named
        path = "/oauth2/token" if self._quirks.identity_tokens else "/token"
        scope = self._quirks.scope or wanted
        bearer = f'Bearer realm="{base}{path}",service="registry.docker.io"'
        bearer += f',scope="{scope}"' if scope else ""
        return _unauthorized(
            f'{bearer},Basic realm="registry"' if self._quirks.offers_both else bearer
        )


def _unauthorized(challenge: str) -> Answer:
    answer = error(401, "UNAUTHORIZED", "authentication required")
    return answer.with_headers(("WWW-Authenticate", challenge))


def _basic(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
