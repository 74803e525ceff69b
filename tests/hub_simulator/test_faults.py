from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from indexer.hub_simulator import (
    Dropped,
    HtmlPage,
    Received,
    Redirect,
    Reset,
    Simulator,
    Stall,
    Status,
    Trickle,
    TruncatedGzip,
    TruncatedJson,
)
from tests.hub_simulator.conftest import REPOSITORIES, TAGS, Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.hub_simulator import Fault, Hub


@pytest.fixture(autouse=True)
def tags(hub: Hub) -> None:
    for number in range(5):
        hub.push("library/alpine", f"{number}")


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def fetch(client: Client, path: str = TAGS, method: str = "GET") -> tuple[int, bytes]:
    """Ask over a connection of one's own, and take what comes as it comes."""
    connection = http.client.HTTPConnection(
        client.simulator.url.removeprefix("http://"), timeout=20
    )
    try:
        connection.request(method, path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_fault_affects_matching_requests_as_often_as_configured(
    simulator: Simulator, client: Client
) -> None:
    simulator.inject(Status(503, headers=(("Retry-After", "7"),)), "GET */tags*", times=2, skip=1)
    assert client.get(REPOSITORIES).status_code == 200
    assert [client.get(TAGS).status_code for _ in range(4)] == [200, 503, 503, 200]
    assert simulator.faults == []
    struck = [request.number for request in simulator.requests if request.fault]
    assert struck == [3, 4]


def test_a_predicate_chooses_too_and_the_first_injected_fault_goes_first(
    simulator: Simulator, client: Client
) -> None:
    simulator.inject(Status(500), lambda received: "page=2" in received.query)
    simulator.inject(Status(502))
    simulator.inject(Status(504))
    answers = [client.get(TAGS, page=page, page_size=2).status_code for page in (1, 2, 1, 1)]
    assert answers == [502, 500, 504, 200]


def test_other_answers_are_sent_as_they_are_told(simulator: Simulator, client: Client) -> None:
    simulator.inject(HtmlPage())
    simulator.inject(Redirect("https://elsewhere.example/"))
    simulator.inject(Status(200, b'{"count": "many"}'))
    page = client.get(TAGS)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html")
    elsewhere = client.get(TAGS)
    assert (elsewhere.status_code, elsewhere.headers["Location"]) == (
        302,
        "https://elsewhere.example/",
    )
    assert client.get(TAGS).json() == {"count": "many"}


@pytest.mark.parametrize("fault", [Reset(), Reset(after=0.5), Dropped(), Dropped(after=0)])
def test_a_connection_breaks_before_the_answer_or_in_its_middle(
    simulator: Simulator, client: Client, fault: Fault
) -> None:
    simulator.inject(fault)
    with pytest.raises((ConnectionError, http.client.IncompleteRead)):
        fetch(client)
    whole = fetch(client)
    broken, fine = simulator.requests
    assert broken.bytes < fine.bytes == len(whole[1])
    assert (broken.status, fine.status) == (0 if fault == Reset() else 200, 200)


def test_a_dropped_answer_is_an_error_for_requests_too(
    simulator: Simulator, client: Client
) -> None:
    simulator.inject(Dropped())
    with pytest.raises(requests.exceptions.RequestException):
        client.get(TAGS)
    assert client.get(TAGS).status_code == 200


def test_json_and_gzip_may_be_cut_in_an_answer_that_looks_whole(
    simulator: Simulator, client: Client
) -> None:
    simulator.inject(TruncatedJson())
    simulator.inject(TruncatedGzip())
    with pytest.raises(json.JSONDecodeError):
        json.loads(fetch(client)[1])
    with pytest.raises(EOFError):
        gzip.decompress(fetch(client)[1])
    assert json.loads(gzip.decompress(fetch(client)[1]))["count"] == 5


@pytest.mark.parametrize("where", ["before", "middle"])
def test_a_stalled_answer_goes_on_when_it_is_released(
    simulator: Simulator, client: Client, aside: ThreadPoolExecutor, where: str
) -> None:
    simulator.inject(Stall("before" if where == "before" else "middle"))
    answer = aside.submit(fetch, client)
    assert simulator.wait_until_stalled()
    assert not answer.done()
    assert fetch(client)[0] == 200, "others are answered meanwhile"
    simulator.release()
    assert answer.result()[0] == 200
    assert json.loads(gzip.decompress(answer.result()[1]))["count"] == 5


def test_a_stall_ends_when_the_client_leaves_when_patience_ends_or_at_stop(
    simulator: Simulator, client: Client
) -> None:
    simulator.inject(Stall(), times=2)
    with socket.create_connection(simulator.address, timeout=20) as leaving:
        leaving.sendall(f"GET {TAGS} HTTP/1.1\r\nHost: hub\r\n\r\n".encode())
        assert simulator.wait_until_stalled()
    assert simulator.wait_until_idle()
    with socket.create_connection(simulator.address, timeout=20) as waiting:
        waiting.sendall(f"GET {TAGS} HTTP/1.1\r\nHost: hub\r\n\r\n".encode())
        assert simulator.wait_until_stalled()
        simulator.stop()
    simulator.start()
    simulator.inject(Stall(seconds=0.01))
    assert fetch(client)[0] == 200


def test_a_trickling_answer_comes_in_pieces_and_whole_after_a_release(
    simulator: Simulator, client: Client, aside: ThreadPoolExecutor
) -> None:
    simulator.inject(Trickle(pieces=5, seconds=20))
    answer = aside.submit(fetch, client)
    assert simulator.wait_until_stalled()
    simulator.release()
    assert json.loads(gzip.decompress(answer.result()[1]))["count"] == 5
    simulator.inject(Trickle(pieces=3, seconds=0.001))
    assert json.loads(gzip.decompress(fetch(client)[1]))["count"] == 5


def test_things_happen_between_any_two_requests(
    hub: Hub, simulator: Simulator, client: Client
) -> None:
    simulator.before(2, lambda: hub.push("library/alpine", "new"))
    simulator.before(3, lambda: hub.delete_tag("library/alpine", "0"))
    counts = [client.get(TAGS).json()["count"] for _ in range(4)]
    assert counts == [5, 6, 5, 5]


def test_a_callback_sees_each_request_before_its_answer(
    hub: Hub, simulator: Simulator, client: Client
) -> None:
    seen: list[Received] = []
    simulator.on_request(seen.append)
    simulator.on_request(lambda received: hub.push("library/alpine", f"n{received.number}"))
    assert client.get(TAGS, page_size=1).json()["count"] == 6
    client.ask("HEAD", f"{TAGS}/n1")
    assert seen == [
        Received(1, "GET", TAGS, "page_size=1"),
        Received(2, "HEAD", f"{TAGS}/n1", ""),
    ]
    assert str(seen[0]) == f"GET {TAGS}?page_size=1"


def test_the_exception_of_a_callback_is_raised_at_the_end(hub: Hub) -> None:
    simulator = Simulator(hub).start()
    client = Client(simulator)
    simulator.before(1, lambda: hub.push("library/nothing", "1"))
    with client.session:
        assert client.get(TAGS).status_code == 500
    with pytest.raises(LookupError, match="library/nothing"):
        simulator.stop()


def test_requests_are_numbered_and_answered_one_after_the_other(
    hub: Hub, simulator: Simulator, client: Client, aside: ThreadPoolExecutor
) -> None:
    inside = threading.Semaphore(1)

    def alone(received: Received) -> None:
        assert inside.acquire(blocking=False)
        hub.push("library/alpine", f"n{received.number}", platforms=1)
        inside.release()

    simulator.on_request(alone)
    answers = list(aside.map(lambda _: fetch(client), range(40)))
    assert {status for status, _ in answers} == {200}
    assert [request.number for request in simulator.requests] == list(range(1, 41))
    counts = sorted(json.loads(gzip.decompress(body))["count"] for _, body in answers)
    assert counts == list(range(6, 46))


def test_the_log_counts_by_pattern_and_can_be_cleared(simulator: Simulator, client: Client) -> None:
    client.get(REPOSITORIES)
    client.get(TAGS, page=1)
    client.ask("HEAD", f"{TAGS}/1")
    assert (simulator.count(), simulator.count("GET *"), simulator.count("*page=1")) == (3, 2, 1)
    simulator.clear()
    assert simulator.requests == []
    client.get(TAGS)
    assert [request.number for request in simulator.requests] == [1]


def test_one_connection_serves_many_requests_and_closes_when_asked(
    simulator: Simulator,
) -> None:
    with socket.create_connection(simulator.address, timeout=20) as connection:
        reader = connection.makefile("rb")
        with reader:
            for last in (False, True):
                close = "Connection: close\r\n" if last else ""
                connection.sendall(f"HEAD {TAGS}/1 HTTP/1.1\r\nHost: h\r\n{close}\r\n".encode())
                lines = list(iter(reader.readline, b"\r\n"))
                assert lines[0] == b"HTTP/1.1 200 OK\r\n"
            assert reader.read() == b""


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET nowhere HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_bytes_that_are_not_http_are_refused(simulator: Simulator, sent: bytes) -> None:
    with socket.create_connection(simulator.address, timeout=20) as connection:
        connection.sendall(sent)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert simulator.requests == []
