"""A site that is served on loopback, by the server that people run."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import requests

from indexer.config import Settings
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
HOOK = "a-secret-of-some-length"

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


@dataclass
class Running:
    """A server, and how to ask it."""

    address: str
    clock: StillClock
    session: requests.Session = field(default_factory=requests.Session)

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


@contextmanager
def running(
    index: Store,
    rules: AccessRules | None = None,
    settings: Settings | None = None,
    clock: StillClock | None = None,
) -> Iterator[Running]:
    """Serve an index in a thread; changes are looked for twenty times a second."""
    clock = clock or StillClock()
    site = context_over(
        index,
        clock=clock,
        settings=settings or Settings(),
        rules=rules or AccessRules(token=TOKEN, hook=HOOK),
        every=0.05,
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
