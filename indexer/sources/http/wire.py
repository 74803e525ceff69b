"""One exchange: a request out, a bounded answer in, within a deadline; failures in words.

urllib3 alone, without requests on top: that saves half of the CPU of a page, and with it go its
habits of reading ~/.netrc and of following redirects to anywhere.
"""

from __future__ import annotations

import logging
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import urllib3
from urllib3.exceptions import HTTPError

from indexer.sources.http import bodies, deadline
from indexer.sources.http.trouble import Broken, explained, unwelcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from indexer.sources.http.origin import Origin
    from indexer.sources.http.proxies import Proxy

CONNECTIONS = 64
"""Idle connections kept at most; more threads than that connect anew for each request."""


class Received(NamedTuple):
    """An answer, read to its end. `wire_bytes` counts the body as it travelled, compressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    wire_bytes: int


class Wire:
    """The connections to one origin. Safe to call from threads.

    Args:
        origin: whom to speak to.
        proxy: through whom; None: directly.
        timeout: seconds for a whole exchange, from connecting to the last byte.
        ca_file: certificates of the authorities to trust besides the system's.
    """

    def __init__(
        self, origin: Origin, *, proxy: Proxy | None, timeout: float, ca_file: Path | None = None
    ) -> None:
        for noisy in ("urllib3", "urllib3.connectionpool", "urllib3.connection"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)  # it logs URLs
        self._origin = origin
        self._proxy = proxy
        self._timeout = timeout
        context = deadline.trusting(ca_file) if "https" in {origin.scheme, _scheme(proxy)} else None
        self._manager = deadline.manager(proxy, context, CONNECTIONS)
        self._pool = self._manager.connection_from_url(origin.url)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._manager.clear()

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Received:
        """Send one request and read its answer, of whatever status.

        Raises:
            Broken: there was none, or it could not be read to its end.
        """
        response: urllib3.BaseHTTPResponse | None = None
        try:
            response = self._open(method, target, headers, body)
            raw = bodies.read(response)
            if (
                response.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
                and self._proxy is not None
            ):
                raise unwelcome(self._proxy)
        except (HTTPError, ssl.SSLError, OSError, ValueError) as error:
            trouble = explained(error, self._origin, self._proxy, self._timeout)
        except Broken as broken:
            trouble = broken
        else:
            return self._unpacked(response, raw)
        finally:
            if response is not None:
                response.close()  # one that was read to its end has put its connection back
        trouble.wire_bytes = response.tell() if response is not None else 0
        raise trouble

    def _open(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> urllib3.BaseHTTPResponse:
        # Through a proxy the manager knows what to do; without one its work would be wasted.
        through = self._pool if self._proxy is None else self._manager
        where = target if self._proxy is None else self._origin.url + target
        return through.urlopen(
            method,
            where,
            body=body,
            headers=headers,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(total=self._timeout),
        )

    @staticmethod
    def _unpacked(response: urllib3.BaseHTTPResponse, raw: bytes) -> Received:
        try:
            body = bodies.unpack(raw, response.headers.get("Content-Encoding", ""))
        except Broken as broken:
            broken.wire_bytes = len(raw)
            if response.status == HTTPStatus.OK:
                raise
            body = b""  # the status has said it all
        return Received(response.status, response.headers, body, len(raw))


def _scheme(proxy: Proxy | None) -> str:
    return proxy.url.partition(":")[0] if proxy else ""
