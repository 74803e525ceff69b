"""Authenticates requests to a registry: challenge, realm, service and scope; keeps the tokens.

The registry's 401 says what it wants: basic authentication, or a token of a token service
(distribution's token specification). That is remembered for each kind of request (Harbor's catalog
wants a password, its manifests a token) until it is refused; a kind that was not asked for yet is
first tried as the latest other one. Tokens are kept for each scope until they expire, and are
fetched before they are needed, one for several repositories where the service grants that. So a
crawl pays one 401, and one token for some twenty repositories, not two requests for each.

If credentials are configured, the first request carries them where allowed, because
some registries show only public repositories without asking for credentials.

Where credentials may go: `indexer.sources.credential_recipients`. Tokens are only sent to the
registry. An identity token (`az acr login`) goes to the token service only, which exchanges it for
tokens (distribution's OAuth2 specification, grant type `refresh_token`).
"""

from __future__ import annotations

import contextlib
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from indexer.core.errors import Denied, SourceError
from indexer.core.printable import shown
from indexer.core.secret import Secret
from indexer.sources.credential_recipients import Recipients
from indexer.sources.oci import scopes
from indexer.sources.oci.account import Account
from indexer.sources.oci.scopes import Purpose
from indexer.sources.oci.token_request import token_request
from indexer.sources.oci.tokens import Proof, Tokens
from indexer.sources.oci.ways import Way, way_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.core.clock import Clock
    from indexer.core.secret import Credentials
    from indexer.http import Answer, CostMeter, HttpClient, Origin, Request
    from indexer.sources.oci.token_realm import Realm

T = TypeVar("T")

TOKEN_SECONDS = 60.0
"""Lifetime of a token where its service does not say (distribution's specification)."""

MARGIN_SECONDS = 10.0
"""Seconds before its end at which a token is renewed; of a short one, a tenth of its lifetime."""

SCOPES_AT_ONCE = 20
"""Repositories in one token. Each takes 100 bytes of a header that servers limit to 8 kB."""


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
        self._recipients = Recipients(client.origin, realm, insecure)
        if credentials:
            self._recipients.admit(client.origin, credentials)
        self._account = Account(client, credentials, clock, self._recipients)
        self._client = client
        self._clock = clock
        self._at = at
        self._insecure = insecure
        self._forthcoming = forthcoming
        self._ways: dict[str, Way] = {}
        self._latest: Way | None = None
        self._tokens = Tokens(clock)
        self._expected: Sequence[str] = ()
        self._may_share = True
        self._has_met = False
        self._meeting = threading.Lock()

    @property
    def credentials(self) -> Credentials | None:
        """The account; None: anonymous."""
        return self._account.credentials

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
        answer, proof = self._begun(request, purpose, meter)
        is_new = False
        while True:
            if answer.status == HTTPStatus.UNAUTHORIZED:
                if is_new and proof and not proof.is_shared:
                    raise self._account.unwelcome(purpose)
                proof = self._answered(answer, purpose, proof, meter)
            elif _may_have_ended(answer, proof) and not is_new:
                proof = self._token(self._way(purpose), purpose, meter, stale=proof) or proof
            else:
                break
            is_new = True
            answer = self._client.fetch(_signed(request, proof), meter)
        if proof is not None and answer.status == HTTPStatus.OK:
            self._account.prove()
            way = self._way(purpose) if proof.is_token else None
            self._ways.setdefault(purpose.kind, way or Way())
        return answer

    def _begun(
        self, request: Request[T], purpose: Purpose, meter: CostMeter
    ) -> tuple[Answer[T], Proof | None]:
        """Send a request as its kind wants it; before the first challenge one at a time."""
        if not self._has_met:
            with self._meeting:
                if not self._has_met:
                    proof = self._account.proof() if self._forthcoming else None
                    answer = self._client.fetch(_signed(request, proof), meter)
                    if answer.status == HTTPStatus.UNAUTHORIZED:
                        with contextlib.suppress(SourceError):  # `_answered` will tell
                            self._learn(answer, purpose)
                    self._has_met = True
                    return answer, proof
        proof = self._ready(purpose, meter)
        return self._client.fetch(_signed(request, proof), meter), proof

    def _way(self, purpose: Purpose) -> Way | None:
        """How a kind of request wants to be authenticated; at first as the latest other did."""
        own, latest = self._ways.get(purpose.kind), self._latest
        return own or (latest.for_another_kind() if latest else None)

    def _ready(self, purpose: Purpose, meter: CostMeter) -> Proof | None:
        """The authentication that an earlier challenge asked for."""
        way = self._way(purpose)
        if way is None:
            return self._account.proof() if self._forthcoming else None
        return self._token(way, purpose, meter, stale=None)

    def _learn(self, answer: Answer[T], purpose: Purpose) -> Way:
        """Remember how a kind of request wants to be authenticated, and unlearn what was refused.

        Raises:
            Denied: the registry does not say it in a way that is understood.
            Unreadable: it names a token service that must not be asked.
        """
        self._ways.pop(purpose.kind, None)
        challenge = answer.headers.get("WWW-Authenticate", "")
        way = way_of(challenge, purpose, self._client, insecure=self._insecure)
        if way is None:
            raise Denied(
                f"{self._client.host} refuses to show {_named(purpose)} (401) and offers no log-in "
                "that the indexer supports (basic, token)."
            )
        self._ways[purpose.kind] = self._latest = way
        return way

    def _answered(
        self, answer: Answer[T], purpose: Purpose, sent: Proof | None, meter: CostMeter
    ) -> Proof | None:
        """The authentication that a 401 asks for, other than the refused one."""
        way = self._learn(answer, purpose)
        if way.realm is not None:
            if sent is not None and sent.is_shared:
                self._may_share = False
            return self._token(way, purpose, meter, stale=sent)
        return self._account.password_after(sent, purpose)

    def _token(
        self, way: Way | None, purpose: Purpose, meter: CostMeter, *, stale: Proof | None
    ) -> Proof | None:
        """The token or password for a request, kept or new."""
        if way is None or way.realm is None:
            return self._account.proof()
        realm, scope = way.realm, scopes.needed(way.scope, purpose)

        def also() -> list[tuple[Realm, str]]:
            return [(realm, each) for each in self._companions(way, scope, purpose)]

        def fetch(keys: Sequence[tuple[Realm, str]]) -> tuple[Proof, bool]:
            wanted = [each for _, each in keys]
            token = self._ask_for(realm, wanted, purpose, meter)
            if token is not None:
                return token, True
            alone = self._ask_for(realm, wanted[:1], purpose, meter)
            assert alone is not None
            return alone, False

        return self._tokens.get((realm, scope), also, stale, fetch)

    def _companions(self, way: Way, scope: str, purpose: Purpose) -> Sequence[str]:
        """The scopes of repositories that will be requested soon and may share a token."""
        expected = self._expected
        if not self._may_share or purpose.repository not in expected:
            return ()
        place = expected.index(purpose.repository) // SCOPES_AT_ONCE * SCOPES_AT_ONCE
        near = expected[place : place + SCOPES_AT_ONCE]
        found = (scopes.needed(way.scope, Purpose(purpose.kind, name)) for name in near)
        return [each for each in dict.fromkeys(found) if each != scope]

    def _ask_for(
        self, realm: Realm, wanted: Sequence[str], purpose: Purpose, meter: CostMeter
    ) -> Proof | None:
        """A new token; None if the service does not grant so many scopes at once."""
        self._account.check_not_refused()
        request = token_request(realm, wanted, self.credentials, self._recipients)
        client = self._at(realm.origin)
        answer = client.fetch(request, meter)
        now = self._clock.monotonic()
        if answer.value is None:
            if self._account.may_help(answer.status):
                return self._ask_for(realm, wanted, purpose, meter)
            if len(wanted) > 1:
                self._may_share = False
                return None
            raise self._account.refusal(answer.status, client.host, purpose)
        seconds = answer.value.seconds or TOKEN_SECONDS
        renew_at = now + seconds - min(MARGIN_SECONDS, seconds / 10)
        header = Secret(f"Bearer {answer.value.text}")
        return Proof(header, renew_at, is_token=True, is_shared=len(wanted) > 1)


def _signed(request: Request[T], proof: Proof | None) -> Request[T]:
    return request.signed(proof.header) if proof else request


def _named(purpose: Purpose) -> str:
    return f"'{shown(purpose.repository, 100)}'" if purpose.repository else "its catalog"


def _may_have_ended(answer: Answer[T], proof: Proof | None) -> bool:
    """Whether a token may have ended: Amazon's public registry says 400 then, and no challenge."""
    return proof is not None and proof.is_token and answer.status == HTTPStatus.BAD_REQUEST
