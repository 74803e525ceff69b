"""What two digests of a tag differ in: by command and API, on both databases."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from indexer.core.model import Tag
from indexer.core.platforms import Platform
from indexer.store import open_store
from tests.sources.oci.in_process import Here
from tests.store.scribe import START, Scribe, tag
from tests.support.databases import new_index
from tests.support.image_contents import Built
from tests.web.serving import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.serving import Running

NGINX = "/api/v1/diff/docker.io/library/nginx"
HOSTILE = "\x1b[31mred\x1b[0m\nsecond line"

TWINS = ("sha256:" + "ab" * 4 + "0" * 56, "sha256:" + "ab" * 4 + "1" * 56)
"""Digests with the same beginning."""


class World(NamedTuple):
    """A site, the address of its index, and the digests that a tag had, oldest first."""

    site: Running
    url: str
    digests: tuple[str, str, str]


def images(built: Built) -> tuple[str, str]:
    """Two indexes: of the second each platform but one differs."""
    arm = built.image({"User": "0"}, ["base"], place="linux/arm64")
    amd = [
        built.image(
            {"Env": [f"VERSION={n}"], "Labels": {"title": HOSTILE * (n - 1)}, "Cmd": ["run"] * n},
            ["base", f"layer {n}"],
        )
        for n in (1, 2)
    ]
    s390x = built.image({"User": "1"}, ["base"], place="linux/s390x")
    first = built.index({"linux/amd64": amd[0], "linux/arm64": arm, "linux/s390x": s390x})
    return first, built.index({"linux/amd64": amd[1], "linux/arm64": arm, "linux/386": s390x})


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A tag with three digests, a day each; the manifests of the first two were fetched."""
    url = new_index(str(request.param), tmp_path_factory.mktemp("index"))
    built = Built()
    first, second = images(built)
    third = "sha256:" + 64 * "3"
    listed = (Platform("linux", "amd64", digest="sha256:" + 64 * "4", size=7),)
    with closing(open_store(url, create=False)) as store:
        scribe = Scribe(store.archive)
        for number, digest in enumerate((first, second, third)):
            tags = [tag("1", digest=digest, platforms=listed if digest == third else ())]
            tags.append(tag("twin", digest=TWINS[min(number, 1)]))
            scribe.crawl({"nginx": tags})
            scribe.now = START + timedelta(days=number + 1)
            if digest in {first, second}:
                whole = Tag("", None, digest)
                store.manifests.keep(built.parts, whole, scribe.now, whole=True)
        with running(store) as site:  # its clock stands at three days after the first crawl
            yield World(site, url, (first, second, third))


@pytest.fixture
def served(world: World) -> Running:
    return world.site


@pytest.fixture
def here(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    monkeypatch.setenv("INDEXER_DATABASE_URL", world.url)
    return Here(tmp_path)


def changed(answer: Any) -> dict[str, str]:
    return {each["platform"]: each["change"] for each in answer["platforms"]}


def test_the_api_says_what_differs_in_platforms_layers_and_settings(world: World) -> None:
    query = {"tag": "1", "from": world.digests[0][7:19], "to": world.digests[1]}
    found = world.site.json(NGINX, params=query)
    assert (found["old"]["digest"], found["new"]["digest"]) == world.digests[:2]
    assert changed(found) == {
        "linux/386": "added", "linux/amd64": "changed", "linux/arm64": "same",
        "linux/s390x": "removed",
    }  # fmt: skip
    amd = next(each for each in found["platforms"] if each["platform"] == "linux/amd64")
    assert [(each["change"], each["size"]) for each in amd["layers"]] == [
        ("shared", 4), ("added", 7), ("removed", 7),
    ]  # fmt: skip
    assert [(each["part"], each["name"], each["old"]) for each in amd["values"]] == [
        ("setting", "command", ["run"]),
        ("environment", "VERSION", "1"),
        ("label", "title", ""),
    ]
    assert (found["attestations_differ"], found["not_fetched"]) == (False, [])
    assert found["advice"] is None
    assert found["freshness"]["last_complete_at"]


def test_a_time_means_the_digest_of_that_time_and_without_one_it_is_the_one_before(
    world: World,
) -> None:
    first, second, third = world.digests
    for query, expected in (
        ({}, (second, third)),
        ({"from": "2026-03-01T20:00"}, (first, third)),
        ({"from": "2026-03-01T20:00", "to": "crawl:2"}, (first, second)),
        ({"to": second}, (first, second)),
        ({"from": third}, (third, third)),
    ):
        found = world.site.json(NGINX, params={"tag": "1", **query})
        assert (found["old"]["digest"], found["new"]["digest"]) == expected, query


def test_what_was_not_fetched_is_said_with_how_to_fetch_it(world: World, here: Here) -> None:
    done = here.run("diff", "nginx:1")
    assert done.code == 0
    assert "~ linux/amd64  changed" in done.out
    assert "not compared: the manifest sha256:4444" in done.out
    assert "set 'manifests' in the configuration and crawl" in done.err
    assert f"indexer inspect library/nginx@{world.digests[2]}" in done.err
    found = world.site.json(NGINX, params={"tag": "1"})
    assert found["not_fetched"] == ["sha256:" + 64 * "3", "sha256:" + 64 * "4"]
    assert found["advice"] in done.err


def test_the_command_prints_what_differs_and_nothing_that_controls_a_terminal(
    world: World, here: Here
) -> None:
    done = here.run("diff", "nginx:1", "--from", world.digests[0], "--to", world.digests[1])
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].startswith(f"old  {world.digests[0][7:19]}  from 2026-03-01 12:03 until ")
    for line in (
        "+ linux/386  added  ", "- linux/s390x  removed  ",
        "  1 shared layer (4 B), 1 added layer (7 B), 1 removed layer (7 B)",
        "    ~ VERSION = 1 -> 2", '    ~ command = ["run"] -> ["run", "run"]',
    ):  # fmt: skip
        assert any(each.startswith(line) for each in lines), (line, done.out)
    assert "The same: linux/arm64." in lines
    assert "\x1b" not in done.out
    assert "\ufffd[31mred\ufffd[0m\ufffdsecond line" in done.out


def test_the_command_and_the_api_answer_the_same(world: World, here: Here) -> None:
    done = here.run("diff", "nginx:1", "--from", world.digests[0], "--format", "json")
    query = {"tag": "1", "from": world.digests[0]}
    assert json.loads(done.out) == world.site.json(NGINX, params=query)


def test_the_same_digest_is_said_to_be_the_same(world: World, here: Here) -> None:
    done = here.run("diff", "nginx:1", "--from", world.digests[2][7:20])
    assert (done.code, done.out.splitlines()[-1]) == (0, "The digest is the same.")


PROBLEMS = (
    (("twin", {"from": "abababab"}), 2, 400, "several digests begin with abababab: sha256:abab"),
    (("1", {"from": "2020-01-01"}), 2, 400, "the index knows library/nginx since 2026-03-01 12:03"),
    (("1", {"from": "soon"}), 2, 400, "cannot read 'soon' as a time"),
    (("1", {"from": "abc"}), 2, 400, "'abc' is not a digest"),
    (("1", {"from": "change:1"}), 2, 400, "cannot use a change as a time"),
    (("1", {"from": "fedcba9"}), 1, 404, "nginx:1 never had the digest fedcba9: 'indexer find"),
    (("1", {"from": "sha256:fedcba9"}), 1, 404, "never had the digest sha256:fedcba9"),
    (("1", {"to": "2026-03-01T13:00"}), 1, 404, "nginx:1 had no digest before sha256:"),
)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda each: str(each[0]))
def test_what_cannot_be_answered_says_why(
    world: World, here: Here, problem: tuple[tuple[str, dict[str, str]], int, int, str]
) -> None:
    (name, query), code, status, sentence = problem
    options = [each for key, value in query.items() for each in (f"--{key}", value)]
    done = here.run("diff", f"nginx:{name}", *options)
    assert (done.code, done.out) == (code, ""), done.err
    assert sentence in done.err
    answer = world.site.get(NGINX, params={"tag": name, **query})
    assert answer.status_code == status, answer.text
    assert sentence in answer.json()["error"]


def test_an_image_that_the_index_does_not_know_is_said_to_be_unknown(
    here: Here, served: Running
) -> None:
    for image in ("nginx:2", "postgres:1"):
        done = here.run("diff", image)
        assert done.code == 1
        assert "add it with 'indexer crawl library/" in done.err
    assert here.run("diff", f"nginx@{TWINS[0]}").code == 2
    assert served.get(NGINX, params={"tag": "2"}).status_code == 404
    assert served.get("/api/v1/diff/docker.io/library/postgres").status_code == 404


def test_the_page_of_a_tag_leads_to_what_changed_inside(world: World) -> None:
    first, second, _ = world.digests
    page = world.site.get("/image/docker.io/library/nginx:1").text
    links = re.findall(r'href="(/diff/[^"]+)"', page)
    assert links[-1] == f"/diff/docker.io/library/nginx:1?from={first}&amp;to={second}"
    text = world.site.get(links[-1].replace("&amp;", "&")).text
    for part in (
        "<bdi>linux/amd64</bdi> changed",
        "<bdi>linux/386</bdi> added",
        "<bdi>linux/s390x</bdi> removed",
        "1 shared layer (4 B).",
        "The same: <bdi>linux/arm64</bdi>.",
        "<bdi>VERSION</bdi>",
        "<bdi>[&#34;run&#34;, &#34;run&#34;]</bdi>",
    ):
        assert part in text
    assert "\x1b" not in text


def test_the_page_says_how_to_fetch_what_is_missing_and_refuses_what_fits_several(
    world: World,
) -> None:
    page = world.site.get("/diff/docker.io/library/nginx:1").text
    assert 'Not compared: <bdi>the manifest <code class="digest" title="sha256:4444' in page
    assert f"indexer inspect library/nginx@{world.digests[2]}" in page
    refused = world.site.get("/diff/docker.io/library/nginx:twin?from=abababab")
    assert refused.status_code == 400
    assert all(each in refused.text for each in TWINS)
