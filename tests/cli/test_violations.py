"""Violations in SQL: the reporting view, the same on both databases."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from indexer.policies import evaluation
from indexer.policies.policy import Forbidden, Policy
from indexer.store import open_store
from indexer.store.database.engine import Database
from tests.store.scribe import START, Scribe, digest, tag

if TYPE_CHECKING:
    from typing import Any

COLUMNS = "policy, status, namespace, repository, tag, old_digest, new_digest, move, reason"


def asked(url: str) -> list[tuple[Any, ...]]:
    with closing(Database(url)) as database, database.reading() as connection:
        rows = connection.exec_driver_sql(f"SELECT {COLUMNS} FROM report_violations ORDER BY id")  # noqa: S608 - our own columns
        return [tuple(row) for row in rows]


def test_violations_are_reported_with_their_status(database_url: str) -> None:
    policy = Policy("still", forbid=frozenset({Forbidden.RETAG}))
    with closing(open_store(database_url, create=True)) as store:
        locate = evaluation.locator(store.catalog)
        scribe = Scribe(store.archive)
        scribe.crawl({"nginx": [tag("1", "a"), tag("2", "a")]})
        evaluation.evaluate(store.evaluations, [policy], locate, START)
        scribe.crawl({"nginx": [tag("1", "b"), tag("2", "b")]})
        evaluation.evaluate(store.evaluations, [policy], locate, START)
        first, _ = store.evaluations.violations(only_open=True)
        store.evaluations.acknowledge(first.id, "ana", "a fix", START)
    name = ("library", "library/nginx")
    digests = (digest("a"), digest("b"))
    assert sorted(asked(database_url)) == sorted(
        [
            ("still", "acknowledged", *name, first.found.tag, *digests, None, "a fix"),
            ("still", "open", *name, {"1": "2", "2": "1"}[first.found.tag], *digests, None, None),
        ]
    )
