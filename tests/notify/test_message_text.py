"""What people are told of a change, in words."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from indexer.core.model import ChangeKind
from indexer.notify import message_text, sample_messages
from indexer.notify.links import Links, at_registry
from indexer.notify.payload import Event as Record
from indexer.notify.sample_events import samples
from indexer.notify.sink import Sink

NOW = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)


def test_a_message_says_who_pushed_where_that_is_known() -> None:
    (retag,) = (e for e in samples(NOW)[:-1] if e.change.kind is ChangeKind.TAG_RETAGGED)
    change = dataclasses.replace(retag.change, pushed_by="bob\x1b[2J")
    by_bob = retag._replace(change=change)
    nobody = retag._replace(change=dataclasses.replace(change, pushed_by=None))

    told = message_text.text(by_bob, Links("indexer"))
    assert "Pushed 2026-03-01 12:00 UTC by bob" in told
    assert "\x1b" not in told
    assert "Pushed 2026-03-01 12:00 UTC, seen" in message_text.text(nobody, Links("indexer"))
    timeless = retag._replace(change=dataclasses.replace(change, pushed_at=None))
    assert "Pushed by bob" in message_text.text(timeless, Links("indexer"))
    assert Record.of(by_bob).change.pushed_by == change.pushed_by


def test_a_message_links_to_our_page_and_to_the_registrys() -> None:
    retag = samples(NOW)[-1]
    change = dataclasses.replace(retag.change, registry="docker.io", repository="library/nginx")
    links = Links("indexer", "https://catalog.example.com/")
    told = message_text.text(retag._replace(change=change), links).splitlines()
    assert told[-4:] == [
        "Violation: https://catalog.example.com/violations/0",
        "Page: https://catalog.example.com/image/docker.io/library/nginx:1.2.3",
        "Registry: https://hub.docker.com/_/nginx/tags?name=1.2.3",
        "Look closer: indexer history library/nginx:1.2.3",
    ]
    without = message_text.text(retag, Links("indexer"))  # of a registry without pages
    assert "http" not in without


def test_what_is_removed_has_no_page_at_its_registry() -> None:
    for event in samples(NOW):
        change = dataclasses.replace(event.change, registry="docker.io")
        is_removed = change.kind in {ChangeKind.TAG_REMOVED, ChangeKind.REPOSITORY_REMOVED}
        assert (at_registry(change) is None) is is_removed


def test_a_summary_links_to_the_page_of_its_changes() -> None:
    sink = Sink("team", kinds=frozenset({ChangeKind.TAG_RETAGGED}))
    links = Links("indexer", "https://catalog.example.com")
    sent, _ = sample_messages.messages(sink, links, NOW)
    (summary,) = (each for each in sent if each.type == "summary")
    page = "https://catalog.example.com/?kind=tag_retagged&changed_since=2026-03-01T12%3A00%3A00Z"
    assert summary.data["page"] == page
    assert f"Page: {page}\n" in summary.text
    assert sent[-1].text.endswith(
        "Page: https://catalog.example.com/repositories?registry=registry.example.com"
        "&namespace=example"
    )
