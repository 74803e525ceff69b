"""Metrics and alert rules, read as Prometheus does."""

from __future__ import annotations

import math
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from indexer.core.catalog_entries import NamespaceStatus
from indexer.core.model import RateLimit
from indexer.web import metrics
from tests.store.scribe import START, Scribe, tag
from tests.support.databases import missing
from tests.web.serving import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.core import Metric

    from indexer.store import Store
    from tests.web.serving import Running

ROOT = Path(__file__).resolve().parent.parent.parent
openmetrics_families: Callable[[str], Iterator[Metric]] = openmetrics.text_string_to_metric_families
RULES = ROOT / "docs" / "examples" / "prometheus-alerts.yml"


def read(site: Running) -> dict[str, dict[tuple[str, ...], float]]:
    """Every sample by name and the values of its labels, in the order of their names."""
    answer = site.get("/metrics")
    assert answer.headers["Content-Type"] == metrics.PLAIN
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_namespaces_are_told_with_the_age_of_what_is_known(empty: Store) -> None:
    scribe = Scribe(empty.archive)
    record = scribe.begin()
    scribe.list(record, [])
    limit = RateLimit(180, 17, START)
    scribe.finish(record, rate_limit=limit)
    with running(empty) as site:
        found = read(site)
        age = (site.clock.now() - scribe.now).total_seconds()
        here = ("library", "docker.io")
        assert found["indexer_namespace_complete_crawl_age_seconds"] == {here: age}
        assert found["indexer_namespace_full_crawl_age_seconds"] == {here: age}
        assert found["indexer_namespace_rate_limit_remaining_requests"] == {here: 17}
        assert found["indexer_namespace_last_crawl_ok"] == {here: 1}
        site.clock.time += timedelta(hours=1)
        assert read(site)["indexer_namespace_complete_crawl_age_seconds"] == {here: age + 3600}
        site.clock.time -= timedelta(days=365)
        assert read(site)["indexer_namespace_complete_crawl_age_seconds"] == {here: math.inf}


def test_a_namespace_that_was_never_read_completely_is_infinitely_old(site: Running) -> None:
    found = read(site)
    team = ("team", "registry.example.com:5000")
    assert found["indexer_namespace_last_crawl_ok"][team] == 0
    assert math.isfinite(found["indexer_namespace_complete_crawl_age_seconds"][team])
    assert found["indexer_namespace_repositories"]["library", "docker.io"] == 3
    assert found["indexer_namespace_tags"]["library", "docker.io"] == 5


def test_changes_are_counted_on_and_never_back(own_site: Running, index: Store) -> None:
    before = read(own_site)["indexer_changes_total"]
    assert set(before) == {
        ("repository_added",), ("repository_removed",), ("tag_added",), ("tag_removed",),
        ("tag_retagged",),
    }  # fmt: skip
    Scribe(index.archive, "ansible").crawl({"awx": [tag("25", "new"), tag("old")]})
    after = read(own_site)["indexer_changes_total"]
    assert after == before | {
        ("tag_added",): before["tag_added",] + 1,
        ("tag_removed",): before["tag_removed",] + 1,
    }


def test_requests_are_counted_by_area_and_status(own_site: Running) -> None:
    for path in ("/v2/", "/v2/_catalog", "/api/v1/status", "/nothing", "/hooks/x/y", "/feed.json"):
        own_site.get(path)
    found = read(own_site)
    assert found["indexer_http_requests_total"] == {
        ("v2", "401"): 1,
        ("v2", "200"): 1,
        ("api", "200"): 1,
        ("pages", "404"): 1,
        ("hooks", "405"): 1,
        ("feed", "200"): 1,
    }
    assert found["indexer_http_request_duration_seconds_count"]["v2",] == 2
    assert found["indexer_http_request_duration_seconds_bucket"]["v2", "+Inf"] == 2


def test_whatever_is_asked_the_number_of_lines_is_bounded(own_site: Running) -> None:
    before = own_site.get("/metrics").text.count("\n")
    for number in range(50):
        own_site.get(f"/random/{number}")
    assert own_site.get("/metrics").text.count("\n") < before + 60


def test_too_many_namespaces_are_left_out_and_counted() -> None:
    many = [
        NamespaceStatus("docker.io", f"n{number:05}", 1, 1, 0, None, None, None)
        for number in range(metrics.MOST_NAMESPACES + 5)
    ]
    told = {family.name: family.samples for family in metrics.of_namespaces(many, START)}
    assert len(told["indexer_namespace_tags"]) == metrics.MOST_NAMESPACES
    assert [sample.value for sample in told["indexer_namespaces_omitted"]] == [5]


def test_labels_are_escaped(empty: Store) -> None:
    scribe = Scribe(empty.archive, 'a"b\\c\nd')
    scribe.finish(scribe.begin())
    with running(empty) as site:
        assert list(read(site)["indexer_namespace_tags"]) == [('a"b\\c\nd', "docker.io")]


def test_who_accepts_openmetrics_gets_the_same_numbers_in_it(site: Running) -> None:
    site.get("/v2/_catalog")
    accept = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5"
    answer = site.get("/metrics", headers={"Accept": accept})
    assert answer.headers["Content-Type"] == metrics.OPENMETRICS
    assert "Accept" in answer.headers["Vary"]
    assert answer.text.endswith("# EOF\n")
    samples = {
        (sample.name, *sample.labels.values())
        for family in openmetrics_families(answer.text)
        for sample in family.samples
    }
    assert ("indexer_http_requests_total", "v2", "200") in samples
    assert ("indexer_http_request_duration_seconds_bucket", "v2", "10.0") in samples
    plain = {(name, *labels) for name, found in read(site).items() for labels in found}
    assert samples <= plain


@pytest.mark.parametrize("accept", ["*/*", "text/html;version=x", "nonsense;;,=", ""])
def test_whoever_accepts_anything_else_gets_the_plain_text(site: Running, accept: str) -> None:
    answer = site.get("/metrics", headers={"Accept": accept})
    assert answer.headers["Content-Type"] == metrics.PLAIN


def test_each_alert_asks_for_metrics_that_there_are(site: Running) -> None:
    site.get("/")
    names = set(read(site)) | {"indexer_namespace_rate_limit_remaining_requests"}
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) > 4
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert any(name in rule["expr"] for name in names), rule["alert"]


def test_promtool_accepts_the_alerts_and_the_metrics(site: Running) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        missing("there is no promtool here: apt-get install prometheus")
    checked = subprocess.run(
        [promtool, "check", "rules", str(RULES)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    text = site.get("/metrics").text
    checked = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
