"""Registries that send wrong content, break the protocol, or ask for foreign credentials."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import ConfigError, Denied, LoginFailed, SourceError, Unreadable
from indexer.core.model import ANONYMOUS
from indexer.core.secret import Credentials, Secret
from indexer.crawl.list_reader import read
from indexer.crawl.listing import ListingReader, PageRequest
from indexer.http import CostMeter, HttpClient, Origin
from indexer.manifests import media_types
from indexer.sources.oci.api import RegistryApi
from indexer.sources.oci.connection import Connection
from indexer.sources.oci.source import OciSource
from tests.http.fake_server import FakeClock, Reply, Server, ok, sending
from tests.sources.oci import images
from tests.sources.oci.images import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.core.model import Repository
    from tests.http.fake_server import Asked

ME = Credentials("me", Secret("planted-password"))
FIRST = PageRequest()
MADE = Recipe().made()


class Bench:
    """A registry that answers what a test says, and an API before it."""

    def __init__(
        self, answer: Callable[[Asked], Reply], account: Credentials | None, **options: Any
    ) -> None:
        self.clock = FakeClock()
        self.server = Server(answer)
        self.server.__enter__()
        self.elsewhere: list[Origin] = []
        self.connection = Connection(
            self.client(self.server.url), account, self.clock, elsewhere=self.other, **options
        )
        self.meter = CostMeter()
        self.api = RegistryApi(self.connection, self.meter)
        self.source = OciSource(self.connection, registry="registry.test")

    def client(self, url: str) -> HttpClient:
        return HttpClient(url, clock=self.clock, chance=lambda: 1.0, timeout=5, tries=1)

    def other(self, origin: Origin) -> HttpClient:
        self.elsewhere.append(origin)
        return self.client(origin.url)

    def close(self) -> None:
        self.connection.close()
        self.server.__exit__()

    @property
    def asked(self) -> list[str]:
        return [f"{each.method} {each.target}" for each in self.server.asked]


@pytest.fixture
def make() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def build(
        *script: Reply | Callable[[Asked], Reply],
        account: Credentials | None = None,
        **options: Any,
    ) -> Bench:
        replies = list(script)

        def answer(asked: Asked) -> Reply:
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
            return reply if isinstance(reply, Reply) else reply(asked)

        made.append(Bench(answer, account, **options))
        return made[-1]

    yield build
    for bench in made:
        bench.close()


def wants(challenge: str) -> Reply:
    return Reply(401, b'{"errors": [{"code": "UNAUTHORIZED"}]}', {"WWW-Authenticate": challenge})


def manifest(made: images.Made, **headers: str) -> Reply:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(200, made.body, {"Content-Type": made.media_type} | names)


def told(call: Callable[[], object], kind: type[SourceError]) -> str:
    """The sentence that a call ends with."""
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


# What is sent is not what was asked for


def test_a_manifest_that_does_not_match_its_digest_is_refused(
    make: Callable[..., Bench],
) -> None:
    other = "sha256:" + "ab" * 32
    bench = make(manifest(MADE))
    sentence = told(lambda: bench.api.manifest("team/app", other), Unreadable)
    assert f"sends an invalid manifest for team/app@{other}: " in sentence
    assert f"it does not match its digest {other}" in sentence


def test_a_manifest_that_does_not_match_its_header_is_refused(
    make: Callable[..., Bench],
) -> None:
    bench = make(manifest(MADE, Docker_Content_Digest="sha256:" + "ab" * 32))
    assert "sends an invalid manifest for" in told(
        lambda: bench.api.manifest("team/app", "1"), Unreadable
    )


def test_a_configuration_that_does_not_match_its_digest_is_refused(
    make: Callable[..., Bench],
) -> None:
    bench = make(Reply(200, b"{}"))
    digest = images.sha256(MADE.blobs[0])
    sentence = told(lambda: bench.api.blob("team/app", digest), Unreadable)
    assert f"does not match its digest {digest}" in sentence


@pytest.mark.parametrize("size", [5_000_000, 100_000_000])
def test_a_manifest_of_a_hundred_megabytes_is_left_unread(
    make: Callable[..., Bench], size: int
) -> None:
    chunks = size // 1_000_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    bench = make(Reply(raw=sending(head, *[b" " * 1_000_000] * chunks)))
    sentence = told(lambda: bench.api.manifest("team/app", "1"), Unreadable)
    assert "it is larger than" in sentence
    assert bench.meter.spent.bytes < 40_000_000


def test_an_unknown_media_type_is_recorded(make: Callable[..., Bench]) -> None:
    strange = images.Made(b'{"what": "is this"}', "application/vnd.acme.thing.v9+json")
    bench = make(manifest(strange))
    sent = bench.api.manifest("team/app", "1")
    assert sent is not None
    assert (sent.digest, sent.media_type) == (strange.digest, strange.media_type)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"tags": 7}', b'{"tags": ["a"', b"\xff\xfe"])
def test_a_list_of_tags_of_another_shape_is_unreadable(
    make: Callable[..., Bench], body: bytes
) -> None:
    bench = make(Reply(200, body))
    assert "gave no usable answer" in told(lambda: bench.api.tags("team/app", None), Unreadable)


def test_names_that_cannot_be_are_left_out_with_a_sentence(make: Callable[..., Bench]) -> None:
    bench = make(ok({"tags": ["1", "-bad", "\x1b[2J", None, "x" * 129, "2"]}))
    page = bench.source.tags("team/app", FIRST)
    assert page is not None
    assert [tag.name for tag in page.items] == ["1", "2"]
    assert len(page.rejected) == 4
    assert not any("\x1b" in sentence for sentence in page.rejected)


# Digests by HEAD


def test_where_head_answers_405_the_manifest_is_fetched_and_head_not_tried_again(
    make: Callable[..., Bench],
) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(405) if asked.method == "HEAD" else manifest(MADE)

    bench = make(answer)
    for _ in range(2):
        head = bench.api.head("team/app", "1")
        assert head
        assert (head.digest, head.media_type) == (MADE.digest, MADE.media_type)
    target = "/v2/team/app/manifests/1"
    assert bench.asked == [f"HEAD {target}", f"GET {target}", f"GET {target}"]


@pytest.mark.parametrize("named", ["", "sha256:12", "md5:" + "a" * 32, "sha256:" + "A" * 64])
def test_where_head_names_no_digest_it_is_made_from_the_manifest(
    make: Callable[..., Bench], named: str
) -> None:
    signed = images.schema1("a", signed=True)

    def answer(asked: Asked) -> Reply:
        headers = {"Docker-Content-Digest": named} if named else {}
        body = b"" if asked.method == "HEAD" else signed.body
        return Reply(200, body, {"Content-Type": signed.media_type} | headers)

    head = make(answer).api.head("team/app", "1")
    assert head
    assert head.digest == images.sha256(images.schema1("a").body)


def test_all_six_media_types_are_asked_for(make: Callable[..., Bench]) -> None:
    bench = make(manifest(MADE, Docker_Content_Digest=MADE.digest))
    bench.api.head("team/app", "1")
    accept = bench.server.asked[0].headers["accept"]
    assert set(accept.split(", ")) == media_types.INDEXES | media_types.MANIFESTS


@pytest.mark.parametrize("status", [400, 403, 406, 418, 500, 503])
def test_nothing_but_404_is_an_absence(make: Callable[..., Bench], status: int) -> None:
    bench = make(Reply(status, b'{"errors": [{"code": "DENIED"}]}'))
    for call in (
        lambda: bench.api.head("team/app", "1"),
        lambda: bench.api.manifest("team/app", "1"),
        lambda: bench.api.blob("team/app", MADE.digest),
        lambda: bench.api.tags("team/app", None),
        lambda: bench.api.catalog(None),
    ):
        assert str(status) in told(call, SourceError)


def test_a_registry_without_a_catalog_is_told_what_to_do(make: Callable[..., Bench]) -> None:
    bench = make(Reply(404, b"404 page not found"))
    sentence = told(lambda: bench.source.repositories("*", FIRST), Unreadable)
    assert "has no catalog (404): name its repositories in the configuration" in sentence


# Lists that lead astray


def listing_of(bench: Bench) -> Any:
    reading: ListingReader[Repository] = ListingReader({}, None, identity=ANONYMOUS)
    return read(reading, lambda ask: bench.source.repositories("*", ask))


def catalog(names: list[str], link: str) -> Reply:
    return ok({"repositories": names}, Link=f'<{link}>; rel="next"')


@pytest.mark.parametrize(
    "later", [Reply(404), Reply(200, b"garbage", {"Content-Type": media_types.OCI_INDEX}), None]
)
def test_a_part_of_what_refers_is_not_all_of_it(
    make: Callable[..., Bench], later: Reply | None
) -> None:
    """Or an image would be called unsigned whose signature is on the page that failed."""
    more = {"Content-Type": media_types.OCI_INDEX, "Link": '</x?n=1>; rel="next"'}
    first = Reply(200, b'{"manifests": []}', more)
    bench = make(first, later) if later else make(first)
    told(lambda: bench.api.referrers("team/app", "sha256:" + "ab" * 32), Unreadable)
    assert len(bench.asked) == (2 if later else 10)


def test_a_catalog_that_loops_is_left_and_told(make: Callable[..., Bench]) -> None:
    def answer(asked: Asked) -> Reply:
        at = "b" if "last=b" in asked.target else "a"
        return catalog([at], f"/v2/_catalog?last={'b' if at == 'a' else 'a'}")

    bench = make(answer)
    listing = listing_of(bench)
    assert not listing.exact
    assert not listing.absence_proven
    assert listing.reason in {"the pages repeat in a circle", "'a' came twice"}
    assert set(listing.items) == {"a", "b"}
    assert len(bench.asked) <= 9


def test_a_catalog_that_stands_still_is_left_and_told(make: Callable[..., Bench]) -> None:
    bench = make(catalog(["a", "b"], "/v2/_catalog?last=b&n=2"))
    listing = listing_of(bench)
    assert (listing.exact, set(listing.items)) == (False, {"a", "b"})
    assert len(bench.asked) <= 9


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v2/_catalog?last=a",
        "//evil.example/v2/_catalog?last=a",
        "/v2/other/tags/list?last=a",
        "http://[::1?last=a",
    ],
)
def test_of_a_link_only_the_query_counts(make: Callable[..., Bench], link: str) -> None:
    bench = make(catalog(["a"], link), ok({"repositories": ["b"]}), account=ME)
    assert set(listing_of(bench).items) == {"a", "b"}
    assert bench.asked == ["GET /v2/_catalog?n=1000", "GET /v2/_catalog?last=a"]
    assert bench.elsewhere == []


@pytest.mark.parametrize("link", ["/v2/_catalog", "/v2/_catalog?last=" + "a" * 5_000, "?"])
def test_a_link_that_cannot_be_understood_leaves_the_list_inexact(
    make: Callable[..., Bench], link: str
) -> None:
    listing = listing_of(make(catalog(["a"], link)))
    assert (listing.exact, set(listing.items)) == (False, {"a"})
    assert listing.reason.endswith("gives an invalid link to the next page")


def test_a_redirected_configuration_is_not_followed_in_clear_text(
    make: Callable[..., Bench],
) -> None:
    with Server(lambda _: Reply(200, MADE.blobs[0])) as other:
        bench = make(Reply(307, headers={"Location": f"{other.url}/x"}), account=ME)
        digest = images.sha256(MADE.blobs[0])
        sentence = told(lambda: bench.api.blob("team/app", digest), Unreadable)
        assert f"redirects to {other.url} for a configuration" in sentence
        assert not other.asked


def test_where_it_is_allowed_a_configuration_is_fetched_elsewhere_without_credentials(
    make: Callable[..., Bench],
) -> None:
    with Server(lambda _: Reply(200, MADE.blobs[0])) as other:
        place = f"{other.url}/bucket/x?signed=yes"
        bench = make(Reply(307, headers={"Location": place}), account=ME, insecure=True)
        digest = images.sha256(MADE.blobs[0])
        assert bench.api.blob("team/app", digest) == MADE.blobs[0]
        (asked,) = other.asked
        assert asked.target == "/bucket/x?signed=yes"
        assert "authorization" not in asked.headers


def test_a_configuration_that_is_redirected_for_ever_is_left(make: Callable[..., Bench]) -> None:
    bench = make(Reply(307, headers={"Location": "/v2/team/app/blobs/again"}))
    digest = images.sha256(MADE.blobs[0])
    why = told(lambda: bench.api.blob("team/app", digest), Unreadable)
    assert why.endswith("redirects more than 3 times for a configuration of team/app.")
    assert len(bench.asked) == 4


def test_a_list_of_referrers_that_is_redirected_for_ever_is_not_without_an_api(
    make: Callable[..., Bench],
) -> None:
    """Or an image would be called unsigned of which nothing is known."""
    bench = make(Reply(307, headers={"Location": "/v2/team/app/referrers/again"}))
    why = told(lambda: bench.api.referrers("team/app", "sha256:" + "ab" * 32), Unreadable)
    assert why.endswith("redirects more than 3 times for a manifest of team/app.")


# Log-ins


@pytest.mark.parametrize("realm", ["http://auth.example/token", "http://10.0.0.1/token"])
def test_a_token_service_in_clear_text_is_told_nothing(
    make: Callable[..., Bench], realm: str
) -> None:
    bench = make(wants(f'Bearer realm="{realm}",service="s"'), account=ME)
    sentence = told(lambda: bench.api.tags("team/app", None), Unreadable)
    assert f"nothing was sent to {realm.removesuffix('/token')}, the token service of " in sentence
    assert "anyone on the way could read the token" in sentence
    assert bench.elsewhere == []


def test_a_token_service_of_another_domain_does_not_get_the_credentials(
    make: Callable[..., Bench],
) -> None:
    bench = make(wants('Bearer realm="https://auth.docker.io/token",service="s"'), account=ME)
    sentence = told(lambda: bench.api.tags("team/app", None), LoginFailed)
    assert "asks for the credentials of 'me' at auth.docker.io" in sentence
    assert "nothing was sent: if that is its token service, configure it as 'realm'" in sentence
    assert (len(bench.asked), bench.elsewhere) == (1, [])


def test_a_token_service_that_is_configured_gets_the_credentials(
    make: Callable[..., Bench],
) -> None:
    with Server(lambda _: ok({"token": "granted"})) as service:
        away = service.url.replace("127.0.0.1", "localhost")

        def answer(asked: Asked) -> Reply:
            if asked.headers.get("authorization") == "Bearer granted":
                return ok({"tags": ["1"]})
            return wants(
                f'Bearer realm="{away}/token",service="s",scope="repository:team/app:pull"'
            )

        bench = make(answer, account=ME, realm=Origin.of(away))
        page = bench.api.tags("team/app", None)
        assert page is not None
        assert page.names.items == ("1",)
        login = base64.b64encode(b"me:planted-password").decode()
        assert service.asked[0].headers["authorization"] == f"Basic {login}"
        assert service.targets == ["/token?service=s&scope=repository%3Ateam%2Fapp%3Apull"]


@pytest.mark.parametrize(
    "challenge",
    [
        "",
        'Digest realm="x"',
        "Bearer",
        'Bearer realm="ftp://auth.example"',
        'Bearer realm="https://me:secret@auth.example/token"',
        'Bearer realm="https://' + "a" * 3_000 + '"',
    ],
)
def test_a_challenge_that_cannot_be_met_gets_a_sentence(
    make: Callable[..., Bench], challenge: str
) -> None:
    bench = make(wants(challenge))
    sentence = told(lambda: bench.api.tags("team/app", None), SourceError)
    assert "offers no log-in" in sentence or "does not say where to get one" in sentence
    assert len(bench.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        ok({"nothing": 1}),
        ok({"token": ""}),
        ok({"token": "a\r\nX-Evil: 1"}),
        ok({"token": "with space"}),
        ok({"token": 7}),
        Reply(200, b"<html>"),
        Reply(500),
        Reply(404),
    ],
)
def test_an_invalid_token_gets_a_sentence(make: Callable[..., Bench], reply: Reply) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/token":
            return reply
        return wants(f'Bearer realm="http://{asked.headers["host"]}/token"')

    bench = make(answer)
    sentence = told(lambda: bench.api.tags("team/app", None), SourceError)
    assert "token" in sentence
    assert len(bench.asked) == 2


def test_a_registry_that_refuses_each_token_is_asked_twice_and_no_more(
    make: Callable[..., Bench],
) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/token":
            return ok({"token": "granted"})
        return wants(f'Bearer realm="http://{asked.headers["host"]}/token"')

    bench = make(answer, account=ME)
    assert "to 'me': ask its owner" in told(lambda: bench.api.tags("team/app", None), Denied)
    assert [target.partition("?")[0] for target in bench.asked] == [
        "GET /v2/team/app/tags/list",
        "GET /token",
        "GET /v2/team/app/tags/list",
    ]


def test_credentials_never_travel_in_clear_text_unless_that_is_configured() -> None:
    clock = FakeClock()

    def connect(**options: Any) -> Connection:
        client = HttpClient("http://registry.example", clock=clock)
        return Connection(client, ME, clock, elsewhere=lambda _: client, **options)

    with pytest.raises(ConfigError, match="in clear text: use https, or set 'insecure = true'"):
        connect()
    connect(insecure=True).close()


def test_no_sentence_holds_the_password(make: Callable[..., Bench]) -> None:
    bench = make(wants('Basic realm="x"'), account=ME)
    sentence = told(lambda: bench.api.tags("team/app", None), LoginFailed)
    assert "planted-password" not in sentence
    assert "planted-password" not in repr(bench.connection.auth.__dict__)


def test_what_is_left_to_pull_is_known(make: Callable[..., Bench]) -> None:
    limits = {"RateLimit_Limit": "100;w=21600", "RateLimit_Remaining": "76;w=21600"}
    bench = make(manifest(MADE, **limits))
    bench.api.manifest("team/app", "1")
    limit = bench.source.contents.rate_limit
    assert limit is not None
    assert (limit.limit, limit.remaining, limit.reset_at) == (100, 76, None)


def test_the_error_code_is_told_and_its_message_is_not(make: Callable[..., Bench]) -> None:
    body = json.dumps({"errors": [{"code": "UNSUPPORTED", "message": "\x1b[2J"}]}).encode()
    bench = make(Reply(400, body))
    assert "answers 400, UNSUPPORTED for team/app:1." in told(
        lambda: bench.api.manifest("team/app", "1"), Unreadable
    )
