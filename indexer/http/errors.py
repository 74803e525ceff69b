"""What went wrong in an exchange, as a sentence, and whether a retry may help."""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING

import requests
from urllib3 import exceptions

from indexer.core.errors import Unavailable
from indexer.core.printable import shown

if TYPE_CHECKING:
    from indexer.core.errors import SourceError
    from indexer.http.origin import Origin
    from indexer.http.proxy import Proxy

ALWAYS = 1_000
"""A failure with this value may be retried as often as the client allows."""

_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")

_REMEDY = "(set 'ca_file' or SSL_CERT_FILE to the authorities to trust)"
_UNKNOWN_ISSUER = f"its certificate is from an unknown issuer {_REMEDY}"

_CERTIFICATE = {
    10: "its certificate has expired",
    9: "its certificate is not valid yet",
    18: f"its certificate is self-signed {_REMEDY}",
    62: "its certificate is for another name",
    64: "its certificate is for another address",
}
"""OpenSSL's X509_V_ERR codes (x509_vfy.h); any other code means an unknown issuer."""


class ExchangeFailed(Exception):
    """One exchange failed. Never leaves `indexer.http`.

    Args:
        what: continues the sentence "REGISTRY gave no usable answer: ".
        error: the error to raise if retries do not help.
        tries: the most exchanges to make, this one included.
        wait: for how many seconds the server asks us to wait.
    """

    def __init__(
        self,
        what: str,
        *,
        error: type[SourceError] = Unavailable,
        tries: int = ALWAYS,
        wait: float | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.error = error
        self.tries = tries
        self.wait = wait
        self.wire_bytes = 0
        self.status: int | None = None


def explained(
    error: Exception, origin: Origin, proxy: Proxy | None, timeout: float
) -> ExchangeFailed:
    """Turn an exception of requests, urllib3 or below into a sentence.

    The exception's own text is never used: it may hold URLs with credentials.
    """
    if isinstance(error, requests.RequestException):  # it wraps one of urllib3's, mostly
        error = _first(error)
    if isinstance(error, exceptions.ProxyError) and proxy is not None:
        cause = error.original_error
        if not isinstance(cause, exceptions.SSLError | ssl.SSLError):
            return _of_the_proxy(cause, proxy)
        error = cause
    if isinstance(error, exceptions.SSLError):
        error = _first(error)
    if isinstance(error, ssl.SSLError):
        return _of_tls(error)
    return ExchangeFailed(_of_the_connection(error, origin, timeout))


def unwelcome(proxy: Proxy) -> ExchangeFailed:
    """The failure for a proxy that answers 407."""
    what = f"the proxy {shown(proxy.url, 100)} requires a valid username and password"
    return ExchangeFailed(what, tries=1)


def _first(error: Exception) -> Exception:
    """The root cause of an exception; itself if it has none."""
    return error.args[0] if error.args and isinstance(error.args[0], Exception) else error


def _of_the_proxy(cause: Exception, proxy: Proxy) -> ExchangeFailed:
    where = f"the proxy {shown(proxy.url, 100)}"
    tunnel = _TUNNEL.search(str(cause))
    if tunnel is None:
        return ExchangeFailed(
            f"{where} cannot be reached (check HTTPS_PROXY, HTTP_PROXY or ALL_PROXY)"
        )
    status = tunnel[1]
    if status == "407":
        return unwelcome(proxy)
    return ExchangeFailed(f"{where} answers {status} instead of connecting")


def _of_tls(error: ssl.SSLError) -> ExchangeFailed:
    if isinstance(error, ssl.SSLCertVerificationError):
        what = _CERTIFICATE.get(error.verify_code, _UNKNOWN_ISSUER)
        return ExchangeFailed(f"it cannot be trusted: {what}", tries=1)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError):
        return ExchangeFailed("it closed the connection too early")
    reason = shown((error.reason or "unknown reason").replace("_", " ").lower(), 80)
    return ExchangeFailed(f"no secure connection could be made: {reason}", tries=1)


def _of_the_connection(error: Exception, origin: Origin, timeout: float) -> str:
    cause = error.args[1] if len(error.args) > 1 else error
    if isinstance(error, exceptions.NameResolutionError):
        what = f"the host name {shown(origin.host, 100)} is unknown"
    elif isinstance(error, exceptions.NewConnectionError):
        what = f"cannot connect to {shown(origin.netloc, 100)}"
    elif isinstance(error, exceptions.TimeoutError | TimeoutError):
        what = f"it did not finish within {timeout:g} seconds"
    elif isinstance(cause, exceptions.IncompleteRead):
        what = "its answer was cut short"
    elif isinstance(cause, ConnectionResetError):
        what = "it reset the connection"
    else:
        what = "it closed the connection, or sent something other than HTTP"
    return what
