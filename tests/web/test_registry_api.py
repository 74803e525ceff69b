"""The registry API as the distribution specification has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from indexer.core.model import Repository
from indexer.core.registry_names import spelled
from indexer.manifests import media_types
from tests.store.scribe import START, Scribe, digest, tag
from tests.web.content import INDEX
from tests.web.serving import NO_ACCOUNT, bearer, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store
    from tests.web.serving import Running

ALL = [
    "docker.io/ansible/awx",
    "docker.io/library/new",
    "docker.io/library/nginx",
    "docker.io/library/redis",
    "registry.example.com--5000/team/app",
    "registry.example.com--5000/team/nginx",
]


def pages(site: Running, path: str, key: str, headers: dict[str, str] | None = None) -> list[Any]:
    """Each page that `Link` leads to."""
    found: list[Any] = []
    while path:
        answer = site.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        found.append(answer.json()[key])
        link = answer.headers.get("Link", "")
        match = re.fullmatch(r'<(/v2/[^>]+)>; rel="next"', link)
        assert match or not link
        path = match[1] if match else ""
    return found


def error(site: Running, path: str, method: str = "GET", **more: Any) -> tuple[int, str]:
    """The status and the code of an error in the specification's form."""
    answer = site.ask(method, path, **more)
    (told,) = answer.json()["errors"]
    assert set(told) == {"code", "message", "detail"}
    assert told["message"]
    return answer.status_code, told["code"]


def test_the_api_says_that_it_is_there(site: Running) -> None:
    for path in ("/v2/", "/v2"):
        answer = site.get(path, headers=NO_ACCOUNT)
        assert answer.status_code == 200
        assert answer.headers["Docker-Distribution-API-Version"] == "registry/2.0"


def test_the_catalog_names_every_repository_with_its_registry(site: Running) -> None:
    assert site.json("/v2/_catalog") == {"repositories": ALL}


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 7, 99_999])
def test_the_catalog_is_paged_across_registries(site: Running, size: int) -> None:
    found = pages(site, f"/v2/_catalog?n={size}", "repositories")
    assert [name for page in found for name in page] == ALL
    assert all(len(page) == size for page in found[:-1])


def test_a_page_goes_on_after_any_name(site: Running) -> None:
    for last in ["", "a", "docker.io", "docker.io/", "docker.io/library/o", "docker.j", "r", "z"]:
        expected = [name for name in ALL if name > last]
        assert site.json("/v2/_catalog", params={"last": last})["repositories"] == expected


def test_registries_with_the_same_beginning_are_ordered_by_whole_names(empty: Store) -> None:
    registries = ["a.b", "a.b-c", "a.b.c", "a.b:80", "localhost"]
    for registry in registries:
        Scribe(empty.archive, "n", registry).crawl({"x": [], "y": []})
    expected = sorted(f"{spelled(registry)}/n/{name}" for registry in registries for name in "xy")
    with running(empty) as site:
        found = pages(site, "/v2/_catalog?n=3", "repositories")
        assert [name for page in found for name in page] == expected


def test_no_name_is_asked_for_and_none_is_given(site: Running) -> None:
    answer = site.get("/v2/_catalog?n=0")
    assert answer.json() == {"repositories": []}
    assert "Link" not in answer.headers


@pytest.mark.parametrize("number", ["-1", "many", "1.5", "٣"])
def test_an_invalid_page_size_is_refused(site: Running, number: str) -> None:
    for path in ("/v2/_catalog", "/v2/docker.io/library/nginx/tags/list"):
        found = error(site, path, params={"n": number})
        assert found == (400, "PAGINATION_NUMBER_INVALID")


@pytest.mark.parametrize("name", ["docker.io/library/redis", "library/redis", "redis"])
def test_a_repository_is_found_with_its_registry_and_without(site: Running, name: str) -> None:
    assert site.json(f"/v2/{name}/tags/list") == {"name": name, "tags": ["latest"]}


def test_tags_are_paged(site: Running) -> None:
    path = "/v2/docker.io/library/nginx/tags/list"
    assert pages(site, f"{path}?n=1", "tags") == [["1.0"], ["1.3"], ["latest"]]
    assert site.json(f"{path}?last=1.0")["tags"] == ["1.3", "latest"]


def test_a_name_that_several_registries_have_is_asked_back(empty: Store) -> None:
    for registry in ("docker.io", "quay.io"):
        Scribe(empty.archive, "team", registry).crawl({"app": []})
    with running(empty) as site:
        answer = site.get("/v2/team/app/tags/list")
        assert answer.status_code == 404
        assert "'docker.io/team/app' or 'quay.io/team/app'" in answer.text
        assert site.json("/v2/quay.io/team/app/tags/list")["tags"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/v2/docker.io/library/none/tags/list",
        "/v2/quay.io/library/nginx/tags/list",
        "/v2/none/tags/list",
        "/v2/docker.io/library/secret/tags/list",
        "/v2/docker.io/library/secret/manifests/covert",
        "/v2/docker.io/library/none/manifests/latest",
        f"/v2/docker.io/library/none/blobs/{digest('x')}",
        f"/v2/docker.io/library/none/referrers/{digest('x')}",
    ],
)
def test_what_is_unknown_or_not_for_everybody_is_unknown(site: Running, path: str) -> None:
    assert error(site, path, headers=NO_ACCOUNT) == (404, "NAME_UNKNOWN")
    assert error(site, path) == (401, "UNAUTHORIZED")  # many clients wait until they are asked


@pytest.mark.parametrize("name", ["UPPER/case", "a//b", "library/nginx:latest", "-", "a" * 300])
def test_what_cannot_be_a_name_is_refused(site: Running, name: str) -> None:
    assert error(site, f"/v2/{name}/tags/list") == (400, "NAME_INVALID")


def test_head_tells_the_digest_that_a_tag_points_to(site: Running) -> None:
    answer = site.ask("HEAD", "/v2/docker.io/library/nginx/manifests/latest")
    assert answer.status_code == 200
    assert answer.headers["Docker-Content-Digest"] == digest("2")
    assert answer.headers["Content-Type"] == INDEX
    assert answer.content == b""


@pytest.mark.parametrize("reference", ["none", digest("nothing"), "sha256:short", "a" * 200])
def test_a_manifest_that_is_not_there_says_so(site: Running, reference: str) -> None:
    path = f"/v2/docker.io/library/nginx/manifests/{reference}"
    assert error(site, path) == (404, "MANIFEST_UNKNOWN")
    assert site.ask("HEAD", path).status_code == 404


def test_a_tag_whose_digest_was_never_told_has_none(site: Running) -> None:
    path = "/v2/docker.io/ansible/awx/manifests/old"
    assert site.ask("HEAD", path).status_code == 404
    assert error(site, path) == (404, "MANIFEST_UNKNOWN")


def test_there_are_no_layers(site: Running) -> None:
    path = "/v2/docker.io/library/nginx/blobs"
    assert error(site, f"{path}/{digest('x')}") == (404, "BLOB_UNKNOWN")
    assert error(site, f"{path}/latest") == (400, "DIGEST_INVALID")


def test_what_refers_to_an_image_is_an_index(site: Running) -> None:
    path = f"/v2/docker.io/library/nginx/referrers/{digest('2')}"
    answer = site.get(path)
    assert answer.headers["Content-Type"] == INDEX
    assert answer.json() == {"schemaVersion": 2, "mediaType": INDEX, "manifests": []}
    assert error(site, path[:-1]) == (400, "DIGEST_INVALID")


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/v2/",
        "/v2/docker.io/library/nginx/manifests/latest",
        "/v2/docker.io/library/nginx/blobs/uploads/",
    ],
)
def test_nothing_can_be_written(site: Running, method: str, path: str) -> None:
    assert error(site, path, method) == (405, "UNSUPPORTED")
    assert site.ask(method, path).headers["Allow"] == "GET, HEAD"


def test_an_address_that_the_api_does_not_have_is_an_error_of_its_own_form(site: Running) -> None:
    assert error(site, "/v2/docker.io/library/nginx/what") == (404, "NAME_INVALID")


def test_a_host_that_stands_for_a_registry_has_its_names_without_it(site: Running) -> None:
    port = site.address.rpartition(":")[2]
    here = {"Host": f"docker.io.localhost:{port}"}
    names = ["ansible/awx", "library/new", "library/nginx", "library/redis"]
    assert site.json("/v2/_catalog", headers=here) == {"repositories": names}
    found = pages(site, "/v2/_catalog?n=3", "repositories", here)
    assert [name for page in found for name in page] == names
    path = "/v2/library/redis/tags/list"
    assert site.json(path, headers=here) == {"name": "library/redis", "tags": ["latest"]}
    nothing = {"Host": "quay.io.localhost"}
    assert site.json("/v2/_catalog", headers=nothing) == {"repositories": []}


def test_who_has_the_token_sees_what_is_private(site: Running) -> None:
    found = site.json("/v2/_catalog", headers=bearer())["repositories"]
    assert set(found) - set(ALL) == {"docker.io/library/secret"}
    path = "/v2/docker.io/library/secret/tags/list"
    assert site.json(path, headers=bearer())["tags"] == ["covert"]


@pytest.mark.parametrize("many", [1_000, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_names_are_paged_exactly_while_a_crawl_adds_and_removes(empty: Store, many: int) -> None:
    scribe = Scribe(empty.archive)
    stays = [f"stays-{number:05}" for number in range(many)]
    scribe.crawl(dict.fromkeys(stays))
    with running(empty) as site:
        found: list[str] = []
        path, turn = f"/v2/_catalog?n={many // 7}", 0
        while path:
            answer = site.get(path)
            found += answer.json()["repositories"]
            path = answer.headers.get("Link", "").partition("<")[2].partition(">")[0]
            turn += 1
            others = [f"stays-{number:05}-{turn}" for number in range(turn, many, many // 25)]
            record = scribe.begin()
            known = record.known_repositories().repositories
            gone = {name for name in known if name.count("-") > 1}
            new = [f"library/{name}" for name in [*others, f"a{turn}", f"z{turn}"]]
            listed = [Repository(name, START) for name in [*(known.keys() - gone), *new]]
            scribe.list(record, listed)
            scribe.finish(record)
    assert len(set(found)) == len(found)
    assert found == sorted(found)
    assert {f"docker.io/library/{name}" for name in stays} <= set(found)


def test_pages_of_an_answer_that_is_known_are_not_sent_again(site: Running) -> None:
    first = site.get("/v2/_catalog")
    again = site.get("/v2/_catalog", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_tags_are_known_as_soon_as_they_are_written(own_site: Running, index: Store) -> None:
    scribe = Scribe(index.archive, "ansible")
    scribe.now = own_site.clock.now()
    scribe.crawl({"awx": [tag("25", "new")]})
    assert own_site.json("/v2/ansible/awx/tags/list")["tags"] == ["25"]


def test_the_media_type_of_a_configuration_is_not_served_as_that_of_a_manifest(
    empty: Store,
) -> None:
    """As Docker Hub gives it for old tags, and an older index holds it."""
    kinds = {"old": media_types.SCHEMA2_CONFIG, "new": media_types.SCHEMA2, "none": None}
    held = [tag(name, name, media_type=kind) for name, kind in kinds.items()]
    Scribe(empty.archive).crawl({"nginx": held})
    with running(empty) as site:
        heads = {name: site.ask("HEAD", f"/v2/nginx/manifests/{name}") for name in kinds}
    assert {name: head.headers.get("Content-Type") for name, head in heads.items()} == {
        "old": None,
        "new": media_types.SCHEMA2,
        "none": None,
    }
    assert heads["old"].headers["Docker-Content-Digest"] == digest("old")


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/v2/", 0),
        ("/v2/_catalog?n=50", 5),
        ("/v2/docker.io/library/nginx/tags/list", 3),
        ("/v2/docker.io/library/nginx/manifests/latest", 4),
        (f"/v2/docker.io/library/nginx/manifests/{digest('2')}", 4),
    ],
)
def test_an_answer_takes_one_transaction_and_few_statements(
    site: Running, statements: list[str], path: str, most: int
) -> None:
    site.ask("HEAD", path, headers=NO_ACCOUNT)
    assert statements.count("BEGIN") <= 1
    assert len([each for each in statements if each != "BEGIN"]) <= most


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The statements that any database is sent."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", hear)
    yield heard
    sa.event.remove(Engine, "before_cursor_execute", hear)
