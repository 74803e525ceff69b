from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.store import open_store
from indexer.store.sql_reports.reports import Reports
from tests.store.sql_reports import story
from tests.support.databases import KINDS, new_index

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=KINDS)
def told_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database that holds the story; tests only read it."""
    url = new_index(request.param, tmp_path_factory.mktemp("story"))
    store = open_store(url, create=False)
    story.tell(store.archive)
    story.keep(store.manifests)
    store.close()
    return url


@pytest.fixture
def reports(told_url: str) -> Iterator[Reports]:
    reports = Reports(told_url)
    yield reports
    reports.close()
