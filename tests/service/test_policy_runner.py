"""The daemon judges after each crawl, and goes on whatever comes of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Denied, StoreError
from indexer.core.immutable_tags import Immutability
from indexer.policies.policy import Forbidden, Policy
from indexer.service.policy_runner import PolicyRunner
from indexer.store import open_store
from tests.notify.stage import FakeClock
from tests.store.scribe import Scribe, tag
from tests.support.databases import sqlite_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.store import Store

POLICY = Policy("all", forbid=frozenset({Forbidden.RETAG}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(sqlite_index(tmp_path / "index.db"), create=False)
    yield store
    store.close()


@pytest.fixture
def scribe(store: Store) -> Scribe:
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag("1", "a")]})
    return scribe


def everything(_name: str) -> Immutability:
    return Immutability(enabled=True)


def test_what_a_crawl_saw_is_judged_by_the_policies_and_by_the_hub(
    store: Store, scribe: Scribe, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "indexer.daemon")
    judging = PolicyRunner([POLICY], store.evaluations, store.catalog, FakeClock())
    scribe.crawl({"nginx": [tag("1", "b")]})
    judging.crawled("docker.io", everything)
    judging.crawled("docker.io", everything)
    found = store.evaluations.violations(only_open=True)
    assert sorted(each.found.policy for each in found) == ["all", "docker-hub-immutable-tags"]
    assert caplog.messages == ["2 new violations of policies: see 'indexer violations'"]


def test_what_cannot_be_asked_is_logged_and_the_rest_is_judged(
    store: Store, scribe: Scribe, caplog: pytest.LogCaptureFixture
) -> None:
    def refuses(_name: str) -> Immutability:
        raise Denied("it refuses.")

    judging = PolicyRunner([POLICY], store.evaluations, store.catalog, FakeClock())
    scribe.crawl({"nginx": [tag("1", "b")]})
    judging.crawled("docker.io", refuses)
    assert "it refuses." in caplog.messages[0]
    assert len(store.evaluations.violations(only_open=True)) == 1


def test_an_index_that_fails_is_logged(
    store: Store, scribe: Scribe, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_name: str) -> Immutability:
        raise StoreError("the disk is full.")

    judging = PolicyRunner([POLICY], store.evaluations, store.catalog, FakeClock())
    scribe.crawl({"nginx": [tag("1", "b")]})
    judging.crawled("docker.io", fails)
    assert caplog.messages == ["nothing can be judged: the disk is full."]
