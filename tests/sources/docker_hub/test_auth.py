from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import ConfigError, LoginFailed, Unavailable, Unreadable
from indexer.core.secret import Credentials, Secret
from indexer.http import CostMeter, HttpClient, Request
from indexer.sources.docker_hub.auth import HubLogin
from tests.http.fake_server import FakeClock, Reply, Server, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.fake_server import Asked

pytestmark = pytest.mark.integration

SECRET = "s3cret-password"


class Hub:
    """Logs in whoever knows the password; takes the newest of its tokens only."""

    def __init__(self) -> None:
        self.logins = 0
        self.valid: set[str] = set()
        self.login: Reply | None = None
        self.fields: dict[str, Any] = {}
        self.takes_tokens = True
        self.lock = threading.Lock()

    def __call__(self, asked: Asked) -> Reply:
        with self.lock:
            if asked.path == "/v2/auth/token":
                self.logins += 1
                if self.login:
                    return self.login
                sent = json.loads(asked.body)
                assert asked.headers["content-type"] == "application/json"
                assert "authorization" not in asked.headers
                if sent != {"identifier": "me", "secret": SECRET}:
                    return Reply(401, b'{"detail": "Incorrect authentication credentials"}')
                self.valid = {f"Bearer token-{self.logins}"}
                return ok({"access_token": f"token-{self.logins}", **self.fields})
            is_valid = asked.headers.get("authorization") in self.valid
            return ok("private") if is_valid and self.takes_tokens else Reply(401)


class Bench:
    def __init__(self, hub: Hub, server: Server) -> None:
        self.hub = hub
        self.server = server
        self.clock = FakeClock()
        self.meter = CostMeter()
        self.client = HttpClient(server.url, clock=self.clock, chance=lambda: 1.0)
        self.login = self.keep()

    def keep(self, secret: str = SECRET, origin: str = "the environment variable X") -> HubLogin:
        return HubLogin(self.client, Credentials("me", Secret(secret), origin), self.clock)

    def get(self) -> Any:
        return self.login.fetch(Request("/thing", json.loads), self.meter).value


@pytest.fixture
def bench() -> Iterator[Bench]:
    hub = Hub()
    with Server(hub) as server:
        bench = Bench(hub, server)
        yield bench
        bench.client.close()


def test_one_login_serves_many_requests(bench: Bench) -> None:
    assert [bench.get() for _ in range(3)] == ["private"] * 3
    assert bench.hub.logins == 1
    assert bench.meter.spent.requests == 4


def test_a_token_is_renewed_before_its_ten_minutes_are_over(bench: Bench) -> None:
    bench.get()
    bench.clock.advance(539)
    bench.get()
    assert bench.hub.logins == 1
    bench.clock.advance(1)
    bench.get()
    assert bench.hub.logins == 2
    assert bench.meter.spent.requests == 5  # no 401 on the way


def test_a_token_that_says_how_long_it_lasts_is_believed(bench: Bench) -> None:
    bench.hub.fields = {"expires_in": 100}
    bench.get()
    bench.clock.advance(90)
    bench.get()
    assert bench.hub.logins == 2


def test_a_token_that_is_refused_in_the_middle_is_renewed_once(bench: Bench) -> None:
    bench.get()
    bench.hub.valid.clear()
    assert bench.get() == "private"
    assert bench.hub.logins == 2
    assert bench.meter.spent.requests == 5


def test_all_threads_together_renew_once(bench: Bench) -> None:
    bench.get()
    bench.hub.valid.clear()
    start = threading.Barrier(8)
    answers = []

    def work() -> None:
        start.wait()
        answers.append(bench.get())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == ["private"] * 8
    assert bench.hub.logins == 2


def test_a_fresh_token_that_is_refused_too_ends_it(bench: Bench) -> None:
    bench.hub.takes_tokens = False
    with pytest.raises(LoginFailed, match="logs 'me' in and then refuses its token"):
        bench.get()
    assert bench.hub.logins == 2


def test_a_wrong_password_names_the_account_and_where_to_look(bench: Bench) -> None:
    bench.login = bench.keep("wr0ng")
    with pytest.raises(LoginFailed, match=r"of 'me': check .* the environment variable X") as told:
        bench.get()
    assert "wr0ng" not in str(told.value)


def test_a_password_that_was_changed_is_looked_up_again(bench: Bench) -> None:
    found = [Credentials("you", Secret(SECRET)), Credentials("me", Secret(SECRET))]
    old = Credentials("me", Secret("old"), renew=found.pop)
    bench.login = HubLogin(bench.client, old, bench.clock)
    assert bench.get() == "private"
    assert bench.hub.logins == 2

    bench.login = HubLogin(bench.client, old, bench.clock)
    with pytest.raises(LoginFailed):  # the login is of somebody else now
        bench.get()


def test_a_wrong_password_is_not_tried_by_every_thread(bench: Bench) -> None:
    bench.login = bench.keep("wr0ng")
    for _ in range(5):
        with pytest.raises(LoginFailed):
            bench.get()
    assert bench.hub.logins == 1
    bench.clock.advance(61)
    with pytest.raises(LoginFailed):
        bench.get()
    assert bench.hub.logins == 2


def test_a_two_factor_account_is_told_to_use_an_access_token(bench: Bench) -> None:
    bench.hub.login = Reply(401, b'{"detail": "MFA", "login_2fa_token": "t0ken"}')
    with pytest.raises(LoginFailed, match=r"two-factor .* put it in the environment") as told:
        bench.get()
    assert "t0ken" not in str(told.value)


def test_an_organisation_token_that_may_not_log_in_has_its_own_remedy(bench: Bench) -> None:
    bench.login = bench.keep("dckr_oat_abc")
    bench.hub.login = Reply(403, b"{}")
    assert bench.login.uses_organisation_token
    with pytest.raises(LoginFailed, match="organisation token of 'me'"):
        bench.get()


def test_a_login_is_tried_again_like_any_request(bench: Bench) -> None:
    bench.hub.login = Reply(503)
    with pytest.raises(Unavailable, match="/v2/auth/token"):
        bench.get()
    assert bench.hub.logins == 4


@pytest.mark.parametrize("body", [b"{}", b'{"access_token": 5}', b"<html>"])
def test_a_login_that_answers_something_else_is_unreadable(bench: Bench, body: bytes) -> None:
    bench.hub.login = Reply(200, body)
    with pytest.raises(Unreadable):
        bench.get()


def test_a_server_that_is_not_a_hub_is_suspected(bench: Bench) -> None:
    bench.hub.login = Reply(404)
    with pytest.raises(LoginFailed, match="check 'hub_url'"):
        bench.get()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "hub.localhost"])
def test_credentials_may_travel_in_clear_text_on_this_machine(host: str) -> None:
    client = HttpClient(f"http://{host}:1", clock=FakeClock())
    HubLogin(client, Credentials("me", Secret(SECRET)), FakeClock())


def test_credentials_never_travel_in_clear_text_elsewhere() -> None:
    clock = FakeClock()
    client = HttpClient("http://hub.test", clock=clock)
    with pytest.raises(ConfigError, match="in clear text: use https"):
        HubLogin(client, Credentials("me", Secret(SECRET)), clock)
    HubLogin(client, Credentials("me", Secret(SECRET)), clock, insecure=True)
