"""How one kind of request wants to be authenticated, as a challenge says it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.sources.oci import scopes, www_authenticate
from indexer.sources.oci.token_realm import realm_of

if TYPE_CHECKING:
    from indexer.http import HttpClient
    from indexer.sources.oci.scopes import Purpose
    from indexer.sources.oci.token_realm import Realm


class Way(NamedTuple):
    """How one kind of request wants to be authenticated.

    Attributes:
        realm: the token service; None: by a password.
        scope: of its tokens, for all repositories: see `indexer.sources.oci.scopes`.
    """

    realm: Realm | None = None
    scope: str = ""

    def for_another_kind(self) -> Way:
        """What a kind of request is first tried with that was not asked for yet."""
        return self if scopes.is_of_all(self.scope) else self._replace(scope="")


def way_of(challenge: str, purpose: Purpose, client: HttpClient, *, insecure: bool) -> Way | None:
    """The way that the header `WWW-Authenticate` asks for; None: none that is understood here.

    A token is preferred to a password, where both are offered.

    Raises:
        Unreadable: it names a token service that must not be asked.
    """
    asked = www_authenticate.parse(challenge)
    for each in asked:
        if each.scheme == "bearer":
            realm = realm_of(each, client, insecure=insecure)
            return Way(realm, scopes.learnt(each.parameters.get("scope", ""), purpose))
    return Way() if any(each.scheme == "basic" for each in asked) else None
