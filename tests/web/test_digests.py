"""Tags of a digest: by command, API and page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.sources.oci.in_process import Here
from tests.store.scribe import digest

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.store import Store
    from tests.web.serving import Running

REDIS = digest("redis")
AMD = digest("a")  # of every index of `library/nginx:latest`


@pytest.fixture
def here(index: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    del index  # it is index.db
    monkeypatch.setenv("INDEXER_DATABASE_URL", "sqlite:///index.db")
    return Here(tmp_path)


@pytest.mark.parametrize("text", [REDIS, REDIS[7:20], f"docker-pullable://redis@{REDIS}"])
def test_the_command_and_the_api_say_the_same(here: Here, site: Running, text: str) -> None:
    done = here.run("find", text, "--format", "json")
    assert done.code == 0, done.err
    (printed,) = json.loads(done.out)
    assert (printed["repository"], printed["tag"], printed["ended_at"]) == (
        "library/redis",
        "latest",
        None,
    )
    assert printed["digest"] == printed["points_to"] == REDIS
    answer = site.json(f"/api/v1/digests/{text}")
    assert (answer["digest"], answer["tags"], answer["more"]) == (REDIS, [printed], False)


def test_every_period_of_a_platforms_image_is_listed(here: Here, site: Running) -> None:
    tags = site.json(f"/api/v1/digests/{AMD}")["tags"]
    assert [each["ended_at"] is None for each in tags if each["tag"] == "latest"] == [
        False,
        False,
        True,
    ]
    assert all(each["points_to"] != AMD for each in tags)
    cut = site.json(f"/api/v1/digests/{AMD}", params={"limit": 1})
    assert (cut["tags"], cut["more"]) == (tags[:1], True)
    table = here.run("find", AMD[7:14])
    assert (table.code, table.out.count("library/nginx:latest")) == (0, 3)


def test_what_is_not_known_is_said_with_what_to_do(here: Here, site: Running) -> None:
    done = here.run("find", digest("never"))
    assert (done.code, done.out.count("library")) == (1, 0)
    assert "the index knows no tag that points or pointed to" in done.err
    assert "indexer crawl ansible" in done.err
    assert site.get(f"/api/v1/digests/{digest('never')}").status_code == 404


def test_what_is_no_digest_and_what_is_private_is_not_found(here: Here, site: Running) -> None:
    done = here.run("find", "nginx")
    assert (done.code, "is not a digest" in done.err) == (2, True)
    assert site.get("/api/v1/digests/nginx").status_code == 400
    assert here.run("find", digest("secret2")).code == 0
    assert site.get(f"/api/v1/digests/{digest('secret2')}").status_code == 404


def test_the_page_of_search_takes_a_digest(site: Running) -> None:
    for text in (REDIS, REDIS[7:20], f"docker-pullable://redis@{REDIS}"):
        page = site.get("/search", params={"q": text}).text
        assert 'href="/image/docker.io/library/redis:latest"' in page
        assert REDIS in page
    assert "which holds it" in site.get("/search", params={"q": AMD}).text
    nothing = site.get("/search", params={"q": digest("never")})
    assert (nothing.status_code, "No tag that the index knows" in nothing.text) == (200, True)
    by_name = site.get("/search", params={"q": "redis"}).text
    assert "Repositories like" in by_name
    assert "Repositories like" in site.get("/search", params={"q": "deadbeef"}).text
