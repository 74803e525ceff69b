"""A hint of another process is noticed, on both databases, without waiting by a real clock."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from indexer.store import open_store
from indexer.store.coordination.hint_signal import LOST_SECONDS, NotifiedHints, PolledHints
from indexer.store.database.engine import Database
from tests.http.fake_server import FakeClock
from tests.store.scribe import Scribe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.store import Store
    from indexer.store.coordination.hint_signal import HintSignal

NGINX = "library/nginx"


class BusyClock(FakeClock):
    """While somebody waits by it, something happens elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] = lambda: None

    def wait(self, seconds: float) -> None:
        self.meanwhile()
        super().wait(seconds)


def waiting(url: str, clock: FakeClock) -> HintSignal:
    """As the daemon waits, for a shorter time."""
    database = Database(url)
    if database.is_sqlite:
        return PolledHints(database, clock)
    return NotifiedHints(database, clock, seconds=0.01)


def answers(signal: HintSignal, times: int) -> Iterator[bool]:
    with closing(signal):
        for _ in range(times):
            yield signal.arrived()


def test_each_new_hint_is_noticed_and_none_that_waits_already(
    store: Store, database_url: str
) -> None:
    Scribe(store.archive).crawl({"nginx": [], "redis": []})
    store.hints.hint("docker.io", [NGINX])
    clock = BusyClock()
    found = answers(waiting(database_url, clock), 5)
    next(found)  # it listens from now on
    assert next(found) is False
    with closing(open_store(database_url, create=False)) as other:
        for names, is_new in (([NGINX], False), ([NGINX, "library/redis"], True)):
            other.hints.hint("docker.io", names)
            assert next(found) is is_new
    assert next(found) is False


def test_a_hint_is_noticed_that_comes_while_it_waits(store: Store, database_url: str) -> None:
    Scribe(store.archive).crawl({"nginx": []})
    clock = BusyClock()
    with closing(waiting(database_url, clock)) as signal:
        signal.arrived()
        clock.meanwhile = lambda: store.hints.hint("docker.io", [NGINX])
        clock.meanwhile()
        assert signal.arrived()


def test_a_database_that_cannot_be_used_is_tried_again_later(tmp_path: object) -> None:
    clock = FakeClock()
    gone = f"sqlite:///{tmp_path}/none/index.db"
    with closing(waiting(gone, clock)) as signal:
        assert not signal.arrived()
    assert clock.waits == [LOST_SECONDS]
