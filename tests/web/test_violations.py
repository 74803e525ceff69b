"""Violations and sinks, as the server shows and counts them."""

from __future__ import annotations

import html
import io
import json
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from indexer.config import Settings
from indexer.config.sinks import SinkSettings
from indexer.notify.sink import Sink
from indexer.policies import evaluation
from indexer.policies.policy import Forbidden, Policy
from indexer.render.formats import Format
from indexer.render.output import write
from indexer.render.violations import shape
from tests.store.scribe import START, Scribe, digest, tag
from tests.web.serving import bearer, running

if TYPE_CHECKING:
    from indexer.store import Store

POLICY = Policy("<b>still</b>", forbid=frozenset({Forbidden.RETAG}))


def moved(store: Store) -> None:
    """One tag moved against a policy, and a sink has not been told."""
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag("1", "a"), tag("2", "a")]})
    evaluation.begin(store.evaluations, [POLICY], START)
    store.outbox.start("audit", store.outbox.last_change(), START)
    scribe.crawl({"nginx": [tag("1", "b"), tag("2", "a")]})
    evaluation.evaluate(store.evaluations, [POLICY], evaluation.locator(store.catalog), START)


def test_a_violation_is_shown_with_its_tag_until_it_is_acknowledged(empty: Store) -> None:
    moved(empty)
    with running(empty) as site:
        page = site.get("/image/docker.io/library/nginx:1")
        assert page.status_code == 200
        assert (
            '<a href="/violations/1"><b>Violation (high)</b></a> of the policy '
            "<bdi>&lt;b&gt;still&lt;/b&gt;</bdi>" in page.text
        )
        assert "Violation (" not in site.get("/image/docker.io/library/nginx:2").text
        whole = site.get("/image/docker.io/library/nginx").text
        assert "<b>1 open violation</b></a> of policies" in whole
        (violation,) = empty.evaluations.violations(only_open=True)
        empty.evaluations.acknowledge(violation.id, "ana", "a fix", START)
        for path in ("/image/docker.io/library/nginx:1", "/image/docker.io/library/nginx"):
            assert "open violation" not in site.get(path).text
            assert "Violation (" not in site.get(path).text


@pytest.mark.parametrize(
    ("people", "command"),
    [
        (("ana",), '--acknowledge 1 --reason "WHY"</code>'),
        (("ana", "bob"), '--acknowledge 1 --reason "WHY" --by NAME</code>'),
        ((), "List who may acknowledge violations"),
    ],
)
def test_the_page_of_a_violation_shows_its_evidence_and_the_command(
    empty: Store, people: tuple[str, ...], command: str
) -> None:
    moved(empty)
    settings = Settings(people=people, policies=(POLICY,))
    with running(empty, settings=settings) as site:
        text = html.unescape(site.get("/violations/1").text)
        for part in (digest("a"), digest("b"), "<b>still</b>", "library/<wbr>nginx", command):
            assert part in text
        listed = site.get("/violations").text
        assert 'href="/violations/1"' in listed
        assert ">open</span>" in text
        assert "match the filter" in site.get("/violations?severity=critical").text
        assert "No open violations." not in site.get("/violations?policy=%3Cb%3Estill%3C/b%3E").text
        for path, status in (
            ("/violations/2", 404),
            ("/violations/x", 404),
            ("/violations?severity=x", 400),
            ("/violations?before=x", 400),
        ):
            assert site.get(path).status_code == status
        empty.evaluations.acknowledge(1, "ana", "a <fix>", START)
        assert "No open violations." in site.get("/violations").text
        assert ">acknowledged</span>" in site.get("/violations?all=true").text
        page = site.get("/violations/1", headers=bearer()).text
        assert "a &lt;fix&gt;" in page
        assert "--acknowledge" not in page
        assert "a &lt;fix&gt;" not in site.get("/violations/1").text


def test_the_api_lists_what_the_command_lists(empty: Store) -> None:
    moved(empty)
    with running(empty) as site:
        found = site.json("/api/v1/violations", headers=bearer())
        out = io.StringIO()
        write(empty.evaluations.violations(only_open=True), shape(), Format.JSON, out, None)
        assert found["violations"] == json.loads(out.getvalue())
        assert found["next"] is None
        assert site.json("/api/v1/violations/1") == found["violations"][0]
        scope = "registry=docker.io&repository=library/nginx&tag=1&severity=high"
        assert site.json(f"/api/v1/violations?{scope}") == found
        assert site.json("/api/v1/violations?severity=critical")["violations"] == []
        assert site.get("/api/v1/violations/2").json()["error"] == "there is no violation 2."
        assert site.get("/api/v1/violations?severity=worst").status_code == 422


def test_violations_are_paged_newest_first(empty: Store) -> None:
    scribe = Scribe(empty.archive)
    names = [str(number) for number in range(60)]
    scribe.crawl({"nginx": [tag(name, "a") for name in names]})
    evaluation.begin(empty.evaluations, [POLICY], START)
    scribe.crawl({"nginx": [tag(name, "b") for name in names]})
    evaluation.evaluate(empty.evaluations, [POLICY], evaluation.locator(empty.catalog), START)
    with running(empty) as site:
        first = site.json("/api/v1/violations?limit=40")
        rest = site.json("/api/v1/violations", params={"limit": 40, "before": first["next"]})
        found = [each["id"] for page in (first, rest) for each in page["violations"]]
        assert found == list(range(60, 0, -1))
        assert rest["next"] is None
        page = html.unescape(site.get("/violations?namespace=library").text)
        assert 'href="/violations?namespace=library&before=11"' in page
        last = html.unescape(site.get("/violations?namespace=library&before=11").text)
        assert last.count("<tr>") == 1 + 10
        assert 'href="/violations?namespace=library">← Newest' in last


def test_backlogs_and_open_violations_are_counted(empty: Store) -> None:
    moved(empty)
    settings = Settings(sinks=(SinkSettings(Sink("audit"), command=("true",)),))
    with running(empty, settings=settings) as site:
        found = {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(site.get("/metrics").text)
            for sample in family.samples
        }
    assert found["indexer_sink_backlog_changes", "audit"] == 1
    assert found["indexer_sink_failures", "audit"] == 0
    severities = ("low", "medium", "high", "critical")
    assert [found["indexer_violations_open", each] for each in severities] == [0, 0, 1, 0]
