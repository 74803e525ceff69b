"""The Hub's source keeps what `indexer.crawl.ports.Source` promises, before the simulated Hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import Denied, LoginFailed, Missing, RateLimited, Unavailable, Unreadable
from indexer.core.secret import Credentials, Secret
from indexer.crawl.list_reader import read
from indexer.crawl.listing import ListingReader, PageRequest
from indexer.http import HttpClient
from indexer.hub_simulator import (
    Dropped,
    HtmlPage,
    Hub,
    Redirect,
    Reset,
    Simulator,
    Status,
    TruncatedGzip,
    TruncatedJson,
)
from indexer.hub_simulator import RateLimit as Rule
from indexer.sources.docker_hub.auth import HubLogin
from indexer.sources.docker_hub.source import HubSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from indexer.core.model import Repository, Tag
    from indexer.hub_simulator import Fault

pytestmark = pytest.mark.integration


class HubClock:
    """The hub's own clock: when we wait, time passes for both."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.start = hub.clock.now()
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self.hub.clock.now()

    def monotonic(self) -> float:
        return (self.hub.clock.now() - self.start).total_seconds()

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.hub.clock.advance(seconds)


class Bench:
    def __init__(self) -> None:
        self.hub = Hub()
        self.hub.add_repository("acme/api")
        self.hub.add_repository("acme/hidden", private=True)
        for minor in range(250):
            self.hub.push("acme/api", f"1.{minor}")
        self.clock = HubClock(self.hub)
        self.simulator = Simulator(self.hub)
        self.clients: list[HttpClient] = []

    def source(self, secret: str = "", username: str = "me", **options: Any) -> HubSource:
        client = HttpClient(
            self.simulator.url, clock=self.clock, chance=lambda: 1.0, timeout=5, **options
        )
        self.clients.append(client)
        if not secret:
            return HubSource(client)
        return HubSource(
            client, HubLogin(client, Credentials(username, Secret(secret)), self.clock)
        )


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    with bench.simulator:
        yield bench
        for client in bench.clients:
            client.close()


def names(source: HubSource) -> set[str]:
    reading: ListingReader[Repository] = ListingReader({}, None, identity=source.identity)
    return set(read(reading, lambda ask: source.repositories("acme", ask)).items)


def test_a_list_of_several_pages_is_read_exactly(bench: Bench) -> None:
    source = bench.source()
    reading: ListingReader[Tag] = ListingReader({}, None, identity=source.identity)
    listing = read(reading, lambda ask: source.tags("acme/api", ask))
    assert listing.exact
    assert listing.newest_first
    assert len(listing.items) == 250
    assert source.spent.requests == 4
    assert source.spent.bytes > 0


def test_what_the_simulator_holds_is_what_is_read(bench: Bench) -> None:
    source = bench.source()
    tag = source.tag("acme/api", "1.7")
    listed = source.tags("acme/api", PageRequest())
    assert tag is not None
    assert listed is not None
    assert tag.digest
    assert tag.platforms
    assert source.tag("acme/api", "none") is None
    assert source.repository("acme/none") is None
    one = source.repository("acme/api")
    assert one is not None
    assert one.last_updated == listed.items[0].last_updated


def test_past_the_end_is_none_and_no_repository_is_missing(bench: Bench) -> None:
    source = bench.source()
    assert source.tags("acme/api", PageRequest("?page=9&page_size=100")) is None
    with pytest.raises(Missing):
        source.tags("acme/none", PageRequest())


def test_a_namespace_is_a_user_or_an_organisation_or_unknown(bench: Bench) -> None:
    bench.hub.accounts.add_user("me", "s3cret")
    bench.hub.accounts.add_organisation("makers")
    source = bench.source()
    nobodys = source.repositories("nobody", PageRequest())
    assert nobodys is not None
    assert nobodys.items == ()
    assert [source.knows_namespace(name) for name in ("me", "makers", "acme", "nobody")] == [
        True,
        True,
        True,
        False,
    ]


def test_whether_a_namespace_exists_is_not_known_if_a_request_is_refused(bench: Bench) -> None:
    source = bench.source()
    bench.simulator.inject(Status(403), "GET /v2/users/*", times=9)
    assert source.knows_namespace("acme")
    with pytest.raises(Denied):
        source.knows_namespace("nobody")


def test_an_account_sees_what_is_private(bench: Bench) -> None:
    bench.hub.accounts.add_user("me", "s3cret", organisations=["acme"])
    token = bench.hub.accounts.add_organisation_token("acme")
    blind = bench.hub.accounts.add_organisation_token("acme", may_list=False)
    assert names(bench.source()) == {"acme/api"}
    assert names(bench.source("s3cret")) == {"acme/api", "acme/hidden"}
    assert names(bench.source(token, "acme")) == {"acme/api", "acme/hidden"}
    assert names(bench.source(blind, "acme")) == {"acme/api"}


def test_a_token_outlives_ten_minutes_and_a_revocation(bench: Bench) -> None:
    bench.hub.accounts.add_user("me", "s3cret")
    source = bench.source("s3cret")
    for seconds in (0, 599, 3600):
        bench.hub.clock.advance(seconds)
        assert source.repositories("acme", PageRequest())
    assert bench.simulator.count("GET *") == 3
    bench.hub.accounts.revoke_tokens()
    assert source.repositories("acme", PageRequest())
    assert bench.simulator.count("GET *") == 5
    assert bench.simulator.count("POST *") == 4


def test_wrong_credentials_end_the_crawl(bench: Bench) -> None:
    bench.hub.accounts.add_user("me", "s3cret")
    bench.hub.accounts.add_user("careful", "s3cret", two_factor=True)
    with pytest.raises(LoginFailed, match="refuses the username or secret"):
        bench.source("other").repositories("acme", PageRequest())
    with pytest.raises(LoginFailed, match="two-factor"):
        bench.source("s3cret", "careful").repositories("acme", PageRequest())


@pytest.mark.parametrize("form", ["seconds", "date", "unix", "none"])
def test_the_limit_is_kept_in_every_form(bench: Bench, form: str) -> None:
    for headers in (True, False):
        bench.simulator.clear()
        bench.simulator.rate_limit = Rule(
            5,
            60,
            retry_after=form,  # type: ignore[arg-type] # a parameter is any string
            headers=headers,
            body="html",
        )
        source = bench.source()
        for _ in range(12):
            assert source.tags("acme/api", PageRequest())
        refusals = sum(asked.status == 429 for asked in bench.simulator.requests)
        assert (refusals == 0) if headers else (refusals > 0)


def test_a_limit_past_our_patience_ends_the_crawl(bench: Bench) -> None:
    bench.simulator.rate_limit = Rule(1, 3600)
    source = bench.source(patience=60)
    source.tags("acme/api", PageRequest())
    with pytest.raises(RateLimited, match="until"):
        source.tags("acme/api", PageRequest())
    assert source.rate_limit is not None
    assert source.rate_limit.remaining == 0


FAULTS: list[tuple[Fault, type[Exception]]] = [
    (Status(503), Unavailable),
    (Status(408), Unavailable),
    (Reset(), Unavailable),
    (Reset(0.5), Unavailable),
    (Dropped(0.5), Unavailable),
    (TruncatedGzip(), Unreadable),
    (TruncatedJson(), Unreadable),
    (HtmlPage(), Unreadable),
]


@pytest.mark.parametrize(("fault", "kind"), FAULTS, ids=lambda value: str(value)[:20])
def test_a_fault_that_passes_is_not_noticed_and_one_that_stays_is_told(
    bench: Bench, fault: Fault, kind: type[Exception]
) -> None:
    source = bench.source()
    bench.simulator.inject(fault)
    assert source.tags("acme/api", PageRequest())
    assert source.spent.requests == 2
    bench.simulator.inject(fault, times=9)
    with pytest.raises(kind):
        source.tags("acme/api", PageRequest())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Status(403), Denied),
        (Status(401), Denied),
        (Status(400), Unreadable),
        (Redirect("https://evil.test/"), Unreadable),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_no_further_try_can_mend_is_told_at_once(
    bench: Bench, fault: Fault, kind: type[Exception]
) -> None:
    source = bench.source()
    bench.simulator.inject(fault)
    with pytest.raises(kind):
        source.tags("acme/api", PageRequest())
    assert source.spent.requests == 1


def test_requests_are_counted_as_the_simulator_counts_them(bench: Bench) -> None:
    bench.hub.accounts.add_user("me", "s3cret")
    source = bench.source("s3cret")
    calls: list[Callable[[], object]] = [
        lambda: source.repositories("acme", PageRequest()),
        lambda: source.tags("acme/api", PageRequest()),
        lambda: source.tag("acme/api", "1.1"),
        lambda: source.repository("acme/none"),
    ]
    bench.simulator.inject(Status(500), times=2, skip=3)
    bench.simulator.inject(Redirect("/v2/namespaces/acme/repositories/api/tags/1.2"), skip=2)
    for call in calls:
        try:
            call()
        except Unreadable:
            continue
    assert source.spent.requests == len(bench.simulator.requests)
