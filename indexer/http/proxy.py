"""The proxy that the environment configures: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`.

The standard library reads them, as for every HTTP client: it knows the spellings and, on
macOS and Windows, the system's own settings.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from indexer.core.errors import ConfigError
from indexer.core.secret import Secret
from indexer.http.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping


class Proxy(NamedTuple):
    """A proxy: its URL without credentials, and `user:password` for it, if any."""

    url: str
    login: Secret | None = None

    def __str__(self) -> str:
        return self.url


def proxy_for(origin: Origin) -> Proxy | None:
    """The proxy for requests to an origin; None for a direct connection.

    Raises:
        ConfigError: the environment names a proxy that is not supported.
    """
    proxies: Mapping[str, str] = getproxies()
    address = proxies.get(origin.scheme) or proxies.get("all")
    if not address or _is_exempt(origin, proxies.get("no", "")):
        return None
    return _read(address if "://" in address else f"http://{address}", origin.scheme)


def _read(address: str, scheme: str) -> Proxy:
    try:
        address.encode()  # not text (PEP 383): a ValueError, as for an address that is none
        parts = urlsplit(address)
        bare = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        at = Origin.of(bare)
        user, password = parts.username, parts.password
    except (ValueError, ConfigError):
        raise ConfigError(
            f"the environment variable {scheme.upper()}_PROXY or ALL_PROXY is not the address "
            "of an HTTP proxy: write 'http://HOST:PORT' (SOCKS is not supported)."
        ) from None
    login = Secret(f"{unquote(user)}:{unquote(password or '')}") if user is not None else None
    return Proxy(at.url, login)


def _is_exempt(origin: Origin, exempt: str) -> bool:
    """Whether `NO_PROXY` names the host: as a suffix, or as a network that contains its address."""
    if proxy_bypass(f"{origin.host}:{origin.port}"):
        return True
    try:
        address = ipaddress.ip_address(origin.host)
    except ValueError:
        return False
    return any(_holds(network.strip(), address) for network in exempt.split(","))


def _holds(network: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
