"""`indexer serve` as people run it: what it refuses, and how it stops."""

from __future__ import annotations

import json
import re
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from indexer.hub_simulator import Hub, Simulator
    from tests.end_to_end.program import Program

SECONDS = 60


@pytest.fixture(autouse=True)
def named_configuration(program: Program) -> None:
    """A configuration that is only found is told before anything else."""
    program.environment["INDEXER_CONFIG"] = "indexer.toml"


@contextmanager
def serving(program: Program, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, and the address that it says."""
    process = program.start("serve", "--port", "0", *arguments)
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        match = re.fullmatch(r"serving (http://\S+)/\n", line)
        assert match, line
        yield process, match[1]
    finally:
        process.kill()
        process.communicate()


def read(address: str, path: str, **headers: str) -> Any:
    with urlopen(Request(address + path, headers=headers), timeout=SECONDS) as answer:  # noqa: S310 - it is http
        return json.load(answer)


def test_it_serves_what_was_crawled_and_what_is_crawled_meanwhile(
    crawled: Program, hub: Hub
) -> None:
    with serving(crawled) as (_, address):
        names = [f"docker.io/acme/{name}" for name in ("api", "web", "worker")]
        assert read(address, "/v2/_catalog") == {"repositories": names}
        hub.push("acme/api", "9.9")
        crawled.good("crawl", "-q")
        assert "9.9" in read(address, "/v2/acme/api/tags/list")["tags"]
        changes = read(address, "/api/v1/changes?tag=9.9")["changes"]
        asked = crawled.good("query", "--changed-since", "1d", "--tag", "9.9", "--format", "json")
        assert changes == asked.json


def test_what_was_not_crawled_is_fetched_when_it_is_asked_for(
    crawled: Program, simulator: Simulator
) -> None:
    configuration = crawled.folder / "indexer.toml"
    plain = configuration.read_text(encoding="utf-8")
    fetching = f'{plain}\n[serve]\nfetch = true\nblobs = "pass"\n'
    configuration.write_text(fetching, encoding="utf-8")
    refused = crawled.run("serve", "--port", "0")
    assert (refused.code, "configure 'registry_url'" in refused.err) == (2, True)
    there = f'[[registry]]\nregistry_url = "{simulator.url}"'
    configuration.write_text(fetching.replace("[[registry]]", there), encoding="utf-8")
    (tag, *_) = crawled.good("tags", "acme/api", "--format", "json").json
    with serving(crawled) as (_, address):
        simulator.clear()
        found = read(address, f"/v2/acme/api/manifests/{tag['tag']}")
        image = found["manifests"][0]["digest"] if "manifests" in found else tag["digest"]
        manifest = read(address, f"/v2/acme/api/manifests/{image}")
        assert read(address, f"/v2/acme/api/blobs/{manifest['config']['digest']}")
        with pytest.raises(HTTPError, match="404"):  # the simulated registry has no layers
            read(address, f"/v2/acme/api/blobs/{manifest['layers'][0]['digest']}")
    asked = [each.path for each in simulator.requests if "/blobs/" in each.path]
    assert len(asked) == 2


def test_a_hint_lets_the_next_crawl_open_a_repository(crawled: Program) -> None:
    (crawled.folder / "indexer.toml").write_text(
        (crawled.folder / "indexer.toml").read_text() + '[serve]\nhook_secret_env = "HOOK"\n'
    )
    crawled.environment["HOOK"] = "a-secret-of-some-length"
    with serving(crawled) as (_, address):
        body = json.dumps({"repository": {"repo_name": "acme/web"}}).encode()
        path = "/hooks/dockerhub/a-secret-of-some-length"
        with urlopen(Request(address + path, body), timeout=SECONDS) as answer:  # noqa: S310 - it is http
            assert json.load(answer) == {"accepted": 1}
    before = crawled.good("status", "--format", "json").json["namespaces"][0]
    assert before["pending"] == 1
    crawled.good("crawl", "-q")
    after = crawled.good("status", "--format", "json").json["namespaces"][0]
    assert (after["pending"], after["last_crawl"]["requests"]) == (0, 2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_finishes_what_has_begun_and_ends_with_0(crawled: Program, number: int) -> None:
    with serving(crawled) as (process, address):
        stream = urlopen(f"{address}/api/v1/changes/events", timeout=SECONDS)  # noqa: S310 - it is http
        assert stream.readline() == b"retry: 5000\n"
        process.send_signal(number)
        rest = stream.read()
        assert b"event" not in rest
        assert process.wait(SECONDS) == 0
        assert process.stderr is not None
        assert "stopping" in process.stderr.read()


def test_requests_that_have_begun_are_answered_when_it_is_stopped(crawled: Program) -> None:
    broken: list[str] = []
    asked = 0

    def ask(address: str) -> None:
        nonlocal asked
        while True:
            try:
                with urlopen(f"{address}/api/v1/repositories", timeout=SECONDS) as answer:  # noqa: S310 - it is http
                    if len(json.load(answer)["repositories"]) != 3:
                        broken.append("an answer was cut off")
                asked += 1
            except ConnectionError:
                return
            except OSError as error:
                if "refused" not in str(error):
                    broken.append(str(error))
                return

    with serving(crawled) as (process, address):
        threads = [threading.Thread(target=ask, args=(address,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        while asked < 20:
            threading.Event().wait(0.01)
        process.terminate()
        assert process.wait(SECONDS) == 0
        for thread in threads:
            thread.join(SECONDS)
    assert broken == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--host", "0.0.0.0"], "others can reach the address 0.0.0.0: set [serve] token_env"),  # noqa: S104 - it is refused
        (["--host", "a:80"], "expected a host without a port, as '127.0.0.1'"),
        (["--port", "70000"], "invalid value for '--port'"),
        (["--host", "192.0.2.1", "--insecure-public"], "cannot listen on 192.0.2.1 port 8080"),
    ],
)
def test_what_it_refuses_is_a_sentence(
    crawled: Program, arguments: list[str], sentence: str
) -> None:
    done = crawled.run("serve", *arguments)
    assert done.code == 2
    assert sentence in " ".join(done.err.split())
    assert done.out == ""


def test_a_port_that_is_taken_is_named(crawled: Program) -> None:
    with serving(crawled) as (_, address):
        done = crawled.run("serve", "--port", address.rpartition(":")[2])
    assert done.code == 2
    assert "address already in use; choose another with --host or --port." in done.err


def test_a_token_that_is_not_set_is_asked_for(crawled: Program) -> None:
    file = crawled.folder / "indexer.toml"
    file.write_text(file.read_text() + '[serve]\ntoken_env = "TOKEN"\n')
    done = crawled.run("serve")
    sentence = (
        "the environment variable TOKEN, which [serve] token_env names, is not set: export it."
    )
    assert (done.code, done.err) == (2, f"indexer: {sentence}\n")


def test_without_an_index_there_is_nothing_to_serve(program: Program) -> None:
    done = program.run("serve")
    assert done.code == 2
    assert "indexer crawl" in done.err
