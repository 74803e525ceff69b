"""Tags as Docker Hub lists those of 2013 to 2021: what they point to, as far as it is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from indexer.hub_simulator import Hub, ListQuirks, Quirks, Simulator
from indexer.manifests import media_types
from indexer.sources.docker_hub import responses
from tests.sources.oci.in_process import Here
from tests.store.scribe import digest

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.core.model import Tag

ONE = {"os": "linux", "architecture": "amd64", "digest": digest("a"), "size": 5}
OTHER = {**ONE, "architecture": "arm64", "digest": digest("b")}


def tag(**sent: Any) -> Tag:
    body = json.dumps({"name": "1", "last_updated": "2018-01-01T00:00:00Z", **sent}).encode()
    return responses.tag("1")(body)


@pytest.mark.parametrize("kind", [None, media_types.SCHEMA2_CONFIG, media_types.SCHEMA2])
def test_the_digest_of_the_only_image_is_that_of_the_tag(kind: str | None) -> None:
    assert tag(images=[ONE], media_type=kind).digest == digest("a")


@pytest.mark.parametrize(
    "sent",
    [
        {"images": [ONE, OTHER]},
        {"images": [{**ONE, "digest": None}]},
        {"images": [{**ONE, "digest": "sha256:none"}]},
        {"images": []},
        {"images": None},
        {"images": [ONE], "media_type": media_types.OCI_INDEX},
        {"images": [ONE], "media_type": media_types.SCHEMA2_LIST},
    ],
)
def test_otherwise_it_is_not_told(sent: dict[str, Any]) -> None:
    assert tag(**sent).digest is None


def test_its_own_digest_counts_where_it_has_one() -> None:
    assert tag(digest=digest("c"), images=[ONE]).digest == digest("c")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (media_types.SCHEMA2_CONFIG, None),
        (media_types.OCI_CONFIG, None),
        ("application/vnd.cncf.helm.config.v1+json", None),
        (media_types.SCHEMA2, media_types.SCHEMA2),
        ("application/vnd.example.thing", "application/vnd.example.thing"),
    ],
)
def test_the_media_type_of_a_configuration_is_not_that_of_a_manifest(
    sent: str, kept: str | None
) -> None:
    assert tag(images=[ONE], media_type=sent).media_type == kept


@pytest.mark.integration
def test_old_tags_of_one_image_need_no_question_and_a_move_of_one_is_a_retag(
    tmp_path: Path,
) -> None:
    hub = Hub()
    hub.add_repository("acme/api")
    before = hub.push("acme/api", "1", form="config", platforms=1)
    signed = hub.push_schema1("acme/api", "2015")
    here = Here(tmp_path)
    with Simulator(hub) as simulator:
        (tmp_path / "indexer.toml").write_text(
            f"[[registry]]\nhub_url = '{simulator.url}'\nregistry_url = '{simulator.url}'\n"
            "namespaces = ['acme']"
        )
        assert here.run("-q", "crawl").code == 0
        tags = json.loads(here.run("tags", "acme/api", "--format", "json").out)
        assert {each["tag"]: each["digest"] for each in tags} == {"1": before, "2015": signed}
        assert not [each for each in simulator.requests if each.method == "HEAD"]
        after = hub.push("acme/api", "1", form="config", platforms=1)
        assert here.run("-q", "crawl").code == 0
        found = json.loads(here.run("query", "--changed-since", "1h", "--format", "json").out)
        assert [(each["old_digest"], each["new_digest"]) for each in found] == [(before, after)]
        shown = here.run("inspect", "acme/api:2015", "--raw")
        assert (shown.code, json.loads(shown.out)["schemaVersion"]) == (0, 1)


@pytest.mark.integration
def test_a_retag_on_a_later_page_of_a_list_in_no_order_is_found(tmp_path: Path) -> None:
    """There page 1 says nothing of it: the tag itself is asked for once more."""
    hub = Hub()
    hub.add_repository("acme/api")
    for name in "abcdef":
        hub.push("acme/api", name, form="bare")
    here = Here(tmp_path)
    quirks = Quirks(tags=ListQuirks(order="name", page_size=2))
    with Simulator(hub, quirks=quirks) as simulator:
        (tmp_path / "indexer.toml").write_text(
            f"[[registry]]\nhub_url = '{simulator.url}'\nregistry_url = '{simulator.url}'\n"
            "namespaces = ['acme']"
        )
        hub.push("acme/api", "f")
        assert here.run("-q", "crawl").code == 0
        after = hub.push("acme/api", "f", form="bare")
        assert here.run("-q", "crawl").code == 0
        found = json.loads(here.run("query", "--changed-since", "1h", "--format", "json").out)

    assert [(each["tag"], each["new_digest"]) for each in found] == [("f", after)]
