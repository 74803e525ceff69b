"""Files that are checked over HTTP: the verdicts of the command, of what the client may see."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from indexer.catalog.outdated import Currency
from indexer.pins import arguments
from indexer.pins.check import check
from indexer.pins.outdated import outdated
from indexer.render.records.outdated import OutdatedImage
from indexer.render.records.pins import CheckedPin
from indexer.web.api.check import MOST_AT_ONCE, MOST_BYTES, MOST_IMAGES, MOST_WAITING, Turns
from tests.store.scribe import Scribe, digest, tag
from tests.web.serving import bearer, running

if TYPE_CHECKING:
    from indexer.store import Store
    from tests.web.serving import Running

COMPOSE = f"""
services:
  ok: {{image: "nginx:latest@{digest("2")}"}}
  retagged: {{image: "docker.io/library/nginx:latest@{digest("0")}"}}
  never: {{image: "nginx:latest@{digest("other")}"}}
  unpinned: {{image: "redis:latest"}}
  by_digest: {{image: "nginx@{digest("2")}"}}
  unknown: {{image: "acme/none:1"}}
  secret: {{image: "library/secret:covert"}}
  variable: {{image: "nginx:${{TAG}}"}}
"""


def send(site: Running, path: str, body: str | bytes, **query: Any) -> Any:
    headers = query.pop("headers", {})
    answer = site.ask("POST", path, data=body, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def of_command(body: str, name: str, **values: str) -> arguments.Found:
    return arguments.images([name], values, None, lambda _name, _most: body.encode())


def test_the_verdicts_are_those_of_the_command(site: Running, index: Store) -> None:
    found = of_command(COMPOSE, "compose.yaml", TAG="1.0")
    expected = [CheckedPin.of(each) for each in check(index.catalog, found.pins)]
    answer = send(
        site, "/api/v1/check", COMPOSE, name="compose.yaml", set="TAG=1.0", headers=bearer()
    )
    printed = {each["where"]: each for each in msgspec.to_builtins(expected)}
    told = {each["where"]: each for each in answer["verdicts"]}
    assert told.keys() == printed.keys()
    for where, each in told.items():
        if where != "service unknown":  # the command names similar repositories
            assert each == printed[where]
    assert told["service unknown"]["verdict"] == "unknown"
    assert "the index knows no repository 'acme/none'" in told["service unknown"]["sentence"]
    assert {each["verdict"] for each in told.values()} >= {"ok", "retagged", "never", "unpinned"}
    assert (answer["refused"], answer["passed"]) == ([], False)
    assert answer["freshness"]["last_complete_at"]


def test_what_is_private_is_unknown_without_the_token(site: Running) -> None:
    for image in ("library/secret:covert", f"library/secret@{digest('secret1')}"):
        (public,) = send(site, "/api/v1/check", image, name="list.txt")["verdicts"]
        assert (public["verdict"], public["registry"], public["now"]) == ("unknown", None, None)
        assert "knows no repository" in public["sentence"]
        unknown = image.replace("secret", "absent")
        (absent,) = send(site, "/api/v1/check", unknown, name="list.txt")["verdicts"]
        assert public["sentence"].replace("secret", "absent") == absent["sentence"]
    (known,) = send(site, "/api/v1/check", "library/secret:covert", headers=bearer())["verdicts"]
    assert known["registry"] == "docker.io"


def test_what_is_unverified_is_unknown_and_says_why(empty: Store) -> None:
    scribe = Scribe(empty.archive, "acme", identity="alice")
    scribe.crawl({"app": [tag("1", "app")]})
    with running(empty) as site:
        site.clock.time += timedelta(days=2)
        (found,) = send(site, "/api/v1/check", "acme/app:1")["verdicts"]
        assert found["verdict"] == "unknown"
        assert "indexer crawl --verify acme" in found["sentence"]
        (found,) = send(site, "/api/v1/check", "acme/app:1", headers=bearer())["verdicts"]
        assert found["verdict"] == "unpinned"


def test_a_file_passes_if_the_command_would_exit_with_0(site: Running) -> None:
    pinned, unpinned = f"nginx:latest@{digest('2')}", "nginx:latest"
    assert send(site, "/api/v1/check", pinned)["passed"]
    assert send(site, "/api/v1/check", unpinned)["passed"]
    assert not send(site, "/api/v1/check", unpinned, strict="true")["passed"]
    young = send(site, "/api/v1/check", pinned, min_age="400w")
    assert (young["passed"], young["verdicts"][0]["verdict"]) == (False, "young")
    refused = send(site, "/api/v1/check", "no image at all", name="notes.md")
    assert (refused["verdicts"], refused["passed"], len(refused["refused"])) == ([], False, 1)
    assert send(site, "/api/v1/check", "FROM nginx:latest", **{"as": "dockerfile"})["passed"]


@pytest.mark.parametrize(
    ("body", "query", "status", "sentence"),
    [
        (b"x" * (MOST_BYTES + 1), {}, 413, "longer than 1,048,576 bytes"),
        (b"nginx\n" * (MOST_IMAGES + 1), {}, 400, "more than 1,000 images"),
        (b"nginx", {"set": "TAG"}, 400, "set takes NAME=VALUE"),
        (b"nginx", {"set": "A=" + "x" * 300}, 400, "set takes NAME=VALUE"),
        (b"nginx", {"min_age": "soon"}, 400, "min_age: expected a duration"),
        (b"nginx", {"as": "poem"}, 422, "as"),
    ],
)
def test_what_cannot_be_checked_is_refused(
    site: Running, body: bytes, query: dict[str, str], status: int, sentence: str
) -> None:
    answer = site.ask("POST", "/api/v1/check", data=body, params=query)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]


def test_a_file_is_sent_with_post_and_nothing_else_is(site: Running) -> None:
    answer = site.get("/api/v1/check")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert answer.json()["error"] == "use POST."
    assert site.ask("POST", "/api/v1/tags", data="x").status_code == 405


def test_a_closed_server_checks_nothing_without_the_token(closed_site: Running) -> None:
    assert closed_site.ask("POST", "/api/v1/check", data="nginx").status_code == 401
    assert send(closed_site, "/api/v1/check", "nginx:latest", headers=bearer())["verdicts"]


def test_newer_versions_are_those_of_the_command(empty: Store) -> None:
    Scribe(empty.archive).crawl({"web": [tag(name, name) for name in ("1.0.0", "1.0.1", "2.0.0")]})
    with running(empty) as site:
        answer = send(site, "/api/v1/outdated", "web:1.0.0\nweb:2.0.0\nabsent:1", name="list.txt")
        found = of_command("web:1.0.0\nweb:2.0.0", "list.txt")
        expected = [OutdatedImage.of(each) for each in outdated(empty.catalog, found.pins)]
        assert answer["images"][:2] == msgspec.to_builtins(expected)
        assert [each["status"] for each in answer["images"]] == [
            Currency.OUTDATED, Currency.CURRENT, Currency.UNKNOWN,
        ]  # fmt: skip
        assert not answer["passed"]
        assert send(site, "/api/v1/outdated", "web:2.0.0")["passed"]


def test_few_files_are_read_at_once_and_few_wait() -> None:
    async def play() -> list[Any]:
        turns, ends, running_now = Turns(), asyncio.Event(), [0, 0]

        async def work() -> str:
            running_now[0] += 1
            running_now[1] = max(running_now)
            await ends.wait()
            running_now[0] -= 1
            return "done"

        number = MOST_AT_ONCE + MOST_WAITING + 3
        tasks = [asyncio.create_task(turns.take(work)) for _ in range(number)]
        for _ in range(3):
            await asyncio.sleep(0)
        ends.set()
        return [await asyncio.gather(*tasks), running_now[1]]

    answers, most = asyncio.run(play())
    assert most == MOST_AT_ONCE
    assert answers.count(None) == 3
    assert answers.count("done") == MOST_AT_ONCE + MOST_WAITING
