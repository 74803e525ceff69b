"""The newest digest that a tag kept for long enough: by command, API and page; and Renovate."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from indexer.store import open_store
from tests.documents import pages
from tests.sources.oci.in_process import Here
from tests.store.scribe import START, Scribe, digest, tag
from tests.support.databases import new_index
from tests.web.serving import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.serving import Running

CENTURY = "5000w"
NGINX = "/api/v1/settled/docker.io/library/nginx"


class World(NamedTuple):
    """A site, and the address of its index."""

    site: Running
    url: str


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A tag that was pushed a year before the first crawl, and again after three days."""
    url = new_index(str(request.param), tmp_path_factory.mktemp("index"))
    with closing(open_store(url, create=False)) as store:
        scribe = Scribe(store.archive)
        year_before = START - timedelta(days=365)
        scribe.crawl({"nginx": [tag("1", "one", pushed_at=year_before), tag("gone", "two")]})
        scribe.now += timedelta(days=3) - timedelta(hours=2)
        scribe.crawl({"nginx": [tag("1", "two", pushed_by="eve")]})
        with running(store) as site:  # its clock stands at three days after the first crawl
            yield World(site, url)


@pytest.fixture
def served(world: World) -> Running:
    return world.site


@pytest.fixture
def here(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    monkeypatch.setenv("INDEXER_DATABASE_URL", world.url)
    return Here(tmp_path)


def test_the_api_answers_with_an_older_digest_while_the_newest_is_young(served: Running) -> None:
    found = served.json(NGINX, params={"tag": "1", "for": "7d"})
    assert (found["digest"], found["kept"]["age_by"]) == (digest("one"), "push")
    assert found["kept"]["age_since"] == "2025-03-01T12:00:00Z"
    assert found["pin"] == f"docker.io/library/nginx:1@{digest('one')}"
    assert found["freshness"]["last_complete_at"]
    now = found["current"]
    assert (now["digest"], now["age_by"], now["pushed_by"]) == (digest("two"), "crawl", "eve")
    assert served.json(NGINX, params={"tag": "1", "for": "30m"})["digest"] == digest("two")


def test_the_api_says_why_there_is_none(served: Running) -> None:
    for query, status, sentence in (
        ({"tag": "1", "for": "400d"}, 404, "library/nginx:1 kept no digest for 400d. It points to"),
        ({"tag": "gone", "for": "1h"}, 404, "library/nginx:gone was removed at 2026-03-04"),
        ({"tag": "never", "for": "1h"}, 404, "never had a tag 'never'"),
        ({"for": "1h"}, 404, "never had a tag 'latest'"),
        ({"tag": "1", "for": "soon"}, 400, "for: expected a duration, such as '90m'"),
        ({"tag": "1", "for": "99999w"}, 400, "for: expected a duration"),
        ({"tag": "1"}, 422, "for"),
    ):
        answer = served.get(NGINX, params=query)
        assert answer.status_code == status, query
        assert sentence in answer.json()["error"]


def test_the_page_of_a_tag_shows_what_has_settled_and_how_old_it_is(served: Running) -> None:
    page = served.get("/image/docker.io/library/nginx:1").text
    assert "when a crawl first saw it" in page
    rows = re.findall(r'<th scope="row">(\d+ days?)</th>.*?sha256:(\w{12})', page, re.DOTALL)
    one = digest("one")[7:19]
    assert rows == [("1 day", one), ("7 days", one), ("30 days", one)]


def test_the_command_prints_the_digest_alone_and_says_the_rest_beside_it(here: Here) -> None:
    done = here.run("settled", "nginx:1", "--for", "7d")
    assert (done.code, done.out) == (0, f"{digest('two')}\n")
    assert "library/nginx:1 points to it; its age counts from 2026-03-04" in done.err
    assert "when a crawl first saw it." in done.err
    for typed in ("nginx:1", "library/nginx:1", "docker.io/library/nginx:1"):
        done = here.run("settled", typed, "--for", "7d", "--pin")
        assert (done.code, done.out) == (0, f"{typed}@{digest('two')}\n")
    done = here.run("settled", "pkg:docker/nginx@1", "--for", "7d", "--pin")
    assert done.out == f"docker.io/library/nginx:1@{digest('two')}\n"


def test_the_command_and_the_api_answer_the_same(here: Here, served: Running) -> None:
    done = here.run("settled", "nginx:1", "--for", "30m", "--format", "json")
    printed = json.loads(done.out)
    assert printed == served.json(NGINX, params={"tag": "1", "for": "30m"})


def test_the_command_fails_where_there_is_none(here: Here) -> None:
    for arguments, code, sentence in (
        (("nginx:1", "--for", CENTURY), 1, "The index knows the tag since 2026-03-01 12:03 UTC."),
        (("nginx:gone", "--for", "1h"), 1, "library/nginx:gone was removed at 2026-03-04"),
        (("nginx:2", "--for", "1h"), 1, "add it with 'indexer crawl library/nginx', or to the"),
        (("postgres", "--for", "1h"), 1, "add it with 'indexer crawl library/postgres', or to"),
        (
            ("quay.io/acme/app:1", "--for", "1h"),
            1,
            "add it with 'indexer crawl quay.io/acme/app', or to",
        ),
        ((f"nginx@{digest('one')}", "--for", "1h"), 2, "leave out '@' and the digest."),
        (("nginx:1", "--for", "soon"), 2, "--for: expected a duration, such as '90m'"),
    ):
        done = here.run("settled", *arguments)
        assert (done.code, done.out) == (code, ""), arguments
        assert sentence in done.err, (arguments, done.err)


def test_check_fails_what_is_young_and_names_what_to_use(here: Here) -> None:
    two = f"nginx:1@{digest('two')}"
    done = here.run("check", two, "--min-age", CENTURY, "--format", "json")
    assert done.code == 1
    (verdict,) = json.loads(done.out)
    assert (verdict["verdict"], verdict["age_by"]) == ("young", "crawl")
    assert verdict["settled"] is None
    assert here.run("check", two, "--min-age", "7d").code == 0
    assert here.run("check", two, "--min-age", "x").code == 2


def test_renovate_reads_the_digest_that_has_settled(served: Running) -> None:
    """Its documentation of custom datasources says what it asks, and what it takes.

    Of JSONata, the language of the template, this knows objects, arrays and paths of names.
    """
    example = json.loads(pages.read(pages.ROOT / "docs" / "examples" / "renovate.json"))
    (rule,) = example["packageRules"]
    name = rule["overrideDatasource"].removeprefix("custom.")
    source = example["customDatasources"][name]
    url = source["defaultRegistryUrlTemplate"]
    for variable, value in (("packageName", "nginx"), ("currentValue", "1")):
        url = url.replace(f"{{{{{variable}}}}}", value)
    answer = served.json(url.removeprefix("https://indexer.example.com"))
    (template,) = source["transformTemplates"]

    def look_up(path: re.Match[str]) -> str:
        value: Any = answer
        for step in path[1].split("."):
            value = value[step]
        return f": {json.dumps(value)}"

    assert json.loads(re.sub(r": ([a-z_.]+)", look_up, template)) == {
        "releases": [
            {
                "version": "1",
                "digest": digest("one"),
                "releaseTimestamp": "2025-03-01T12:00:00Z",
            }
        ]
    }
