"""A crawl of the stage as the installed program does it, but for its clock and its chance."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from indexer.core.clock import Clock
from indexer.core.reference import DOCKER_HUB
from indexer.core.secret import Credentials, Secret
from indexer.crawl.crawler import crawl
from indexer.crawl.ports import Observer
from indexer.crawl.removal_guard import RemovalGuard
from indexer.crawl.target import Target
from indexer.hub_simulator import (
    Dropped,
    HtmlPage,
    Redirect,
    Reset,
    Status,
    TruncatedGzip,
    TruncatedJson,
)
from indexer.hub_simulator.response_delivery import ResponseDelivery
from indexer.sources.docker_hub.auth import HubLogin
from indexer.sources.docker_hub.source import HubSource
from indexer.sources.oci.connection import Connection
from tests.oracle.stage import BLIND_SECRET, NARROW_SECRET, ORGANISATION_SECRET, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.core.model import Cost, Crawl, Mode, Repository, Tag
    from indexer.crawl.listing import Page, PageRequest
    from indexer.http import HttpClient
    from indexer.hub_simulator import Fault as Spoiling
    from indexer.hub_simulator import Received
    from indexer.hub_simulator.http import Answer
    from tests.oracle.grounds import Ground
    from tests.oracle.histories import Act, Fault, Past, Who
    from tests.oracle.stage import Stage

EVER = 1_000_000

BELIEVING = RemovalGuard(share=1.0)
"""Nothing is held back: how many removals people want to look at is another question."""


@dataclass(frozen=True)
class NextElsewhere:
    """The next page is on another host."""

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `indexer.hub_simulator.Fault`."""
        page = msgspec.json.decode(answer.plain())
        if not isinstance(page, dict) or "next" not in page:
            return ResponseDelivery(answer)
        page["next"] = "http://elsewhere.example/v2/?page=2"
        return ResponseDelivery(answer._replace(body=msgspec.json.encode(page), gzipped=False))


SPOILT: dict[str, Spoiling] = {
    **{number: Status(int(number)) for number in ("401", "403", "404", "408", "500", "503")},
    "429": Status(429, headers=(("Retry-After", "1"),)),
    "429 for an hour": Status(429, headers=(("Retry-After", "3600"),)),
    "reset": Reset(),
    "reset in the body": Reset(after=0.5),
    "dropped": Dropped(),
    "cut json": TruncatedJson(),
    "cut gzip": TruncatedGzip(),
    "html": HtmlPage(),
    "other json": Status(200, b"[1, 2]"),
    "redirect": Redirect("http://elsewhere.example/"),
    "next elsewhere": NextElsewhere(),
    "registry down": Status(503),
}


class HubClock(Clock):
    """The hub's own time, but for what the computer's is off: when we wait, it passes for both."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._hub = stage.hub
        self._start = self._hub.clock.now()

    def now(self) -> datetime:
        """See `Clock`."""
        return self._hub.clock.now() + self._stage.clock_off

    def monotonic(self) -> float:
        """See `Clock`."""
        return (self._hub.clock.now() - self._start).total_seconds()

    def wait(self, seconds: float) -> None:
        """See `Clock`. Dates have microseconds, so at least one of them passes."""
        self._hub.clock.advance(max(seconds, 1e-6))


class Nobody(Observer):
    """Watches nothing."""

    def listing(self, registry: str, namespace: str) -> None:
        """See `Observer`."""

    def opening(self, total: int) -> None:
        """See `Observer`."""

    def opened(self, repository: str, done: int, spent: Cost) -> None:
        """See `Observer`."""

    def problem(self, sentence: str) -> None:
        """See `Observer`."""


class Interruptible(HubSource):
    """A source in the middle of whose work somebody presses Ctrl-C."""

    presses_at: int = EVER
    asked: int = 0

    def _press(self) -> None:
        self.asked += 1
        if self.asked >= self.presses_at:
            raise KeyboardInterrupt

    def repositories(self, namespace: str, ask: PageRequest) -> Page[Repository] | None:
        """See `Source`."""
        self._press()
        return super().repositories(namespace, ask)

    def repository(self, name: str) -> Repository | None:
        """See `Source`."""
        self._press()
        return super().repository(name)

    def tags(self, repository: str, ask: PageRequest) -> Page[Tag] | None:
        """See `Source`."""
        self._press()
        return super().tags(repository, ask)

    def tag(self, repository: str, name: str) -> Tag | None:
        """See `Source`."""
        self._press()
        return super().tag(repository, name)


@dataclass(frozen=True)
class Order:
    """A crawl to be done."""

    mode: Mode
    who: Who
    threads: int = 1
    during: tuple[tuple[int, Act], ...] = ()
    faults: tuple[Fault, ...] = ()
    resolves: int | None = None
    """Tags that may be asked for their digest; None: none are, because there is no registry."""
    past: Past | None = None


def carry_out(order: Order, stage: Stage, ground: Ground) -> Crawl | None:
    """Crawl the stage's namespace; None if the crawl was interrupted."""
    server = stage.server
    server.clear()
    for number, act in order.during:
        server.before(number, _doing(stage, act))
    if order.past is not None:
        server.before(order.past.request, partial(stage.answer_from, order.past))
    for fault in order.faults:
        if fault.trouble in SPOILT:
            server.inject(SPOILT[fault.trouble], _striking(fault), times=EVER if fault.lasts else 1)
    clock = HubClock(stage)
    client = ground.client(server, clock)
    with closing(client):
        login = _login(order.who, stage, client, clock)
        cap, asks = stage.cap, order.resolves is not None
        names = Connection(client, None, clock, elsewhere=lambda _: client, forthcoming=False)
        source = Interruptible(
            client,
            login,
            registry_connection=names if asks or (cap and cap.names) else None,
            resolve=order.resolves or 0 if asks else cap.singles if cap else 0,
        )
        presses = [fault.request for fault in order.faults if fault.trouble == "interrupt"]
        source.presses_at = min(presses, default=EVER)
        target = Target(
            DOCKER_HUB, stage.namespace, order.mode, order.threads, removal_guard=BELIEVING
        )
        try:
            return crawl(
                target, source=source, archive=ground.archive, clock=clock, observer=Nobody()
            )
        except KeyboardInterrupt:
            return None


def _doing(stage: Stage, act: Act) -> Callable[[], None]:
    return lambda: stage.do(act)


def _striking(fault: Fault) -> Callable[[Received], bool]:
    """Which requests a fault strikes. No item is called absent that is there."""

    def strikes(received: Received) -> bool:
        if fault.trouble == "registry down":
            return received.method == "HEAD" and received.number >= fault.request
        if fault.trouble in {"404", "next elsewhere"}:
            is_list = received.path.endswith(("/repositories", "/tags"))
        else:
            is_list = True
        return is_list and received.number >= fault.request

    return strikes


def _login(who: Who, stage: Stage, client: HttpClient, clock: Clock) -> HubLogin | None:
    if who == "nobody":
        return None
    accounts = {
        "alice": ("alice", PASSWORD),
        "narrow alice": ("alice", NARROW_SECRET),
        "organisation": (stage.namespace, ORGANISATION_SECRET),
        "narrow organisation": (stage.namespace, NARROW_SECRET),
        "blind organisation": (stage.namespace, BLIND_SECRET),
    }
    name, secret = accounts[who]
    return HubLogin(client, Credentials(name, Secret(secret)), clock)
