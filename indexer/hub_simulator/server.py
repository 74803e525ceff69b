"""The simulator: a hub behind a loopback address, and what tests hold it by."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from indexer.hub_simulator.faults import Injection
from indexer.hub_simulator.http import Request
from indexer.hub_simulator.quirks import OffsetBound, PullLimit, RateLimit
from indexer.hub_simulator.request_handler import NO_BOUND, RequestHandler
from indexer.hub_simulator.response_cache import CACHE_BYTES
from indexer.hub_simulator.response_delivery import PATIENCE_SECONDS
from indexer.hub_simulator.socket_server import SocketServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

    from indexer.hub_simulator.faults import Fault, Received
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.quirks import Quirks
    from indexer.hub_simulator.request_handler import Recorded


class Simulator:
    """Serves a hub: its API, its registry and the registry's token service, all at one address.

    A callback that raises gives the client a 500, and the exception is raised again when the
    simulator stops.

    Args:
        hub: what is served.
        quirks: how its lists differ from what is documented.
        rate_limit: how many requests are allowed; None: no limit, and no word of one. By default
            so many that nobody waits; `AS_THE_HUB` is the real limit.
        offset_bound: from which offset on whoever is not logged in is refused, by default as the
            Hub does since August 2026; None: from none.
        pull_limit: how many manifests whoever has no account may `GET`; None: any number.
        port: where; 0 chooses a free one.
        cache_bytes: how much prepared bodies may occupy.
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
        """Listen, and answer from threads of its own. After `stop` the port stays the same."""
        self._listener.start()
        return self

    def stop(self) -> None:
        """End all connections and threads. The log stays readable.

        Raises:
            Exception: what a callback raised first.
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
        """Scheme, host and port, for the Hub's API and for the registry."""
        host, port = self.address
        return f"http://{host}:{port}"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for those who open connections themselves."""
        return self._listener.address

    @property
    def quirks(self) -> Quirks:
        """How the lists differ from what is documented; may be set while it runs."""
        return self._answering.lists.quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self._answering.lists.quirks = quirks

    @property
    def offset_bound(self) -> OffsetBound | None:
        """From which offset on nobody without a log-in is answered; may be set while it runs."""
        bound = self._answering.lists.bound
        return None if bound == NO_BOUND else bound

    @offset_bound.setter
    def offset_bound(self, bound: OffsetBound | None) -> None:
        self._answering.lists.bound = bound or NO_BOUND

    @property
    def rate_limit(self) -> RateLimit | None:
        """How many requests are allowed; setting it starts all windows anew."""
        return self._answering.rate_limit

    @rate_limit.setter
    def rate_limit(self, rule: RateLimit | None) -> None:
        self._answering.limit(rule)

    @property
    def faults(self) -> list[Injection]:
        """What goes wrong next, first come first served; what is used up is removed."""
        return self._answering.faults

    @property
    def requests(self) -> list[Recorded]:
        """The requests so far, in order. An answer is in it before it is sent."""
        return list(self._answering.requests)

    @property
    def stalled(self) -> int:
        """How many answers are stalled or pause now."""
        return self._listener.gate.waiting

    def inject(
        self,
        fault: Fault,
        match: str | Callable[[Received], bool] = "*",
        *,
        times: int = 1,
        skip: int = 0,
    ) -> Injection:
        """Let something go wrong.

        Args:
            fault: what.
            match: a glob over `GET /path?query`, or a predicate: the requests that it may strike.
            times: how many of them it strikes.
            skip: how many of them it lets pass first.
        """
        injection = Injection(fault, match, times, skip)
        self.faults.append(injection)
        return injection

    def on_request(self, callback: Callable[[Received], object]) -> None:
        """Call this before each request is answered; requests wait meanwhile.

        What the callback does to the hub happened before the answer and after the one before.
        It must not wait for another request to the simulator.
        """
        self._answering.hooks.append(callback)

    def before(self, number: int, action: Callable[[], object]) -> None:
        """Do something before the request with this number (from 1, since the last `clear`)."""
        self.on_request(lambda received: action() if received.number == number else None)

    def count(self, match: str = "*") -> int:
        """How many requests in the log match a glob over `GET /path?query`."""
        return sum(fnmatchcase(str(request), match) for request in self.requests)

    def clear(self) -> None:
        """Forget log, faults and callbacks, and count from 1 again. The hub stays as it is."""
        self._answering.clear()

    def release(self) -> None:
        """Let every answer that is stalled now go on."""
        self._listener.gate.release()

    def wait_until_stalled(self, number: int = 1, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait until so many answers are stalled; False if that takes longer."""
        return self._listener.gate.wait_for(number, seconds)

    def wait_until_idle(self, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait until no answer is stalled any more; False if that takes longer."""
        return self._listener.gate.wait_for_none(seconds)

    def prepare(self, targets: Iterable[str]) -> None:
        """Make the bodies of these paths (with their queries) ahead, as a gzip client gets them."""
        headers = {"host": self.url.removeprefix("http://"), "accept-encoding": "gzip"}
        for target in targets:
            self._answering.prepare(Request("GET", target, headers))
