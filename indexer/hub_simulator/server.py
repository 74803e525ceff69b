"""The simulator: serves a hub at a loopback address, and is controlled by tests."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from indexer.hub_simulator.faults import Injection
from indexer.hub_simulator.http import Request
from indexer.hub_simulator.hub_lists import BOTH, ServedCopy
from indexer.hub_simulator.quirks import OffsetBound, PullLimit, RateLimit
from indexer.hub_simulator.request_handler import NO_BOUND, RequestHandler
from indexer.hub_simulator.response_cache import CACHE_BYTES
from indexer.hub_simulator.response_delivery import PATIENCE_SECONDS
from indexer.hub_simulator.socket_server import SocketServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from indexer.hub_simulator.faults import Fault, Received
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.hub_lists import ListCopy, ListKind
    from indexer.hub_simulator.quirks import Quirks
    from indexer.hub_simulator.request_handler import Recorded


class Simulator:
    """Serves a hub: its API, its registry and the registry's token service, all at one address.

    A callback that raises gives the client a 500, and the exception is raised again when the
    simulator stops.

    Args:
        hub: the hub to serve.
        quirks: how its lists differ from the documentation.
        rate_limit: how many requests are allowed; None: no limit and no headers. By default so
            many that no test waits; `AS_THE_HUB` is the real limit.
        offset_bound: from which offset on anonymous requests are refused, by default as on the
            Hub since August 2026; None: never.
        pull_limit: how many manifests anonymous clients may `GET`; None: no limit.
        port: of the address; 0 chooses a free one.
        cache_bytes: the most bytes of cached bodies.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        quirks: Quirks | None = None,
        rate_limit: RateLimit | None = RateLimit(),  # noqa: B008 - frozen
        offset_bound: OffsetBound | None = OffsetBound(),  # noqa: B008 - frozen
        pull_limit: PullLimit | None = PullLimit(),  # noqa: B008 - frozen
        port: int = 0,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self.hub = hub
        self._answering = RequestHandler(
            hub,
            quirks=quirks,
            rate_limit=rate_limit,
            offset_bound=offset_bound,
            pull_limit=pull_limit,
            cache_bytes=cache_bytes,
        )
        self._listener = SocketServer(self._answering.handle, port)

    def start(self) -> Self:
        """Listen, and answer in threads of its own. A restart after `stop` uses the same port."""
        self._listener.start()
        return self

    def stop(self) -> None:
        """End all connections and threads. The log stays readable.

        Raises:
            Exception: the first exception of a callback.
        """
        self._listener.stop()
        errors = self._answering.errors
        if errors:
            first, *_ = errors
            errors.clear()
            raise first

    def __enter__(self) -> Self:
        return self if self._listener.is_open else self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Scheme, host and port of the Hub's API and of the registry."""
        host, port = self.address
        return f"http://{host}:{port}"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for tests that open connections themselves."""
        return self._listener.address

    @property
    def quirks(self) -> Quirks:
        """How the lists differ from the documentation; may be set while it runs."""
        return self._answering.lists.quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self._answering.lists.quirks = quirks

    @property
    def offset_bound(self) -> OffsetBound | None:
        """From which offset on anonymous requests are refused; may be set while it runs."""
        bound = self._answering.lists.bound
        return None if bound == NO_BOUND else bound

    @offset_bound.setter
    def offset_bound(self, bound: OffsetBound | None) -> None:
        self._answering.lists.bound = bound or NO_BOUND

    def serve_copy(
        self, copy: ListCopy, kinds: Sequence[ListKind] = BOTH, *, times: int = 1
    ) -> None:
        """Answer lists from an old copy, as a cache or a replica does; `clear` ends it.

        Args:
            copy: the copy: `ListCopy.of(hub)`, or `ListCopy.empty()`.
            kinds: which lists; with the tags alone these lag behind their repositories' dates.
            times: how many answers.
        """
        self._answering.lists.served = ServedCopy(copy, kinds, times)

    @property
    def rate_limit(self) -> RateLimit | None:
        """How many requests are allowed; setting it starts new windows."""
        return self._answering.rate_limit

    @rate_limit.setter
    def rate_limit(self, rule: RateLimit | None) -> None:
        self._answering.limit(rule)

    @property
    def faults(self) -> list[Injection]:
        """The next faults, in the order of injection; used up ones are removed."""
        return self._answering.faults

    @property
    def requests(self) -> list[Recorded]:
        """The requests so far, in order. A request is logged before its answer is sent."""
        return list(self._answering.requests)

    @property
    def stalled(self) -> int:
        """How many answers are stalled or paused now."""
        return self._listener.gate.waiting

    def inject(
        self,
        fault: Fault,
        match: str | Callable[[Received], bool] = "*",
        *,
        times: int = 1,
        skip: int = 0,
    ) -> Injection:
        """Inject a fault.

        Args:
            fault: the fault.
            match: a glob over `GET /path?query`, or a predicate: the requests that it may affect.
            times: how many of them it affects.
            skip: how many of them pass before that.
        """
        injection = Injection(fault, match, times, skip)
        self.faults.append(injection)
        return injection

    def on_request(self, callback: Callable[[Received], object]) -> None:
        """Call `callback` before each request is answered; other requests wait meanwhile.

        What the callback does to the hub happens between the previous answer and this one. It must
        not wait for another request to the simulator.
        """
        self._answering.hooks.append(callback)

    def before(self, number: int, action: Callable[[], object]) -> None:
        """Call `action` before the request with this number (from 1, since the last `clear`)."""
        self.on_request(lambda received: action() if received.number == number else None)

    def count(self, match: str = "*") -> int:
        """How many requests in the log match a glob over `GET /path?query`."""
        return sum(fnmatchcase(str(request), match) for request in self.requests)

    def clear(self) -> None:
        """Drop log, faults and callbacks, and count from 1 again. The hub stays as it is."""
        self._answering.clear()

    def release(self) -> None:
        """Release every answer that is stalled now."""
        self._listener.gate.release()

    def wait_until_stalled(self, number: int = 1, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait until `number` answers are stalled; False if that takes longer."""
        return self._listener.gate.wait_for(number, seconds)

    def wait_until_idle(self, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait until no answer is stalled any more; False if that takes longer."""
        return self._listener.gate.wait_for_none(seconds)

    def prepare(self, targets: Iterable[str]) -> None:
        """Make and cache the bodies of these paths (with queries), compressed with gzip."""
        headers = {"host": self.url.removeprefix("http://"), "accept-encoding": "gzip"}
        for target in targets:
            self._answering.prepare(Request("GET", target, headers))
