"""How each kind of request wants to be asked: passwords here, tokens there, and what ends."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from indexer.core.model import CrawlStatus
from indexer.core.secret import Credentials, Secret
from indexer.http import CostMeter
from indexer.hub_simulator import Quirks
from indexer.sources.oci.api import RegistryApi
from tests.http.fake_server import Reply, ok, sending
from tests.sources.oci.simulated import APP, ME, SimulatedRegistry, case
from tests.sources.oci.test_hostile import Bench, wants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.http.fake_server import Asked

COMPLETE = CrawlStatus.COMPLETE


@pytest.fixture
def registry() -> Iterator[SimulatedRegistry]:
    with SimulatedRegistry() as running:
        running.holds(["1", "2"])
        yield running


@pytest.fixture
def make() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def build(answer: Callable[[Asked], Reply], account: Credentials | None = None) -> Bench:
        made.append(Bench(answer, account))
        return made[-1]

    yield build
    for bench in made:
        bench.close()


def challenged(registry: SimulatedRegistry) -> int:
    """Requests of the last crawl that were refused first."""
    return sum(each.status == 401 for each in registry.simulator.requests)


def test_a_catalog_by_password_and_manifests_by_token_are_remembered(
    registry: SimulatedRegistry,
) -> None:
    """Harbor."""
    registry.behaves(catalog="basic")
    connection = registry.connect(ME)
    for refused in (1, 0):
        done = registry.crawl(registry.source("*", connection=connection))
        assert (done.status, challenged(registry)) == (COMPLETE, refused)
        schemes = {
            (each.path.rpartition("/")[2], each.scheme)
            for each in registry.simulator.requests
            if each.status == 200
        }
        assert ("_catalog", "Basic") in schemes
        assert ("list", "Bearer") in schemes


def test_what_is_refused_is_unlearnt(registry: SimulatedRegistry) -> None:
    connection = registry.connect(ME)
    for way in ("basic", "token", "basic"):
        registry.behaves(asks_for=way)
        for _ in range(2):
            done = registry.crawl(registry.source(connection=connection))
            assert done.status is COMPLETE
        assert challenged(registry) == 0


def test_an_ended_token_that_answers_400_is_renewed(registry: SimulatedRegistry) -> None:
    """ECR Public: scope `aws`, no `expires_in`, and 400 without a challenge."""
    registry.behaves(scope="aws", token_fields=("token",), ended_token=400)
    connection = registry.connect()
    registry.crawl(registry.source(connection=connection))
    registry.hub.clock.advance(3_600)
    done = registry.crawl(registry.source(connection=connection))
    assert (done.status, done.errors) == (COMPLETE, ())
    assert registry.asked("GET /token*scope=aws") == 1


@pytest.mark.parametrize("account", [None, ME])
def test_two_challenges_in_one_header_with_a_scope_of_everything(
    registry: SimulatedRegistry, account: Credentials | None
) -> None:
    """Forgejo, Gitea, Codeberg."""
    registry.behaves(scope="*", offers_both=True)
    assert registry.crawl(registry.source(account=account)).status is COMPLETE
    assert registry.asked("GET /token*scope=%2A") == 1


def test_a_token_that_is_named_access_token_only(registry: SimulatedRegistry) -> None:
    """ACR: lists need `metadata_read`, manifests `pull`."""
    registry.behaves(token_fields=("access_token",), list_action="metadata_read")
    assert registry.crawl(registry.source(account=ME)).status is COMPLETE
    assert registry.asked("GET /token*metadata_read*") == 1


def guarded(challenge: str) -> Callable[[Asked], Reply]:
    """A registry whose token service grants what names a scope, and echoes it."""

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("/token"):
            return ok({"token": "T"}) if "scope=" in asked.target else Reply(400)
        if asked.headers.get("authorization") == "Bearer T":
            return ok({"tags": ["1"], "repositories": ["team/app"]})
        return wants(challenge.format(base=f"http://{asked.headers['host']}"))

    return answer


def test_a_challenge_without_a_scope_gets_the_scope_of_what_is_asked_for(
    make: Callable[..., Bench],
) -> None:
    bench = make(guarded('Bearer realm="{base}/token",service="s"'))
    assert bench.api.tags(APP, None) is not None
    assert bench.api.catalog(None) is not None
    assert [each for each in bench.asked if "/token" in each] == [
        "GET /token?service=s&scope=repository%3Ateam%2Fapp%3Apull",
        "GET /token?service=s&scope=registry%3Acatalog%3A%2A",
    ]


def test_a_realm_without_a_host_is_at_the_registry(make: Callable[..., Bench]) -> None:
    """The case `relative-realm`: zot."""
    challenge, token = case("relative-realm")
    bench = make(guarded(challenge["headers"]["WWW-Authenticate"]), ME)
    page = bench.api.catalog(None)
    assert page is not None
    assert page.names.items == ("team/app",)
    (asked,) = [each for each in bench.server.asked if each.path.endswith("/token")]
    assert asked.target.startswith(token["request"].removeprefix("GET ").partition("\u2026")[0])
    assert asked.headers["authorization"].startswith("Basic ")


def test_a_registry_whose_realm_is_a_path_is_crawled(registry: SimulatedRegistry) -> None:
    """The case `relative-realm` with the simulated registry's quirk."""
    registry.simulator.quirks = Quirks(realm_base="")
    assert registry.crawl(registry.source(account=ME)).status is COMPLETE
    assert registry.known() == ["1", "2"]
    assert registry.asked("GET /token*") == 1


def test_of_a_challenge_that_wants_to_push_only_pull_is_asked_for(
    make: Callable[..., Bench],
) -> None:
    bench = make(
        guarded('Bearer realm="{base}/token",scope="repository:team/app:pull,push,delete"')
    )
    assert bench.api.tags(APP, None) is not None
    assert bench.asked[1] == "GET /token?scope=repository%3Ateam%2Fapp%3Apull"


def test_nobody_waits_while_a_token_for_something_else_is_fetched(
    make: Callable[..., Bench],
) -> None:
    other_is_read = threading.Event()

    def answer(asked: Asked) -> Reply:
        if asked.path == "/token":
            if "slow" in asked.target:
                assert other_is_read.wait(10)
            return ok({"token": "slow" if "slow" in asked.target else "quick"})
        name = "slow" if "slow" in asked.path else "quick"
        if asked.headers.get("authorization") == f"Bearer {name}":
            return ok({"tags": [name]})
        return wants(f'Bearer realm="http://{asked.headers["host"]}/token"')

    bench = make(answer)
    apis = [RegistryApi(bench.connection, CostMeter()) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        slow = [pool.submit(api.tags, "slow/app", None) for api in apis[:2]]
        quick = pool.submit(apis[2].tags, "quick/app", None)
        assert quick.result(10) is not None
        other_is_read.set()
        assert all(each.result(10) is not None for each in slow)
    assert sum("/token" in each and "slow" in each for each in bench.asked) == 1


def test_a_refusal_of_haproxy_with_bare_line_feeds_is_a_rate_limit(
    make: Callable[..., Bench],
) -> None:
    """In front of registry-1.docker.io: no proper HTTP, and understood all the same."""
    raw = b"HTTP/1.0 429 Too Many Requests\nCache-Control: no-cache\nConnection: close\n"
    refusals = iter([Reply(raw=sending(raw + b"Content-Type: text/html\n\n<html>slow</html>\n"))])
    bench = make(lambda _: next(refusals, ok({"tags": ["1"]})))
    page = bench.api.tags(APP, None)
    assert page is not None
    assert page.names.items == ("1",)
    assert bench.clock.waits


def test_nobody_anonymous_sees_a_catalog_and_what_is_public_is_read_and_never_removed(
    registry: SimulatedRegistry,
) -> None:
    """Harbor says 401 to all that is anonymous: of what is public it grants a token then."""
    registry.behaves(catalog="basic")
    done = registry.crawl()
    assert (done.status, registry.known(), challenged(registry)) == (COMPLETE, ["1", "2"], 1)
    done = registry.crawl(registry.source("*"))
    assert (done.status, registry.news()) == (CrawlStatus.FAILED, [])
    assert "configure 'username' and 'password_env'" in done.errors[0]
    registry.behaves(catalog="basic", asks_for="basic")  # it is public no more
    done = registry.crawl()
    assert (done.status, registry.news()) == (CrawlStatus.FAILED, [])
    assert registry.known() == ["1", "2"]


def test_a_secret_stays_where_it_belongs(make: Callable[..., Bench]) -> None:
    planted = Credentials("me", Secret("planted-password"))
    bench = make(guarded('Bearer realm="{base}/token",service="s"'), planted)
    bench.api.tags(APP, None)
    for asked in bench.server.asked[2:]:
        assert asked.headers["authorization"] == "Bearer T"
