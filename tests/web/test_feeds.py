"""Feeds, read as feed readers do."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import feedparser
import pytest

from indexer.core.catalog_entries import ChangeFilter
from indexer.web.access_rules import AccessRules
from tests.store.scribe import Scribe, tag
from tests.web.serving import running

if TYPE_CHECKING:
    from indexer.store import Store
    from tests.web.serving import Running

MOVED = "kind=tag_retagged&registry=docker.io"


def atom(site: Running, query: str = "") -> Any:
    """A feed that the parser finds nothing wrong with."""
    answer = site.get(f"/feed.atom?{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml"
    found = feedparser.parse(answer.content, response_headers={"content-type": "application/xml"})
    assert not found.bozo, found
    assert found.version == "atom10"
    return found


def test_a_feed_tells_the_newest_first_with_titles_for_people(site: Running) -> None:
    found = atom(site, MOVED)
    titles = [entry.title for entry in found.entries]
    assert titles == ["library/nginx:latest was retagged", "library/nginx:latest was retagged"]
    assert found.feed.title == "Changes of images: tag retagged, registry docker.io"
    assert found.feed.updated == found.entries[0].updated
    every = {entry.title for entry in atom(site).entries}
    assert {
        "library/new is new",
        "library/nginx:1.1 was removed",
        "library/nginx:1.3 is new",
    } <= every


def test_every_entry_has_what_atom_demands(site: Running) -> None:
    found = atom(site)
    assert found.feed.id.startswith("urn:uuid:")
    ids = [entry.id for entry in found.entries]
    assert len(set(ids)) == len(ids) > 3
    for entry in found.entries:
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", entry.id)
        assert datetime.fromisoformat(entry.updated).tzinfo is not None
        assert entry.title
        assert entry.content[0].value
        assert entry.link.startswith(site.address)
        assert site.get(entry.link.removeprefix(site.address)).status_code == 200
    links = {link.rel: link.href for link in found.feed.links}
    assert links["self"].startswith(f"{site.address}/feed.atom")


ATOM = "{http://www.w3.org/2005/Atom}"

OF_A_FEED = {
    "author": (0, 99), "entry": (0, 100), "id": (1, 1), "link": (1, 9), "title": (1, 1),
    "subtitle": (0, 1), "updated": (1, 1),
}  # fmt: skip
OF_AN_ENTRY = {
    "category": (0, 9), "content": (0, 1), "id": (1, 1), "link": (1, 9), "published": (0, 1),
    "title": (1, 1), "updated": (1, 1),
}  # fmt: skip
"""How often each element may be there, by the grammar of RFC 4287, appendix B."""

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def check_atom(element: ET.Element, allowed: dict[str, tuple[int, int]]) -> None:
    """Check an element by the grammar of Atom, and by what its text demands beside that."""
    counted = Counter(child.tag.removeprefix(ATOM) for child in element)
    assert counted.keys() <= allowed.keys()
    for name, (least, most) in allowed.items():
        assert least <= counted[name] <= most, (name, counted)
    assert not (element.text or "").strip(), "no text between the elements"
    links = [child.attrib for child in element.findall(f"{ATOM}link")]
    assert len({(each["rel"], each["type"]) for each in links}) == len(links)
    assert all(re.match(r"https?://[^ ]+$", each["href"]) for each in links)
    for name in ("updated", "published"):
        for child in element.findall(f"{ATOM}{name}"):
            assert RFC3339.fullmatch(child.text or ""), child.text
    for child in element.findall(f"{ATOM}title"):
        assert child.text
        assert child.get("type", "text") == "text"


@pytest.mark.parametrize("query", ["", MOVED, "tag=no-such-tag", "include_baseline=true"])
def test_a_feed_follows_the_grammar_of_atom(site: Running, query: str) -> None:
    feed = ET.fromstring(site.get(f"/feed.atom?{query}").content)  # noqa: S314 - ours
    assert feed.tag == f"{ATOM}feed"
    check_atom(feed, OF_A_FEED)
    assert [each.text for each in feed.findall(f"{ATOM}author/{ATOM}name")] == ["indexer"]
    for entry in feed.findall(f"{ATOM}entry"):
        check_atom(entry, OF_AN_ENTRY)
        (content,) = entry.findall(f"{ATOM}content")
        assert (content.get("type"), len(content)) == ("text", 0)
        assert all(each.get("term") for each in entry.findall(f"{ATOM}category"))


def test_an_entry_keeps_its_id_wherever_it_is_read(index: Store, site: Running) -> None:
    rules = AccessRules(url="https://catalog.example.com", hosts=frozenset({"catalog.example.com"}))
    with running(index, rules) as other:
        answer = other.get("/feed.atom", headers={"Host": "catalog.example.com"})
        moved = feedparser.parse(answer.content)
    here = atom(site)
    assert [entry.id for entry in moved.entries] == [entry.id for entry in here.entries]
    assert all(entry.link.startswith("https://catalog.example.com/") for entry in moved.entries)
    assert moved.feed.id == here.feed.id
    assert atom(site, MOVED).feed.id != here.feed.id


def test_a_json_feed_has_what_its_specification_demands(site: Running, index: Store) -> None:
    answer = site.get("/feed.json")
    assert answer.headers["Content-Type"] == "application/feed+json"
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert feed["feed_url"] == f"{site.address}/feed.json"
    news = [c for c in index.catalog.changes(ChangeFilter()) if c.repository != "library/secret"]
    assert len(feed["items"]) == len(news) == len({item["id"] for item in feed["items"]})
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["content_text"]
        assert item["url"].startswith(site.address)
        assert datetime.fromisoformat(item["date_modified"]).tzinfo is not None
        assert item["tags"] in ([kind] for kind in ("tag_added", "tag_removed", "tag_retagged",
                                                    "repository_added"))  # fmt: skip
    assert [item["id"] for item in feed["items"]] == [entry.id for entry in atom(site).entries]


@pytest.mark.parametrize("form", ["atom", "json"])
def test_a_feed_that_is_known_is_not_sent_again(site: Running, form: str) -> None:
    first = site.get(f"/feed.{form}")
    tagged = {"If-None-Match": first.headers["ETag"]}
    assert site.get(f"/feed.{form}", headers=tagged).status_code == 304


def test_a_feed_without_entries_is_valid(site: Running) -> None:
    found = atom(site, "tag=no-such-tag")
    assert found.entries == []
    assert found.feed.updated == "1970-01-01T00:00:00Z"
    assert site.json("/feed.json?tag=no-such-tag")["items"] == []


def test_a_feed_has_a_hundred_entries_at_most(empty: Store) -> None:
    scribe = Scribe(empty.archive)
    scribe.crawl({"many": []})
    scribe.crawl({"many": [tag(f"{number}", "x") for number in range(150)]})
    with running(empty) as site:
        assert len(atom(site).entries) == 100


def test_what_a_registry_calls_its_images_breaks_no_feed(empty: Store) -> None:
    names = ["]]>", "<script>alert(1)</script>", "&amp;", "a\x00b\x1b[31m", "\ufffe\u202e", "'\""]
    scribe = Scribe(empty.archive)
    scribe.crawl({"bad": []})
    held = [tag(name.replace("\x00", "\x01"), name) for name in names]
    scribe.crawl({"bad": held})
    with running(empty) as site:
        found = atom(site)
        assert len(found.entries) == len(names)
        text = site.get("/feed.atom").text
        assert "<script>" not in text
        assert all(ord(character) >= 32 or character == "\n" for character in text)
        assert len(site.json("/feed.json")["items"]) == len(names)


@pytest.mark.parametrize("query", ["kind=what", "changed_since=soon", f"tag={'x' * 301}"])
def test_an_invalid_filter_is_refused(site: Running, query: str) -> None:
    answer = site.get(f"/feed.atom?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
