"""Tags that tools keep are hidden in the same places: in commands, the API, feeds and pages."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.sources.oci.in_process import Here
from tests.store.scribe import Scribe, tag
from tests.web.serving import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.store import Store
    from tests.web.serving import Running

SIGNATURE = f"sha256-{'0a' * 32}.sig"
NGINX = "docker.io/library/nginx"


@pytest.fixture
def signed(empty: Store) -> Store:
    scribe = Scribe(empty.archive)
    scribe.crawl({"nginx": [tag("1", "a")]})
    scribe.now += timedelta(days=1)
    scribe.crawl({"nginx": [tag("1", "b"), tag(SIGNATURE, "s")]})
    return empty


@pytest.fixture
def site(signed: Store) -> Iterator[Running]:
    with running(signed) as served:
        yield served


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/api/v1/changes", "changes"),
        (f"/api/v1/tags/{NGINX}", "tags"),
        (f"/api/v1/history/{NGINX}", "history"),
        (f"/api/v1/compare/{NGINX}?earlier=2026-03-01T13:00:00", "differences"),
    ],
)
def test_the_api_shows_them_with_all(site: Running, path: str, key: str) -> None:
    def tags(more: str) -> set[str]:
        answer = site.json(f"{path}{'&' if '?' in path else '?'}{more}")
        return {each["tag"] for each in answer[key]}

    assert tags("") == {"1"}
    assert tags("all=true") == {"1", SIGNATURE}


@pytest.mark.parametrize("path", ["/", "/feed.atom", "/feed.json", "/image/" + NGINX])
def test_pages_and_feeds_show_them_with_all(site: Running, path: str) -> None:
    assert SIGNATURE not in site.get(path).text
    assert SIGNATURE in site.get(f"{path}?all=true").text


def test_a_page_says_how_many_are_hidden(site: Running) -> None:
    assert (
        "1 tag that tools keep (a signature or similar) is not shown"
        in site.get(f"/image/{NGINX}").text
    )


def test_a_page_of_such_a_tag_is_there(site: Running) -> None:
    assert site.get(f"/image/{NGINX}:{SIGNATURE}").status_code == 200


def test_a_client_of_a_registry_sees_every_tag(site: Running) -> None:
    assert site.json(f"/v2/{NGINX}/tags/list")["tags"] == ["1", SIGNATURE]


@pytest.mark.parametrize(
    "command",
    [
        ("query", "--changed-since", "2026-01-01"),
        ("tags", "nginx"),
        ("history", "nginx"),
        ("watch", "--from", "change:0", "--once"),
    ],
)
def test_commands_show_them_with_all(
    signed: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    del signed  # it is index.db
    monkeypatch.setenv("INDEXER_DATABASE_URL", "sqlite:///index.db")
    here = Here(tmp_path)
    form = () if command[0] == "watch" else ("--format", "jsonl")

    def tags(*more: str) -> set[str]:
        done = here.run(*command, *form, *more)
        assert done.code == 0, done.err
        return {json.loads(line)["tag"] for line in done.out.splitlines()}

    assert tags() == {"1"}
    assert tags("--all") == {"1", SIGNATURE}
