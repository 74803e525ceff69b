from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import (
    Denied,
    LoginFailed,
    Missing,
    OffsetRefused,
    SourceLost,
    Unavailable,
    Unreadable,
)
from indexer.core.model import ANONYMOUS, Cost, RateLimit
from indexer.core.secret import Credentials, Secret
from indexer.crawl.list_sides import Order, Side, Window
from indexer.crawl.listing import PageRequest
from indexer.crawl.wanted_names import WantedNames
from indexer.http import HttpClient
from indexer.sources.docker_hub.auth import HubLogin
from indexer.sources.docker_hub.source import HubSource
from tests.http.fake_server import START, FakeClock, Reply, Server, ok

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.http.fake_server import Asked

pytestmark = pytest.mark.integration

REPOSITORIES = "/v2/namespaces/acme/repositories"
TAGS = f"{REPOSITORIES}/api/tags"
FIRST = PageRequest()


def page(*names: str, count: int | None = None, following: str | None = None) -> Reply:
    results = [{"name": name, "last_updated": "2026-07-01T12:00:00Z"} for name in names]
    return ok({"count": count or len(names), "next": following, "results": results})


class Bench:
    """A source before a server that follows a script; log-ins are always welcome."""

    def __init__(self, secret: str = "", prefix: str = "") -> None:
        self.replies: list[Reply] = []
        self.server = Server(self.answer)
        self.clock = FakeClock()
        self.client = HttpClient(
            self.server.url + prefix, clock=self.clock, chance=lambda: 1.0, timeout=5
        )
        account = Credentials("me", Secret(secret)) if secret else None
        self.login = HubLogin(self.client, account, self.clock) if account else None
        self.source = HubSource(self.client, self.login)

    def answer(self, asked: Asked) -> Reply:
        if asked.method == "POST":
            return ok({"access_token": "token"})
        return self.replies.pop(0)

    @property
    def targets(self) -> list[str]:
        return [asked.target for asked in self.server.asked if asked.method == "GET"]


@pytest.fixture
def make() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def build(*replies: Reply, **options: Any) -> Bench:
        bench = Bench(**options)
        bench.server.__enter__()
        bench.replies += replies
        made.append(bench)
        return bench

    yield build
    for bench in made:
        bench.client.close()
        bench.server.__exit__()


def test_a_page_of_repositories_is_asked_for_newest_first(make: Callable[..., Bench]) -> None:
    bench = make(page("api", "web", count=2))
    read = bench.source.repositories("acme", FIRST)
    assert read is not None
    assert [item.name for item in read.items] == ["acme/api", "acme/web"]
    assert (read.count, read.next) == (2, None)
    assert bench.targets == [f"{REPOSITORIES}?page_size=100&page=1&ordering=last_updated"]


def test_a_page_of_tags_is_asked_for_newest_first(make: Callable[..., Bench]) -> None:
    bench = make(page("1.0"))
    read = bench.source.tags("acme/api", FIRST)
    assert read is not None
    assert [item.name for item in read.items] == ["1.0"]
    assert bench.targets == [f"{TAGS}?page_size=100&page=1&ordering=last_updated"]


def test_a_list_is_asked_for_in_the_opposite_order(make: Callable[..., Bench]) -> None:
    bench = make(page("api"), page("1.0"))
    bench.source.repositories("acme", PageRequest(opposite_order=True))
    bench.source.tags("acme/api", PageRequest(opposite_order=True))
    assert [target.rpartition("=")[2] for target in bench.targets] == ["-last_updated"] * 2


@pytest.mark.parametrize(
    "cursor",
    [
        "{url}{path}?{query}",
        "{path}?{query}",
        "?{query}",
        "{url}/v2/repositories/acme/api/tags/?{query}",
        "https://evil.test/v2/x?{query}",
        "//evil.test:99/v2/x?{query}",
        "https://127.0.0.1:1{path}?{query}",
        "http://user:pass@127.0.0.1{path}?{query}",
        "http://[::1?{query}",
        "/v2/namespaces/acme/repositories/web/tags?{query}",
        "{path}/../../web/tags?{query}",
    ],
)
def test_of_a_next_page_only_the_query_counts(make: Callable[..., Bench], cursor: str) -> None:
    query = "page=2&page_size=100&ordering=last_updated"
    bench = make(page("1.0"))
    link = cursor.format(url=bench.server.url, path=TAGS, query=query)
    bench.source.tags("acme/api", PageRequest(link))
    assert bench.targets == [f"{TAGS}?{query}"]


@pytest.mark.parametrize(
    "cursor",
    [
        "{path}?page=" + "2" * 5000,
        "{path}/latest",
        "/",
        "javascript:alert(1)",
        "http://[::1",
        "?#a",
    ],
)
def test_a_next_page_that_cannot_be_understood_is_not_asked_for(
    make: Callable[..., Bench], cursor: str
) -> None:
    bench = make(secret="s3cret")
    with pytest.raises(Unreadable, match="gives an invalid link to the next page"):
        bench.source.tags("acme/api", PageRequest(cursor.format(path=TAGS)))
    assert bench.server.asked == []


@pytest.mark.parametrize("query", ["page=2&x=a b", "page=2&x=%20\u00e9", "page=2&x=\x7f'\""])
def test_the_query_of_a_next_page_is_made_fit_for_a_request(
    make: Callable[..., Bench], query: str
) -> None:
    bench = make(page("1.0"))
    bench.source.tags("acme/api", PageRequest(f"{TAGS}?{query}"))
    (target,) = bench.targets
    assert target.startswith(f"{TAGS}?page=2&x=")
    assert target.isascii()


def test_a_page_past_the_end_is_none(make: Callable[..., Bench]) -> None:
    bench = make(Reply(404), Reply(404))
    assert bench.source.repositories("acme", PageRequest("?page=9")) is None
    assert bench.source.tags("acme/api", PageRequest("?page=9")) is None


def test_a_namespace_that_is_not_there_is_missing(make: Callable[..., Bench]) -> None:
    bench = make(Reply(404, b"<html>"))
    with pytest.raises(Missing, match=r"no namespace 'acme' on docker\.io.*give credentials"):
        bench.source.repositories("acme", FIRST)


def test_tags_that_are_not_there_are_missing(make: Callable[..., Bench]) -> None:
    with pytest.raises(Missing, match="no tags of 'acme/api'"):
        make(Reply(404)).source.tags("acme/api", FIRST)


def test_one_repository_and_one_tag_are_asked_for_by_name(make: Callable[..., Bench]) -> None:
    bench = make(ok({"name": "api", "namespace": "acme"}), ok({"name": "1.0"}))
    repository = bench.source.repository("acme/api")
    tag = bench.source.tag("acme/api", "1.0")
    assert repository is not None
    assert tag is not None
    assert (repository.name, tag.name) == ("acme/api", "1.0")
    assert bench.targets == [f"{REPOSITORIES}/api", f"{TAGS}/1.0"]


def test_one_thing_is_none_if_and_only_if_the_answer_is_404(make: Callable[..., Bench]) -> None:
    bench = make(Reply(404), Reply(404), *[Reply(status) for status in (400, 403, 410, 204, 304)])
    assert bench.source.repository("acme/api") is None
    assert bench.source.tag("acme/api", "1.0") is None
    for kind in (Unreadable, Denied, Unreadable, Unreadable, Unreadable):
        with pytest.raises(kind):
            bench.source.tag("acme/api", "1.0")
    bench.replies += [Reply(500)] * 4
    with pytest.raises(Unavailable):
        bench.source.repository("acme/api")


def test_names_are_quoted(make: Callable[..., Bench]) -> None:
    bench = make(Reply(404), Reply(404))
    bench.source.repository("a?b/c d#/e")
    bench.source.tag("acme/api", "../x%2f")
    assert bench.targets == [
        "/v2/namespaces/a%3Fb/repositories/c%20d%23%2Fe",
        f"{TAGS}/..%2Fx%252f",
    ]


def test_a_path_before_the_api_is_kept(make: Callable[..., Bench]) -> None:
    bench = make(page("1.0"), page("2.0"), prefix="/mirror/", secret="s3cret")
    bench.source.tags("acme/api", FIRST)
    bench.source.tags("acme/api", PageRequest("?page=2"))
    assert [asked.path for asked in bench.server.asked] == [
        "/mirror/v2/auth/token",
        f"/mirror{TAGS}",
        f"/mirror{TAGS}",
    ]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_without_an_account_says_how_to_give_credentials(
    make: Callable[..., Bench], status: int
) -> None:
    with pytest.raises(Denied, match="configure 'username' and 'password_env'"):
        make(Reply(status)).source.repositories("acme", FIRST)


def test_a_refusal_of_an_account_names_it(make: Callable[..., Bench]) -> None:
    bench = make(Reply(403), secret="s3cret")
    with pytest.raises(Denied, match=r"the tags of acme/api \(403\) to 'me'"):
        bench.source.tags("acme/api", FIRST)


def test_a_refusal_of_an_organisation_token_asks_for_the_scope(make: Callable[..., Bench]) -> None:
    bench = make(Reply(403), secret="dckr_oat_s3cret")
    assert bench.source.uses_organisation_token
    with pytest.raises(Denied, match="give the token the scope to list and read"):
        bench.source.repositories("acme", FIRST)


def test_a_401_after_a_new_token_ends_the_crawl(make: Callable[..., Bench]) -> None:
    bench = make(Reply(401), Reply(401), secret="s3cret")
    with pytest.raises(LoginFailed) as told:
        bench.source.tags("acme/api", FIRST)
    assert isinstance(told.value, SourceLost)


def test_the_token_is_sent_with_every_request(make: Callable[..., Bench]) -> None:
    bench = make(page("1.0"), page("2.0"), secret="s3cret")
    bench.source.tags("acme/api", FIRST)
    bench.source.tags("acme/api", PageRequest("?page=2"))
    sent = [asked.headers.get("authorization") for asked in bench.server.asked]
    assert sent == [None, "Bearer token", "Bearer token"]


def test_a_source_knows_its_identity(make: Callable[..., Bench]) -> None:
    nobody, somebody = make().source, make(secret="s3cret").source
    assert (nobody.registry, nobody.identity) == ("docker.io", ANONYMOUS)
    assert somebody.identity == "me"


def test_each_source_counts_what_it_cost_alone(make: Callable[..., Bench]) -> None:
    bench = make(Reply(503), page("1.0"), page("2.0"), secret="s3cret")
    other = HubSource(bench.client, bench.login)
    bench.source.tags("acme/api", FIRST)
    assert bench.source.spent.requests == 3  # the log-in, and two tries
    assert bench.source.spent.bytes > 100
    assert other.spent == Cost()
    other.tags("acme/api", FIRST)
    assert (bench.source.spent.requests, other.spent.requests) == (3, 1)


def test_the_rate_limit_is_known_as_last_seen(make: Callable[..., Bench]) -> None:
    reply = page("1.0")
    reply.headers |= {
        "X-RateLimit-Limit": "180",
        "X-RateLimit-Remaining": "179",
        "X-RateLimit-Reset": str(int(START.timestamp())),
    }
    bench = make(reply)
    assert bench.source.rate_limit is None
    bench.source.tags("acme/api", FIRST)
    assert bench.source.rate_limit == RateLimit(180, 179, START)


@pytest.mark.parametrize(
    ("body", "why", "requests"),
    [
        (b"<!DOCTYPE html><html></html>", "not JSON", 2),
        (b'{"count": 1, "results": [{"name"', "not JSON", 2),
        (b'{"message": "hello"}', "unexpected shape", 1),
        (b'{"results": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "(nested|unexpected shape)", 1),
    ],
)
def test_a_body_that_cannot_be_read_is_a_sentence(
    make: Callable[..., Bench], body: bytes, why: str, requests: int
) -> None:
    bench = make(Reply(200, body), Reply(200, body))
    with pytest.raises(Unreadable, match=why):
        bench.source.tags("acme/api", FIRST)
    assert bench.source.spent.requests == requests


def test_items_that_cannot_be_read_are_reported_and_the_others_are_read(
    make: Callable[..., Bench],
) -> None:
    body = {"count": 2, "next": None, "results": [{"name": "ok"}, {"name": "\x1b]0;evil"}]}
    read = make(Reply(200, json.dumps(body).encode())).source.tags("acme/api", FIRST)
    assert read is not None
    assert len(read.items) == 1
    assert read.rejected == ("'\ufffd]0;evil' is left out: it cannot be the name of a tag",)


def repository(name: str) -> Reply:
    return ok({"name": name, "namespace": "acme", "last_updated": "2026-07-01T12:00:00Z"})


def test_what_is_named_is_asked_for_by_its_name_and_no_list_is_read(
    make: Callable[..., Bench],
) -> None:
    tag = ok({"name": "1.0", "last_updated": "2026-07-01T12:00:00Z"})
    bench = make(repository("api"), Reply(404), Reply(404), tag, Reply(404))
    source = HubSource(
        bench.client, wanted=WantedNames(("acme/api", "acme/none"), ("1.0", "latest"))
    )
    found = source.repositories("acme", FIRST)
    assert found is not None
    assert [item.name for item in found.items] == ["acme/api"]
    assert (found.rejected, found.absent) == ((), ("acme/none",))
    assert source.repository("acme/none") is None  # asked again: one 404 proves nothing
    tags = source.tags("acme/api", FIRST)
    assert tags is not None
    assert [item.name for item in tags.items] == ["1.0"]
    assert bench.targets == [
        f"{REPOSITORIES}/api",
        f"{REPOSITORIES}/none",
        f"{REPOSITORIES}/none",
        f"{TAGS}/1.0",
        f"{TAGS}/latest",
    ]


def test_a_page_that_is_refused_by_its_offset_is_explained_by_neither_privacy_nor_to_an_account(
    make: Callable[..., Bench],
) -> None:
    refusal = Reply(403, b'{"message": "pagination offset too large"}')
    behind = PageRequest(window=Window(Side(Order.NEWEST), 2, 100))
    said = []
    for secret in ("", "secret"):
        with pytest.raises(OffsetRefused) as caught:
            make(refusal, secret=secret).source.tags("acme/api", behind)
        said.append(str(caught.value))
    assert all("private" not in each and "pagination offset too large" in each for each in said)
    assert ["any free account" in each for each in said] == [True, False]
    assert said[1].endswith("to 'me'.")
