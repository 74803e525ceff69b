"""What was written before the words were settled: revision 0007 renames it, and loses nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic import command

from indexer.crawl.sharding import ShardResult
from indexer.policies.violation import Breach
from indexer.store import open_store
from tests.store.schemas import alembic_of_the_checkout, connected
from tests.store.scribe import digest
from tests.store.sql_reports import story

if TYPE_CHECKING:
    from indexer.policies.violation import Found
    from indexer.store import Store

RETAGGED = replace(story.VIOLATION, policy="po'licy", new_digest=digest("is"))
REMOVED = replace(story.VIOLATION, breach=Breach.REMOVED, new_digest=None)
EVERY = (
    RETAGGED,
    REMOVED,
    replace(REMOVED, tag="pinned", change_id=None),
    replace(REMOVED, tag="long", change_id=None, new_digest=f"sha512:{'e' * 128}"),
    replace(REMOVED, tag="never seen", change_id=None, since=None),
    replace(story.VIOLATION, tag="unsigned", breach=Breach.UNSIGNED, change_id=None),
)


def judged(store: Store, found: tuple[Found, ...]) -> int:
    return store.evaluations.judged({}, found)


@pytest.fixture
def older(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An index with violations and a shard's result, as revision 0006 has it."""
    monkeypatch.setenv("INDEXER_DATABASE_URL", database_url)
    with closing(open_store(database_url, create=True)) as store:
        assert judged(store, EVERY) == len(EVERY)
        store.shard_results.put(1, 2, ShardResult(problems=("kept",)))
    command.downgrade(alembic_of_the_checkout(), "0006")
    return database_url


def test_the_old_revision_has_the_old_words(older: str) -> None:
    with connected(older) as connection:
        breaches = set(connection.scalars(sa.text("SELECT breach FROM violation")))
        assert breaches == {"moved", "vanished", "unsigned"}
        assert connection.scalar(sa.text("SELECT number FROM part")) == 2


def test_a_violation_that_is_found_again_is_the_same_one(older: str) -> None:
    with closing(open_store(older, create=False)) as store:
        kept = [each.found for each in store.evaluations.violations(only_open=False)]
        assert sorted(kept, key=lambda found: found.tag) == sorted(
            EVERY, key=lambda found: found.tag
        )
        assert judged(store, EVERY) == 0
        later = replace(RETAGGED, change_id=10, observed_at=RETAGGED.observed_at + timedelta(1))
        assert judged(store, (later,)) == 1


def test_the_result_of_a_shard_is_kept(older: str) -> None:
    with closing(open_store(older, create=False)) as store:
        assert store.shard_results.take(1, ()) == {2: ShardResult(problems=("kept",))}
