"""Secrets that are not printed by accident."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ORGANISATION_TOKEN = "dckr_oat_"  # noqa: S105 - a prefix (Docker's documentation), no secret
"""The prefix of organisation access tokens."""


class Secret:
    """A password or token. Only `reveal` shows it; printing, logging and tracebacks do not."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret as text. Call it only where a request needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account and its secret.

    Attributes:
        username: a user or an organisation; crawls are recorded under this identity.
        secret: a password, or a personal or organisation access token.
        origin: where the secret was found, in words, for remedies in error messages.
        is_identity_token: the secret is not a password: a token service exchanges it for tokens
            (`az acr login` leaves one).
        renew: looks them up again, for when they are refused: passwords of credential helpers last
            an hour (Google) or twelve (Amazon), and a daemon runs longer.
    """

    username: str
    secret: Secret
    origin: str = "the configuration"
    is_identity_token: bool = False
    renew: Callable[[], Credentials | None] | None = field(default=None, compare=False, repr=False)

    def renewed(self) -> Credentials | None:
        """The same account with another secret, if there is one by now.

        Raises:
            ConfigError: the account is not where the configuration says any more.
        """
        found = self.renew() if self.renew else None
        if found is None or found.username != self.username or found.secret == self.secret:
            return None
        return replace(found, renew=self.renew)

    @property
    def is_organisation_token(self) -> bool:
        """Whether the secret is an organisation access token."""
        return self.secret.reveal().startswith(ORGANISATION_TOKEN)
