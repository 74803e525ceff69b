from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.store import open_store
from indexer.store.sql_reports.reports import SqlReports
from tests.store.sql_reports import story
from tests.support.databases import postgresql_url

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def told_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database that holds the story; tests only read it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('story') / 'index.db'}"
    else:
        url = postgresql_url()
    store = open_store(url, create=True)
    story.tell(store.archive)
    story.keep(store.manifests)
    store.close()
    return url


@pytest.fixture
def reports(told_url: str) -> Iterator[SqlReports]:
    reports = SqlReports(told_url)
    yield reports
    reports.close()
