"""The API: the objects of `--format json`, a page at a time."""

from __future__ import annotations

import io
import json
import re
import threading
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.humanize import iso
from indexer.core.model import Change
from indexer.core.reference import parse_reference
from indexer.render import column_sets, tag_comparison
from indexer.render.formats import Format
from indexer.render.output import write
from indexer.render.records import fields_of
from indexer.render.records.crawls import Crawl, LastCrawl, Namespace
from indexer.render.records.images import Period, Platform, Repository, Tag
from tests.store.scribe import START, Scribe, digest, tag
from tests.web.serving import bearer, running

if TYPE_CHECKING:
    from indexer.store import Store
    from tests.web.serving import Running

EVERYTHING = ChangeFilter(baseline=True)
HIDDEN = "library/secret"


def printed(values: Any, shape: Any) -> Any:
    """What a command prints with `--format json`."""
    out = io.StringIO()
    write(values, shape, Format.JSON, out, None)
    return json.loads(out.getvalue())


def visible(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if record["repository"] != HIDDEN]


def pages(site: Running, path: str, key: str, **query: Any) -> list[Any]:
    """Everything, page by page, as `next` leads."""
    found: list[Any] = []
    cursor: Any = {}
    while True:
        page = site.json(path, params={**query, **cursor})
        found += page[key]
        if page["next"] is None or page.get("more") is False:
            return found
        cursor = {"before" if key == "crawls" else "after": page["next"]}


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_changes_are_those_of_query_in_order(site: Running, index: Store, limit: int) -> None:
    expected = printed(index.catalog.changes(EVERYTHING), column_sets.changes())
    found = pages(site, "/api/v1/changes", "changes", include_baseline="true", limit=limit)
    assert found == visible(expected)


def test_changes_come_newest_first_a_page_at_a_time(site: Running, index: Store) -> None:
    wanted = ChangeFilter(baseline=True)
    expected = printed(index.catalog.changes(wanted, newest_first=True), column_sets.changes())
    found, query = [], {"newest_first": "true", "include_baseline": "true", "limit": 4}
    while True:
        page = site.json("/api/v1/changes", params=query)
        found += page["changes"]
        if not page["more"]:
            break
        query["before"] = page["next"]
    assert found == visible(expected)
    assert site.get("/api/v1/changes", params={"before": 3}).status_code == 400


def test_a_cursor_passes_over_what_is_not_wanted_and_not_seen(site: Running, index: Store) -> None:
    last = max(change.id for change in index.catalog.changes(EVERYTHING))
    page = site.json("/api/v1/changes", params={"tag": "no-such-tag"})
    assert (page["changes"], page["next"], page["more"]) == ([], last, False)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"kind": ["tag_retagged", "tag_removed"]}, {"tag_retagged", "tag_removed"}),
        ({"namespace": "library", "tag": "1.*"}, {"tag_added", "tag_removed"}),
        ({"registry": "quay.io"}, set()),
        ({"repository": "library/n*", "kind": "repository_added"}, {"repository_added"}),
        ({"changed_since": "crawl:2", "tag": "latest"}, {"tag_retagged"}),
        ({"changed_since": "2026-03-02T12:30:00Z", "kind": "tag_retagged"}, {"tag_retagged"}),
        ({"changed_since": "2026-03-04"}, set()),
        ({"changed_until": "2026-03-02"}, set()),
        ({"changed_until": "crawl:2", "tag": "latest"}, {"tag_retagged"}),
    ],
)
def test_changes_are_filtered_as_in_query(
    site: Running, query: dict[str, Any], wanted: set[str]
) -> None:
    found = site.json("/api/v1/changes", params=query)["changes"]
    assert {change["kind"] for change in found} == wanted


def test_repositories_are_those_of_repos(site: Running, index: Store) -> None:
    expected = printed(index.catalog.repositories(), column_sets.repositories())
    assert pages(site, "/api/v1/repositories", "repositories", limit=2) == visible(expected)
    here = {"registry": "docker.io", "namespace": "library"}
    found = pages(site, "/api/v1/repositories", "repositories", **here)
    names = ["library/new", "library/nginx", "library/redis"]
    assert [each["repository"] for each in found] == names


@pytest.mark.parametrize("as_of", [None, "2026-03-01T13:00:00Z", "crawl:1"])
def test_tags_are_those_of_tags(site: Running, index: Store, as_of: str | None) -> None:
    crawl = index.catalog.crawl(1)
    assert crawl is not None
    time = None if as_of is None else crawl.finished_at
    place = index.catalog.locate(parse_reference("nginx"))
    look = partial(index.catalog.tags, *place, time)
    digests = index.catalog.tag_digests(*place, time)
    expected = printed(
        tag_comparison.tags(digests, look, tag_comparison.CompanionFilter(lifted=True)),
        column_sets.tags(),
    )
    query = {"as_of": as_of} if as_of else {}
    assert pages(site, "/api/v1/tags/library/nginx", "tags", limit=1, **query) == expected
    assert len(expected) == 3


@pytest.mark.parametrize("limit", [1, 2, 3, 1_000])
def test_a_tag_of_all_repositories_comes_a_page_at_a_time(
    site: Running, index: Store, limit: int
) -> None:
    def names(**query: str) -> list[str]:
        found = pages(site, "/api/v1/tags", "tags", limit=limit, **query)
        return [f"{each['registry']}/{each['repository']}:{each['tag']}" for each in found]

    hub = ["docker.io/library/nginx:latest", "docker.io/library/redis:latest"]
    assert names(tag="latest") == [*hub, "registry.example.com:5000/team/nginx:latest"]
    assert names(tag="latest", namespace="library") == hub
    assert names(tag="1.*", registry="docker.io") == [
        "docker.io/library/nginx:1.0",
        "docker.io/library/nginx:1.3",
    ]
    assert names(tag="covert") == []
    here = pages(site, "/api/v1/tags/library/nginx", "tags", limit=limit, tag="1.*")
    assert [each["tag"] for each in here] == ["1.0", "1.3"]
    assert index.catalog.with_tag("covert") == [("docker.io", "library/secret")]


@pytest.mark.parametrize("limit", [1, 2, 1_000])
def test_tags_are_sorted_on_the_server(empty: Store, limit: int) -> None:
    day = timedelta(days=1)
    held = [
        tag("old", "a", pushed_at=START - 2 * day, size=5),
        tag("new", "b", pushed_at=START - day, size=1),
        tag("twin", "c", pushed_at=START - day, size=9),
        tag("plain", "d"),
        tag("sha256-" + "0" * 64 + ".sig", "e", pushed_at=START),
    ]
    Scribe(empty.archive).crawl({"nginx": held})
    with running(empty) as served:

        def names(**query: str) -> list[str]:
            found = pages(served, "/api/v1/tags/nginx", "tags", limit=limit, **query)
            return [each["tag"] for each in found]

        assert names(sort="pushed_at") == ["new", "twin", "old", "plain"]
        assert names(sort="size") == ["twin", "old", "new", "plain"]
        assert names(sort="last_pulled") == ["new", "old", "plain", "twin"]
        assert names(sort="size", tag="*[nw]*") == ["twin", "new", "plain"]
        for wrong in ("sort=name", "sort=size&as_of=1h", "sort=size&after=x"):
            assert served.get(f"/api/v1/tags/nginx?{wrong}").status_code in {400, 422}


@pytest.mark.parametrize("limit", [1, 2, 1_000])
def test_history_is_that_of_history(site: Running, index: Store, limit: int) -> None:
    every = list(index.catalog.history("docker.io", "library/nginx"))
    expected = printed(
        tag_comparison.history(every, every, tag_comparison.CompanionFilter(lifted=True)),
        column_sets.history(),
    )
    path = "/api/v1/history/docker.io/library/nginx"
    assert pages(site, path, "history", limit=limit) == expected
    only = pages(site, path, "history", limit=limit, tag="latest")
    assert only == [each for each in expected if each["tag"] == "latest"]


def test_two_times_are_compared(site: Running) -> None:
    path = "/api/v1/compare/library/nginx"
    found = site.json(path, params={"earlier": "crawl:1", "later": "crawl:3"})
    assert found["differences"] == [
        {"tag": "1.1", "kind": "tag_removed", "old_digest": digest("0"), "new_digest": None},
        {"tag": "1.3", "kind": "tag_added", "old_digest": None, "new_digest": digest("2")},
        {
            "tag": "latest",
            "kind": "tag_retagged",
            "old_digest": digest("0"),
            "new_digest": digest("2"),
        },
    ]
    assert found["more"] is False
    assert site.json(path, params={"earlier": "crawl:1", "limit": 2})["more"] is True


def test_crawls_are_told_newest_first(site: Running) -> None:
    found = pages(site, "/api/v1/crawls", "crawls", limit=2)
    assert [each["id"] for each in found] == [6, 5, 4, 3, 2, 1]
    assert site.json("/api/v1/crawls/2") == found[4]
    here = pages(site, "/api/v1/crawls", "crawls", registry="registry.example.com:5000")
    assert [each["status"] for each in here] == ["failed", "complete"]


def test_the_status_is_that_of_status(site: Running) -> None:
    found = site.json("/api/v1/status")["namespaces"]
    assert [(each["registry"], each["namespace"]) for each in found] == [
        ("docker.io", "ansible"),
        ("docker.io", "library"),
        ("registry.example.com:5000", "team"),
    ]
    assert found[2]["last_crawl"]["errors"] == ["1 problem: only shown with the token"]
    with_token = site.json("/api/v1/status", headers=bearer())["namespaces"]
    assert with_token[2]["last_crawl"]["errors"] == ["team/app: library/secret is not there"]
    assert (found[1]["repositories"], with_token[1]["repositories"]) == (3, 4)
    accounts = [each[1]["last_crawl"]["identity"] for each in (found, with_token)]
    assert accounts == [None, "me"]


def test_names_are_searched_with_mistakes(site: Running) -> None:
    found = site.json("/api/v1/search", params={"q": "ngixn"})["repositories"]
    assert [each["repository"] for each in found] == ["library/nginx", "team/nginx"]
    assert site.json("/api/v1/search", params={"q": "secret"})["repositories"] == []
    seen = site.json("/api/v1/search", params={"q": "secrte"}, headers=bearer())["repositories"]
    assert [each["repository"] for each in seen] == [HIDDEN]


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/api/v1/changes?changed_since=soon", 400, "cannot read 'soon' as a time"),
        ("/api/v1/changes?changed_since=1h&changed_until=2h", 400, "the end is before the beg"),
        ("/api/v1/stats?since=1h&until=2h", 400, "the end is before the beginning"),
        ("/api/v1/changes?kind=what", 422, "kind"),
        ("/api/v1/changes?limit=0", 422, "limit"),
        ("/api/v1/changes?after=99999999999999999999", 422, "after"),
        ("/api/v1/tags/none/none", 404, "the index knows no repository 'none/none'"),
        ("/api/v1/tags/none/none", 404, "add it with 'indexer crawl none/none', or to the conf"),
        ("/api/v1/tags/library/secret", 404, "the index knows no repository"),
        ("/api/v1/tags/library/nginx:latest", 400, "is not just a repository"),
        ("/api/v1/tags/library/nginx?as_of=crawl:99", 404, "there is no crawl 99"),
        ("/api/v1/history/library/nginx?after=x", 400, "after is not a cursor"),
        ("/api/v1/crawls/99", 404, "there is no crawl 99"),
        ("/api/v1/nothing", 404, "there is no such page"),
        ("/api/v1/search?q=", 422, "q"),
        ("/api/v1/repositories?after=%00", 400, "null"),
    ],
)
def test_an_invalid_request_is_answered_with_a_sentence(
    site: Running, path: str, status: int, sentence: str
) -> None:
    answer = site.get(path)
    assert answer.status_code == status, answer.text
    assert sentence in answer.json()["error"]
    assert answer.json()["error"].endswith((".", "?", "'"))


def test_what_is_known_is_not_sent_again(own_site: Running, index: Store) -> None:
    path = "/api/v1/tags/ansible/awx"
    tagged = own_site.get(path).headers["ETag"]
    assert own_site.get(path, headers={"If-None-Match": tagged}).status_code == 304
    assert own_site.get(path, headers={"If-None-Match": f'"x", W/{tagged}'}).status_code == 304
    scribe = Scribe(index.archive, "ansible")
    scribe.crawl({"awx": [tag("25", "new")]})
    assert own_site.get(path, headers={"If-None-Match": tagged}).status_code == 200


def test_a_long_poll_ends_with_the_next_change(own_site: Running, index: Store) -> None:
    cursor = own_site.json("/api/v1/changes")["next"]
    answers: list[Any] = []

    def wait() -> None:
        path = "/api/v1/changes"
        answers.append(own_site.json(path, params={"after": cursor, "wait": 50, "tag": "25"}))

    waiting = threading.Thread(target=wait)
    waiting.start()
    scribe = Scribe(index.archive, "ansible")
    scribe.crawl({"awx": [tag("24", "other")]})
    scribe.crawl({"awx": [tag("25", "new")]})
    waiting.join()
    assert [change["tag"] for change in answers[0]["changes"]] == ["25"]
    assert answers[0]["next"] >= answers[0]["changes"][-1]["id"]


def test_a_long_poll_that_sees_nothing_ends_with_its_time(site: Running) -> None:
    cursor = site.json("/api/v1/changes")["next"]
    found = site.json("/api/v1/changes", params={"after": cursor, "wait": 1})
    assert (found["changes"], found["next"], found["more"]) == ([], cursor, False)


class Stream:
    """Server-sent events, read as the standard says."""

    def __init__(self, site: Running, path: str, **headers: str) -> None:
        self.answer = site.get(path, stream=True, headers=headers)
        assert self.answer.headers["Content-Type"].startswith("text/event-stream")
        self._lines = self.answer.iter_lines(chunk_size=1)

    def next(self) -> dict[str, str]:
        """The next event that has data."""
        event: dict[str, str] = {}
        for line in self._lines:
            name, _, value = line.decode().partition(": ")
            if line and name:
                event[name] = value
            elif "data" in event:
                return event
            else:
                event = {}
        return event

    def close(self) -> None:
        self.answer.close()


def test_a_stream_tells_each_change_once_and_goes_on_after_the_last_one(
    own_site: Running, index: Store
) -> None:
    path = "/api/v1/changes/events?namespace=library&after=0"
    expected = [
        change.id
        for change in index.catalog.changes(ChangeFilter(namespace="library"))
        if change.repository != HIDDEN
    ]
    stream = Stream(own_site, path)
    first = [stream.next() for _ in range(3)]
    stream.close()
    assert [event["event"] for event in first] == ["change"] * 3
    rest = Stream(own_site, path, **{"Last-Event-ID": first[-1]["id"]})
    seen = [*first, *(rest.next() for _ in expected[3:])]
    assert [int(event["id"]) for event in seen] == expected
    assert [json.loads(event["data"])["id"] for event in seen] == expected
    scribe = Scribe(index.archive)
    scribe.crawl({"nginx": [tag("latest", "newest")]})
    assert json.loads(rest.next()["data"])["repository"] == "library/new"
    rest.close()


def test_a_stream_begins_now_where_nothing_else_is_said(own_site: Running, index: Store) -> None:
    stream = Stream(own_site, "/api/v1/changes/events")
    Scribe(index.archive, "ansible").crawl({"awx": [tag("25", "new")]})
    event = json.loads(stream.next()["data"])
    assert (event["kind"], event["tag"]) == ("tag_added", "25")
    stream.close()


def test_streams_end_when_the_server_does(index: Store) -> None:
    with running(index) as site:
        stream = Stream(site, "/api/v1/changes/events")
    assert stream.next() == {}


def test_the_description_names_every_address_and_nothing_that_is_not_there(site: Running) -> None:
    described = site.json("/api/openapi.json")
    paths = {path for path in described["paths"] if path.startswith("/api/")}
    assert paths == {
        "/api/v1/changes",
        "/api/v1/changes/events",
        "/api/v1/check",
        "/api/v1/compare/{repository}",
        "/api/v1/violations",
        "/api/v1/violations/{violation_id}",
        "/api/v1/counters/{repository}",
        "/api/v1/crawls",
        "/api/v1/crawls/{crawl_id}",
        "/api/v1/diff/{repository}",
        "/api/v1/digests/{digest}",
        "/api/v1/history/{repository}",
        "/api/v1/inspect/{repository}",
        "/api/v1/outdated",
        "/api/v1/outdated/{repository}",
        "/api/v1/repositories",
        "/api/v1/search",
        "/api/v1/settled/{repository}",
        "/api/v1/stats",
        "/api/v1/stats/{repository}",
        "/api/v1/status",
        "/api/v1/tags",
        "/api/v1/tags/{repository}",
    }
    page = site.get("/api/docs").text
    assert [path for path in paths if path not in page] == []


def test_the_description_has_the_records_that_the_commands_write(site: Running) -> None:
    schemas = site.json("/api/openapi.json")["components"]["schemas"]
    for record in (Change, Repository, Tag, Platform, Period, Crawl, LastCrawl, Namespace):
        described = schemas[record.__name__]
        assert tuple(described["properties"]) == fields_of(record)
        assert described["required"] == list(fields_of(record))
        assert described["description"] == record.__doc__
    assert schemas["Change"]["properties"]["observed_at"]["format"] == "date-time"
    page = site.get("/api/docs").text
    assert "\ufffd" not in page
    assert "`" not in page
    objects = [name for name, schema in schemas.items() if "properties" in schema]
    assert [name for name in objects if f'id="{name}"' not in page] == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/tags/library/nginx?as_of=0001-01-01",
        "/api/v1/tags/library/nginx?as_of=2026-03-01T12:01:59Z",
        "/api/v1/tags/library/new?as_of=2026-03-01T12:00Z",
        "/api/v1/compare/library/nginx?earlier=2026-02-01&later=2026-02-02",
    ],
)
def test_of_a_time_before_the_index_began_nothing_is_said(site: Running, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 400
    assert re.fullmatch(
        r"the index knows library/\w+ since 2026-03-01 12:0\d UTC, and nothing of an earlier time: "
        r"ask for a later one\.",
        answer.json()["error"],
    )


def test_a_repository_that_came_later_was_known_not_to_be_there(site: Running) -> None:
    path = "/api/v1/tags/library/new"
    assert site.json(path, params={"as_of": "2026-03-02T00:00Z"})["tags"] == []


def test_a_comparison_starts_where_the_index_began_and_says_so(site: Running) -> None:
    path = "/api/v1/compare/library/nginx"
    began = site.json("/api/v1/history/library/nginx")["known_since"]
    early = site.json(path, params={"earlier": "2026-01-01", "later": "crawl:3"})
    assert early["earlier"] == early["known_since"] == began
    late = site.json(path, params={"earlier": "crawl:1", "later": "crawl:3"})
    assert late["known_since"] is None
    assert early["differences"] == late["differences"]
    page = site.get("/compare/docker.io/library/nginx?from=2026-01-01").text
    assert "The index knows this repository since <time" in page


def test_what_changed_before_the_index_began_is_said_to_be_unknown(
    site: Running, index: Store
) -> None:
    first = index.catalog.crawl(1)
    assert first is not None
    path = "/api/v1/changes?namespace=library&changed_since="
    assert site.json(f"{path}2026-02-01")["known_since"] == iso(first.finished_at)
    assert site.json(f"{path}2026-03-02")["known_since"] is None
    assert site.json(f"{path}crawl:1")["known_since"] is None
    page = site.get("/?namespace=library&changed_since=2026-02-01").text
    assert "docker.io/library is known since 2026-03-01 12:0" in page


def test_the_description_says_how_the_token_is_sent_and_who_needs_it(
    site: Running, closed_site: Running
) -> None:
    described = site.json("/api/openapi.json")
    schemes = described["components"]["securitySchemes"]
    assert {name: each["scheme"] for name, each in schemes.items()} == {
        "token": "bearer",
        "password": "basic",
    }
    assert described["security"] == [{}, {"token": []}, {"password": []}]
    closed = closed_site.json("/api/openapi.json", headers=bearer())
    assert closed["security"] == [{"token": []}, {"password": []}]
    assert "Every request needs a token" in closed_site.get("/api/docs", headers=bearer()).text
    assert "Every request" not in site.get("/api/docs").text
