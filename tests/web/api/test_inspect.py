"""What is inside an image, over HTTP: as the command prints it, from what was fetched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from indexer.core.model import Tag
from indexer.core.reference import parse_reference
from indexer.manifests import platform_selection
from indexer.manifests.inspect import InspectRequest
from indexer.manifests.inspect import inspect as look
from indexer.render import skopeo
from indexer.render.go_values import as_json
from tests.store.scribe import Scribe, tag
from tests.support.image_contents import Built
from tests.web.serving import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store
    from tests.web.serving import Running

WEB = "/api/v1/inspect/docker.io/library/web"


@pytest.fixture
def built(empty: Store) -> dict[str, str]:
    """An index and an old image that were fetched, and a tag that was not."""
    built = Built()
    old = built.image({"Env": ["A=1"], "Labels": {"title": "old"}}, ["base"])
    arm = built.image({"Env": ["A=2"]}, ["base", "more"], place="linux/arm64")
    index = built.index({"linux/amd64": old, "linux/arm64": arm})
    scribe = Scribe(empty.archive)
    scribe.crawl({"web": [tag("1", digest=old)]})
    scribe.crawl({"web": [tag("1", digest=index), tag("2", "not fetched")]})
    for digest in (old, index):
        empty.manifests.keep(built.parts, Tag("", None, digest), scribe.now, whole=True)
    return {"old": old, "arm": arm, "index": index}


@pytest.fixture
def site(empty: Store, built: dict[str, str]) -> Iterator[Running]:
    assert built
    with running(empty) as served:
        yield served


def test_the_answer_is_what_the_command_prints(
    site: Running, empty: Store, built: dict[str, str]
) -> None:
    platform = platform_selection.parse("linux/arm64")
    image = look(
        parse_reference("docker.io/library/web:1"),
        InspectRequest(platform),
        manifests=empty.manifests,
        contents=None,
        now=site.clock.now(),
    )
    assert image.image is not None
    printed = skopeo.inspected(
        name=image.name, digest=image.digest, tags=image.tags, image=image.image,
        config=image.config, layers_data=True,
    )  # fmt: skip
    found = site.json(WEB, params={"tag": "1", "platform": "linux/arm64", "tags": "true"})
    assert found["image"] == json.loads(as_json(printed))
    assert (found["tag"], found["digest"]) == ("1", built["index"])
    assert found["freshness"]["last_complete_at"]
    assert site.json(WEB, params={"tag": "1"})["image"]["RepoTags"] == []


def test_a_digest_may_be_old_and_short(site: Running, built: dict[str, str]) -> None:
    for typed in (built["old"], built["old"][7:19], f"web@{built['old']}"):
        found = site.json(WEB, params={"digest": typed})
        assert (found["tag"], found["digest"]) == (None, built["old"])
        assert found["image"]["Labels"] == {"title": "old"}


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ({"tag": "2"}, 404, "does not hold the manifest sha256:"),
        ({"tag": "3"}, 404, "docker.io/library/web has no tag '3'"),
        ({"tag": "1", "platform": "linux/s390x"}, 404, "has no image for linux/s390x"),
        ({"tag": "1", "platform": "linux"}, 400, "is not a platform"),
        ({"digest": "abc"}, 400, "is not a digest"),
        ({"digest": "0123456"}, 404, "no tag of docker.io/library/web points or pointed to"),
        ({"digest": "sha256:" + "0" * 64}, 404, "does not hold the manifest"),
    ],
)
def test_what_is_not_there_is_said(
    site: Running, query: dict[str, str], status: int, sentence: str
) -> None:
    answer = site.get(WEB, params=query)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]
