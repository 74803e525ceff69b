"""docs/examples/datasette-metadata.yml, loaded by Datasette itself over the story."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from datasette.app import Datasette
from datasette.utils import parse_metadata

from indexer.store import open_store
from indexer.store.schema.reporting_views import NAMES
from tests.documents import pages
from tests.store.scribe import digest
from tests.store.sql_reports import story

if TYPE_CHECKING:
    from pathlib import Path

# Datasette opens databases in memory and does not close them, which Python reports since 3.13.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <sqlite3:pytest.PytestUnraisableExceptionWarning"
    ),
]

METADATA = pages.ROOT / "docs" / "examples" / "datasette-metadata.yml"

ASKED: dict[str, tuple[dict[str, str], int, dict[str, Any]]] = {
    "changes": (
        {"since": "2026-03-09", "namespace": "acme"},
        2,
        {"repository": "acme/api", "tag": "nightly", "kind": "tag_retagged"},
    ),
    "retagged_most": (
        {"since": "2026-01-01"},
        4,
        {"repository": "acme/api", "tag": "nightly", "retags": 3},
    ),
    "retagged_releases": ({}, 1, {"repository": "acme/api", "tag": "1.0.0", "retags": 1}),
    "points_to": (
        {"digest": digest("api 1")},
        4,
        {"repository": "acme/api", "tag": "1.0.0", "ended_at": "2026-02-02 12:03:00"},
    ),
    "catalogue": ({"date": "2026-02-01"}, 9, {"repository": "acme/api", "tag": "1.0.0"}),
    "history": (
        {"repository": "acme/api", "tag": "latest"},
        3,
        {"digest": digest("api 3"), "ended_at": None},
    ),
    "platforms": ({}, 7, {"repository": "acme/api", "platform": "linux/amd64", "tags_now": 3}),
    "same_base": ({}, 4, {"repository": "acme/api", "base_name": story.BASE_NAME}),
    "freshness": ({}, 2, {"namespace": "beta", "problems": 0}),
}
"""Each canned query: with which parameters, how many rows, and what is in the first."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that holds the story, under the name that the metadata is for."""
    file = tmp_path_factory.mktemp("datasette") / "indexer.db"
    with closing(open_store(f"sqlite:///{file}", create=True)) as store:
        story.tell(store.archive)
        story.keep(store.manifests)
    return file


def answers(file: Path, *paths: str) -> list[Any]:
    """What Datasette says in JSON, asked one after the other."""

    async def ask() -> list[Any]:
        metadata = parse_metadata(pages.read(METADATA))
        # Threads would keep connections of their own, beyond the end of the test.
        settings = {"num_sql_threads": 0}
        datasette = Datasette([str(file)], metadata=metadata, settings=settings)
        found = []
        for path in paths:
            response = await datasette.client.get(path)
            assert response.status_code == 200, response.text
            found.append(response.json())
        for database in datasette.databases.values():
            database.close()
        return found

    said = asyncio.run(ask())
    gc.collect()  # what Datasette left open is reported here, and not in another test
    return said


def test_every_canned_query_answers_with_rows(file: Path) -> None:
    paths = [
        f"/indexer/{name}.json?{urlencode({'_shape': 'array', **parameters})}"
        for name, (parameters, _, _) in ASKED.items()
    ]
    for (_, count, first), rows in zip(ASKED.values(), answers(file, *paths), strict=True):
        assert len(rows) == count
        assert first.items() <= rows[0].items()


def test_no_canned_query_is_left_out(file: Path) -> None:
    (page,) = answers(file, "/indexer.json")
    assert {query["name"] for query in page["queries"]} == set(ASKED)


def test_the_views_are_shown_and_the_tables_are_not(file: Path) -> None:
    (page,) = answers(file, "/indexer.json")
    assert {view["name"] for view in page["views"]} == set(NAMES)
    assert [table["name"] for table in page["tables"] if not table["hidden"]] == []


def test_every_view_is_described_and_has_rows(file: Path) -> None:
    described = parse_metadata(pages.read(METADATA))["databases"]["indexer"]["tables"]
    told = [name for name in NAMES if name != "report_violations"]  # nobody has judged the story
    for view, page in zip(told, answers(file, *(f"/indexer/{v}.json" for v in told)), strict=True):
        assert page["rows"], view
    assert all(described[view]["description"] for view in NAMES)


def test_the_command_on_the_page_loads_it(file: Path) -> None:
    command = [sys.executable, "-m", "datasette", str(file), "--metadata", str(METADATA)]
    done = subprocess.run(
        [*command, "--get", "/indexer/freshness.json?_shape=array"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert len(json.loads(done.stdout)) == 2
