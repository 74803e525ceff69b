"""What was last seen in public too long ago is refused to who has no token, and says why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.catalog.answers import NotVerified, RepositoryKey, RepositoryScope
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.digest_text import DigestPrefix
from indexer.core.model import ANONYMOUS, Repository
from indexer.store.catalog.public_view import PublicView
from tests.store.scribe import MINUTE, REGISTRY, START, Scribe, digest, tag

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.store import Store
    from indexer.store.catalog.browser import Browser

APP = RepositoryKey(REGISTRY, "acme/app")
WEB = RepositoryKey(REGISTRY, "library/web")
PUBLIC_FOR = timedelta(hours=24)


@dataclass
class Site:
    """An index of `acme`, read with an account, and of `library`, read without one; and a clock."""

    store: Store
    scribe: Scribe
    now: datetime

    def public(
        self, watched: tuple[tuple[str, str], ...] | None = None, *, refuses: bool = True
    ) -> Browser:
        view = PublicView(lambda: self.now, PUBLIC_FOR, watched, refuses)
        return self.store.browser(private=False, view=view)

    def pass_by(self, **more: float) -> None:
        self.now += timedelta(**more)


@pytest.fixture
def site(store: Store) -> Site:
    Scribe(store.archive, "library", identity=ANONYMOUS).crawl({"web": [tag("1", "web")]})
    scribe = Scribe(store.archive, "acme", identity="alice")
    scribe.crawl({"app": [tag("1", "app")]})
    return Site(store, scribe, scribe.now)


NAMED: tuple[Callable[[Browser], object], ...] = (
    lambda browser: browser.repository(APP),
    lambda browser: browser.is_present(APP),
    lambda browser: browser.registries_of(APP.repository),
    lambda browser: browser.tags(APP, "", 9),
    lambda browser: browser.pointer(APP, "1"),
    lambda browser: browser.differences(APP, START, START + MINUTE, 9),
)

LISTS: tuple[Callable[[Browser], object], ...] = (
    lambda browser: browser.names(REGISTRY, "", 9),
    lambda browser: browser.repositories(RepositoryScope(), None, 9),
    lambda browser: browser.similar("app", 9),
    lambda browser: browser.find(DigestPrefix("sha256", digest("app")[7:])),
    lambda browser: browser.changes(ChangeFilter(baseline=True), 0, 9),
    lambda browser: browser.newest(ChangeFilter(namespace="acme"), None, 9),
    lambda browser: browser.check_changes(ChangeFilter()),
    lambda browser: browser.days(ChangeFilter()),
)


def test_what_was_not_verified_for_long_is_refused_with_the_reason(site: Site) -> None:
    site.pass_by(hours=23)
    for ask in (*NAMED, *LISTS):
        ask(site.public())
    site.pass_by(hours=2)
    for ask in (*NAMED, *LISTS):
        with pytest.raises(NotVerified, match="'indexer crawl --verify acme'"):
            ask(site.public())
    for ask in (*NAMED, *LISTS):
        ask(site.store.browser(private=True))
    (status, _) = site.public().namespaces()
    assert (status.namespace, status.repositories, status.tags) == ("acme", 0, 0)


def test_what_is_read_without_an_account_needs_no_verifying(site: Site) -> None:
    site.pass_by(days=365)
    public = site.public()
    assert public.tag_names(WEB, "", 9) == ["1"]
    assert public.repositories(RepositoryScope(namespace="library"), None, 9)
    assert public.similar("web", 9)
    assert public.changes(ChangeFilter(namespace="library", baseline=True), 0, 9).changes


def test_a_crawl_that_reads_the_whole_list_verifies_it(site: Site) -> None:
    site.pass_by(hours=30)
    record = site.scribe.begin()
    site.scribe.now = site.now
    site.scribe.list(record, [Repository(APP.repository, START)], removed=())
    site.scribe.finish(record)
    assert site.public().tag_names(APP, "", 9) == ["1"]


def test_the_time_of_each_question_counts_however_often_it_was_asked_before(site: Site) -> None:
    public = site.public()
    for ask in (*NAMED, *LISTS):
        ask(public)
    site.pass_by(hours=25)
    for ask in (*NAMED, *LISTS):
        with pytest.raises(NotVerified):
            ask(public)
    site.scribe.now = site.now
    record = site.scribe.begin()
    site.scribe.list(record, [Repository(APP.repository, START)], removed=())
    site.scribe.finish(record)
    for ask in (*NAMED, *LISTS):
        ask(public)


def test_a_time_in_the_future_is_not_believed(site: Site) -> None:
    site.pass_by(days=-2)
    with pytest.raises(NotVerified):
        site.public().tag_names(APP, "", 9)


def test_lists_for_people_leave_it_out_and_say_how_many(site: Site) -> None:
    site.pass_by(hours=25)
    public = site.public(refuses=False)
    assert [each.repository for each in public.repositories(RepositoryScope(), None, 9)] == [
        WEB.repository
    ]
    assert {each.repository for each in public.newest(ChangeFilter(baseline=True), None, 9)[0]} == {
        WEB.repository
    }
    assert public.unverified() == 1
    with pytest.raises(NotVerified):
        public.tags(APP, "", 9)


def test_lists_leave_out_what_is_not_crawled_any_more(site: Site) -> None:
    """Nothing will ever verify it: a list that waited for that would be refused for ever."""
    site.pass_by(hours=25)
    public = site.public(watched=((REGISTRY, "library"),))
    assert public.names(REGISTRY, "", 9) == [WEB.repository]
    with pytest.raises(NotVerified):
        public.tags(APP, "", 9)


def test_what_was_made_private_is_no_longer_unverified(site: Site) -> None:
    site.pass_by(hours=25)
    record = site.scribe.begin()
    site.scribe.list(record, [Repository(APP.repository, START, private=True)], removed=())
    site.scribe.finish(record)
    assert site.public().repository(APP) is None
    assert site.public().names(REGISTRY, "", 9) == [WEB.repository]
