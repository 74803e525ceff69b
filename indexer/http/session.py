"""A session of requests with one origin: it sends and keeps connections, and does nothing else.

What requests would do besides is turned off, for these reasons:

- redirects: it follows them to anywhere, and where it is told not to, it still reads the body of
  one to its end, unpacked and without a bound; `client` follows those within the origin
- URLs: it undoes and redoes their quoting; a cursor that a server gave goes back as it came
- the environment: it takes a login from ~/.netrc, proxies and authorities from there, and others
  from certifi; ours are those of `proxy` and `connection_pool.trusting`
- cookies: none is sent back, so none is read or kept
- new tries: `client` alone decides about them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3 import Retry

from indexer.http import connection_pool

if TYPE_CHECKING:
    import ssl

    import urllib3

    from indexer.http.origin import Origin
    from indexer.http.proxy import Proxy

CONNECTIONS = 64
"""Idle connections kept at most; more threads than that connect anew for each request."""


class Session(requests.Session):
    """Sends prepared requests to one origin, and nothing to any other. Safe to call from threads.

    It is safe because nothing in it changes from one request to the next, its connections apart,
    which urllib3 guards.

    Args:
        origin: whom to speak to.
        proxy: through whom; None: directly.
        context: whom to trust; None where no TLS is spoken.
    """

    def __init__(
        self, origin: Origin, *, proxy: Proxy | None, context: ssl.SSLContext | None
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.stream = True
        self.cookies = _NoCookies()
        self.adapters.clear()
        self.mount(f"{origin.url}/", _Adapter(origin, proxy, context))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No redirect leads anywhere: `client` reads the header itself."""
        del resp


class _NoCookies(RequestsCookieJar):
    """Stays empty."""

    def extract_cookies(self, *_: Any) -> None:
        """Leave an answer's cookies alone."""


class _Adapter(HTTPAdapter):
    """Puts the connections of `connection_pool` under requests."""

    def __init__(self, origin: Origin, proxy: Proxy | None, context: ssl.SSLContext | None) -> None:
        self._proxy = proxy
        self._context = context
        super().__init__(max_retries=Retry(total=False))
        self._pool: urllib3.HTTPConnectionPool = self.poolmanager.connection_from_url(origin.url)
        # A proxy that passes plain requests on is told the whole URL (RFC 9112, section 3.2.2).
        self._passed_on = proxy is not None and origin.scheme == "http"
        self._before_path = len(origin.url)

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """Make the connections keep deadlines."""
        self.poolmanager = connection_pool.manager(self._proxy, self._context, CONNECTIONS)

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> urllib3.HTTPConnectionPool:
        """All requests go to one origin, by one way."""
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """The context says whom to trust: do not add certifi's authorities to it."""

    def request_url(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> str:
        """Name the path as it was asked for, not as requests would write it."""
        url = request.url or ""
        return url if self._passed_on else url[self._before_path :]

    def build_response(
        self, req: requests.PreparedRequest, resp: urllib3.BaseHTTPResponse
    ) -> requests.Response:
        """Hand an answer on without looking for cookies in it."""
        response = requests.Response()
        response.status_code = resp.status
        response.headers.update(resp.headers)
        response.raw = resp
        response.reason = resp.reason or ""
        response.url = req.url or ""
        response.request = req
        response.connection = self
        return response
