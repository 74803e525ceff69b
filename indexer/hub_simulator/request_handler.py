"""Answers requests one at a time: number, hooks, rate limit, answer, faults, log."""

from __future__ import annotations

import threading
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple

from indexer.hub_simulator import rate_limiter
from indexer.hub_simulator.accounts import ANYBODY
from indexer.hub_simulator.faults import Received
from indexer.hub_simulator.hub_api import HubApi
from indexer.hub_simulator.hub_lists import HubLists
from indexer.hub_simulator.hub_refusals import refused
from indexer.hub_simulator.log_in import is_log_in
from indexer.hub_simulator.quirks import OffsetBound, PullLimit, Quirks
from indexer.hub_simulator.registry.api import Registry
from indexer.hub_simulator.response_cache import CACHE_BYTES, ResponseCache
from indexer.hub_simulator.response_delivery import ResponseDelivery

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.hub_simulator.accounts import Identity
    from indexer.hub_simulator.faults import Fault, Injection
    from indexer.hub_simulator.http import Answer, Request
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.quirks import RateLimit


NO_BOUND = OffsetBound(repositories=None, tags=None)
"""Anonymous clients may page to the end."""


class Recorded(NamedTuple):
    """A request in the log.

    Attributes:
        number: 1 for the first request since the log was cleared.
        method: `GET`.
        path: as sent.
        query: as sent, without its question mark.
        status: of the answer; 0 if the connection was reset before it.
        bytes: how many bytes of the body were sent, as compressed.
        identity: the account of the Hub token; None if anonymous.
        user_agent: as sent.
        scheme: of the `Authorization` header; the credentials are not kept.
        fault: the fault that was injected into the answer.
    """

    number: int
    method: str
    path: str
    query: str
    status: int
    bytes: int
    identity: str | None
    user_agent: str
    scheme: str
    fault: Fault | None = None

    def __str__(self) -> str:
        """`GET /v2/namespaces/library/repositories?page=2`, which faults match."""
        return str(Received(self.number, self.method, self.path, self.query))


class RequestHandler:
    """Turns requests into deliveries, one at a time and in order.

    Attributes:
        hub: the state. Its lock is not held while hooks run.
        rate_limit: how many requests are allowed; None: no limit and no headers.
        faults: the next faults, in the order of injection; used up ones are removed.
        errors: exceptions that hooks raised.

    Args:
        hub: the state.
        quirks: how its lists differ from the documentation.
        rate_limit: see above.
        offset_bound: from which offset on anonymous requests are refused; None: never.
        pull_limit: how many manifests anonymous clients may get; None: no limit.
        cache_bytes: the most bytes of cached bodies.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        quirks: Quirks | None = None,
        rate_limit: RateLimit | None = None,
        offset_bound: OffsetBound | None = OffsetBound(),  # noqa: B008 - frozen
        pull_limit: PullLimit | None = PullLimit(),  # noqa: B008 - frozen
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self.hub = hub
        self.rate_limit = rate_limit
        self.faults: list[Injection] = []
        self.hooks: list[Callable[[Received], object]] = []
        self.errors: list[Exception] = []
        self.requests: list[Recorded] = []
        self.lists = HubLists(
            hub, ResponseCache(cache_bytes), quirks or Quirks(), offset_bound or NO_BOUND
        )
        self.registry = Registry(hub, self.lists, pull_limit)
        self.api = HubApi(hub, self.lists)
        self._limiter = rate_limiter.Limiter(hub.clock)
        self._turn = threading.Lock()
        self._number = 0

    def handle(self, request: Request) -> ResponseDelivery:
        """Answer a request. No other request is answered, and no other hook runs, meanwhile."""
        with self._turn:
            self._number += 1
            received = Received(self._number, request.method, request.path, request.query)
            failed = self._run_hooks(received)
            fault = self._next_fault(received)
            with self.hub.lock:
                answer, identity = self._answer(request)
            if failed:
                answer = refused(500, "a hook of the test failed")
            delivery = ResponseDelivery(answer) if fault is None else fault.spoil(answer)
            self.requests.append(_recorded(received, request, delivery, identity, fault))
            return delivery

    def limit(self, rule: RateLimit | None) -> None:
        """Set another rate limit, with new windows."""
        with self._turn:
            self.rate_limit = rule
            self._limiter.clear()

    def clear(self) -> None:
        """Forget log, faults and hooks, and count from 1 again."""
        with self._turn:
            self._number = 0
            self.requests.clear()
            self.faults.clear()
            self.hooks.clear()
            self.lists.served = None

    def prepare(self, request: Request) -> None:
        """Make an answer of the Hub's API and cache it, without number, log or limit."""
        with self.hub.lock:
            self.api.answer(request, ANYBODY)

    def _run_hooks(self, received: Received) -> bool:
        """Run the hooks; True if one failed. Exceptions are stored: this is the server's thread."""
        failed = False
        for hook in tuple(self.hooks):
            try:
                hook(received)
            except Exception as problem:  # noqa: BLE001 - raised again where the test sees it
                self.errors.append(problem)
                failed = True
        return failed

    def _next_fault(self, received: Received) -> Fault | None:
        for injection in self.faults:
            if injection.strikes(received):
                if injection.times == 0:
                    self.faults.remove(injection)
                return injection.fault
        return None

    def _answer(self, request: Request) -> tuple[Answer, str | None]:
        """The answer of the service that the request is for, and the identity that asked."""
        date = ("Date", format_datetime(self.hub.clock.now(), usegmt=True))
        if not self.api.owns(request):
            return self.registry.answer(request).with_headers(date), None
        identity = ANYBODY if is_log_in(request) else self._identity(request)
        name = identity.name if identity else None
        rule = self.rate_limit
        if rule is None:
            return self._hub_answer(request, identity).with_headers(date), name
        budget = self._limiter.spend(rule, name)
        if budget.is_spent:
            answer = rate_limiter.refusal(rule, budget, (rule.clock or self.hub.clock).now())
        else:
            answer = self._hub_answer(request, identity)
        return answer.with_headers(date, *rate_limiter.headers_of(rule, budget)), name

    def _hub_answer(self, request: Request, identity: Identity | None) -> Answer:
        if identity is None:
            return refused(401, "unauthorized")
        answer = self.api.answer(request, identity)
        return answer.packed() if request.accepts_gzip else answer

    def _identity(self, request: Request) -> Identity | None:
        """The account of a Hub token; None if the token is invalid."""
        scheme, token = request.authorization
        if not scheme:
            return ANYBODY
        return self.hub.accounts.who(token) if scheme.lower() in {"bearer", "jwt"} else None


def _recorded(
    received: Received,
    request: Request,
    delivery: ResponseDelivery,
    identity: str | None,
    fault: Fault | None,
) -> Recorded:
    is_answered = delivery.keep is not None or not delivery.abort
    return Recorded(
        *received,
        status=delivery.answer.status if is_answered else 0,
        bytes=delivery.sent(head_only=request.method == "HEAD"),
        identity=identity,
        user_agent=request.headers.get("user-agent", ""),
        scheme=request.authorization[0],
        fault=fault,
    )
