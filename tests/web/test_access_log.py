"""The access log has a line for each answer."""

from __future__ import annotations

import io
import json
import threading
from typing import TYPE_CHECKING

from indexer.web.access_log import AccessLog, Entry, LogForm, line_of
from tests.store.scribe import START
from tests.web.serving import HOOK, TOKEN, bearer, running

if TYPE_CHECKING:
    import pytest

    from indexer.store import Store

FROM = ("127.0.0.1", "owner", "GET", "/search?q=%22a", "HTTP/1.1", 200, 1234, 5, "curl/8")


def test_a_line_in_the_common_form() -> None:
    assert line_of(Entry(START, *FROM), LogForm.COMMON) == (
        '127.0.0.1 - owner [01/Mar/2026:12:00:00 +0000] "GET /search?q=%22a HTTP/1.1" 200 1234'
    )
    nobody = Entry(START, None, None, "GET", '/a"\\', "HTTP/1.0", 304, 0, 5, "")
    assert line_of(nobody, LogForm.COMMON) == (
        '- - - [01/Mar/2026:12:00:00 +0000] "GET /a\\"\\\\ HTTP/1.0" 304 -'
    )


def test_a_line_in_json() -> None:
    assert json.loads(line_of(Entry(START, *FROM), LogForm.JSON)) == {
        "time": "2026-03-01T12:00:00Z", "client": "127.0.0.1", "user": "owner", "method": "GET",
        "target": "/search?q=%22a", "protocol": "HTTP/1.1", "status": 200, "bytes": 1234, "ms": 5,
        "user_agent": "curl/8",
    }  # fmt: skip


def test_the_log_says_who_and_holds_no_secret(index: Store) -> None:
    stream = io.StringIO()
    with running(index, access_log=AccessLog(LogForm.JSON, stream)) as site:
        site.get("/api/v1/status?limit=1", headers=bearer())
        site.get("/nothing")
        site.ask("POST", f"/hooks/dockerhub/{HOOK}", json={})
        site.ask("POST", "/login", data={"token": TOKEN})
        site.get("/v2/", headers={"Authorization": f"Bearer {TOKEN}x"})
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(each["user"], each["target"], each["status"]) for each in found] == [
        ("owner", "/api/v1/status?limit=1", 200),
        (None, "/nothing", 404),
        ("hook", "/hooks/...", 400),
        ("owner", "/login", 303),
        (None, "/v2/", 401),
    ]
    assert HOOK not in stream.getvalue()
    assert TOKEN not in stream.getvalue()


class Stuck(io.StringIO):
    """A reader that reads nothing until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()

    def write(self, text: str) -> int:
        self.may_go_on.wait(60)
        return super().write(text)


def test_a_slow_reader_of_the_log_delays_nobody_and_what_is_left_out_is_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stream = Stuck()
    log = AccessLog(LogForm.COMMON, stream, most=3)
    for _ in range(20):
        log.add(Entry(START, *FROM))
    stream.may_go_on.set()
    log.close()
    written = stream.getvalue().count("\n")
    assert 3 <= written <= 4
    assert log.left_out == 20 - written
    assert f"lacks {20 - written} lines" in caplog.text


def test_a_log_that_nobody_can_read_any_more_ends_no_server(index: Store) -> None:
    stream = io.StringIO()
    stream.close()
    with running(index, access_log=AccessLog(LogForm.COMMON, stream)) as site:
        assert site.get("/healthz").status_code == 200
        assert site.get("/healthz").status_code == 200
