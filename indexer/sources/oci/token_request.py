"""Makes the request for a token: with a password, with an identity token, or anonymously."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from indexer.core.secret import Secret
from indexer.http import Request
from indexer.sources.credential_recipients import revealed
from indexer.sources.oci import responses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.core.secret import Credentials
    from indexer.http import Origin
    from indexer.sources.credential_recipients import Recipients
    from indexer.sources.oci.token_realm import Realm

FORM = "application/x-www-form-urlencoded"

CLIENT_ID = "indexer"
"""What we call ourselves to a token service; the specification requires a name."""


def token_request(
    realm: Realm,
    scopes: Sequence[str],
    credentials: Credentials | None,
    recipients: Recipients,
) -> Request[responses.Token]:
    """The request for a token for scopes.

    An identity token is exchanged by `POST` (distribution's OAuth2 specification, grant type
    `refresh_token`), a password is sent as basic authentication of a `GET` (its token
    specification).

    Raises:
        LoginFailed: the token service may not have the credentials.
        ConfigError: they could be read on the way.
    """
    wanted = [scope for scope in scopes if scope]
    if credentials is not None and credentials.is_identity_token:
        form = [("grant_type", "refresh_token"), ("service", realm.service)]
        form += [("scope", " ".join(wanted)), ("client_id", CLIENT_ID)]
        form += [("refresh_token", revealed(credentials, realm.origin, recipients))]
        return Request(
            realm.target,
            responses.token,
            method="POST",
            body=urlencode([(key, value) for key, value in form if value]).encode(),
            content_type=FORM,
            is_signed=True,
        )
    query = [("service", realm.service)] if realm.service else []
    query += [("scope", scope) for scope in wanted]
    separator = "&" if "?" in realm.target else "?"
    target = f"{realm.target}{separator}{urlencode(query)}" if query else realm.target
    proof = basic(credentials, realm.origin, recipients)
    return Request(target, responses.token, authorization=proof, is_signed=True)


def basic(credentials: Credentials | None, to: Origin, recipients: Recipients) -> Secret | None:
    """Basic authentication for an origin (RFC 7617); None without a password.

    Raises:
        LoginFailed: the origin may not have the credentials.
        ConfigError: they could be read on the way.
    """
    if credentials is None or credentials.is_identity_token:
        return None
    plain = f"{credentials.username}:{revealed(credentials, to, recipients)}".encode()
    return Secret(f"Basic {base64.b64encode(plain).decode()}")
