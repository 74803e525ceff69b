from __future__ import annotations

import gzip
import json
import logging
import zlib
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import indexer
from indexer.core.errors import ConfigError, RateLimited, Unavailable, Unreadable
from indexer.core.model import Cost
from indexer.http import CostMeter, HttpClient, Request, Undecodable, user_agent
from indexer.http.response_body import MOST_BYTES
from tests.http.fake_server import FakeClock, Reply, Server, drop, gzipped, ok, reset, sending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.core.errors import SourceError
    from tests.http.fake_server import Asked

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


class Bench:
    """A client before a server that follows a script."""

    def __init__(self, server: Server, clock: FakeClock, **options: Any) -> None:
        self.server = server
        self.clock = clock
        self.meter = CostMeter()
        options = {"timeout": 5, "chance": lambda: 1.0, **options}
        self.client = HttpClient(server.url, clock=clock, **options)

    def get(
        self, target: str = "/thing?page=1", decode: Callable[[bytes], Any] | None = None
    ) -> Any:
        return self.client.fetch(Request(target, decode or as_json), self.meter).value


def as_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise Undecodable("its answer is no JSON", may_be_cut=True) from None


Make = Callable[..., Bench]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with ExitStack() as stack:

        def build(
            *script: Reply, answer: Callable[[Asked], Reply] | None = None, **options: Any
        ) -> Bench:
            server = stack.enter_context(Server(answer, script=list(script)))
            bench = Bench(server, FakeClock(), **options)
            stack.callback(bench.client.close)
            return bench

        yield build


@contextmanager
def raises(kind: type[SourceError], match: str) -> Iterator[None]:
    with pytest.raises(kind, match=match) as caught:
        yield
    assert caught.value.__suppress_context__
    assert str(caught.value).endswith(".")


def test_an_answer_is_read_over_one_connection_that_is_kept(make: Make) -> None:
    bench = make(answer=lambda _: ok([1, 2]))
    for _ in range(3):
        assert bench.get() == [1, 2]
    assert (bench.server.connections, len(bench.server.asked)) == (1, 3)


def test_a_request_says_who_asks_and_takes_gzip(make: Make) -> None:
    bench = make(ok(1))
    bench.get()
    headers = bench.server.asked[0].headers
    assert (
        headers["user-agent"]
        == f"indexer/{indexer.__version__} (+https://pypi.org/project/hub-indexer/)"
    )
    assert headers["accept-encoding"] == "gzip"
    assert headers["accept"] == "application/json"
    assert "authorization" not in headers


def test_a_request_names_who_runs_the_program_if_that_is_configured(make: Make) -> None:
    bench = make(ok(1))
    bench.client.agent = user_agent("ops@example.com")
    bench.get()
    agent = bench.server.asked[0].headers["user-agent"]
    assert agent.endswith(" (+https://pypi.org/project/hub-indexer/; ops@example.com)")


def test_bytes_are_counted_as_they_travelled(make: Make) -> None:
    body = json.dumps(["x" * 1000] * 100).encode()
    bench = make(gzipped(body), Reply(404, b"nothing"))
    assert bench.get() == ["x" * 1000] * 100
    assert bench.meter.spent == Cost(1, len(gzip.compress(body)))
    bench.get()
    assert bench.meter.spent == Cost(2, len(gzip.compress(body)) + len(b"nothing"))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204, 304])
def test_other_statuses_are_answers_and_asked_once(make: Make, status: int) -> None:
    bench = make(Reply(status, b""))
    assert bench.client.fetch(Request("/", as_json), bench.meter).status == status
    assert bench.clock.waits == []


def test_a_status_counts_even_where_its_body_cannot_be_unpacked(make: Make) -> None:
    bench = make(Reply(403, b"no gzip", {"Content-Encoding": "gzip"}))
    assert bench.client.fetch(Request("/", as_json), bench.meter).status == 403


FAULTS = {
    "500": Reply(500),
    "503": Reply(503, b"<html>"),
    "408": Reply(408),
    "599": Reply(599),
    "dropped": Reply(raw=drop),
    "reset": Reply(raw=reset),
    "cut short": Reply(raw=sending(HEAD, b"[1,")),
    "chunk cut short": Reply(
        raw=sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"ff\r\n[1,")
    ),
    "no HTTP": Reply(raw=sending(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")),
    "gzip cut short": Reply(200, gzip.compress(b"[1]" * 99)[:-9], {"Content-Encoding": "gzip"}),
    "gzip damaged": Reply(200, b"\x1f\x8b nonsense", {"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_that_passes_is_tried_again(make: Make, fault: Reply) -> None:
    bench = make(fault, fault, ok("fine"))
    assert bench.get() == "fine"
    assert bench.clock.waits == [0.5, 1]
    assert bench.meter.spent.requests == 3


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_stays_is_an_error_after_four_tries(make: Make, name: str) -> None:
    bench = make(answer=lambda _: FAULTS[name])
    kind = Unreadable if name.startswith("gzip") else Unavailable
    with raises(kind, r"gave no usable answer for /thing: .*\(tried 4 times\)\.$"):
        bench.get()
    assert len(bench.server.asked) == 4
    assert bench.clock.waits == [0.5, 1, 2]


def test_pauses_are_random_up_to_their_bound(make: Make) -> None:
    chances = iter([0.1, 0.9, 0.0])
    bench = make(Reply(500), Reply(500), Reply(500), ok(1), chance=lambda: next(chances))
    bench.get()
    assert bench.clock.waits == [0.05, 0.9, 0.0]


def test_a_server_that_says_when_to_retry_is_not_asked_before(make: Make) -> None:
    bench = make(Reply(503, headers={"Retry-After": "3"}), ok(1))
    bench.get()
    assert bench.clock.waits == [3]


def test_no_try_begins_after_all_the_time_is_spent(make: Make) -> None:
    bench = make(Reply(503, headers={"Retry-After": "3600"}))
    with raises(Unavailable, "503 Service Unavailable"):
        bench.get()
    assert bench.clock.waits == []


def test_a_closed_port_is_unavailable() -> None:
    with Server() as server:
        pass
    bench = Bench(server, FakeClock())
    with raises(Unavailable, rf"cannot connect to 127\.0\.0\.1:{server.port} \(tried 4"):
        bench.get()


def test_an_unknown_host_name_is_unavailable() -> None:
    client = HttpClient("http://nowhere.invalid", clock=FakeClock())
    with raises(Unavailable, r"the host name nowhere\.invalid is unknown"):
        client.fetch(Request("/", as_json), CostMeter())


@pytest.mark.parametrize("where", ["before", "headers", "body", "chunks"])
def test_a_stalled_answer_is_left_at_the_deadline(make: Make, where: str) -> None:
    parts = {
        "before": (),
        "headers": (b"HTTP/1.1 200 OK\r\nContent-",),
        "body": (HEAD, b"[1"),
        "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",),
    }[where]
    bench = make(timeout=0.2, tries=2)
    bench.server.script += [Reply(raw=bench.server.stall(*parts))] * 2
    with raises(Unavailable, r"did not finish within 0\.2 seconds \(tried 2 times\)"):
        bench.get()


@pytest.mark.parametrize("where", ["status line", "headers", "body"])
def test_an_answer_that_trickles_is_left_at_the_deadline(make: Make, where: str) -> None:
    """Each byte comes well within a socket's time-out; only the whole is too slow."""
    parts = {
        "status line": (b"HTTP/1.1 200 ",),
        "headers": (b"HTTP/1.1 200 OK\r\nX-Slow: ",),
        "body": (HEAD, b"["),
    }[where]
    bench = make(timeout=0.3, tries=1)
    bench.server.script += [Reply(raw=bench.server.trickle(*parts))]
    with raises(Unavailable, r"did not finish within 0\.3 seconds"):
        bench.get()


def test_a_connection_that_timed_out_is_not_used_again(make: Make) -> None:
    bench = make(timeout=0.3)
    bench.server.script += [ok("first"), Reply(raw=bench.server.stall(HEAD)), ok("second")]
    assert bench.get() == "first"
    assert bench.get() == "second"
    assert bench.server.connections == 2


def test_an_oversized_body_is_unreadable_and_asked_once(make: Make) -> None:
    chunk = b" " * (1 << 20)
    length = f"HTTP/1.1 200 OK\r\nContent-Length: {50 << 20}\r\n\r\n".encode()
    bench = make(Reply(raw=sending(length, *[chunk] * 50)))
    with raises(Unreadable, "larger than 32 MiB"):
        bench.get()
    assert MOST_BYTES < bench.meter.spent.bytes < 40 << 20


def test_a_gzip_bomb_is_unreadable_and_never_unpacked(make: Make) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(200)) + packer.flush()
    bench = make(Reply(200, bomb, {"Content-Encoding": "gzip"}))
    with raises(Unreadable, "larger than 32 MiB"):
        bench.get()


def test_an_encoding_that_was_not_asked_for_is_unreadable(make: Make) -> None:
    bench = make(Reply(200, b"xx", {"Content-Encoding": "br\x1b[2J"}))
    with raises(Unreadable, r"encoded as 'br\ufffd\[2j'"):
        bench.get()


def test_json_that_does_not_parse_is_tried_once_more(make: Make) -> None:
    bench = make(Reply(200, b'{"a'), ok("whole"))
    assert bench.get() == "whole"
    bench = make(Reply(200, b"<html>"), Reply(200, b"<html>"))
    with raises(Unreadable, r"no JSON \(tried 2 times\)"):
        bench.get()


def test_what_can_never_be_read_is_not_asked_for_again(make: Make) -> None:
    def decode(_body: bytes) -> None:
        raise Undecodable("it is of another shape")

    bench = make(ok(1))
    with raises(Unreadable, r"another shape\.$"):
        bench.get(decode=decode)


def test_a_429_is_waited_for_and_does_not_count_as_a_failed_try(make: Make) -> None:
    refusal = Reply(429, b"<html>", {"Retry-After": "5"})
    bench = make(*[refusal] * 6, Reply(500), Reply(500), Reply(500), ok("at last"))
    assert bench.get() == "at last"
    assert bench.clock.waits == [5] * 6 + [0.5, 1, 2]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "42"}, 42),
        ({"Retry-After": "Wed, 01 Jul 2026 12:00:42 GMT"}, 42),
        (
            {
                "Date": "Wed, 01 Jul 2026 15:00:00 GMT",
                "Retry-After": "Wed, 01 Jul 2026 15:00:42 GMT",
            },
            42,
        ),
        ({"X-Retry-After": "1782907242"}, 42),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1782907242"}, 42),
        ({}, 1),
    ],
)
def test_every_form_of_429_is_understood(make: Make, headers: dict[str, str], wait: float) -> None:
    bench = make(Reply(429, b"", headers), ok(1))
    bench.get()
    assert bench.clock.waits == [wait]


def test_a_429_with_too_long_a_wait_is_reported_with_its_end(make: Make) -> None:
    bench = make(Reply(429, b"", {"Retry-After": "3600"}), patience=60)
    with pytest.raises(RateLimited, match=r"until 2026-07-01 13:00:00 UTC.*60 seconds"):
        bench.get()


def test_a_used_up_limit_is_waited_for_before_it_is_overrun(make: Make) -> None:
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1782907230"}
    bench = make(Reply(200, b"1", spent), ok(2))
    assert [bench.get(), bench.get()] == [1, 2]
    assert bench.clock.waits == [30]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_origin_is_followed(make: Make, status: int) -> None:
    bench = make(Reply(status, b"", {"Location": "/there?x=1"}), ok("there"))
    assert bench.get() == "there"
    assert bench.server.targets == ["/thing?page=1", "/there?x=1"]
    assert bench.meter.spent.requests == 2


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("http://evil.test/x?token=1", r"http://evil\.test,"),
        ("//evil.test/x", r"http://evil\.test,"),
        ("https://127.0.0.1/", r"https://127\.0\.0\.1,"),
        ("http://user:pw@evil.test:99/", r"http://evil\.test:99,"),
        ("http://127.0.0.1:1/", r"http://127\.0\.0\.1:1,"),
        ("file:///etc/passwd", "an address that cannot be read"),
        ("http://[::1", "an address that cannot be read"),
    ],
)
def test_a_redirect_to_another_host_is_not_followed(make: Make, location: str, shown: str) -> None:
    bench = make(Reply(302, b"", {"Location": location}))
    with raises(Unreadable, f"redirects to {shown}"):
        bench.get()


def test_redirects_without_end_are_unreadable(make: Make) -> None:
    bench = make(answer=lambda _: Reply(302, b"", {"Location": "/again"}))
    with raises(Unreadable, "redirects too often"):
        bench.get()
    assert len(bench.server.asked) == 4


def test_each_request_is_logged_with_scheme_and_host_without_headers_and_body(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bench = make(ok("body-text", X_Header="header-text"), Reply(raw=drop), ok(1))
    bench.get()
    bench.get("/other")
    ours = [record for record in caplog.records if record.name == "indexer.http"]
    assert [record.levelno for record in ours] == [logging.DEBUG] * 3
    assert [(vars(r)["method"], vars(r)["path"]) for r in ours][:2] == [
        ("GET", "/thing?page=1"),
        ("GET", "/other"),
    ]
    first = vars(ours[0])
    assert (first["status"], first["bytes"], first["ms"]) == (200, 11, 0.0)
    assert vars(ours[1])["status"] is None
    assert {record.name for record in caplog.records} == {"indexer.http"}
    assert first["origin"] == bench.server.url
    assert f"GET {bench.server.url}/thing?page=1: 200" in caplog.text
    assert "-text" not in caplog.text


@pytest.mark.parametrize(
    "url",
    ["hub.docker.com", "ftp://hub.docker.com", "https://", "https://h:99999", "https://[::1", ""],
)
def test_an_invalid_url_is_a_mistake_in_the_configuration(url: str) -> None:
    with pytest.raises(ConfigError, match="is not a URL"):
        HttpClient(url, clock=FakeClock())


@pytest.mark.parametrize(
    "url", ["https://me:s3cret@h", "https://me:s3cret@h:x", "https://s3cret@h"]
)
def test_credentials_in_a_url_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        HttpClient(url, clock=FakeClock())
    assert "s3cret" not in str(caught.value)


def test_an_interrupt_goes_through(make: Make) -> None:
    class Interrupted(FakeClock):
        def wait(self, seconds: float) -> None:
            del seconds
            raise KeyboardInterrupt

    bench = make(Reply(503))
    client = HttpClient(bench.server.url, clock=Interrupted(), chance=lambda: 1.0)
    with pytest.raises(KeyboardInterrupt):
        client.fetch(Request("/", as_json), CostMeter())
    client.close()
