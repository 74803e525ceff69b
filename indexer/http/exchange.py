"""One exchange: sends a request, reads a bounded answer within a deadline; failures as sentences.

Requests sends it; the body is read from `Response.raw` within the bounds of `response_body`.
`Response.content` would unpack without a bound, in small pieces, for twice the CPU time of a page.
"""

from __future__ import annotations

import logging
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import requests
import urllib3
from urllib3.exceptions import HTTPError

from indexer.core.errors import Unavailable
from indexer.core.printable import shown
from indexer.http import connection_pool, response_body
from indexer.http.address_class import AddressGate
from indexer.http.errors import ExchangeFailed, explained, unwelcome
from indexer.http.messages import BodyStream
from indexer.http.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from indexer.http.connection_pool import ClientCertificate
    from indexer.http.origin import Origin
    from indexer.http.proxy import Proxy


_STREAMED = frozenset({HTTPStatus.OK.value, HTTPStatus.PARTIAL_CONTENT.value})

CHUNK_BYTES = 256 * 1024
"""The most bytes of one piece of a streamed body."""


class Received(NamedTuple):
    """An answer, read to its end. `wire_bytes` is the size of its body as sent, compressed.

    `stream`: the body was not read.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    wire_bytes: int
    stream: BodyStream | None = None


class Exchange:
    """The connections to one origin. Safe to call from threads.

    Args:
        origin: the server.
        proxy: the proxy to go through; None: none.
        timeout: seconds for a whole exchange, from connecting to the last byte.
        ca_file: certificate authorities to trust besides the system's.
        certificate: the client certificate to present.
        gate: checks the addresses that are connected to.
    """

    def __init__(
        self,
        origin: Origin,
        *,
        proxy: Proxy | None,
        timeout: float,
        ca_file: Path | None = None,
        certificate: ClientCertificate | None = None,
        gate: AddressGate | None = None,
    ) -> None:
        for noisy in ("urllib3", "urllib3.connectionpool", "urllib3.connection"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)  # it logs URLs
        self._origin = origin
        self._proxy = proxy
        self._timeout = timeout
        self._total = urllib3.Timeout(total=timeout)
        is_secure = "https" in {origin.scheme, _scheme(proxy)}
        context = connection_pool.trusting(ca_file, certificate) if is_secure else None
        self._gate = gate or AddressGate()
        self._session = Session(origin, proxy=proxy, context=context, gate=self._gate)

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Received:
        """Send one request and read its answer, whatever its status.

        Raises:
            ExchangeFailed: there was no answer, or it could not be read to its end.
        """
        return self._exchange(method, target, headers, body, streams=False)

    def open(self, method: str, target: str, headers: Mapping[str, str]) -> Received:
        """Send one request, and leave the body of a good answer to be read in pieces.

        Raises:
            ExchangeFailed: there was no answer, or a bad one could not be read to its end.
        """
        return self._exchange(method, target, headers, None, streams=True)

    def _exchange(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        streams: bool,
    ) -> Received:
        response: requests.Response | None = None
        try:
            self._gate.check_name(self._origin.host)
            request = self._prepared(method, target, headers, body)
            response = self._session.send(request, timeout=self._total)
            if streams and response.status_code in _STREAMED:
                return self._streamed(response)
            raw = response_body.read(response.raw)
            if (
                response.status_code == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
                and self._proxy is not None
            ):
                raise unwelcome(self._proxy)
        except (HTTPError, ssl.SSLError, OSError, ValueError) as error:
            trouble = explained(error, self._origin, self._proxy, self._timeout)
        except ExchangeFailed as broken:
            trouble = broken
        else:
            return self._unpacked(response, raw)
        finally:
            if response is not None and not (streams and response.status_code in _STREAMED):
                response.close()  # a response read to its end has returned its connection already
        trouble.wire_bytes = response.raw.tell() if response is not None else 0
        raise trouble

    def _prepared(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> requests.PreparedRequest:
        """Prepare a request as requests does, but keep the URL as it is, without its re-quoting."""
        request = requests.PreparedRequest()
        request.prepare_method(method)
        request.url = self._origin.url + target
        request.prepare_headers(headers)
        request.prepare_body(body, None)
        return request

    def _streamed(self, response: requests.Response) -> Received:
        connection_pool.without_deadline(response.raw, self._timeout)
        stream = _Stream(response, self._origin, self._proxy, self._timeout)
        return Received(response.status_code, response.headers, b"", 0, stream)

    @staticmethod
    def _unpacked(response: requests.Response, raw: bytes) -> Received:
        try:
            body = response_body.unpack(raw, response.headers.get("Content-Encoding", ""))
        except ExchangeFailed as broken:
            broken.wire_bytes = len(raw)
            if response.status_code == HTTPStatus.OK:
                raise
            body = b""  # the status alone matters
        return Received(response.status_code, response.headers, body, len(raw))


class _Stream(BodyStream):
    """The body of an answer that has begun."""

    def __init__(
        self, response: requests.Response, origin: Origin, proxy: Proxy | None, timeout: float
    ) -> None:
        self._response = response
        self._origin = origin
        self._proxy = proxy
        self._timeout = timeout

    def chunks(self) -> Iterator[bytes]:
        """See `BodyStream`."""
        raw = self._response.raw
        try:
            while chunk := raw.read1(CHUNK_BYTES, decode_content=False):
                yield chunk
        except (HTTPError, ssl.SSLError, OSError, ValueError) as error:
            what = explained(error, self._origin, self._proxy, self._timeout).what
            raise Unavailable(f"{shown(self._origin.netloc, 100)}: {what}.") from None

    def close(self) -> None:
        """See `BodyStream`."""
        self._response.close()


def _scheme(proxy: Proxy | None) -> str:
    return proxy.url.partition(":")[0] if proxy else ""
