"""What a 401 asks for, and under which address the client reached us.

Registry clients are asked for a bearer token of `/token`: with the `Basic` scheme docker would
refuse to go on without credentials, and then nobody could read what is public (distribution's token
specification). Programs are asked for `Basic`. A browser is asked for a scheme that it does not
know: so it shows the log-in page instead of its own dialog, from which nobody can log out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.web.access_rules import AccessRules

BASIC = 'Basic realm="indexer", charset="UTF-8"'
FORM = 'Bearer realm="indexer"'

_HOST = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)


def of_registry(
    scope: Mapping[str, Any],
    rules: AccessRules,
    wanted: str | None = None,
    error: str | None = None,
) -> str:
    """The challenge of the registry API.

    Args:
        scope: of the request, whose host header was accepted.
        rules: of the server.
        wanted: the scope of distribution's token specification, such as `repository:NAME:pull`.
        error: the code of RFC 6750 for a bearer token that is not valid.
    """
    parts = [f'Bearer realm="{base_address(scope, rules)}/token"', 'service="indexer"']
    parts += [f'scope="{wanted}"'] if wanted else []
    parts += [f'error="{error}"'] if error else []
    return ",".join(parts)


def base_address(scope: Mapping[str, Any], rules: AccessRules) -> str:
    """The scheme and host under which the client reaches us.

    A proxy that ends TLS says so in `X-Forwarded-Proto`. It is believed only if it says https, and
    only for addresses in the answer to who said it.
    """
    if rules.url is not None:
        return rules.url
    host = header(scope, b"host")
    scheme = "https" if is_https(scope, rules) else "http"
    return f"{scheme}://{host if _HOST.fullmatch(host) else 'localhost'}"


def is_https(scope: Mapping[str, Any], rules: AccessRules) -> bool:
    """Whether the client reaches us, or the proxy in front of us, with TLS."""
    if header(scope, b"x-forwarded-proto").lower() == "https":
        return True
    return (
        rules.url is not None
        and rules.url.startswith("https:")
        and rules.is_url_of(header(scope, b"host"))
    )


def header(scope: Mapping[str, Any], name: bytes) -> str:
    """The first header of a name, or an empty text."""
    found = (value for key, value in scope["headers"] if key == name)
    return str(next(found, b"").decode("latin-1").strip())
