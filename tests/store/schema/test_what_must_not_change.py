"""Revision 0022 finds the change that ended each period of an older index, by its time."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import command

from indexer.store import open_store
from indexer.store.schema.migrate import REVISIONS
from tests.store.schemas import alembic_of_the_checkout, connected
from tests.store.scribe import Scribe, tag

if TYPE_CHECKING:
    import pytest

BEFORE = REVISIONS[REVISIONS.index("0022") - 1]


def ended_by(url: str) -> list[tuple[int, int | None]]:
    with connected(url) as connection:
        rows = connection.execute(sa.text("SELECT id, change_id FROM history ORDER BY id"))
        return [(row.id, row.change_id) for row in rows]


def test_periods_of_an_older_index_name_the_changes_that_ended_them(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEXER_DATABASE_URL", database_url)
    with closing(open_store(database_url, create=True)) as store:
        scribe = Scribe(store.archive)
        scribe.crawl({"a": [tag("1", "a"), tag("2", "a")], "b": [tag("1", "a"), tag("2", "a")]})
        scribe.crawl({"a": [tag("1", "b")], "b": [tag("1", "a"), tag("2", "b")]})
        scribe.crawl({"a": [tag("1", "c")]})
        scribe.now -= timedelta(hours=1)
        scribe.crawl({"a": [tag("1", "d")]})
    before = ended_by(database_url)
    assert all(change for _, change in before)
    assert len(before) == 7
    command.downgrade(alembic_of_the_checkout(), BEFORE)
    open_store(database_url, create=False).close()
    assert ended_by(database_url) == before
