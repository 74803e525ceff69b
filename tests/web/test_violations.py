"""Violations and sinks, as the server shows and counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from indexer.config import Settings
from indexer.config.sinks import SinkSettings
from indexer.notify.sink import Sink
from indexer.policies import evaluation
from indexer.policies.policy import Forbidden, Policy
from tests.store.scribe import START, Scribe, tag
from tests.web.serving import running

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
            "<b>Violation (high)</b> of the policy <bdi>&lt;b&gt;still&lt;/b&gt;</bdi>" in page.text
        )
        assert "Violation" not in site.get("/image/docker.io/library/nginx:2").text
        whole = site.get("/image/docker.io/library/nginx").text
        assert "<b>1 open violation</b> of policies" in whole
        (violation,) = empty.evaluations.violations(only_open=True)
        empty.evaluations.acknowledge(violation.id, "ana", "a fix", START)
        assert "iolation" not in site.get("/image/docker.io/library/nginx:1").text


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
