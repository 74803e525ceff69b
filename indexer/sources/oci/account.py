"""The account of a registry: its password, which is looked up again, and what refusals mean."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from indexer.core.errors import ConfigError, Denied, LoginFailed, Unreadable
from indexer.core.printable import shown
from indexer.sources.oci.token_request import basic
from indexer.sources.oci.tokens import Proof

if TYPE_CHECKING:
    from indexer.core.clock import Clock
    from indexer.core.secret import Credentials
    from indexer.http import HttpClient
    from indexer.sources.credential_recipients import Recipients
    from indexer.sources.oci.scopes import Purpose

REFUSAL_SECONDS = 60.0
"""Seconds in which refused credentials are not tried again: wrong passwords lock accounts."""

_MEANS_PASSWORD = frozenset({400, 401})
"""What token services answer to credentials that are wrong, or have ended."""


class Account:
    """One account of one registry, or nobody. Safe to call from threads.

    Attributes:
        credentials: what is known of it now; None: anonymous.

    Args:
        client: of the registry.
        credentials: the account; None: anonymous.
        clock: tells when refused credentials may be looked up again.
        recipients: who may get the credentials.
    """

    def __init__(
        self,
        client: HttpClient,
        credentials: Credentials | None,
        clock: Clock,
        recipients: Recipients,
    ) -> None:
        self.credentials = credentials
        self._client = client
        self._clock = clock
        self._recipients = recipients
        self._renew_at = 0.0
        self._refused: tuple[float, str] | None = None
        self._is_proven = False

    def proof(self) -> Proof | None:
        """The password for the registry itself; None: there is none."""
        header = basic(self.credentials, self._client.origin, self._recipients)
        return Proof(header) if header else None

    def prove(self) -> None:
        """Note that the registry took the credentials."""
        self._is_proven = True

    def password_after(self, sent: Proof | None, purpose: Purpose) -> Proof | None:
        """The password for a registry that asks for one, other than the refused one.

        Raises:
            Denied: there is no account.
            LoginFailed: its password is refused, or it has none.
        """
        if self.credentials is None:
            raise self.unwelcome(purpose)
        found = self.proof()
        if found is None:
            raise LoginFailed(
                f"{self._client.host} wants a password, and the log-in of {self._who} in "
                f"{self.credentials.origin} is an identity token: configure 'username' and "
                "'password_env'."
            )
        if sent is not None and sent.header == found.header:
            if self.has_renewed():
                return self.proof()
            if not self._is_proven:
                raise LoginFailed(self._wrong_password())
        return found

    def has_renewed(self) -> bool:
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

    def check_not_refused(self) -> None:
        """Do not send credentials again that were refused a moment ago.

        Raises:
            LoginFailed: they were.
        """
        if self._refused and self._clock.monotonic() < self._refused[0]:
            raise LoginFailed(self._refused[1])

    def may_help(self, status: int) -> bool:
        """Whether there are other credentials than those that a token service refused."""
        return status in _MEANS_PASSWORD and self.has_renewed()

    def refusal(self, status: int, host: str, purpose: Purpose) -> Exception:
        """The error for a token service that gave no token."""
        if status not in {*_MEANS_PASSWORD, HTTPStatus.FORBIDDEN}:
            return Unreadable(
                f"{host} answers {status} to the request for a token for {self._client.host}."
            )
        if self.credentials is None or status == HTTPStatus.FORBIDDEN:
            return self.unwelcome(purpose)
        why = self._wrong_password()
        self._refused = self._clock.monotonic() + REFUSAL_SECONDS, why
        return LoginFailed(why)

    def unwelcome(self, purpose: Purpose) -> Denied:
        """The error for a registry that does not show something to this account."""
        what = f"'{shown(purpose.repository, 100)}'" if purpose.repository else "its catalog"
        refuses = f"{self._client.host} refuses to show {what} (401)"
        if self.credentials is None:
            return Denied(f"{refuses}: configure 'username' and 'password_env' for it.")
        return Denied(f"{refuses} to {self._who}: ask its owner for the permission to read it.")

    @property
    def _who(self) -> str:
        return f"'{shown(self.credentials.username, 100)}'" if self.credentials else "anonymous"

    def _wrong_password(self) -> str:
        where = self.credentials.origin if self.credentials else ""
        if self.credentials and self.credentials.is_identity_token:
            return (
                f"{self._client.host} refuses the identity token of {self._who} in {where}: log in "
                "again (for Azure with 'az acr login')."
            )
        return (
            f"{self._client.host} refuses the username or password of {self._who}: check "
            f"'username' and {where}; a token may have expired or been revoked."
        )
