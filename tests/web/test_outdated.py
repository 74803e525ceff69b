"""Newer versions of images: by command and API, on both databases."""

from __future__ import annotations

import json
import re
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from indexer.core.model import Repository
from indexer.store import open_store
from tests.sources.oci.in_process import Here
from tests.store.scribe import START, Scribe, digest, tag
from tests.web.serving import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.serving import Running

NGINX = "/api/v1/outdated/docker.io/library/nginx"
TAGS = ("1.27.1", "1.27.4", "1.29.0", "2.0.0", "2.1.0-rc.1", "1.27.9-alpine", "latest", "1.26")

DOCKERFILE = f"""\
FROM nginx:1.27.1@{digest("1.27.1")} AS one
FROM nginx:2.0.0 AS two
FROM nginx:latest AS three
FROM $WHAT AS four
FROM redis:7
"""


@pytest.fixture
def served(database_url: str) -> Iterator[Running]:
    with closing(open_store(database_url, create=True)) as store:
        scribe = Scribe(store.archive)
        secret = Repository("library/secret", START, private=True)
        scribe.repositories[secret.name] = secret
        tags = [tag(name, name) for name in TAGS]
        secrets = [tag("1.0", "hidden"), tag("1.1", "hidden too")]
        scribe.crawl({"nginx": [*tags, tag("9.0.0", "withdrawn")], "secret": secrets})
        scribe.crawl({"nginx": tags, "secret": secrets})
        with running(store) as site:
            yield site


@pytest.fixture
def here(
    served: Running, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Here:
    del served  # it is the index
    monkeypatch.setenv("INDEXER_DATABASE_URL", database_url)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    return Here(tmp_path)


def test_the_api_answers_with_the_newest_tag_of_each_level_and_its_digest(served: Running) -> None:
    found = served.json(NGINX, params={"tag": "1.27.1"})
    assert found.pop("freshness")["last_complete_at"]
    assert found == {
        "status": "outdated",
        "registry": "docker.io",
        "repository": "library/nginx",
        "tag": "1.27.1",
        "now": digest("1.27.1"),
        "update": "major",
        "newest": "2.0.0",
        "newest_digest": digest("2.0.0"),
        "newest_pushed_at": None,
        "pin": f"docker.io/library/nginx:2.0.0@{digest('2.0.0')}",
        "patch": "1.27.4",
        "patch_digest": digest("1.27.4"),
        "minor": "1.29.0",
        "minor_digest": digest("1.29.0"),
        "major": "2.0.0",
        "major_digest": digest("2.0.0"),
        "compared": 5,
        "sentence": "2.0.0 is newer, by a major version.",
    }
    newest = served.json(NGINX, params={"tag": "2.0.0"})
    assert (newest["status"], newest["newest"], newest["pin"]) == ("current", None, None)
    assert newest["sentence"] == "library/nginx:2.0.0 is the newest of the 5 tags of its shape."
    assert served.json(NGINX, params={"tag": "latest"})["status"] == "unversioned"


def test_the_page_of_a_tag_names_what_is_newer(served: Running) -> None:
    page = served.get("/image/docker.io/library/nginx:1.27.1").text
    (row,) = re.findall(r"<dt>Newer</dt><dd>(.*?)</dd>", page)
    assert re.findall(r"<bdi>(.*?)</bdi></a> \((\w+)\)", row) == [
        ("1.27.4", "patch"),
        ("1.29.0", "minor"),
        ("2.0.0", "major"),
    ]
    for name in ("2.0.0", "latest"):
        assert "<dt>Newer" not in served.get(f"/image/docker.io/library/nginx:{name}").text


def test_the_api_knows_no_newer_version_of_what_is_unknown_or_private(served: Running) -> None:
    for path, name, sentence in (
        (NGINX, "9.0.0", "the index knows no present tag '9.0.0' of library/nginx, and none of"),
        (NGINX, "edge", "the index knows no present tag 'edge' of library/nginx."),
        ("/api/v1/outdated/library/redis", "1", "redis"),
        ("/api/v1/outdated/library/secret", "1.0", "secret"),
    ):
        answer = served.get(path, params={"tag": name})
        assert (answer.status_code, sentence in answer.json()["error"]) == (404, True), answer.text


def test_the_command_answers_for_each_image_of_a_file(here: Here) -> None:
    done = here.run("outdated", "Dockerfile", "nginx:1.25.0", "--format", "json")
    assert done.code == 1
    found = json.loads(done.out)
    assert [(each["status"], each["line"], each["pin"]) for each in found] == [
        ("outdated", 1, f"docker.io/library/nginx:2.0.0@{digest('2.0.0')}"),
        ("current", 2, None),
        ("unversioned", 3, None),
        ("unreadable", 4, None),
        ("unknown", 5, None),
        ("outdated", None, f"docker.io/library/nginx:2.0.0@{digest('2.0.0')}"),
    ]
    assert found[0]["digest"] == found[0]["now"] == digest("1.27.1")
    assert found[5]["sentence"].endswith(
        "The index knows no present tag '1.25.0' of library/nginx."
    )
    assert "Dockerfile:3: library/nginx:latest is not a version" in done.err
    assert "Dockerfile:4: '$WHAT': WHAT has no value here" in done.err
    assert "Not in the index: add it with 'indexer crawl library/redis', or" in done.err
    assert "last complete crawl: " in done.err


def test_the_exit_code_says_whether_everything_is_the_newest(here: Here) -> None:
    for arguments, code in (
        (["nginx:2.0.0"], 0),
        (["nginx:2.0.0", "nginx:latest", f"nginx@{digest('2.0.0')}"], 0),
        (["nginx:2.0.0", "nginx:latest", "--strict"], 1),
        (["nginx:1.26"], 0),
        (["nginx:1.27.1"], 1),
        (["nginx:9.0.0"], 1),
        (["nginx:nowhere"], 1),
        (["redis:7"], 1),
        (["nginx:2.0.0", "--max-age", "1h"], 1),
        (["nginx:1.27.1", "nowhere.yaml"], 2),
    ):
        assert here.run("outdated", *arguments).code == code, arguments


def test_a_table_shows_the_levels(here: Here) -> None:
    rows = here.run("outdated", "nginx:1.27.1", "-q").out.splitlines()
    assert rows[0].split() == ["STATUS", "WHERE", "IMAGE", "PATCH", "MINOR", "MAJOR", "DIGEST"]
    assert rows[1].split() == [
        *("outdated", "-", "nginx:1.27.1", "1.27.4", "1.29.0", "2.0.0", digest("2.0.0"))
    ]
