"""Hidden repositories, written and shown, by databases and by the archive in memory."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.catalog.answers import RepositoryKey
from indexer.core.model import Repository
from indexer.crawl.diff import Found
from indexer.crawl.due_repositories import UNSETTLED
from indexer.store import open_store
from indexer.store.maintenance.integrity_check import check
from indexer.store.maintenance.prune import prune
from tests.store.scribe import REGISTRY, START, Scribe, tag

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.model import KnownRepository
    from indexer.crawl.ports import Archive
    from indexer.store import Store

SECRET = Repository("library/secret", START, private=True)


def begun(archive: Archive) -> Scribe:
    """A private repository and a public one, as alice saw them."""
    scribe = Scribe(archive, identity="alice", repositories={SECRET.name: SECRET})
    scribe.crawl({"secret": [tag("1", "a")], "web": [tag("1", "a")]})
    return scribe


def hide(scribe: Scribe) -> datetime:
    record = scribe.begin()
    scribe.list(record, [], removed=(), hidden=[SECRET.name])
    since = scribe.now
    scribe.finish(record)
    return since


def known(scribe: Scribe) -> KnownRepository:
    record = scribe.begin()
    found = record.known_repositories().repositories[SECRET.name]
    scribe.finish(record)
    return found


def test_what_is_hidden_is_kept_with_its_tags_and_is_no_change(archive: Archive) -> None:
    scribe = begun(archive)
    since = hide(scribe)
    found = known(scribe)
    assert (found.hidden_since, found.listed, found.private) == (since, False, True)
    record = scribe.begin()
    assert [*record.known_tags(SECRET.name).tags] == ["1"]
    done = scribe.finish(record)
    assert (done.repositories, done.tags) == (2, 2)


def test_what_is_seen_again_is_not_hidden_and_its_tags_are_to_be_read(archive: Archive) -> None:
    scribe = begun(archive)
    hide(scribe)
    record = scribe.begin()
    scribe.list(record, [SECRET], removed=())
    done = scribe.finish(record)
    found = known(scribe)
    assert (found.hidden_since, found.listed, found.read_updated) == (None, True, UNSETTLED)
    assert not any(done.changes.values())


def test_what_answers_to_its_name_is_not_hidden_and_still_not_listed(archive: Archive) -> None:
    scribe = begun(archive)
    hide(scribe)
    record = scribe.begin()
    scribe.list(record, [], removed=(), found=Found({SECRET.name: SECRET}, (SECRET.name,)))
    scribe.finish(record)
    assert (known(scribe).hidden_since, known(scribe).listed) == (None, False)


def test_what_is_removed_and_comes_back_is_not_hidden(archive: Archive) -> None:
    scribe = begun(archive)
    hide(scribe)
    record = scribe.begin()
    scribe.list(record, [], removed=[SECRET.name])
    scribe.finish(record)
    record = scribe.begin()
    scribe.list(record, [SECRET], removed=())
    scribe.finish(record)
    assert known(scribe).hidden_since is None


def test_the_catalog_says_since_when_and_to_whom(store: Store) -> None:
    scribe = begun(store.archive)
    since = hide(scribe)
    entries = {each.repository: each for each in store.catalog.repositories()}
    shown = entries[SECRET.name]
    assert (shown.hidden_since, shown.hidden_from) == (since, "alice")
    assert entries["library/web"].hidden_since is None
    (status,) = store.catalog.namespaces()
    assert (status.hidden, status.hidden_since, status.hidden_from) == (1, since, "alice")
    everything, public = (store.browser(private=private) for private in (True, False))
    card = everything.repository(RepositoryKey(REGISTRY, SECRET.name))
    assert card is not None
    assert card.entry.hidden_since == since
    assert everything.namespaces()[0].hidden == 1
    assert public.namespaces()[0].hidden == 0


def test_forgetting_takes_the_notice_along(store: Store) -> None:
    scribe = begun(store.archive)
    hide(scribe)
    until = store.outbox.last_change()
    assert len(store.outbox.hidden(0, until)) == 1
    store.archive.forget(REGISTRY, repository=SECRET.name)
    assert not store.outbox.hidden(0, until)


@pytest.mark.parametrize("is_told", [False, True])
def test_notices_are_pruned_once_everybody_was_told(database_url: str, *, is_told: bool) -> None:
    with closing(open_store(database_url, create=True)) as store:
        scribe = begun(store.archive)
        store.outbox.start("audit", store.outbox.last_change(), scribe.now)
        hide(scribe)
        until = store.outbox.last_change()
        if is_told:
            store.outbox.passed_hidden("audit", until)
        now = scribe.now + timedelta(days=1)
        pruned = prune(database_url, now, really=True, now=now)
        assert pruned.rows["hiding"] == int(is_told)
        assert len(store.outbox.hidden(0, until)) == int(not is_told)
    assert not [each for each in check(database_url) if each.broken]


def test_a_hidden_one_that_became_public_is_shown(archive: Archive) -> None:
    scribe = begun(archive)
    hide(scribe)
    record = scribe.begin()
    scribe.list(record, [replace(SECRET, private=False)], removed=())
    scribe.finish(record)
    found = known(scribe)
    assert (found.hidden_since, found.private) == (None, False)
