"""Where the credentials of a registry's entry may go. This is decided here, and nowhere else.

They go to the host of their entry, to the token service that the entry names (`realm`), and to an
https token service of the same registrable domain (`auth.docker.io` for `registry-1.docker.io`);
in clear text only to this machine, or where the entry allows it (`insecure`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import ConfigError, LoginFailed
from indexer.core.printable import shown
from indexer.core.registrable_domain import is_same_domain
from indexer.http.origin import is_loopback

if TYPE_CHECKING:
    from indexer.core.secret import Credentials
    from indexer.http import Origin


class Recipients(NamedTuple):
    """Who may get the credentials of an entry.

    Attributes:
        own: the entry's own host.
        realm: the token service that the entry names; None if it names none.
        insecure: the entry allows clear text.
    """

    own: Origin
    realm: Origin | None = None
    insecure: bool = False

    def admit(self, to: Origin, credentials: Credentials) -> None:
        """Decide whether credentials may be sent to an origin.

        Raises:
            ConfigError: they could be read on the way.
            LoginFailed: it is of another domain.
        """
        who = f"'{shown(credentials.username, 100)}'"
        if not (to.is_private or self.insecure):
            raise ConfigError(
                f"the credentials of {who} would be sent to {shown(to.netloc, 100)} in clear text: "
                "use https, or set 'insecure = true'."
            )
        if not self._includes(to):
            raise LoginFailed(
                f"{shown(self.own.netloc, 100)} asks for the credentials of {who} at "
                f"{shown(to.netloc, 100)}, another domain, and nothing was sent: if that is its "
                "token service, configure it as 'realm'."
            )

    def _includes(self, to: Origin) -> bool:
        if to.host == self.own.host or (self.realm is not None and to.is_at(self.realm)):
            return True
        if is_loopback(to.host) and is_loopback(self.own.host):
            return True
        return to.scheme == "https" and is_same_domain(to.host, self.own.host)


def revealed(credentials: Credentials, to: Origin, recipients: Recipients) -> str:
    """The password or token in clear, for a request to `to` and for nothing else.

    Raises:
        ConfigError: it could be read on the way.
        LoginFailed: `to` may not have it.
    """
    recipients.admit(to, credentials)
    return credentials.secret.reveal()
