"""Which requests are answered, and the headers of each answer."""

from __future__ import annotations

import base64
import socket
from typing import TYPE_CHECKING

import pytest

from indexer.config import ServeSecrets, ServeSettings
from indexer.core.errors import ConfigError
from indexer.web.access_rules import AccessRules, host_of, rules_of
from indexer.web.middleware import LONGEST_ADDRESS
from indexer.web.server import listen
from tests.web.serving import HOOK, OWNER, TOKEN, bearer, raw, running

if TYPE_CHECKING:
    from indexer.store import Store
    from tests.web.serving import Running

PATHS = [
    "/", "/namespaces", "/repositories", "/search?q=nginx", "/image/docker.io/library/nginx",
    "/image/docker.io/library/nginx:latest", "/compare/docker.io/library/nginx", "/api/docs",
    "/api/openapi.json", "/api/v1/changes", "/api/v1/status", "/feed.atom", "/feed.json",
    "/metrics", "/v2/_catalog", "/static/style.css", "/static/icon.svg", "/login", "/token",
]  # fmt: skip

TELL_NOTHING = {"/static/style.css", "/static/icon.svg", "/login", "/token"}
"""What a browser needs to log in, and what a registry client gets its credentials checked by."""


def basic(user: str, password: str) -> dict[str, str]:
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


@pytest.mark.parametrize("path", [*PATHS, "/nothing", "/healthz"])
def test_no_answer_lets_a_script_run_or_loads_anything_from_elsewhere(
    site: Running, path: str
) -> None:
    answer = site.get(path, headers={"Accept": "text/html"})
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action")
    assert "script" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert "Server" not in answer.headers
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_the_body(site: Running, path: str) -> None:
    answer, whole = site.ask("HEAD", path), site.get(path)
    assert answer.status_code == whole.status_code == 200
    assert answer.content == b""
    changing = {"date", "etag", "content-length"} if path == "/metrics" else {"date"}
    told = {name.lower(): value for name, value in answer.headers.items()}
    same = {name.lower(): value for name, value in whole.headers.items()}
    assert {n: v for n, v in told.items() if n not in changing} == {
        n: v for n, v in same.items() if n not in changing
    }


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE"]
)
@pytest.mark.parametrize("path", ["/", "/api/v1/changes", "/feed.atom", "/image/a/b"])
def test_nothing_can_be_written(site: Running, method: str, path: str) -> None:
    answer = site.ask(method, path, data=b"x")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("LOCALHOST:80", 200),
        ("[::1]:8080", 200),
        ("192.168.1.7", 200),
        ("docker.io.localhost:8080", 200),
        ("evil.example.com", 421),
        ("127.0.0.1.evil.example.com", 421),
        ("localhost.evil.example.com:8080", 421),
        ("", 421),
        ("<script>", 421),
    ],
)
def test_only_our_own_names_are_answered_to(site: Running, host: str, status: int) -> None:
    answer = site.get("/v2/_catalog", headers={"Host": host})
    assert answer.status_code == status
    assert ("library" in answer.text) == (status == 200)


def test_names_come_from_the_configuration() -> None:
    serve = ServeSettings(
        host="192.168.1.1",
        url="https://catalog.example.com:8443/",
        hosts=("other.example.com",),
        registry_hosts=(("hub.example.com", "docker.io"),),
    )
    rules = rules_of(serve, ServeSecrets((OWNER,)), insecure_public=False)
    for name in ("catalog.example.com", "other.example.com", "hub.example.com", "192.168.1.1"):
        assert rules.answers_to(name)
    assert not rules.answers_to("example.com")
    assert rules.registry_of("hub.example.com") == "docker.io"
    assert rules.registry_of("other.example.com") is None
    assert rules.closed


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "catalog.example.com"])  # noqa: S104 - nothing is bound
def test_another_address_demands_a_token_or_that_it_is_said_out_loud(host: str) -> None:
    serve = ServeSettings(host=host)
    with pytest.raises(ConfigError, match=r"set .serve. token_env to .* or use --insecure-public"):
        rules_of(serve, ServeSecrets(), insecure_public=False)
    assert rules_of(serve, ServeSecrets((OWNER,)), insecure_public=False).closed
    assert not rules_of(serve, ServeSecrets(), insecure_public=True).closed


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.1.2.3"])
def test_this_machine_demands_none(host: str) -> None:
    assert not rules_of(ServeSettings(host=host), ServeSecrets(), insecure_public=False).closed


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("a:80", "a"),
        ("A.Example.COM.", "a.example.com"),
        ("[::1]:80", "::1"),
        ("[::1", "::1"),
        ("", ""),
        (" a ", "a"),
    ],
)
def test_a_host_is_read_without_its_port(header: str, host: str) -> None:
    assert host_of(header) == host


@pytest.mark.parametrize(
    "path", [*sorted({*PATHS} - TELL_NOTHING), "/v2/", "/v2", "/nothing", "/api/v1/changes/events"]
)
def test_where_it_is_closed_nothing_is_told_without_the_token(
    closed_site: Running, path: str
) -> None:
    for headers in ({}, bearer("x" * len(TOKEN)), basic("me", "wrong"), basic(TOKEN, "")):
        answer = closed_site.get(path, headers=headers)
        assert answer.status_code == 401
        asked = "Bearer realm=" if path.startswith("/v2") else "Basic realm="
        assert answer.headers["WWW-Authenticate"].startswith(asked)
        assert "nginx" not in answer.text
    assert closed_site.get("/healthz").text == "ok\n"


@pytest.mark.parametrize("headers", [bearer(), basic("anybody", TOKEN), basic("", TOKEN)])
def test_a_request_with_the_token_is_answered(
    closed_site: Running, headers: dict[str, str]
) -> None:
    assert "library/secret" in closed_site.get("/v2/_catalog", headers=headers).text
    page = closed_site.get("/image/docker.io/library/secret", headers=headers)
    assert "do not tell" in page.text
    assert page.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer  ", "Basic !!!", "Basic eA==", f"Digest {TOKEN}", TOKEN, "Bearer \xe9"],
)
def test_an_invalid_token_gives_no_access(site: Running, value: str) -> None:
    answer = site.get("/v2/_catalog", headers={"Authorization": value.encode("latin-1")})
    assert answer.status_code == 401
    assert "secret" not in answer.text


def test_without_a_token_that_could_be_right_none_is_asked_for(index: Store) -> None:
    with running(index, AccessRules()) as site:
        answer = site.get("/v2/_catalog", headers=bearer("whatever"))
        assert answer.status_code == 200
        assert "secret" not in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_no_page_tells_of_what_is_private(site: Running, path: str) -> None:
    text = site.get(path, headers={"Accept": "text/html"}).text
    for sign in ("library/secret", "do not tell", ">covert<"):
        assert sign not in text


@pytest.mark.parametrize(
    "path",
    ["/image/docker.io/library/secret", "/image/docker.io/library/secret:covert",
     "/compare/docker.io/library/secret", "/api/v1/history/docker.io/library/secret"],
)  # fmt: skip
def test_what_is_private_is_not_there(site: Running, path: str) -> None:
    assert site.get(path).status_code == 404
    assert site.get(path, headers=bearer()).status_code == 200


@pytest.mark.parametrize(
    "path",
    [*sorted({*PATHS} - TELL_NOTHING), "/v2/library/nginx/manifests/latest", "/login", "/nothing"],
)
def test_answers_differ_by_who_asks_and_caches_are_told(site: Running, path: str) -> None:
    for headers in ({}, bearer(), {"Authorization": "Bearer wrong"}):
        answer = site.ask("HEAD", path, headers=headers)
        assert {"Authorization", "Cookie", "Host"} <= {*answer.headers["Vary"].split(", ")}
        kept = answer.headers["Cache-Control"]
        assert kept.startswith("private" if headers else ("public", "private"))


def test_an_address_that_is_too_long_is_refused(site: Running) -> None:
    assert site.get(f"/search?q={'x' * LONGEST_ADDRESS}").status_code == 414
    assert site.get(f"/{'x' * LONGEST_ADDRESS}").status_code == 414


@pytest.mark.parametrize("path", ["/image/a%00b", "/v2/a%00/tags/list", "/search?q=%00", "/%ff"])
def test_bytes_that_are_not_utf_8_are_not_a_server_error(site: Running, path: str) -> None:
    assert site.get(path).status_code in {400, 404}


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.com\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET http://evil.example.com/ HTTP/1.1\r\nHost: evil.example.com\r\n\r\n",
    ],
)
def test_a_malformed_request_is_refused(site: Running, data: bytes) -> None:
    answer = raw(site, data)
    assert not answer or 400 <= int(answer.split()[1]) < 500
    assert site.get("/healthz").status_code == 200


def test_a_hooks_secret_is_not_in_the_log(
    own_site: Running, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG", "indexer.web"):
        own_site.ask("POST", f"/hooks/dockerhub/{HOOK}", json={})
        own_site.get("/", headers=bearer())
    assert any("/hooks/..." in record.getMessage() for record in caplog.records)
    told = caplog.text + "".join(capsys.readouterr())
    assert HOOK not in told
    assert TOKEN not in told


def test_no_answer_waits_for_its_head_to_be_acknowledged() -> None:
    with (
        listen("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
