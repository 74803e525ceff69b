"""Who asks is found: by a token, by a bearer token of `/token`, or by a cookie."""

from __future__ import annotations

import base64
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.config import AccessToken, Scope
from indexer.store import open_store
from indexer.web.access.credentials import PULL_SECONDS, SESSION_SECONDS
from indexer.web.access.login_pages import own_path
from indexer.web.access_rules import AccessRules
from tests.support.databases import sqlite_index
from tests.web.content import two_days
from tests.web.serving import NO_ACCOUNT, OWNER, TOKEN, bearer, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from tests.web.serving import Running

READER = AccessToken("reader", "a-token-that-only-reads", frozenset({Scope.READ}))
CALLER = AccessToken("caller", "a-token-of-a-registry", frozenset({Scope.HOOKS}))
TOKENS = (OWNER, READER, CALLER)

HTML = {"Accept": "text/html,application/xhtml+xml"}
SECRET_PAGE = "/image/docker.io/library/secret"
CATALOG = "/v2/_catalog"
PUSHED = {"repository": {"repo_name": "library/nginx"}}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A site that shows everybody what is public."""
    yield from served(tmp_path_factory, AccessRules(tokens=TOKENS))


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A site that shows nothing without a token."""
    yield from served(tmp_path_factory, AccessRules(tokens=TOKENS, closed=True))


def served(folders: pytest.TempPathFactory, rules: AccessRules) -> Iterator[Running]:
    url = sqlite_index(folders.mktemp("log-in") / "index.db")
    with closing(open_store(url, create=False)) as store:
        two_days(store)
        with running(store, rules) as site:
            yield site


def basic(user: str, password: str) -> dict[str, str]:
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


def submitted(
    site: Running, token: str, headers: dict[str, str] | None = None
) -> requests.Response:
    """What a browser gets that submits the form."""
    fields = {"token": token, "next": SECRET_PAGE}
    own = {"Origin": site.address, "Sec-Fetch-Site": "same-origin"}
    return site.ask("POST", "/login", data=fields, headers={**HTML, **own, **(headers or {})})


def cookie_of(answer: requests.Response) -> dict[str, str]:
    return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}


def token_of(site: Running, headers: dict[str, str] | None = None) -> dict[str, str]:
    """The header that a registry client sends after it asked `/token`."""
    told = site.json("/token", headers=headers)
    assert (told["access_token"], told["expires_in"]) == (told["token"], PULL_SECONDS)
    return bearer(told["token"])


@pytest.mark.parametrize("path", ["/v2/", "/v2"])
def test_a_registry_client_is_asked_for_a_bearer_token(opened: Running, path: str) -> None:
    answer = opened.get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="{opened.address}/token",service="indexer"'
    )
    assert opened.get(path, headers=token_of(opened)).status_code == 200


def test_who_has_no_credentials_reads_what_is_public(opened: Running) -> None:
    for headers in ({}, NO_ACCOUNT, token_of(opened), basic("", "")):
        found = opened.json(CATALOG, headers=headers)["repositories"]
        assert "docker.io/library/nginx" in found
        assert "docker.io/library/secret" not in found


def test_the_right_token_gives_a_bearer_token_with_its_rights(closed: Running) -> None:
    for headers in (basic("any", TOKEN), bearer()):
        given = token_of(closed, headers)
        assert TOKEN not in given["Authorization"]
        assert "docker.io/library/secret" in closed.get(CATALOG, headers=given).text
    reading = token_of(closed, basic("any", READER.secret))
    assert "docker.io/library/secret" not in closed.get(CATALOG, headers=reading).text


def test_a_bearer_token_ends_after_minutes(closed: Running) -> None:
    given = token_of(closed, bearer())
    assert closed.get(CATALOG, headers=given).status_code == 200
    closed.clock.time += timedelta(seconds=PULL_SECONDS)
    answer = closed.get(CATALOG, headers=given)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_bearer_token_is_not_prolonged(closed: Running) -> None:
    """Whoever reads one in a log has minutes, and not for ever."""
    given = token_of(closed, bearer())
    assert closed.get("/token", headers=given).status_code == 401
    text = given["Authorization"].removeprefix("Bearer ")
    assert closed.get("/token", headers=basic("any", text)).status_code == 401


@pytest.mark.parametrize(
    "path",
    ["/v2/", CATALOG, "/", "/api/v1/changes", "/feed.atom", "/metrics", "/nothing", "/token"],
)
@pytest.mark.parametrize("wrong", [basic("any", "wrong"), basic(TOKEN, ""), bearer("x" * 30)])
def test_wrong_credentials_are_refused_everywhere(
    opened: Running, path: str, wrong: dict[str, str]
) -> None:
    for accept in ({}, HTML):
        answer = opened.get(path, headers={**wrong, **accept})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith(
            "Bearer" if path.startswith("/v2") else "Basic"
        )
        assert "nginx" not in answer.text


def test_what_an_anonymous_client_cannot_find_is_answered_by_asking_it_to_log_in(
    opened: Running,
) -> None:
    for name in ("library/secret", "library/none"):
        answer = opened.get(f"/v2/docker.io/{name}/tags/list")
        assert answer.status_code == 401
        assert f'scope="repository:docker.io/{name}:pull"' in answer.headers["WWW-Authenticate"]
    found = opened.get("/v2/docker.io/library/secret/tags/list", headers=token_of(opened, bearer()))
    assert found.json()["tags"] == ["covert"]


def test_where_no_token_is_configured_nobody_is_asked(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    for site in served(tmp_path_factory, AccessRules()):
        assert site.get("/v2/").status_code == 200
        assert site.get("/v2/", headers=bearer("whatever")).status_code == 200
        assert site.get("/v2/docker.io/a/b/tags/list").status_code == 404
        assert site.json("/token")["token"] == "anonymous"
        assert "Log in" not in site.get("/").text


def test_a_browser_gets_a_form_instead_of_a_page_and_no_dialog(closed: Running) -> None:
    answer = closed.get("/search?q=a%26b", headers=HTML)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="indexer"'
    assert '<input type="hidden" name="next" value="/search?q=a%26b">' in answer.text
    assert closed.get("/static/style.css").status_code == 200


def test_the_form_gives_a_cookie_that_opens_the_page(closed: Running) -> None:
    answer = submitted(closed, TOKEN)
    assert (answer.status_code, answer.headers["Location"]) == (303, SECRET_PAGE)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.endswith(f"; Max-Age={SESSION_SECONDS}; Path=/; HttpOnly; SameSite=Lax")
    assert TOKEN not in cookie
    page = closed.get(SECRET_PAGE, headers={**HTML, **cookie_of(answer)})
    assert "do not tell" in page.text
    assert "Logged in as owner" in page.text
    assert page.headers["Cache-Control"].startswith("private")
    assert "Cookie" in page.headers["Vary"]


def test_the_cookie_ends_and_another_token_or_a_changed_cookie_opens_nothing(
    opened: Running,
) -> None:
    cookie = cookie_of(submitted(opened, TOKEN))
    assert opened.get(SECRET_PAGE, headers=cookie).status_code == 200
    for wrong in (cookie["Cookie"][:-1], cookie["Cookie"].replace("owner", "reader"), "indexer=x"):
        assert opened.get(SECRET_PAGE, headers={"Cookie": wrong}).status_code == 404
    reader = cookie_of(submitted(opened, READER.secret))
    assert opened.get(SECRET_PAGE, headers=reader).status_code == 404
    bearer_of_cookie = bearer(cookie["Cookie"].partition("=")[2])
    assert opened.get(SECRET_PAGE, headers=bearer_of_cookie).status_code == 401
    opened.clock.time += timedelta(seconds=SESSION_SECONDS)
    assert opened.get(SECRET_PAGE, headers=cookie).status_code == 404
    opened.clock.time -= timedelta(seconds=SESSION_SECONDS)


def test_behind_tls_the_cookie_never_leaves_it(opened: Running) -> None:
    tls = {"X-Forwarded-Proto": "https"}
    cookie = submitted(opened, TOKEN, tls).headers["Set-Cookie"]
    assert cookie.startswith("__Host-indexer=")
    assert cookie.endswith("; Secure")
    sent = {"Cookie": cookie.partition(";")[0]}
    assert opened.get(SECRET_PAGE, headers={**sent, **tls}).status_code == 200


def test_logging_out_deletes_the_cookie(opened: Running) -> None:
    answer = opened.ask("POST", "/logout", headers=cookie_of(submitted(opened, TOKEN)))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert answer.headers["Set-Cookie"].startswith("indexer=; Max-Age=0; Path=/;")
    assert opened.get("/logout").status_code == 405


def test_a_wrong_token_gets_the_form_again(closed: Running) -> None:
    for token in ("wrong", "", "é" * 100):
        answer = submitted(closed, token)
        assert answer.status_code == 401
        assert "The token is wrong." in answer.text
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/login", "/logout"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_cannot_log_anybody_in_or_out(
    opened: Running, path: str, headers: dict[str, str]
) -> None:
    answer = opened.ask("POST", path, data={"token": TOKEN}, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example.com", "//evil.example.com", "/\\evil.example.com", "evil", "",
        "/\t/evil", "/\r\nSet-Cookie: a=b", "javascript:alert(1)", "/ä", "/" + "x" * 5_000,
        "/login?next=/", "/logout",
    ],
)  # fmt: skip
def test_a_log_in_leads_to_a_page_of_this_site_only(target: str) -> None:
    assert own_path(target) == "/"
    assert own_path("/search?q=a%26b") == "/search?q=a%26b"


def test_a_form_that_is_too_long_is_not_read(opened: Running) -> None:
    assert submitted(opened, "x" * 5_000).status_code == 413


def test_a_token_does_what_its_scopes_say(closed: Running) -> None:
    assert closed.get(SECRET_PAGE, headers=bearer(READER.secret)).status_code == 404
    assert closed.get("/repositories", headers=bearer(READER.secret)).status_code == 200
    assert closed.get("/repositories", headers=bearer(CALLER.secret)).status_code == 403
    hooks = [f"/hooks/dockerhub/{each.secret}" for each in (CALLER, READER, OWNER)]
    assert [closed.ask("POST", path, json=PUSHED).status_code for path in hooks] == [200, 404, 404]
    assert submitted(closed, CALLER.secret).status_code == 401


def test_an_answer_to_who_is_asked_to_log_in_is_not_kept(opened: Running) -> None:
    for answer in (
        opened.get("/v2/"),
        opened.get("/login"),
        opened.get("/token"),
        opened.get("/x"),
    ):
        assert answer.headers["Cache-Control"].endswith("no-store")


@pytest.mark.parametrize("path", [CATALOG, "/token", "/api/v1/changes", "/login"])
def test_whoever_guesses_tokens_is_told_to_wait(closed: Running, path: str) -> None:
    method = "POST" if path == "/login" else "GET"

    def guess(user: str = "eve") -> requests.Response:
        return closed.ask(method, path, data={"token": "no"}, headers=basic(user, "no"))

    assert {guess().status_code for _ in range(10)} == {401}
    told = guess()

    assert (told.status_code, told.headers["Retry-After"]) == (429, "6")
    assert "too many wrong tokens were sent: try again in 6 seconds." in told.text.lower()
    assert closed.get(CATALOG, headers=basic("alice", TOKEN)).status_code == 200
    closed.clock.seconds += 6
    assert guess().status_code == 401


def test_who_has_logged_in_does_not_wait_for_others(closed: Running) -> None:
    cookie, pull = cookie_of(submitted(closed, TOKEN)), token_of(closed, basic("eve", TOKEN))
    for _ in range(11):
        closed.get(CATALOG, headers=basic("eve", "no"))

    assert closed.get(CATALOG, headers=basic("eve", TOKEN)).status_code == 429
    assert closed.get(CATALOG, headers=cookie).status_code == 200
    assert closed.get(CATALOG, headers=pull).status_code == 200
