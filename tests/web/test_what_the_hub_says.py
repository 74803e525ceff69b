"""Who pushed, and what is counted, over HTTP: in the API, the feeds and the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.audit_event import AuditAction, AuditEvent
from indexer.core.model import Cost, CrawlStatus, FullDescription, Mode, Repository
from indexer.crawl.diff import RepositoriesDiff, TagsDiff
from tests.store.scribe import START, Scribe, remembered, tag
from tests.support.readings import record_tags
from tests.web.serving import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store
    from tests.web.serving import Running

FIRST = START.date().isoformat()
SECOND = (START + timedelta(days=1)).date().isoformat()


@pytest.fixture
def site(empty: Store) -> Iterator[Running]:
    """A repository that was listed on two days, and pushed to by two people."""
    scribe = Scribe(empty.archive)
    for pulls, who in ((100, "alice"), (160, "<bob>")):
        scribe.repositories["library/api"] = Repository(
            "library/api", START, pulls=pulls, stars=12_345, categories=("Databases",)
        )
        pushed = tag("1", who, pushed_by=who, pushed_at=START, status="inactive")
        scribe.crawl({"api": [pushed]})
        scribe.now += timedelta(days=1)
    with running(empty) as served:
        yield served


def test_counters_are_told_by_the_day_and_by_the_page(site: Running) -> None:
    whole = site.json("/api/v1/counters/library/api")
    assert whole["days"] == [
        {"date": FIRST, "pulls": 100, "stars": 12_345, "storage_size": None},
        {"date": SECOND, "pulls": 160, "stars": 12_345, "storage_size": None},
    ]
    assert whole["next"] is None
    page = site.json("/api/v1/counters/library/api", params={"limit": 1})
    assert page["next"] == FIRST
    rest = site.json("/api/v1/counters/library/api", params={"after": page["next"]})
    assert [each["date"] for each in rest["days"]] == [SECOND]


def test_an_invalid_cursor_and_an_unknown_repository_are_refused(
    site: Running,
) -> None:
    wrong = site.get("/api/v1/counters/library/api", params={"after": "yesterday"})
    assert wrong.status_code == 400
    assert "2026-11-29" in wrong.json()["error"]
    assert site.get("/api/v1/counters/library/none").status_code == 404


def test_the_api_and_the_feeds_tell_only_changes_of_who_pushed(site: Running) -> None:
    found = site.json("/api/v1/changes", params={"pushed_by": "<b*", "changed_since": "1y"})
    assert [each["pushed_by"] for each in found["changes"]] == ["<bob>"]
    (item,) = site.json("/feed.json", params={"pushed_by": "<bob>"})["items"]
    assert item["authors"] == [{"name": "<bob>"}]
    atom = site.get("/feed.atom", params={"pushed_by": "<bob>"}).text
    assert "<author><name>&lt;bob&gt;</name></author>" in atom
    assert site.json("/feed.json", params={"pushed_by": "nobody"})["items"] == []


def test_the_page_of_changes_is_filtered_by_who_pushed(site: Running) -> None:
    page = site.get("/", params={"pushed_by": "<b*", "changed_since": "1y"}).text
    assert '<input name="pushed_by" value="&lt;b*"' in page
    assert "No changes" not in page
    none = site.get("/", params={"pushed_by": "nobody"}).text
    assert "No changes match the filter" in none


def test_the_pages_show_who_pushed_and_what_is_counted(site: Running) -> None:
    of_tag = site.get("/image/docker.io/library/api:1").text
    assert "&lt;bob&gt;" in of_tag
    assert "alice" in of_tag
    assert "inactive" in of_tag
    of_repository = site.get("/image/docker.io/library/api").text
    assert "12,345" in of_repository
    assert "Databases" in of_repository


def test_a_full_description_is_shown_as_text_whatever_is_in_it(empty: Store) -> None:
    text = "# Title\r\n<script>alert(1)</script>\n[x](javascript:alert(1))\n\u202eevil \x1b[31m"
    Scribe(empty.archive).crawl({"api": [tag("1", "a")]})
    record = empty.archive.begin("docker.io", "library", Mode.INCREMENTAL, "anonymous", START)
    due = record.undescribed()
    record.record_descriptions([FullDescription("library/api", text, due["library/api"])], START)
    assert record.undescribed() == {}
    record.finish(CrawlStatus.COMPLETE, spent=Cost(), errors=(), rate_limit=None, now=START)
    with running(empty) as site:
        page = site.get("/image/docker.io/library/api").text
        (entry,) = site.json("/api/v1/repositories")["repositories"]
    assert "# Title\n&lt;script&gt;alert(1)&lt;/script&gt;\n" in page
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert entry["full_description"] == text


def test_a_page_shows_the_counters_by_the_day(site: Running) -> None:
    page = site.get("/image/docker.io/library/api").text
    assert f'<th scope="row">{SECOND}</th><td class="right">160</td>' in page
    assert f'<th scope="row">{FIRST}</th><td class="right">100</td>' in page


def test_who_removed_it_stands_in_feeds_and_on_pages(empty: Store) -> None:
    scribe = Scribe(empty.archive)
    scribe.crawl({"api": [tag("1", "a"), tag("2", "b")]})
    record = scribe.begin()
    gone = AuditEvent(AuditAction.TAG_DELETED, "library/api", "1", None, "<eve>", scribe.now)
    record.record_audit_events([gone])
    scribe.read(record, "library/api", [tag("2", "b")])
    scribe.finish(record)
    with running(empty) as site:
        (item,) = site.json("/feed.json")["items"]
        assert item["authors"] == [{"name": "<eve>"}]
        assert "Removed by <eve> at 2026-" in item["content_text"]
        assert "<author><name>&lt;eve&gt;</name></author>" in site.get("/feed.atom").text
        page = site.get("/image/docker.io/library/api").text
    assert "by <bdi>&lt;eve&gt;</bdi>" in page


def test_what_is_not_watched_says_so_and_is_not_called_removed(empty: Store) -> None:
    scribe = Scribe(empty.archive)
    scribe.crawl({"api": [tag("1", "a"), tag("2", "b")], "web": []})
    record = scribe.begin()
    known = record.known_repositories().repositories
    record.record_repositories(
        RepositoriesDiff(unwatched=("library/web",)), remembered(), scribe.now
    )
    record.known_tags("library/api")
    record_tags(
        record,
        "library/api", TagsDiff(dropped=("1",)), remembered(), known["library/api"].last_updated,
        scribe.now,
    )  # fmt: skip
    scribe.finish(record)
    with running(empty) as site:
        of_tag = site.get("/image/docker.io/library/api:1").text
        of_repository = site.get("/image/docker.io/library/web").text
        in_list = site.get("/repositories").text
    assert "Not watched since" in of_tag
    assert "Removed" not in of_tag
    assert "Not watched since" in of_repository
    assert "not watched" in in_list
