"""docs/examples/grafana-dashboard.json: read by Grafana's own models, and each query of it run.

No server of Grafana is at hand. What it does to a query before PostgreSQL sees it is done here, as
the manual of its data source describes its macros.
"""

from __future__ import annotations

import json
import re
from contextlib import closing
from typing import Any

import psycopg
import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from indexer.store import open_store
from tests.documents import pages
from tests.postgresql.roles import Roles
from tests.store.sql_reports import story

pytestmark = pytest.mark.postgresql

DASHBOARD: dict[str, Any] = json.loads(
    pages.read(pages.ROOT / "docs" / "examples" / "grafana-dashboard.json")
)
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]

FROM, TO = "'2026-01-01T00:00:00Z'", "'2026-03-10T12:00:00Z'"
SECONDS = {"$__interval": 3_600, "1d": 86_400}

_GROUPED = re.compile(r"\$__timeGroup(Alias)?\(([\w.]+),\s*'?([$\w]+)'?\)")
_FILTERED = re.compile(r"\$__timeFilter\(([\w.]+)\)")


def _group(match: re.Match[str]) -> str:
    seconds = SECONDS[match[3]]
    alias = ' AS "time"' if match[1] else ""
    return f"floor(extract(epoch from {match[2]})/{seconds})*{seconds}{alias}"


def expanded(text: str, *namespaces: str) -> str:
    """A query as Grafana sends it."""
    text = _GROUPED.sub(_group, text)
    text = _FILTERED.sub(rf"\1 BETWEEN {FROM} AND {TO}", text)
    text = text.replace("$__timeFrom()", FROM).replace("$__timeTo()", TO)
    text = text.replace("$namespace", ",".join(f"'{name}'" for name in namespaces))
    assert "$" not in text, "a macro or a variable that this test does not know"
    return text


@pytest.fixture(scope="module")
def reporter_url() -> str:
    """An index that holds the story and a violation, for whoever may only read the views."""
    roles = Roles()
    with closing(open_store(roles.of("crawler"), create=False)) as store:
        story.tell(store.archive)
        store.evaluations.judged({}, [story.VIOLATION])
    return roles.plain("reporter").replace("postgresql+psycopg://", "postgresql://", 1)


def asked(url: str, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(text.encode())
        assert cursor.description is not None
        return [column.name for column in cursor.description], cursor.fetchall()


def read(dashboard: dict[str, Any]) -> Any:
    """What Grafana's own models make of a dashboard: what they do not know is gone."""
    register_default_plugins()
    return json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))


def lost(given: Any, found: Any, place: str = "") -> list[str]:
    """What is in `given` and not, or otherwise, in `found`."""
    if isinstance(given, dict) and isinstance(found, dict):
        return [
            each
            for key, value in given.items()
            for each in lost(value, found.get(key), f"{place}/{key}")
        ]
    if isinstance(given, list) and isinstance(found, list) and len(given) == len(found):
        pairs = enumerate(zip(given, found, strict=True))
        return [each for n, (one, two) in pairs for each in lost(one, two, f"{place}/{n}")]
    return [] if given == found else [place]


def test_grafana_knows_all_that_the_dashboard_says() -> None:
    assert lost(DASHBOARD, read(DASHBOARD)) == []


@pytest.mark.parametrize(
    ("place", "key"), [((), "titel"), (("panels", 0, "options"), "graph"), (("time",), "until")]
)
def test_a_word_that_grafana_does_not_know_would_be_found(
    place: tuple[str | int, ...], key: str
) -> None:
    wrong = json.loads(json.dumps(DASHBOARD))
    target = wrong
    for step in place:
        target = target[step]
    target[key] = "x"
    assert lost(wrong, read(wrong)) == ["/".join(["", *map(str, place), key])]


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    taken: set[tuple[int, int]] = set()
    for at in (panel["gridPos"] for panel in PANELS):
        assert at["x"] + at["w"] <= 24
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken
        taken |= cells


def test_every_query_asks_the_database_that_was_chosen() -> None:
    chosen, namespace = DASHBOARD["templating"]["list"]
    source = {"type": chosen["query"], "uid": f"${{{chosen['name']}}}"}
    targets = [target for panel in PANELS for target in panel["targets"]]
    assert all(each["datasource"] == source for each in (namespace, *PANELS, *targets))


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))
def test_every_panel_has_rows_through_the_views_alone(
    reporter_url: str, panel: dict[str, Any]
) -> None:
    (target,) = panel["targets"]
    columns, rows = asked(reporter_url, expanded(target["rawSql"], "acme", "beta"))
    assert rows
    assert any(value is not None for value in rows[0])
    if target["format"] == "time_series":
        assert columns[:2] == ["time", "metric"]
        times = [row[0] for row in rows]
        assert times == sorted(times)


def test_the_namespaces_to_choose_from_are_those_that_there_are(reporter_url: str) -> None:
    query = DASHBOARD["templating"]["list"][1]["query"]
    assert asked(reporter_url, expanded(query))[1] == [("acme",), ("beta",)]


def test_a_panel_shows_what_is_in_the_namespaces_that_were_chosen(reporter_url: str) -> None:
    text = {panel["title"]: panel["targets"][0]["rawSql"] for panel in PANELS}

    def shown(title: str, *namespaces: str) -> list[tuple[Any, ...]]:
        return asked(reporter_url, expanded(text[title], *namespaces))[1]

    assert shown("Tags", "acme") == [(7,)]
    assert shown("Tags", "beta") == [(2,)]
    assert shown("Open violations", "acme", "beta") == [(1,)]
    assert [(row[1], row[2]) for row in shown("Tags over time", "beta")] == [("beta", 2)]
    assert [row[2] for row in shown("Tags over time", "acme")] == [7, 8, 8, 7]
    assert shown("Tags that were retagged most", "beta") == []
