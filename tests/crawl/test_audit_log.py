"""What an owner's audit log adds to a crawl: who removed something, and that it was removed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import ChangeKind, CrawlStatus
from indexer.hub_simulator import Quirks, Status
from tests.support.hub_crawls import SECRET, hub_bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.core.model import Change, Crawl
    from tests.support.hub_crawls import HubBench

COMPLETE, INCOMPLETE = CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE
ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
LOG = "/v2/auditlogs/acme"
REMOVED = ChangeKind.TAG_REMOVED


@pytest.fixture
def bench(database_url: str) -> Iterator[HubBench]:
    """A public and a private repository of acme, which ann owns, crawled once with its log."""
    with hub_bench(database_url) as bench:
        hub = bench.hub
        hub.accounts.add_user("ann", SECRET, organisations=["acme"])
        hub.accounts.add_user("bob", SECRET, organisations=["acme"])
        hub.accounts.add_organisation("acme", plan="team", owners=["ann"])
        hub.add_repository("acme/web")
        hub.add_repository("acme/vault", private=True)
        for tag in ("1.0", "1.1", "1.2"):
            hub.push("acme/web", tag)
        hub.push("acme/vault", "1.0")
        assert crawl(bench).status is COMPLETE
        hub.clock.advance(3_600)
        yield bench


def crawl(bench: HubBench, who: str = "ann") -> Crawl:
    return bench.crawl(who=who, audit=True)


def removals(bench: HubBench) -> list[tuple[str, str | None, datetime | None]]:
    """What was removed, by whom and when, as the index tells everybody."""
    changes: list[Change] = [*bench.store.catalog.changes(ChangeFilter())]
    kinds = {ChangeKind.TAG_REMOVED, ChangeKind.REPOSITORY_REMOVED}
    return [
        (f"{each.repository}:{each.tag}" if each.tag else each.repository, *who(each))
        for each in changes
        if each.kind in kinds
    ]


def who(change: Change) -> tuple[str | None, datetime | None]:
    return change.removed_by, change.removed_at


def test_a_removal_tells_who_removed_it_and_when(bench: HubBench) -> None:
    bench.hub.delete_tag("acme/web", "1.1", by="eve", moves_date=True)
    removed_at = bench.hub.clock.now()
    bench.hub.clock.advance(7_200)
    done = crawl(bench)
    assert done.status is COMPLETE
    ((name, by, at),) = removals(bench)
    assert (name, by) == ("acme/web:1.1", "eve")
    assert at is not None
    assert abs(at - removed_at) < timedelta(minutes=1)


def test_a_removed_repository_tells_it_too(bench: HubBench) -> None:
    bench.hub.remove_repository("acme/web", by="eve")
    crawl(bench)
    assert [(name, by) for name, by, _ in removals(bench)] == [("acme/web", "eve")]


def test_an_unchanged_namespace_costs_one_request_more(bench: HubBench) -> None:
    crawl(bench)
    assert bench.asked.count(LOG) == 1
    assert len([path for path in bench.asked if path != "/v2/auth/token"]) == 2
    assert crawl(bench).changes.get(REMOVED, 0) == 0


def test_a_log_that_lags_completes_what_was_told_before(bench: HubBench) -> None:
    bench.simulator.quirks = Quirks(audit_lag=600)
    bench.hub.delete_tag("acme/web", "1.1", by="eve", moves_date=True)
    crawl(bench)
    assert removals(bench) == [("acme/web:1.1", None, None)]
    bench.hub.clock.advance(600)
    crawl(bench)
    assert [(name, by) for name, by, _ in removals(bench)] == [("acme/web:1.1", "eve")]


def test_an_earlier_deletion_of_the_same_tag_explains_no_later_one(bench: HubBench) -> None:
    bench.hub.delete_tag("acme/web", "1.1", by="eve", moves_date=True)
    crawl(bench)
    bench.hub.clock.advance(3_600)
    bench.hub.push("acme/web", "1.1")
    crawl(bench)
    bench.hub.clock.advance(3_600)
    bench.simulator.quirks = Quirks(audit_lag=600)
    bench.hub.delete_tag("acme/web", "1.1", by="mallory", moves_date=True)
    crawl(bench)
    assert [by for _, by, _ in removals(bench)] == ["eve", None]
    bench.hub.clock.advance(600)
    crawl(bench)
    assert [by for _, by, _ in removals(bench)] == ["eve", "mallory"]


def test_a_deletion_in_the_log_proves_that_a_private_repository_was_removed(
    bench: HubBench,
) -> None:
    bench.hub.remove_repository("acme/vault", by="eve")
    done = crawl(bench)
    assert (done.status, done.errors) == (COMPLETE, ())
    assert [(name, by) for name, by, _ in removals(bench)] == [("acme/vault", "eve")]


def test_what_is_hidden_is_settled_when_the_log_shows_the_deletion(bench: HubBench) -> None:
    bench.simulator.quirks = Quirks(audit_lag=600)
    bench.hub.remove_repository("acme/vault", by="eve")
    assert crawl(bench).status is INCOMPLETE
    assert removals(bench) == []
    bench.hub.clock.advance(600)
    assert crawl(bench).status is COMPLETE
    assert [(name, by) for name, by, _ in removals(bench)] == [("acme/vault", "eve")]


def test_a_repository_made_again_after_its_deletion_is_only_hidden(bench: HubBench) -> None:
    bench.hub.remove_repository("acme/vault", by="eve")
    bench.hub.clock.advance(60)
    bench.hub.add_repository("acme/vault", private=True)
    bench.hub.push("acme/vault", "2.0")
    crawl(bench)
    bench.simulator.inject(Status(404), "GET /v2/namespaces/acme/repositories/vault*", times=99)
    with_a_list_that_lacks_it(bench)
    assert crawl(bench).status is INCOMPLETE
    assert [name for name, _, _ in removals(bench)] == ["acme/vault:1.0"]


def with_a_list_that_lacks_it(bench: HubBench) -> None:
    """The account's rights are narrowed: the list holds what is public, and no more."""
    body = b'{"count": 0, "next": null, "previous": null, "results": []}'
    bench.simulator.inject(Status(200, body), "GET /v2/namespaces/acme/repositories?*", times=99)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_unreadable_log_is_one_sentence_and_the_crawl_continues(
    bench: HubBench, status: int
) -> None:
    bench.simulator.inject(Status(status), f"GET {LOG}*", times=99)
    bench.hub.delete_tag("acme/web", "1.1", by="eve", moves_date=True)
    done = crawl(bench)
    assert done.status is COMPLETE
    (sentence,) = done.errors
    assert sentence.startswith("acme: cannot read its audit log, crawling without it: ")
    assert removals(bench) == [("acme/web:1.1", None, None)]


def test_an_account_that_is_not_an_owner_is_told_so_and_asks_once(bench: HubBench) -> None:
    done = crawl(bench, "bob")
    assert done.status is COMPLETE
    (sentence,) = done.errors
    assert "refuses to show the audit log of 'acme' (403) to 'bob'" in sentence
    assert bench.asked.count(LOG) == 1


def test_a_log_is_read_only_if_it_is_configured(bench: HubBench) -> None:
    bench.crawl(who="ann")
    assert LOG not in bench.asked


def pushes(bench: HubBench, tag: str) -> list[tuple[str | None, datetime | None]]:
    """Who pushed a tag and when, of each change of it."""
    changes = bench.store.catalog.changes(ChangeFilter(tag=tag))
    return [(each.pushed_by, each.pushed_at) for each in changes]


def push(bench: HubBench, digest: str, by: str, tag: str = "2.0") -> datetime:
    bench.hub.clock.advance(600)
    bench.hub.push("acme/web", tag, by=by, digest=digest)
    return bench.hub.clock.now()


def is_near(one: datetime | None, other: datetime) -> bool:
    return one is not None and abs(one - other) < timedelta(seconds=5)


def test_a_push_of_the_same_digest_again_hides_neither_who_pushed_it_nor_when(
    bench: HubBench,
) -> None:
    push(bench, ONE, "mallory")
    pushed_at = push(bench, TWO, "alice")
    push(bench, TWO, "robot")
    crawl(bench)
    ((by, at),) = pushes(bench, "2.0")
    assert by == "alice"
    assert is_near(at, pushed_at)


def test_without_a_log_the_last_push_is_what_the_list_tells(bench: HubBench) -> None:
    push(bench, TWO, "alice")
    last = push(bench, TWO, "robot")
    bench.crawl(who="ann")
    ((by, at),) = pushes(bench, "2.0")
    assert by == "robot"
    assert is_near(at, last)


def test_a_lagging_log_tells_who_retagged_it_after_the_change_was_told(bench: HubBench) -> None:
    push(bench, ONE, "mallory")
    crawl(bench)
    bench.simulator.quirks = Quirks(audit_lag=7_200)
    pushed_at = push(bench, TWO, "alice")
    push(bench, TWO, "robot")
    crawl(bench)
    assert [by for by, _ in pushes(bench, "2.0")] == ["mallory", "robot"]
    bench.hub.clock.advance(7_200)
    crawl(bench)
    (_, (by, at)) = pushes(bench, "2.0")
    assert by == "alice"
    assert is_near(at, pushed_at)


def test_a_tag_that_was_deleted_and_pushed_again_was_pushed_when_it_came_back(
    bench: HubBench,
) -> None:
    push(bench, TWO, "alice")
    bench.hub.clock.advance(600)
    bench.hub.delete_tag("acme/web", "2.0", by="eve", moves_date=True)
    pushed_at = push(bench, TWO, "bob")
    push(bench, TWO, "robot")
    crawl(bench)
    ((by, at),) = pushes(bench, "2.0")
    assert by == "bob"
    assert is_near(at, pushed_at)
