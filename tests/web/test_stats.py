"""What grows and what is dead: by command, API and page, on both databases."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.core.model import Repository
from indexer.store import open_store
from tests.sources.oci.in_process import Here
from tests.store.scribe import START, Scribe, digest, tag
from tests.support.databases import new_index
from tests.web.serving import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.serving import Running

DAY = timedelta(days=1)
FIRST, SECOND, THIRD = (f"2026-03-0{number}" for number in (1, 2, 3))
LONG_AGO, LATELY = START - 200 * DAY, START - DAY


def listed(scribe: Scribe, *repositories: Repository) -> None:
    """A crawl that lists these repositories and reads no tags."""
    record = scribe.begin()
    scribe.list(record, repositories, removed=())
    scribe.finish(record)


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
    """Two repositories: 'a' was listed on three days, 'b' on the first and the third."""
    url = new_index(str(request.param), tmp_path_factory.mktemp("index"))
    with closing(open_store(url, create=False)) as store:
        scribe = Scribe(store.archive)
        a, b, new = "library/a", "library/b", "library/new"
        scribe.repositories = {
            a: Repository(a, START, pulls=100, stars=3, storage_size=700),
            b: Repository(b, START, pulls=1_000_000, stars=5),
        }
        scribe.crawl(
            {
                "a": [
                    tag("dead", "one", status="inactive", pushed_at=LONG_AGO, last_pulled=LONG_AGO),
                    tag("never", "two", status="inactive", pushed_at=LONG_AGO),
                    tag("fresh", "two", status="active", pushed_at=LATELY),
                    tag("used", "two", status="active", pushed_at=LONG_AGO, last_pulled=LATELY),
                    tag(f"sha256-{'0' * 64}.sig", "one", status="active", pushed_at=LONG_AGO),
                ],
                "b": [tag("silent", "one", pushed_at=LONG_AGO)],
            }
        )
        scribe.now = START + DAY
        listed(scribe, Repository(a, START, pulls=160, stars=3))  # its size is not told
        scribe.now = START + 2 * DAY
        listed(
            scribe,
            Repository(a, START, pulls=170, stars=2, storage_size=800),
            Repository(b, START, pulls=1_000_005, stars=5),
            Repository(new, START, pulls=50, stars=0),
        )
        with running(store) as site:  # its clock stands at the last of these days
            yield World(site, url)


@pytest.fixture
def site(world: World) -> Running:
    return world.site


@pytest.fixture
def here(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    monkeypatch.setenv("INDEXER_DATABASE_URL", world.url)
    return Here(tmp_path)


def test_a_repository_is_counted_by_the_day(site: Running) -> None:
    found = site.json("/api/v1/stats/library/a")
    assert (found["registry"], found["repository"]) == ("docker.io", "library/a")
    assert next(each for each in found.values() if isinstance(each, list)) == [
        {"date": FIRST, "pulls": 100, "stars": 3, "storage_size": 700, "pulls_gained": None},
        {"date": SECOND, "pulls": 160, "stars": 3, "storage_size": 700, "pulls_gained": 60},
        {"date": THIRD, "pulls": 170, "stars": 2, "storage_size": 800, "pulls_gained": 10},
    ]
    assert found["freshness"]["last_complete_at"]


def test_the_sum_of_a_namespace_keeps_what_was_not_listed_on_a_day(site: Running) -> None:
    found = site.json("/api/v1/stats", params={"namespace": "library"})
    assert [(each["date"], each["pulls"], each["pulls_gained"]) for each in found["days"]] == [
        (FIRST, 1_000_100, None),
        (SECOND, 1_000_160, 60),
        (THIRD, 1_000_225, 15),  # of the new one it is not known when it was pulled
    ]
    assert [each["stars"] for each in found["days"]] == [8, 8, 7]
    assert [each["storage_size"] for each in found["days"]] == [700, 700, 800]
    assert [
        (each["repository"], each["pulls_gained"], each["stars_gained"], each["storage_gained"])
        for each in found["repositories"]
    ] == [("library/a", 70, -1, 100), ("library/b", 5, 0, None), ("library/new", None, None, None)]
    assert site.json("/api/v1/stats", params={"namespace": "other"})["days"] == []


def test_a_window_of_days_counts_what_was_gained_in_it(site: Running) -> None:
    window = {"since": "2026-03-03", "until": "2026-03-03T23:00"}
    found = site.json("/api/v1/stats", params={"namespace": "library", **window})
    assert [(each["date"], each["pulls"]) for each in found["days"]] == [(THIRD, 1_000_225)]
    assert [each["pulls_gained"] for each in found["repositories"]] == [10, 5, None]


def test_tags_that_nobody_pulls_are_listed_where_the_registry_tells_of_pulls(
    site: Running,
) -> None:
    found = site.json("/api/v1/stats", params={"not_pulled_since": "100d"})
    assert [(each["tag"], each["last_pulled"]) for each in found["not_pulled"]] == [
        ("never", None),
        ("dead", "2025-08-13T12:00:00Z"),
    ]
    assert found["not_pulled"][1]["digest"] == digest("one")
    (a, b, _) = found["repositories"]
    assert (a["tags"], a["tags_not_pulled"], a["last_pulled"]) == (5, 2, "2026-02-28T12:00:00Z")
    assert b["tags_not_pulled"] is None
    page = site.json("/api/v1/stats", params={"not_pulled_since": "100d", "limit": 1})
    assert [each["tag"] for each in page["not_pulled"]] == ["never"]
    assert (page["not_pulled_more"], page["repositories_more"]) == (1, 2)
    long = site.json("/api/v1/stats/library/a", params={"not_pulled_since": "300d"})
    assert long["not_pulled"] == []


def test_tags_that_share_a_digest_are_listed_by_repository(site: Running) -> None:
    (shared,) = site.json("/api/v1/stats")["same_digest"]
    assert shared == {
        "registry": "docker.io",
        "repository": "library/a",
        "digest": digest("two"),
        "tags": ["fresh", "never", "used"],
        "tags_more": 0,
    }


def test_an_unknown_repository_and_a_wrong_time_are_refused(site: Running) -> None:
    for path, status in (
        ("/api/v1/stats/library/none", 404),
        ("/api/v1/stats?since=soon", 400),
        ("/api/v1/stats/library/a?not_pulled_since=change:1", 400),
        ("/api/v1/stats?limit=0", 422),
    ):
        assert site.get(path).status_code == status, path


def test_the_command_and_the_api_answer_the_same(here: Here, site: Running) -> None:
    long_ago = ("--not-pulled-since", "2026-01-01")
    for name, path in (
        ("library", "/api/v1/stats?registry=docker.io&namespace=library&limit=20"),
        ("library/a", "/api/v1/stats/library/a?limit=20"),
        ("a", "/api/v1/stats/library/a?limit=20"),
    ):
        done = here.run("stats", name, "--format", "json", *long_ago)
        assert done.code == 0, done.err
        printed, answered = (
            json.loads(done.out),
            site.json(path, params={"not_pulled_since": "2026-01-01"}),
        )
        assert printed == answered


def test_tables_show_whole_numbers(here: Here) -> None:
    done = here.run("stats", "library", "--not-pulled-since", "2026-01-01")
    assert (
        done.out
        == f"""\
DATE            PULLS  GAINED  STARS  STORAGE
2026-03-01  1,000,100       -      8    700 B
2026-03-02  1,000,160     +60      8    700 B
2026-03-03  1,000,225     +15      7    800 B

Repositories, those pulled most in this time first:
REPOSITORY       PULLS  GAINED  STARS  STORAGE  TAGS  NOT PULLED
library/a          170     +70      2    800 B     5           2
library/b    1,000,005      +5      5        -     1           -
library/new         50       -      0        -     0           -

Tags not pulled since 2026-01-01 00:00 UTC:
IMAGE            LAST PULLED       PUSHED (UTC)      SIZE
library/a:never  never             2025-08-13 12:00     -
library/a:dead   2025-08-13 12:00  2025-08-13 12:00     -

Tags that share a digest:
REPOSITORY  DIGEST        TAGS
library/a   {digest("two")[7:19]}  fresh, never, used
"""
    )
    early = here.run("stats", "library", "--since", "2020-01-01")
    assert "counts begin on 2026-03-01: earlier ones are not known." in early.err
    assert "counts begin" not in here.run("stats", "library", "--since", "2026-03-01").err
    done = here.run("stats", "library", "--limit", "1", "--since", "2026-03-04")
    assert "in this time first, the first 1 of 3:" in done.out
    assert "no counts in this time" in done.err


def test_what_the_index_does_not_know_is_said_with_the_command_that_adds_it(here: Here) -> None:
    for arguments, code, sentence in (
        (("acme",), 1, "knows no namespace 'acme'"),
        (
            ("acme",),
            1,
            "'indexer crawl acme' or the repository with 'indexer crawl library/acme'",
        ),
        (("library/none",), 1, "add it with 'indexer crawl library/none', or"),
        (("quay.io/acme/app",), 1, "add it with 'indexer crawl quay.io/acme/app', or"),
        (("a:1",), 2, "leave out the tag"),
        (("a", "--since", "soon"), 2, "soon"),
        (("a", "--max-age", "1h"), 1, "--max-age 1h"),
    ):
        done = here.run("stats", *arguments)
        assert done.code == code, (arguments, done.err)
        assert sentence in done.err, (arguments, done.err)


def test_the_page_of_a_repository_draws_pulls_and_stars_by_the_day(site: Running) -> None:
    page = site.get("/image/docker.io/library/a").text
    pulls, stars = (
        re.findall(r"<title>(\w+ 2026-03-\d+): ([^<]*)</title>", figure)
        for figure in page.split('<figure class="chart">')[1:3]
    )
    days = [f"Sunday {FIRST}", f"Monday {SECOND}", f"Tuesday {THIRD}", "Wednesday 2026-03-04"]
    assert pulls == list(zip(days, ["not counted", "60", "10", "not counted"], strict=True))
    assert stars == list(zip(days, ["3", "3", "2", "not counted"], strict=True))
    assert page.count('<rect class="pulls"') == 2
    assert page.count('<rect class="stars"') == 3


def test_the_tables_of_tags_say_when_each_was_last_pulled(here: Here, site: Running) -> None:
    done = here.run("tags", "a")
    assert "LAST PULLED" in done.out.splitlines()[0]
    assert [line.split()[0] for line in done.out.splitlines() if "2025-08-13 12:00" in line] == [
        "dead", "never", "used",
    ]  # fmt: skip
    assert [line.split()[0] for line in done.out.splitlines() if "2026-02-28 12:00" in line] == [
        "fresh", "used",
    ]  # fmt: skip
    page = site.get("/image/docker.io/library/a").text
    cells = re.findall(r'<td data-label="Pulled">(?:<time[^>]*>)?([^<]+)<', page)
    assert cells == ["2025-08-13 12:00", "-", "-", "2026-02-28 12:00"]
