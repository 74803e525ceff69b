"""Sends requests to one registry for one account: within its rate limit, with retries.

This is the only place where anything is retried. A 429 does not count as a failed try:
`indexer.ratelimit.limiter` says when to continue. Other failures are retried after growing, random
pauses; if there is still no usable answer, an error says so.
"""

from __future__ import annotations

import logging
import random
from functools import cache
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, metadata
from typing import TYPE_CHECKING, TypeVar

import indexer
from indexer.core.errors import Unreadable
from indexer.core.printable import shown
from indexer.core.thread_pool import in_compute_thread
from indexer.http.address_class import AddressGate
from indexer.http.errors import ExchangeFailed
from indexer.http.exchange import Exchange
from indexer.http.messages import Answer, Undecodable
from indexer.http.origin import Origin
from indexer.http.proxy import proxy_for
from indexer.ratelimit import header_parser
from indexer.ratelimit.limiter import PATIENCE_SECONDS, RateLimiter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from indexer.core.clock import Clock
    from indexer.http.connection_pool import ClientCertificate
    from indexer.http.exchange import Received
    from indexer.http.messages import CostMeter, Request

T = TypeVar("T")

TIMEOUT_SECONDS = 30.0
"""Seconds for one exchange, from connecting to the last byte."""

TRIES = 4
"""The most exchanges for one answer, not counting those refused with 429."""

MOST_REDIRECTS = 3

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
"""The pause before a new try is random, up to a bound that doubles from the first to the last
("full jitter": AWS Architecture Blog, Exponential Backoff And Jitter)."""

MOST_PAUSES_SECONDS = 60.0
"""Seconds that all pauses for one answer may take together, if a server asks for longer ones."""

_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT.value})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

log = logging.getLogger("indexer.http")


class HttpClient:
    """A client of one registry for one account. Safe to call from threads.

    Args:
        url: of the API; requests go to this origin only.
        clock: reads the time and waits.
        timeout: seconds for one exchange.
        patience: the most seconds that one wait for the rate limit may take.
        tries: the most exchanges for one answer.
        chance: returns a random number from 0 to 1, for pauses.
        ca_file: certificate authorities to trust besides the system's.
        certificate: the client certificate to present.

    Attributes:
        gate: checks the addresses that are connected to: see `indexer.http.address_class`.
        agent: the User-Agent of its requests.

    Raises:
        ConfigError: the URL, the proxy or a certificate cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        timeout: float = TIMEOUT_SECONDS,
        patience: float = PATIENCE_SECONDS,
        tries: int = TRIES,
        chance: Callable[[], float] = random.random,
        ca_file: Path | None = None,
        certificate: ClientCertificate | None = None,
    ) -> None:
        self.origin = Origin.of(url)
        self.host = shown(self.origin.netloc, 100)
        self.limiter = RateLimiter(clock, self.host, patience=patience)
        self.agent = user_agent()
        self._clock = clock
        self._tries = tries
        self._chance = chance
        self.gate = AddressGate()
        self._wire = Exchange(
            self.origin,
            proxy=proxy_for(self.origin),
            timeout=timeout,
            ca_file=ca_file,
            certificate=certificate,
            gate=self.gate,
        )

    def close(self) -> None:
        """Close the idle connections."""
        self._wire.close()

    def fetch(self, request: Request[T], meter: CostMeter) -> Answer[T]:
        """Ask until there is an answer: a value, or a status below 500 that is not 429 or 408.

        Raises:
            Unavailable: there was none after all tries.
            Unreadable: the answer cannot be read, or redirects to another origin.
            RateLimited: the registry asks us to wait longer than `patience`.
        """
        tried = 0
        paused = 0.0
        while True:
            try:
                answer = self._try(request, meter)
            except ExchangeFailed as broken:
                tried += 1
                pause = self._pause(tried, broken)
                paused += pause or 0.0
                if pause is None or paused > MOST_PAUSES_SECONDS:
                    raise self._lost(request, broken, tried) from None
                self._clock.wait(pause)
            else:
                if answer is not None:
                    return answer

    def _try(self, request: Request[T], meter: CostMeter) -> Answer[T] | None:
        """One try, redirects included; None if it was refused with 429."""
        target = request.target
        for _ in range(MOST_REDIRECTS + 1):
            received = self._exchange(request, target, meter)
            if received.status in _REDIRECTS and request.follow and request.body is None:
                target = self._redirected(target, received.headers)
            elif received.status == header_parser.TOO_MANY_REQUESTS:
                return None
            elif received.status >= HTTPStatus.INTERNAL_SERVER_ERROR or received.status in _AGAIN:
                wait = header_parser.read(received.status, received.headers, self._clock.now()).wait
                raise ExchangeFailed(f"it answers {_named(received)}", wait=wait)
            elif received.stream is not None:
                headers = received.headers
                return Answer(received.status, None, headers=headers, stream=received.stream)
            elif received.status != HTTPStatus.OK:
                return Answer(received.status, None, received.body, received.headers)
            else:
                value = _decoded(request, received.body)
                return Answer(received.status, value, headers=received.headers)
        raise ExchangeFailed("it redirects too often", error=Unreadable, tries=1)

    def _exchange(self, request: Request[T], target: str, meter: CostMeter) -> Received:
        """Send once, when the rate limit allows it, and log it."""
        headers = {
            "Accept": request.accept,
            "Accept-Encoding": "identity" if request.streams else "gzip",
            "User-Agent": self.agent,
        }
        if request.byte_range is not None:
            headers["Range"] = request.byte_range
        if request.authorization:
            headers["Authorization"] = request.authorization.reveal()
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        ticket = self.limiter.enter(meter)
        told = None
        began = self._clock.monotonic()
        meter.count(requests=1)
        try:
            if request.streams:
                received = self._wire.open(request.method, target, headers)
            else:
                received = self._wire.send(request.method, target, headers, request.body)
            told = header_parser.read(received.status, received.headers, self._clock.now())
        except ExchangeFailed as broken:
            meter.count(wire_bytes=broken.wire_bytes)
            self._note(request, target, broken, began)
            raise
        finally:
            self.limiter.leave(ticket, told)
        meter.count(wire_bytes=received.wire_bytes)
        self._note(request, target, received, began)
        return received

    def _note(
        self, request: Request[T], target: str, received: Received | ExchangeFailed, began: float
    ) -> None:
        """Log an exchange: its URL, without headers, bodies, and queries that grant access."""
        if not log.isEnabledFor(logging.DEBUG):
            return
        ms = round((self._clock.monotonic() - began) * 1000, 1)
        if request.is_signed or target != request.target:  # the query may be a credential
            target = target.partition("?")[0]
        method, path, size = request.method, shown(target, 500), received.wire_bytes
        origin = shown(self.origin.url, 300)
        status = None if isinstance(received, ExchangeFailed) else received.status
        outcome = received.what if isinstance(received, ExchangeFailed) else received.status
        url = {"method": method, "origin": origin, "path": path}
        extra = {**url, "status": status, "bytes": size, "ms": ms}
        log.debug(
            "%s %s%s: %s, %d bytes, %s ms", method, origin, path, outcome, size, ms, extra=extra
        )

    def _redirected(self, target: str, headers: Mapping[str, str]) -> str:
        location = headers.get("Location", "")
        there = self.origin.target(target.partition("?")[0], location)
        if there is None:
            what = f"it redirects to {self.origin.origin_of(location)}, which is not followed"
            raise ExchangeFailed(what, error=Unreadable, tries=1)
        return there

    def _pause(self, tried: int, broken: ExchangeFailed) -> float | None:
        """Seconds to wait before the next try; None if there is none."""
        if tried >= min(self._tries, broken.tries):
            return None
        bound = min(FIRST_PAUSE_SECONDS * 2.0 ** (tried - 1), LONGEST_PAUSE_SECONDS)
        return max(self._chance() * bound, broken.wait or 0.0)

    def _lost(self, request: Request[T], broken: ExchangeFailed, tried: int) -> Exception:
        times = f" (tried {tried} times)" if tried > 1 else ""
        path = shown(request.target.partition("?")[0], 300)
        return broken.error(f"{self.host} gave no usable answer for {path}: {broken.what}{times}.")


def _decoded(request: Request[T], body: bytes) -> T:
    try:
        return in_compute_thread(lambda: request.decode(body))
    except Undecodable as trouble:
        tries = 2 if trouble.may_be_cut else 1
        raise ExchangeFailed(trouble.what, error=Unreadable, tries=tries) from None


def _named(received: Received) -> str:
    """A status with its standard name; the name that the server sent is not used."""
    try:
        return f"{received.status} {HTTPStatus(received.status).phrase}"
    except ValueError:
        return str(received.status)


@cache
def user_agent(contact: str | None = None) -> str:
    """The User-Agent: our name and version, and addresses for a registry's operator.

    Args:
        contact: of who runs this program; the page of the project is named in any case.
    """
    page = ""
    try:
        urls = metadata("hub-indexer").get_all("Project-URL") or []
        page = next((url.partition(", ")[2] for url in urls if url.startswith("Homepage")), "")
    except PackageNotFoundError:  # a checkout that is not installed
        pass
    comment = "; ".join(each for each in (page and f"+{page}", contact) if each)
    return f"indexer/{indexer.__version__}" + (f" ({comment})" if comment else "")
