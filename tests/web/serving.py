"""A site that is served on loopback, by the server that people run."""

from __future__ import annotations

import contextlib
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import requests

from indexer.config import AccessToken, Settings
from indexer.core.clock import Clock
from indexer.web.access_rules import AccessRules
from indexer.web.context import context_over
from indexer.web.server import Server, listen
from tests.store.scribe import START

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.store import Store

TOKEN = "a-token-of-some-length"
OWNER = AccessToken("owner", TOKEN)
HOOK = "a-secret-of-some-length"

NO_ACCOUNT = {"Authorization": "Bearer anonymous"}
"""What a registry client sends after it was asked to log in, if it has no credentials."""

PATIENCE_SECONDS = 60


class StillClock(Clock):
    """A clock that stands where the test put it; only its monotonic side runs."""

    def __init__(self, now: datetime = START + timedelta(days=3)) -> None:
        self.time = now
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


def _session() -> requests.Session:
    """A client that keeps no cookies: a test sends those that it means."""
    made = requests.Session()
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return made


@dataclass
class Running:
    """A server, and how to ask it."""

    address: str
    clock: StillClock
    session: requests.Session = field(default_factory=_session)

    def get(self, path: str, **more: Any) -> requests.Response:
        """Ask for a path; redirects are not followed."""
        return self.ask("GET", path, **more)

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        options = {"timeout": PATIENCE_SECONDS, "allow_redirects": False, **more}
        return self.session.request(method, self.address + path, **options)

    def json(self, path: str, **more: Any) -> Any:
        """A good answer, decoded."""
        answer = self.get(path, **more)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.json()


def bearer(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def raw(site: Running, data: bytes, *, is_last: bool = True) -> bytes:
    """What comes back for bytes that no client would send, until the server ends the connection.

    Args:
        site: the server.
        data: the bytes.
        is_last: tell the server that no more will come.
    """
    host, _, port = site.address.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=60)
    with connection, contextlib.suppress(ConnectionError):  # it need not hear the rest
        connection.sendall(data)
        if is_last:
            connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))
    return b""


@contextmanager
def running(
    index: Store,
    rules: AccessRules | None = None,
    settings: Settings | None = None,
    clock: StillClock | None = None,
    **more: Any,
) -> Iterator[Running]:
    """Serve an index in a thread; changes are looked for twenty times a second."""
    clock = clock or StillClock()
    site = context_over(
        index,
        clock=clock,
        settings=settings or Settings(),
        rules=rules or AccessRules(tokens=(OWNER,), hook=HOOK),
        every=0.05,
        **more,
    )
    is_ready = threading.Event()
    server = Server(site, is_ready.set)
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert is_ready.wait(PATIENCE_SECONDS)
            served = Running(f"http://127.0.0.1:{port}", clock)
            with served.session:
                yield served
        finally:
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
