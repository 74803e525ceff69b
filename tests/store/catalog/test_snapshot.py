"""The questions of one answer see one state of the index."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.catalog.answers import NotVerified, RepositoryKey
from indexer.store.catalog.public_view import PublicView
from tests.store.scribe import REGISTRY, START, Scribe, tag

if TYPE_CHECKING:
    from indexer.store import Store

APP = RepositoryKey(REGISTRY, "acme/app")


def test_all_questions_of_a_snapshot_see_the_same_state(store: Store) -> None:
    scribe = Scribe(store.archive, "acme")
    scribe.crawl({"app": [tag("1", "one")]})
    browser = store.browser(private=False)
    other: list[list[str]] = []
    with browser.snapshot():
        assert browser.tag_names(APP, "", 9) == ["1"]
        scribe.crawl({"app": [tag("1", "one"), tag("2", "two")]})
        assert browser.tag_names(APP, "", 9) == ["1"]
        thread = threading.Thread(target=lambda: other.append(browser.tag_names(APP, "", 9)))
        thread.start()
        thread.join()
    assert browser.tag_names(APP, "", 9) == ["1", "2"]
    assert other == [["1", "2"]]  # a snapshot is of one thread


def test_a_refused_question_ends_its_snapshot(store: Store) -> None:
    scribe = Scribe(store.archive, "acme", identity="alice")
    scribe.crawl({"app": [tag("1", "one")]})
    late = PublicView(lambda: START + timedelta(days=9), timedelta(hours=24))
    public = store.browser(private=False, view=late)
    with pytest.raises(NotVerified), public.snapshot():
        public.is_present(APP)
    scribe.crawl({"more": [tag("1", "one")]})
    assert public.last_change() == store.browser(private=True).last_change()
