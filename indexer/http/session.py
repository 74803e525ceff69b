"""A session of requests for one origin: it sends, keeps connections, and does nothing else.

`send` skips what requests does around the sending. That takes a tenth of the time of a crawl's
request, and these parts of it are not wanted:

- redirects: requests follows them to any host. Told not to, it still reads the redirect's whole
  body, unpacked and without a bound. `client` follows redirects within the origin
- URLs: requests unquotes and quotes them again; a cursor from a server must go back unchanged
- the environment: requests takes a login from ~/.netrc, and proxies and authorities from the
  environment or certifi; ours come from `proxy` and `connection_pool.trusting`
- cookies: none is sent back, so none is read or kept
- retries: `client` alone decides about them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from indexer.http import connection_pool

if TYPE_CHECKING:
    import ssl

    import urllib3

    from indexer.http.address_class import AddressGate
    from indexer.http.origin import Origin
    from indexer.http.proxy import Proxy

CONNECTIONS = 64
"""The most idle connections; further threads connect anew for each request."""


class Session(requests.Session):
    """Sends prepared requests to one origin only. Safe to call from threads.

    It is safe because nothing in it changes from one request to the next except its connections,
    which urllib3 locks.

    Args:
        origin: the server.
        proxy: the proxy to go through; None: none.
        context: for TLS; None where TLS is not used.
        gate: checks the addresses that are connected to; through a proxy, the proxy does.
    """

    def __init__(
        self,
        origin: Origin,
        *,
        proxy: Proxy | None,
        context: ssl.SSLContext | None,
        gate: AddressGate,
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.adapters.clear()
        self.mount(f"{origin.url}/", _Adapter(origin, proxy, context, gate))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send to the origin, and do nothing else; an address elsewhere has no adapter."""
        return self.get_adapter(request.url or "").send(request, timeout=kwargs["timeout"])


class _Adapter(HTTPAdapter):
    """Makes requests use the connections of `connection_pool`."""

    def __init__(
        self,
        origin: Origin,
        proxy: Proxy | None,
        context: ssl.SSLContext | None,
        gate: AddressGate,
    ) -> None:
        self._proxy = proxy
        self._context = context
        super().__init__(max_retries=Retry(total=False))
        self._pool: urllib3.HTTPConnectionPool = self.poolmanager.connection_from_url(origin.url)
        if proxy is None:
            self._pool.conn_kw["gate"] = gate
        # A forwarding proxy for plain http takes the whole URL (RFC 9112, section 3.2.2).
        self._passed_on = proxy is not None and origin.scheme == "http"
        self._before_path = len(origin.url)

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """Use connections that keep deadlines."""
        self.poolmanager = connection_pool.manager(self._proxy, self._context, CONNECTIONS)

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> urllib3.HTTPConnectionPool:
        """The one pool: all requests go to one origin."""
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Do not add certifi's authorities: the context already says whom to trust."""

    def request_url(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> str:
        """The path as it was asked for, without requests' re-quoting."""
        url = request.url or ""
        return url if self._passed_on else url[self._before_path :]

    def send(
        self, request: requests.PreparedRequest, *_: Any, timeout: Any = None, **__: Any
    ) -> requests.Response:
        """Send on the pool's connections; what fails is an error of urllib3."""
        answer = self._pool.urlopen(
            request.method or "GET",
            self.request_url(request),
            body=request.body,
            headers=request.headers,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
            retries=self.max_retries,
            timeout=timeout,
        )
        return self.build_response(request, answer)

    def build_response(
        self, req: requests.PreparedRequest, resp: urllib3.BaseHTTPResponse
    ) -> requests.Response:
        """Wrap an answer without looking for cookies in it."""
        response = requests.Response()
        response.status_code = resp.status
        response.headers.update(resp.headers)
        response.raw = resp
        response.reason = resp.reason or ""
        response.url = req.url or ""
        response.request = req
        response.connection = self
        return response
