"""Authenticates requests to a registry: challenge, realm, service and scope; keeps the tokens.

The registry's 401 says what it wants: basic authentication, or a token of a token service
(distribution's token specification). Tokens are kept for each scope until they expire. What one
challenge taught is used for all repositories: their tokens are fetched before they are
needed, one token for several repositories where the service grants that. So a crawl pays one 401,
and one token for some twenty repositories, not two requests for each.

If credentials are configured, the first request carries them where allowed, because
some registries show only public repositories without asking for credentials.

Where credentials may go: `indexer.sources.credential_recipients`. Tokens are only sent to the
registry. An identity token (`az acr login`) goes to the token service only, which exchanges it for
tokens (distribution's OAuth2 specification, grant type `refresh_token`).
"""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from indexer.core.errors import ConfigError, Denied, LoginFailed, Unreadable
from indexer.core.printable import shown
from indexer.core.secret import Secret
from indexer.sources.credential_recipients import Recipients
from indexer.sources.oci import www_authenticate
from indexer.sources.oci.token_realm import realm_of
from indexer.sources.oci.token_request import basic, token_request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.core.clock import Clock
    from indexer.core.secret import Credentials
    from indexer.http import Answer, CostMeter, HttpClient, Origin, Request
    from indexer.sources.oci.token_realm import Realm
    from indexer.sources.oci.www_authenticate import Challenge

T = TypeVar("T")

TOKEN_SECONDS = 60.0
"""Lifetime of a token where its service does not say (distribution's specification)."""

MARGIN_SECONDS = 10.0
"""Seconds before its end at which a token is renewed; of a short one, a tenth of its lifetime."""

SCOPES_AT_ONCE = 20
"""Repositories in one token. Each takes 100 bytes of a header that servers limit to 8 kB."""

REFUSAL_SECONDS = 60.0
"""Seconds in which refused credentials are not tried again: wrong passwords lock accounts."""

_REFUSED = frozenset({HTTPStatus.BAD_REQUEST.value, HTTPStatus.UNAUTHORIZED.value})
"""What token services answer to credentials that have ended."""

_NAME = "\0"
"""Placeholder for the repository in a scope that is used for all."""


class Purpose(NamedTuple):
    """What a request is for: `catalog`, `tags`, `manifests` or `blobs`, and of which repository."""

    kind: str
    repository: str = ""


class _Proof(NamedTuple):
    """What a request is authenticated with. `is_shared`: a token for several repositories."""

    header: Secret
    renew_at: float = float("inf")
    is_shared: bool = False


class TokenAuth:
    """Authenticates requests to one registry for one account. Safe to call from threads.

    Args:
        client: of the registry.
        credentials: the account; None: anonymous.
        clock: tells when a token expires.
        at: returns the client for another origin: a token service.
        realm: the origin that the configuration names as the token service.
        insecure: the configuration allows credentials in clear text.
        forthcoming: send the credentials with the first request, not only after a 401.

    Raises:
        ConfigError: the credentials could be overheard.
    """

    def __init__(
        self,
        client: HttpClient,
        credentials: Credentials | None,
        clock: Clock,
        *,
        at: Callable[[Origin], HttpClient],
        realm: Origin | None = None,
        insecure: bool = False,
        forthcoming: bool = True,
    ) -> None:
        self._renew_at = 0.0
        self._recipients = Recipients(client.origin, realm, insecure)
        if credentials:
            self._recipients.admit(client.origin, credentials)
        self.credentials = credentials
        self._client = client
        self._clock = clock
        self._at = at
        self._insecure = insecure
        self._basic = basic(credentials, client.origin, self._recipients) if forthcoming else None
        self._realm: Realm | None = None
        self._scopes: dict[str, str] = {}
        self._tokens: dict[str, _Proof] = {}
        self._expected: Sequence[str] = ()
        self._may_share = True
        self._refused: tuple[float, str] | None = None
        self._proven = False
        self._has_met = False
        self._meeting = threading.Lock()
        self._lock = threading.Lock()

    def expect(self, repositories: Sequence[str]) -> None:
        """Say which repositories will be requested, in order, so that they can share tokens."""
        self._expected = repositories

    def fetch(self, request: Request[T], purpose: Purpose, meter: CostMeter) -> Answer[T]:
        """Send a request, and again with what a 401 asks for. Others wait for the first challenge.

        Raises:
            Denied: this account may not have it.
            LoginFailed: the credentials are refused, or would go to the wrong host.
            SourceError: as `HttpClient.fetch`.
        """
        if not self._has_met:
            with self._meeting:
                if not self._has_met:
                    answer = self._fetch(request, purpose, meter)
                    self._has_met = True
                    return answer
        return self._fetch(request, purpose, meter)

    def _fetch(self, request: Request[T], purpose: Purpose, meter: CostMeter) -> Answer[T]:
        proof = self._ready(purpose, meter)
        answer = self._client.fetch(_signed(request, proof), meter)
        is_new = False
        while answer.status == HTTPStatus.UNAUTHORIZED:
            if is_new and proof and not proof.is_shared:
                raise self._unwelcome(purpose)
            proof = self._answered(answer, purpose, proof, meter)
            is_new = True
            answer = self._client.fetch(_signed(request, proof), meter)
        self._proven |= proof is not None and answer.status == HTTPStatus.OK
        return answer

    def _ready(self, purpose: Purpose, meter: CostMeter) -> _Proof | None:
        """The authentication that an earlier challenge asked for."""
        if self._realm is None:
            return _Proof(self._basic) if self._basic else None
        return self._token(self._scope(purpose), purpose, meter, stale=None)

    def _answered(
        self, answer: Answer[T], purpose: Purpose, sent: _Proof | None, meter: CostMeter
    ) -> _Proof:
        """The authentication that a 401 asks for, other than the refused one."""
        asked = www_authenticate.parse(answer.headers.get("WWW-Authenticate", ""))
        for each in asked:
            if each.scheme == "bearer":
                return self._with_token(each, purpose, sent, meter)
        if not any(each.scheme == "basic" for each in asked):
            raise Denied(
                f"{self._client.host} refuses {_named(purpose)} (401) and does not say how to log "
                "in in a way that is understood here (basic, or a token)."
            )
        if self.credentials is None:
            raise self._unwelcome(purpose)
        proof = basic(self.credentials, self._client.origin, self._recipients)
        if proof is None:
            raise LoginFailed(
                f"{self._client.host} wants a password, and the log-in of {self._who} in "
                f"{self.credentials.origin} is an identity token: configure 'username' and "
                "'password_env'."
            )
        if sent is not None and sent.header == proof:
            if self._has_renewed():
                proof = basic(self.credentials, self._client.origin, self._recipients)
            elif not self._proven:
                raise LoginFailed(self._wrong_password())
        self._basic = proof
        return _Proof(proof or Secret(""))

    def _has_renewed(self) -> bool:
        """Look the credentials up again, once a minute at most; whether the secret is another."""
        now, held = self._clock.monotonic(), self.credentials
        if held is None or now < self._renew_at:
            return False
        self._renew_at = now + REFUSAL_SECONDS
        try:
            self.credentials = held.renewed() or held
        except ConfigError as error:
            raise LoginFailed(str(error)) from None
        return self.credentials is not held

    def _with_token(
        self, asked: Challenge, purpose: Purpose, sent: _Proof | None, meter: CostMeter
    ) -> _Proof:
        self._realm = realm_of(asked, self._client, insecure=self._insecure)
        self._basic = None  # from now on credentials go to the token service only
        scope = asked.parameters.get("scope", "")
        if purpose.repository:
            self._scopes[purpose.kind] = scope.replace(purpose.repository, _NAME, 1)
        if sent is not None and sent.is_shared:
            self._may_share = False
        return self._token(scope, purpose, meter, stale=sent)

    def _scope(self, purpose: Purpose) -> str:
        if not purpose.repository:
            return "registry:catalog:*"
        learnt = self._scopes.get(purpose.kind) or f"repository:{_NAME}:pull"
        return learnt.replace(_NAME, purpose.repository)

    def _token(
        self, scope: str, purpose: Purpose, meter: CostMeter, *, stale: _Proof | None
    ) -> _Proof:
        """A token for a scope, kept or new."""
        with self._lock:
            kept = self._tokens.get(scope)
            now = self._clock.monotonic()
            if kept and kept is not stale and now < kept.renew_at:
                return kept
            if self._refused and now < self._refused[0]:
                raise LoginFailed(self._refused[1])
            shared = self._companions(scope, purpose)
            token = self._ask_for((scope, *shared), purpose, meter) if shared else None
            if token is None:
                shared = ()
                token = self._ask_for((scope,), purpose, meter)
            assert token is not None
            self._tokens.update(dict.fromkeys((scope, *shared), token))
            return token

    def _companions(self, scope: str, purpose: Purpose) -> Sequence[str]:
        """The scopes of repositories that will be requested soon and may share a token."""
        if not self._may_share or purpose.repository not in self._expected:
            return ()
        place = self._expected.index(purpose.repository) // SCOPES_AT_ONCE * SCOPES_AT_ONCE
        near = self._expected[place : place + SCOPES_AT_ONCE]
        scopes = (self._scope(Purpose(purpose.kind, name)) for name in near)
        return [each for each in scopes if each != scope]

    def _ask_for(self, scopes: Sequence[str], purpose: Purpose, meter: CostMeter) -> _Proof | None:
        """A new token; None if the service does not grant so many scopes at once."""
        realm = self._realm
        assert realm is not None
        request = token_request(realm, scopes, self.credentials, self._recipients)
        client = self._at(realm.origin)
        answer = client.fetch(request, meter)
        now = self._clock.monotonic()
        if answer.value is None:
            if answer.status in _REFUSED and self._has_renewed():
                return self._ask_for(scopes, purpose, meter)
            if len(scopes) > 1:
                self._may_share = False
                return None
            raise self._refusal(answer.status, client.host, purpose, now)
        seconds = answer.value.seconds or TOKEN_SECONDS
        renew_at = now + seconds - min(MARGIN_SECONDS, seconds / 10)
        return _Proof(Secret(f"Bearer {answer.value.text}"), renew_at, is_shared=len(scopes) > 1)

    @property
    def _who(self) -> str:
        return f"'{shown(self.credentials.username, 100)}'" if self.credentials else "anonymous"

    def _wrong_password(self) -> str:
        where = self.credentials.origin if self.credentials else ""
        if self.credentials and self.credentials.is_identity_token:
            return (
                f"{self._client.host} refuses the identity token of {self._who} in {where}: it may "
                "have ended; log in again (for Azure with 'az acr login')."
            )
        return (
            f"{self._client.host} refuses the username or password of {self._who}: check "
            f"'username' and {where}; a token may have ended or been revoked."
        )

    def _refusal(self, status: int, host: str, purpose: Purpose, now: float) -> Exception:
        """The error for a token service that gave no token."""
        if status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return Unreadable(
                f"{host} answers {status} where a token for {self._client.host} was asked for."
            )
        if self.credentials is None or status == HTTPStatus.FORBIDDEN:
            return self._unwelcome(purpose)
        why = self._wrong_password()
        self._refused = now + REFUSAL_SECONDS, why
        return LoginFailed(why)

    def _unwelcome(self, purpose: Purpose) -> Denied:
        refuses = f"{self._client.host} refuses to show {_named(purpose)} (401)"
        if self.credentials is None:
            return Denied(f"{refuses}: configure 'username' and 'password_env' for it.")
        return Denied(f"{refuses} to {self._who}: ask its owner for the permission to read it.")


def _signed(request: Request[T], proof: _Proof | None) -> Request[T]:
    return request.signed(proof.header) if proof else request


def _named(purpose: Purpose) -> str:
    if not purpose.repository:
        return "its catalog"
    return f"'{shown(purpose.repository, 100)}'"
