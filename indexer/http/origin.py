"""An origin: scheme, host and port. Requests and tokens go to the configured origin only."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from indexer.core.errors import ConfigError
from indexer.core.printable import shown

if TYPE_CHECKING:
    from urllib.parse import SplitResult

DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where a registry's API is. `prefix` is the path that request paths are appended to."""

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @classmethod
    def of(cls, url: str) -> Origin:
        """Read a configured URL.

        Raises:
            ConfigError: it is not an http(s) URL, or holds credentials, a query or a fragment.
        """
        parts = _split(url)
        origin = parts and _origin(parts)
        if parts is None or origin is None:
            raise ConfigError(
                f"'{_safe(url)}' is not a URL: write 'https://HOST' or 'https://HOST:PORT'."
            )
        if parts.username is not None or parts.password is not None:
            raise ConfigError(
                f"the URL of {origin.host} holds credentials: configure 'username' and "
                "'password_env' instead."
            )
        if parts.query or parts.fragment:
            raise ConfigError(
                f"the URL of {origin.host} must end with its path, without '?' or '#'."
            )
        return origin._replace(prefix=parts.path.rstrip("/"))

    @property
    def url(self) -> str:
        """Scheme, host and port; the port only where it is not the default."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """Host and port as in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_private(self) -> bool:
        """Whether the connection cannot be overheard: https, or a loopback address."""
        return self.scheme == "https" or is_loopback(self.host)

    def target(self, base: str, link: str) -> str | None:
        """The path and query of a link that is relative to the path `base`.

        None if the link has another scheme, host or port, or cannot be read.
        """
        joined = _join(self.url + base, link)
        parts = _split(joined) if joined else None
        origin = parts and _origin(parts)
        if parts is None or origin is None or origin[:3] != self[:3] or "@" in parts.netloc:
            return None
        return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"

    def is_at(self, other: Origin) -> bool:
        """Whether another origin has the same scheme, host and port, whatever its prefix."""
        return self[:3] == other[:3]

    def origin_of(self, link: str) -> str:
        """The origin of a foreign link, safe to show; without its credentials, path or query."""
        joined = _join(self.url, link)
        parts = _split(joined) if joined else None
        origin = parts and _origin(parts)
        return shown(origin.url, 100) if origin else "an address that cannot be read"


def located(url: str) -> tuple[Origin, str] | None:
    """Split an absolute URL from outside into its origin, and its path and query.

    None if it is not a URL, or holds credentials.
    """
    parts = _split(url)
    origin = parts and _origin(parts)
    if parts is None or origin is None or "@" in parts.netloc:
        return None
    path = parts.path or "/"
    return origin, f"{path}?{parts.query}" if parts.query else path


def is_loopback(host: str) -> bool:
    """Whether a host is a loopback address or `localhost`, by its name alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(parts: SplitResult) -> Origin | None:
    try:
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return None
    return Origin(parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme])


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _join(base: str, link: str) -> str | None:
    try:
        return urljoin(base, link)
    except ValueError:
        return None


def _safe(url: str) -> str:
    """A URL that cannot be read, with possible credentials removed."""
    return shown(url.rpartition("@")[2], 100)
