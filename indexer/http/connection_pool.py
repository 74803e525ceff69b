"""Connections with a deadline for the whole answer.

A socket's time-out only bounds the wait for the next byte, so a server that sends one byte a second
could hold a client for ever, in the headers or in the body. Here every read gets the time that is
left until the deadline. Before it reads the status line, urllib3 sets the socket's time-out to
what is left of the total after connecting; the deadline is counted from there. A body that is
passed on in pieces has no deadline (`without_deadline`).
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError

from indexer.core.errors import ConfigError
from indexer.core.printable import shown

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import WriteableBuffer

    from indexer.http.address_class import AddressGate
    from indexer.http.proxy import Proxy

_BUFFER_BYTES = 64 * 1024


class _UntilDeadline(io.RawIOBase):
    """Reads from a socket until the deadline."""

    def __init__(self, sock: socket.socket, deadline: float | None) -> None:
        super().__init__()
        self._sock = sock
        self._raw = cast("io.RawIOBase", sock.makefile("rb", buffering=0))
        self._deadline = deadline
        self._seconds: float | None = None

    def last(self, seconds: float) -> None:
        """From now on each read has so much time, and the whole answer has no deadline."""
        self._seconds = seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        if self._seconds is not None:
            self._sock.settimeout(self._seconds)
        elif self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left)
        # typeshed has no readinto on RawIOBase
        return cast("int | None", cast("Any", self._raw).readinto(buffer))

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Readable:
    """The part of a socket that http.client's responses use."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        seconds = self._sock.gettimeout()
        deadline = None if seconds is None else time.monotonic() + seconds
        return io.BufferedReader(_UntilDeadline(self._sock, deadline), _BUFFER_BYTES)


class _Response(http.client.HTTPResponse):
    """A response whose headers and body must arrive before the deadline."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(cast("socket.socket", _Readable(sock)), *args, **kwargs)


def without_deadline(response: urllib3.BaseHTTPResponse, seconds: float) -> None:
    """Let an answer take as long as it does, if each read ends within so many seconds."""
    buffered = cast("Any", response)._fp.fp  # noqa: SLF001 - it shows it nowhere else
    if isinstance(buffered, io.BufferedReader) and isinstance(buffered.raw, _UntilDeadline):
        buffered.raw.last(seconds)


class _Gated(HTTPConnection):
    """A connection to an address that its gate admits."""

    response_class = _Response

    def __init__(self, *args: Any, gate: AddressGate | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gate = gate

    def _new_conn(self) -> socket.socket:
        gate = self._gate
        if gate is None:
            return super()._new_conn()
        sock = super()._new_conn() if gate.is_open else self._judged(gate)
        gate.note(str(sock.getpeername()[0]))
        return sock

    def _judged(self, gate: AddressGate) -> socket.socket:
        """Resolve once, and connect to a checked address; the certificate must be of the name."""
        name = self._dns_host
        try:
            addresses = gate.addresses(name, self.port)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        try:
            for place, address in enumerate(addresses, 1):
                self._dns_host = address
                try:
                    return super()._new_conn()
                except NewConnectionError:
                    if place == len(addresses):
                        raise
        finally:
            self._dns_host = name
        raise AssertionError  # a gate admits one address or raises


class _Connection(_Gated):
    pass


class _SecureConnection(_Gated, HTTPSConnection):
    pass


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def manager(
    proxy: Proxy | None, context: ssl.SSLContext | None, connections: int
) -> urllib3.PoolManager:
    """A urllib3 manager whose connections keep deadlines.

    Args:
        proxy: the proxy to go through; None: none.
        context: for TLS; None where TLS is not used.
        connections: how many idle ones are kept.
    """
    manager: urllib3.PoolManager
    if proxy is None:
        manager = urllib3.PoolManager(maxsize=connections, ssl_context=context)
    else:
        login = proxy.login.reveal() if proxy.login else None
        manager = urllib3.ProxyManager(
            proxy.url,
            proxy_headers=urllib3.make_headers(proxy_basic_auth=login) if login else None,
            proxy_ssl_context=context,
            maxsize=connections,
            ssl_context=context,
        )
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return manager


class ClientCertificate(NamedTuple):
    """A client certificate and its key (PEM).

    `key` is None where the certificate's file holds it too.
    """

    file: Path
    key: Path | None = None


def trusting(ca_file: Path | None, certificate: ClientCertificate | None = None) -> ssl.SSLContext:
    """A TLS context that trusts the system's authorities (or `SSL_CERT_FILE`'s) and `ca_file`'s.

    Raises:
        ConfigError: a file cannot be used.
    """
    context = ssl.create_default_context()
    file = ca_file
    try:
        if ca_file is not None:
            context.load_verify_locations(cafile=ca_file)
        if certificate is not None:
            file = certificate.file
            context.load_cert_chain(certificate.file, certificate.key, password=_no_password)
    except (OSError, ValueError) as error:  # ssl's own errors are OSErrors
        why = (
            "it is not a certificate (PEM)" if file == ca_file else "it does not fit its key (PEM)"
        )
        if isinstance(error, FileNotFoundError | PermissionError) and error.strerror:
            why = error.strerror
        raise ConfigError(f"the certificate {shown(str(file))} cannot be used: {why}.") from None
    return context


def _no_password() -> str:
    """The password for an encrypted key: nobody can be asked for one."""
    return ""
