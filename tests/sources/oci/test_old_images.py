"""Images of schema 1, as old registries answer them: crawled and inspected, beside skopeo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.http.fake_server import Reply, Server, ok
from tests.sources.oci import images
from tests.sources.oci.in_process import Here
from tests.sources.oci.real_registry import skopeo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.http.fake_server import Asked
    from tests.sources.oci.images import Made

OLD = {
    "signed": images.schema1("newest", "lowest", tag="signed", signed=True),
    "unsigned": images.schema1("newest", "lowest", tag="unsigned"),
    "single": images.schema1("only", tag="single", signed=True),
}
PLAIN = images.sha256(images.schema1("newest", "lowest", tag="signed").body)


class OldRegistry:
    """Serves the images of schema 1; with HEAD it names no digest."""

    def __init__(self, made: dict[str, Made]) -> None:
        self.made = made

    def __call__(self, asked: Asked) -> Reply:
        name = asked.path.rpartition("/")[2]
        if asked.path == "/v2/":
            return Reply(200, b"{}")
        if asked.path == "/v2/_catalog":
            return ok({"repositories": ["team/old"]})
        if asked.path == "/v2/team/old/tags/list":
            return ok({"name": "team/old", "tags": list(self.made)})
        found = self.made.get(name)
        if found is None:
            wanted = [each for each in self.made.values() if images.sha256(each.body) == name]
            found = next(iter(wanted), OLD["signed"] if name == PLAIN else None)
        if found is None:
            return Reply(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}')
        body = b"" if asked.method == "HEAD" else found.body
        return Reply(200, body, {"Content-Type": found.media_type})


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(OldRegistry(OLD)) as running:
        yield running


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


def test_old_images_are_crawled_by_the_digest_of_what_was_signed(
    here: Here, server: Server
) -> None:
    name = server.url.removeprefix("http://")
    assert here.run("-q", "crawl", name).code == 0
    tags = json.loads(here.run("tags", "team/old", "--format", "json").out)
    assert {tag["tag"]: tag["digest"] for tag in tags} == {
        "signed": PLAIN,
        "unsigned": images.sha256(OLD["unsigned"].body),
        "single": images.sha256(images.schema1("only", tag="single").body),
    }


@pytest.mark.parametrize("tag", OLD)
def test_old_images_are_shown_as_skopeo_shows_them(here: Here, server: Server, tag: str) -> None:
    name = f"{server.url.removeprefix('http://')}/team/old:{tag}"
    for options in ([], ["--config"], ["--raw"], ["--no-tags"]):
        expected = skopeo("inspect", "--tls-verify=false", *options, f"docker://{name}")
        assert here.run("inspect", name, *options).out == expected


def test_what_two_tags_share_is_told_by_what_was_signed(here: Here) -> None:
    made = images.schema1("newest", tag="1")
    again = images.Made(
        images.sign(made.body, signature="YW5vdGhlcg"), images.schema1("x").media_type
    )
    twice = {"1": images.Made(images.sign(made.body), again.media_type), "2": again}
    with Server(OldRegistry(twice)) as server:
        assert here.run("-q", "crawl", server.url.removeprefix("http://")).code == 0
    tags = json.loads(here.run("tags", "team/old", "--format", "json").out)
    assert [tag["same_as"] for tag in tags] == [["2"], ["1"]]
