"""Logs in to the Hub: keeps the access token in memory, and renews it before it expires.

A token lasts ten minutes (Docker's documentation). It is renewed after nine, and after a
401: once for all threads together.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import msgspec

from indexer.core.errors import ConfigError, LoginFailed
from indexer.core.printable import shown
from indexer.core.secret import Secret
from indexer.http import Request
from indexer.sources.credential_recipients import Recipients, revealed
from indexer.sources.docker_hub import responses

if TYPE_CHECKING:
    from indexer.core.clock import Clock
    from indexer.core.secret import Credentials
    from indexer.http import Answer, CostMeter, HttpClient

T = TypeVar("T")

TOKEN_SECONDS = 600.0
"""Lifetime of a token where the answer does not say (Docker's documentation)."""

MARGIN_SECONDS = 60.0
"""Seconds before its end at which a token is renewed; of a short one, a tenth of its lifetime."""

REFUSAL_SECONDS = 60.0
"""Seconds in which a refused login is not repeated: repeated wrong passwords lock accounts."""

LOGIN = "/v2/auth/token"
TOKEN_PAGE = "https://app.docker.com/settings/personal-access-tokens"  # noqa: S105 - a page


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token as a header. Threads compare the object, so that a refused token is renewed once."""

    number: int
    header: Secret
    renew_at: float


class HubLogin:
    """Keeps one account's token for one registry. Safe to call from threads.

    Args:
        client: for the login and the requests.
        credentials: the account.
        clock: tells when a token expires.
        insecure: the configuration allows credentials in clear text.

    Raises:
        ConfigError: the credentials could be overheard.
    """

    def __init__(
        self,
        client: HttpClient,
        credentials: Credentials,
        clock: Clock,
        *,
        insecure: bool = False,
    ) -> None:
        self._recipients = Recipients(client.origin, insecure=insecure)
        self._recipients.admit(client.origin, credentials)
        self.credentials = credentials
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._bearer: Bearer | None = None
        self._serial = 0
        self._refused: tuple[float, str] | None = None

    @property
    def uses_organisation_token(self) -> bool:
        """Whether the secret is an organisation's token, which may see fewer repositories."""
        return self.credentials.is_organisation_token

    def fetch(self, request: Request[T], meter: CostMeter) -> Answer[T]:
        """Send a request with the token. After a 401 it is sent once more with a new token.

        Raises:
            LoginFailed: the credentials are refused, or the token that they gave.
            SourceError: as `HttpClient.fetch`.
        """
        bearer = self._current(meter, stale=None)
        answer = self._client.fetch(request.signed(bearer.header), meter)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        bearer = self._current(meter, stale=bearer)
        answer = self._client.fetch(request.signed(bearer.header), meter)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise LoginFailed(
                f"{self._client.host} logs {self._who} in and then refuses its token: check "
                f"that the account may use {self._client.host}."
            )
        return answer

    @property
    def _who(self) -> str:
        return f"'{shown(self.credentials.username, 100)}'"

    def _current(self, meter: CostMeter, stale: Bearer | None) -> Bearer:
        """A valid token that is not the stale one."""
        with self._lock:
            bearer, now = self._bearer, self._clock.monotonic()
            is_refused = stale is not None and bearer is not None and bearer.number <= stale.number
            if bearer is None or is_refused or now >= bearer.renew_at:
                if self._refused and now < self._refused[0]:
                    raise LoginFailed(self._refused[1])
                bearer = self._log_in(meter)
            return bearer

    def _log_in(self, meter: CostMeter, *, may_renew: bool = True) -> Bearer:
        self._bearer = None
        account = self.credentials
        secret = revealed(account, self._client.origin, self._recipients)
        body = {"identifier": account.username, "secret": secret}
        request = Request(
            self._client.origin.prefix + LOGIN,
            responses.access_token,
            method="POST",
            body=msgspec.json.encode(body),
        )
        answer = self._client.fetch(request, meter)
        now = self._clock.monotonic()
        if answer.value is None:
            is_refused = answer.status == HTTPStatus.UNAUTHORIZED
            if is_refused and may_renew and (found := self._renewed()):
                self.credentials = found
                return self._log_in(meter, may_renew=False)
            why = self._why(answer.status, answer.body)
            self._refused = now + REFUSAL_SECONDS, why
            raise LoginFailed(why)
        self._refused = None
        seconds = answer.value.seconds or TOKEN_SECONDS
        renew_at = now + seconds - min(MARGIN_SECONDS, seconds / 10)
        self._serial += 1
        self._bearer = Bearer(self._serial, Secret(f"Bearer {answer.value.text}"), renew_at)
        return self._bearer

    def _renewed(self) -> Credentials | None:
        """The account with another secret: a password may be changed while a daemon runs."""
        try:
            return self.credentials.renewed()
        except ConfigError as error:
            raise LoginFailed(str(error)) from None

    def _why(self, status: int, body: bytes) -> str:
        host, where = self._client.host, self.credentials.origin
        if status == HTTPStatus.UNAUTHORIZED and responses.wants_second_factor(body):
            return (
                f"the account {self._who} uses two-factor authentication: create a personal "
                f"access token ({TOKEN_PAGE}) and put it in {where} instead of a password."
            )
        if status == HTTPStatus.FORBIDDEN and self.uses_organisation_token:
            return (
                f"{host} refuses the organisation token of {self._who}: check in the "
                "organisation's settings that it is active and may read repositories."
            )
        if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return (
                f"{host} refuses the username or secret of {self._who}: check 'username' and "
                f"{where}; a token may have expired or been revoked."
            )
        return f"{host} answers {status} to the log-in of {self._who}: check 'hub_url'."
