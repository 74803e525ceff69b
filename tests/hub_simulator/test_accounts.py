from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import AS_THE_HUB, RateLimit, WallClock
from tests.hub_simulator.conftest import REPOSITORIES, TAGS
from tests.hub_simulator.facts import shows

if TYPE_CHECKING:
    from typing import Literal

    from indexer.hub_simulator import Hub, Simulator
    from tests.hub_simulator.conftest import Client


@pytest.fixture(autouse=True)
def somebody(hub: Hub) -> None:
    hub.add_repository("library/secret", private=True)
    hub.push("library/secret", "1")
    hub.accounts.add_user("ann", "password", organisations=["library"])
    hub.accounts.add_user("bob", "password")


def test_private_repositories_are_shown_to_members_only(client: Client) -> None:
    secret = f"{REPOSITORIES}/secret/tags"
    assert client.names(REPOSITORIES) == ["alpine"]
    assert client.get(secret).status_code == 404
    for name, status, count in (("ann", 200, 2), ("bob", 404, 1)):
        token = client.token(name, "password")
        assert client.ask("GET", secret, headers=token).status_code == status
        assert client.ask("GET", REPOSITORIES, headers=token).json()["count"] == count


@shows("log-in")
def test_a_token_is_valid_for_ten_minutes_by_the_hubs_clock(hub: Hub, client: Client) -> None:
    token = client.token("ann", "password")
    hub.clock.advance(599)
    assert client.ask("GET", REPOSITORIES, headers=token).status_code == 200
    hub.clock.advance(1)
    assert client.ask("GET", REPOSITORIES, headers=token).status_code == 401


def test_revoked_and_invented_tokens_are_refused(hub: Hub, client: Client) -> None:
    token = client.token("ann", "password")
    hub.accounts.revoke_tokens()
    assert client.ask("GET", REPOSITORIES, headers=token).status_code == 401
    for header in ("Bearer invented", "Basic YTpi"):
        headers = {"Authorization": header}
        assert client.ask("GET", REPOSITORIES, headers=headers).status_code == 401


@shows("log-in")
def test_a_wrong_password_is_refused(client: Client) -> None:
    answer = client.log_in("ann", "guess")
    assert (answer.status_code, list(answer.json())) == (401, ["detail"])
    assert client.log_in("nobody", "guess").status_code == 401
    assert client.ask("POST", "/v2/auth/token", json={"identifier": "ann"}).status_code == 400


@shows("log-in")
def test_a_personal_access_token_logs_in_until_it_is_revoked(hub: Hub, client: Client) -> None:
    secret = hub.accounts.add_token("ann")
    assert secret.startswith("dckr_pat_")
    token = client.token("ann", secret)
    assert client.ask("GET", REPOSITORIES, headers=token).json()["count"] == 2
    hub.accounts.revoke_secret(secret)
    assert client.log_in("ann", secret).status_code == 401


@shows("tokens that end")
def test_an_access_token_may_end(hub: Hub, client: Client) -> None:
    ends = hub.clock.now() + timedelta(hours=1)
    secret = hub.accounts.add_token("ann", expires_at=ends)
    assert client.log_in("ann", secret).status_code == 200
    hub.clock.advance(3600)
    assert client.log_in("ann", secret).status_code == 401


@shows("too many log-ins")
def test_too_many_log_ins_lock_a_name_for_ten_minutes(hub: Hub, client: Client) -> None:
    hub.accounts.most_log_ins = 2
    assert [client.log_in("ann", "password").status_code for _ in range(4)] == [200, 200, 429, 429]
    assert client.log_in("bob", "password").status_code == 200
    hub.clock.advance(599)
    assert client.log_in("ann", "password").status_code == 429
    hub.clock.advance(1)
    assert client.log_in("ann", "password").status_code == 200


@shows("users and organisations")
def test_users_and_organisations_are_known_by_name(hub: Hub, client: Client) -> None:
    hub.add_namespace("eve", is_user=True)
    hub.accounts.add_organisation("empty", plan="team", owners=["ann"])
    known = {
        name: tuple(client.get(f"/v2/{kind}/{name}/").status_code for kind in ("users", "orgs"))
        for name in ("library", "ann", "eve", "empty", "nobody")
    }
    assert known == {
        "library": (404, 200),
        "ann": (200, 404),
        "eve": (200, 404),
        "empty": (404, 200),
        "nobody": (404, 404),
    }
    hub.remove_namespace("library")
    assert client.get("/v2/orgs/library/").status_code == 404
    assert client.get(REPOSITORIES).json()["count"] == 0


@shows("two-factor accounts")
def test_two_factor_accounts_need_an_access_token(hub: Hub, client: Client) -> None:
    hub.accounts.add_user("eve", "password", two_factor=True)
    refused = client.log_in("eve", "password")
    assert (refused.status_code, set(refused.json())) == (401, {"detail", "login_2fa_token"})
    assert "login_2fa_token" not in client.log_in("eve", "guess").json()
    assert client.log_in("eve", hub.accounts.add_token("eve")).status_code == 200


@shows("organisation tokens", "old paths")
def test_an_organisation_token_without_the_list_scope_sees_only_public_repositories(
    hub: Hub, client: Client
) -> None:
    seeing = client.token("library", hub.accounts.add_organisation_token("library"))
    blind = client.token("library", hub.accounts.add_organisation_token("library", may_list=False))
    assert client.ask("GET", REPOSITORIES, headers=seeing).json()["count"] == 2
    assert client.ask("GET", REPOSITORIES, headers=blind).json()["count"] == 1
    old = "/v2/repositories/library/alpine"
    for path in (old, f"{old}/tags", "/v2/repositories/library"):
        assert client.ask("GET", path, headers=seeing).status_code == 403
        assert client.get(path).status_code == 200


def test_a_narrowed_access_token_sees_some_private_repositories(hub: Hub, client: Client) -> None:
    hub.add_repository("library/other", private=True)
    narrow = hub.accounts.add_token("ann", only=["library/secret"])
    token = client.token("ann", narrow)
    listed = client.ask("GET", REPOSITORIES, headers=token).json()
    assert {each["name"] for each in listed["results"]} == {"alpine", "secret"}
    for short, status in (("secret", 200), ("other", 404)):
        answer = client.ask("GET", f"{REPOSITORIES}/{short}/tags", headers=token)
        assert answer.status_code == status


@shows("old log-in")
def test_the_old_log_in_and_the_old_header_still_work(client: Client) -> None:
    body = {"username": "ann", "password": "password"}
    token = client.ask("POST", "/v2/users/login", json=body).json()["token"]
    headers = {"Authorization": f"JWT {token}"}
    assert client.ask("GET", REPOSITORIES, headers=headers).json()["count"] == 2


def test_the_log_knows_who_asked_and_no_secret(simulator: Simulator, client: Client) -> None:
    token = client.token("ann", "password")
    client.ask("GET", REPOSITORIES, headers={**token, "User-Agent": "indexer/1"})
    login, listing = simulator.requests
    assert (login.number, login.method, login.path) == (1, "POST", "/v2/auth/token")
    assert (listing.identity, listing.scheme, listing.user_agent) == ("ann", "Bearer", "indexer/1")
    assert token["Authorization"].split()[1] not in repr(simulator.requests)
    assert "password" not in repr(simulator.requests)


@shows("rate limit")
def test_every_answer_says_what_is_left_and_the_window_is_the_clocks(
    hub: Hub, simulator: Simulator, client: Client
) -> None:
    simulator.rate_limit = RateLimit(limit=2, window=60)
    first = client.get(TAGS)
    assert first.headers["X-RateLimit-Limit"] == "2"
    assert first.headers["X-RateLimit-Remaining"] == "1"
    assert float(first.headers["X-RateLimit-Reset"]) >= hub.clock.now().timestamp() + 60
    assert client.get("/v2/namespaces/library/repositories/nothing").status_code == 404
    refused = client.get(TAGS)
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"]) == (429, "0")
    assert refused.json() == {"detail": "Rate limit exceeded", "error": False}
    hub.clock.advance(int(refused.headers["Retry-After"]))
    assert client.get(TAGS).status_code == 200


def test_each_identity_has_a_window_of_its_own(simulator: Simulator, client: Client) -> None:
    token = client.token("ann", "password")
    simulator.rate_limit = RateLimit(limit=1)
    assert client.get(TAGS).status_code == 200
    assert client.ask("GET", TAGS, headers=token).status_code == 200
    assert client.get(TAGS).status_code == 429


@pytest.mark.parametrize(
    ("manner", "header"),
    [
        ("seconds", {"Retry-After": "60"}),
        ("date", {"Retry-After": "Mon, 02 Mar 2026 09:01:00 GMT"}),
        ("unix", {"X-Retry-After": "1772442060"}),
        ("none", {}),
    ],
)
@shows("rate limit")
def test_a_refusal_says_when_to_come_back_in_one_of_four_manners(
    hub: Hub,
    simulator: Simulator,
    client: Client,
    manner: Literal["seconds", "date", "unix", "none"],
    header: dict[str, str],
) -> None:
    hub.clock.advance(1772442000 - hub.clock.now().timestamp())
    simulator.rate_limit = RateLimit(limit=0, retry_after=manner, body="html")
    refused = client.get(TAGS)
    assert refused.headers["Content-Type"] == "text/html"
    sent = {name: refused.headers[name] for name in refused.headers if "Retry" in name}
    assert (refused.status_code, sent) == (429, header)


@shows("rate limit")
def test_the_hubs_own_limit_is_180_a_minute_for_each(
    hub: Hub, simulator: Simulator, client: Client
) -> None:
    simulator.rate_limit = AS_THE_HUB
    token = client.token("ann", "password")
    statuses = [client.ask("HEAD", REPOSITORIES).status_code for _ in range(181)]
    # The log-in was a request without an identity too.
    assert (statuses.count(200), statuses[179:]) == (179, [429, 429])
    assert client.ask("HEAD", REPOSITORIES, headers=token).status_code == 200
    hub.clock.advance(60)
    assert client.get(TAGS).status_code == 200


def test_a_limit_may_be_silent_absent_or_on_real_time(simulator: Simulator, client: Client) -> None:
    simulator.rate_limit = RateLimit(limit=1, headers=False)
    assert "X-RateLimit-Limit" not in client.get(TAGS).headers
    assert client.get(TAGS).status_code == 429
    simulator.rate_limit = None
    assert client.get(TAGS).status_code == 200
    clock = WallClock()
    simulator.rate_limit = RateLimit(limit=1, window=10, clock=clock)
    assert [client.get(TAGS).status_code for _ in range(2)] == [200, 429]
    clock.advance(10)
    assert client.get(TAGS).status_code == 200
