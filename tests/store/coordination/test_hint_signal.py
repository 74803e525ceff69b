"""A hint of another process is noticed, on both databases, without waiting by a real clock."""

from __future__ import annotations

from contextlib import closing, contextmanager
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


@contextmanager
def waiting(url: str, clock: FakeClock) -> Iterator[HintSignal]:
    """As the daemon waits, for a shorter time."""
    with closing(Database(url)) as database:
        signal = (
            PolledHints(database, clock)
            if database.is_sqlite
            else NotifiedHints(database, clock, seconds=0.01)
        )
        with closing(signal):
            yield signal


def test_each_new_hint_is_noticed_and_none_that_waits_already(
    store: Store, database_url: str
) -> None:
    Scribe(store.archive).crawl({"nginx": [], "redis": []})
    store.hints.hint("docker.io", [NGINX])
    clock = BusyClock()
    with (
        waiting(database_url, clock) as signal,
        closing(open_store(database_url, create=False)) as other,
    ):
        signal.arrived()  # it listens from now on
        assert signal.arrived() is False
        for names, is_new in (([NGINX], False), ([NGINX, "library/redis"], True)):
            other.hints.hint("docker.io", names)
            assert signal.arrived() is is_new
        assert signal.arrived() is False


def test_a_hint_is_noticed_that_comes_while_it_waits(store: Store, database_url: str) -> None:
    Scribe(store.archive).crawl({"nginx": []})
    clock = BusyClock()
    with waiting(database_url, clock) as signal:
        signal.arrived()
        clock.meanwhile = lambda: store.hints.hint("docker.io", [NGINX])
        clock.meanwhile()
        assert signal.arrived()


def test_a_database_that_cannot_be_used_is_tried_again_later(tmp_path: object) -> None:
    clock = FakeClock()
    gone = f"sqlite:///{tmp_path}/none/index.db"
    with waiting(gone, clock) as signal:
        assert not signal.arrived()
    assert clock.waits == [LOST_SECONDS]
