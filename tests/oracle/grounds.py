"""Where histories are played: the real way, and a short one for many more of them.

The real way is a simulator behind a socket, and a database. On the short way a request is a call,
without sockets, threads of a server and compression, and the index is in memory; everything between
them is the product's own: the source, its decoding, the log-in, trying again, the pace.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

from indexer.http import HttpClient
from indexer.http.errors import ExchangeFailed
from indexer.http.exchange import Exchange, Received
from indexer.hub_simulator import Simulator
from indexer.hub_simulator.faults import Injection
from indexer.hub_simulator.http import Request
from indexer.hub_simulator.hub_lists import ServedCopy
from indexer.hub_simulator.request_handler import NO_BOUND, RequestHandler
from tests.oracle.index import CatalogReader, MemoryReader
from tests.support.memory_archive import MemoryArchive
from tests.support.memory_evaluations import MemoryEvaluationStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from indexer.core.clock import Clock
    from indexer.crawl.ports import Archive
    from indexer.hub_simulator import Fault, Hub, ListCopy, ListKind, OffsetBound, Quirks, Recorded
    from indexer.hub_simulator import Received as Noticed
    from indexer.policies.ports import EvaluationStore
    from indexer.store import Store
    from tests.oracle.index import Reader, Unnamed


class Server(Protocol):
    """What a history needs of a simulator."""

    @property
    def requests(self) -> list[Recorded]:
        """See `Simulator`."""

    @property
    def offset_bound(self) -> OffsetBound | None:
        """See `Simulator`."""

    @offset_bound.setter
    def offset_bound(self, bound: OffsetBound | None) -> None: ...

    def before(self, number: int, action: Callable[[], object]) -> None:
        """See `Simulator`."""

    def inject(
        self, fault: Fault, match: str | Callable[[Noticed], bool] = "*", *, times: int = 1
    ) -> object:
        """See `Simulator`."""

    def serve_copy(self, copy: ListCopy, kinds: Sequence[ListKind] = (), *, times: int = 1) -> None:
        """See `Simulator`."""

    def clear(self) -> None:
        """See `Simulator`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class Ground(Protocol):
    """Where histories are played."""

    @property
    def archive(self) -> Archive:
        """Where crawls are written."""

    @property
    def evaluations(self) -> EvaluationStore:
        """Where policies find what was written."""

    def reader(self, namespace: str, unnamed: Unnamed) -> Reader:
        """Who reads what was written of a namespace."""

    def serve(self, hub: Hub, quirks: Quirks) -> Server:
        """Somebody who answers for a hub."""

    def client(self, server: Server, clock: Clock) -> HttpClient:
        """Somebody who asks."""


class RealGround(Ground):
    """Sockets and a database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def archive(self) -> Archive:
        """See `Ground`."""
        return self._store.archive

    @property
    def evaluations(self) -> EvaluationStore:
        """See `Ground`."""
        return self._store.evaluations

    def reader(self, namespace: str, unnamed: Unnamed) -> Reader:
        """See `Ground`."""
        return CatalogReader(self._store, namespace, unnamed)

    def serve(self, hub: Hub, quirks: Quirks) -> Server:
        """See `Ground`."""
        return Simulator(hub, quirks=quirks, rate_limit=None)

    def client(self, server: Server, clock: Clock) -> HttpClient:
        """See `Ground`."""
        assert isinstance(server, Simulator)
        return HttpClient(server.url, clock=clock, chance=lambda: 0.5)


class ShortGround(Ground):
    """Calls, and an archive in memory."""

    def __init__(self) -> None:
        self._archive = MemoryArchive()
        self._evaluations = MemoryEvaluationStore(self._archive)

    @property
    def archive(self) -> Archive:
        """See `Ground`."""
        return self._archive

    @property
    def evaluations(self) -> EvaluationStore:
        """See `Ground`."""
        return self._evaluations

    def reader(self, namespace: str, unnamed: Unnamed) -> Reader:
        """See `Ground`."""
        return MemoryReader(self._archive, namespace, unnamed)

    def serve(self, hub: Hub, quirks: Quirks) -> Server:
        """See `Ground`."""
        return Called(hub, quirks)

    def client(self, server: Server, clock: Clock) -> HttpClient:
        """See `Ground`."""
        assert isinstance(server, Called)
        return CallingClient(server, clock)


class Called(Server):
    """A simulator without its sockets."""

    def __init__(self, hub: Hub, quirks: Quirks) -> None:
        self.answering = RequestHandler(hub, quirks=quirks)

    @property
    def requests(self) -> list[Recorded]:
        """See `Simulator`."""
        return self.answering.requests

    def before(self, number: int, action: Callable[[], object]) -> None:
        """See `Simulator`."""
        self.answering.hooks.append(
            lambda received: action() if received.number == number else None
        )

    @property
    def offset_bound(self) -> OffsetBound | None:
        """See `Simulator`."""
        return self.answering.lists.bound

    @offset_bound.setter
    def offset_bound(self, bound: OffsetBound | None) -> None:
        self.answering.lists.bound = bound or NO_BOUND

    def inject(
        self, fault: Fault, match: str | Callable[[Noticed], bool] = "*", *, times: int = 1
    ) -> object:
        """See `Simulator`."""
        self.answering.faults.append(Injection(fault, match, times))
        return None

    def serve_copy(self, copy: ListCopy, kinds: Sequence[ListKind] = (), *, times: int = 1) -> None:
        """See `Simulator`."""
        self.answering.lists.served = ServedCopy(copy, kinds, times)

    def clear(self) -> None:
        """See `Simulator`."""
        self.answering.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.answering.errors:
            raise self.answering.errors[0]


class CallingWire(Exchange):
    """A wire that is none."""

    def __init__(self, server: Called) -> None:
        self._server = server

    def close(self) -> None:
        """See `Exchange`."""

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Received:
        """See `Exchange`."""
        said = {name.lower(): value for name, value in headers.items()}
        del said["accept-encoding"]
        request = Request(method, target, {**said, "host": "127.0.0.1:1"}, body or b"")
        delivery = self._server.answering.handle(request)
        answer = delivery.answer
        if delivery.abort or delivery.keep is not None:
            raise ExchangeFailed("the connection was lost")
        try:
            plain = answer.plain()
        except zlib.error:
            raise ExchangeFailed("its answer cannot be unpacked") from None
        return Received(answer.status, dict(answer.headers), plain, len(answer.body))


class CallingClient(HttpClient):
    """A client that calls the server it asks."""

    def __init__(self, server: Called, clock: Clock) -> None:
        super().__init__("http://127.0.0.1:1", clock=clock, chance=lambda: 0.5)
        self._wire = CallingWire(server)
