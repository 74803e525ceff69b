"""Revision 0027 finds from when the digests of an older index count, in its change log."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from alembic import command

from indexer.core.digest_age import AgeBasis
from indexer.store import open_store
from indexer.store.schema.migrate import REVISIONS
from tests.store.schemas import alembic_of_the_checkout
from tests.store.scribe import START, Scribe, tag

if TYPE_CHECKING:
    from datetime import datetime

    import pytest

    from indexer.store import Store

BEFORE = REVISIONS[REVISIONS.index("0027") - 1]
YEAR_BEFORE = START - timedelta(days=365)


def ages(store: Store) -> list[tuple[str, datetime, AgeBasis]]:
    found = store.catalog.history("docker.io", "library/nginx")
    return [(each.tag, each.age_since, each.age_by) for each in found]


def test_digests_of_an_older_index_are_as_old_as_before(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEXER_DATABASE_URL", database_url)
    with closing(open_store(database_url, create=True)) as store:
        scribe = Scribe(store.archive)
        scribe.crawl({"nginx": [tag(each, "one", pushed_at=YEAR_BEFORE) for each in "abc"]})
        scribe.now += timedelta(days=9)
        again, new = scribe.now, scribe.now - timedelta(days=1)
        pushed = {"a": ("one", again), "b": ("two", new), "c": ("two", YEAR_BEFORE)}
        scribe.crawl(
            {
                "nginx": [
                    tag(each, content, pushed_at=at, last_updated=at)
                    for each, (content, at) in pushed.items()
                ]
            }
        )
        before = ages(store)
    assert [(name, since) for name, since, by in before if by is AgeBasis.PUSH] == [
        ("a", YEAR_BEFORE),
        ("b", YEAR_BEFORE),
        ("b", new),
        ("c", YEAR_BEFORE),
    ]
    command.downgrade(alembic_of_the_checkout(), BEFORE)
    with closing(open_store(database_url, create=False)) as store:
        assert ages(store) == before
