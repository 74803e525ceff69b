"""`/metrics` for Prometheus, with labels of which there are few.

What is measured is made into the families of `prometheus_client`, whose exposition writes them: in
Prometheus' own text format, or in OpenMetrics for who accepts it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import exposition
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector
from starlette.responses import Response

from indexer import __version__
from indexer.core.clock import is_believed
from indexer.core.model import CrawlStatus
from indexer.notify.delivery import sink_backlog
from indexer.web.context import browser_of, context_of
from indexer.web.request_counts import BOUNDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from prometheus_client.core import (
        Metric,
    )
    from starlette.requests import Request

    from indexer.core.catalog_entries import NamespaceStatus
    from indexer.core.model import ChangeKind
    from indexer.web.context import AppContext
    from indexer.web.request_counts import Requests

    Sample = tuple[Sequence[str], float]

MOST_NAMESPACES = 1_000
"""How many namespaces get their own lines; the number of the others is one metric."""

PLAIN = exposition.CONTENT_TYPE_PLAIN_0_0_4
"""The text format that every Prometheus reads."""

OPENMETRICS = openmetrics.CONTENT_TYPE_LATEST
"""What a Prometheus asks for first."""

_openmetrics: Callable[[Collector], bytes] = openmetrics.generate_latest


class IndexCollector(Collector):
    """What was measured, as families. They are made before, for asking the index takes threads."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        """The families, in the order in which they are written."""
        return self._families


async def answer(request: Request) -> Response:
    """Everything that can be measured."""
    site, browser = context_of(request), browser_of(request)

    def look() -> tuple[list[NamespaceStatus], dict[ChangeKind, int], int]:
        return browser.namespaces(), browser.change_counts(), browser.last_change()

    namespaces, changes, last = await site.ask(look)
    collector = IndexCollector(
        [
            _gauge("build_info", "The program that serves.", [([__version__], 1)], "version"),
            *_of_changes(changes, last),
            *of_namespaces(namespaces, site.now()),
            *await site.ask(of_telling, site),
            *_of_requests(site.requests),
        ]
    )
    if "application/openmetrics-text" in request.headers.get("accept", ""):
        body, media_type = _openmetrics(collector), OPENMETRICS
    else:
        body, media_type = exposition.generate_latest(collector), PLAIN
    return Response(body, headers={"Content-Type": media_type, "Vary": "Accept"})


def of_telling(site: AppContext) -> list[Metric]:
    """The families about sinks of the configuration, and about violations of its policies."""
    sinks = {each.sink.name: each.sink for each in site.settings.sinks}
    states = [state for state in site.outbox.sinks() if state.name in sinks]
    return [
        _gauge(
            "sink_backlog_changes",
            "Changes that were not sent to a sink yet.",
            [([s.name], sink_backlog(site.outbox, sinks[s.name], s)) for s in states],
            "sink",
        ),
        _gauge(
            "sink_failures",
            "Failed attempts in a row to notify a sink.",
            [([s.name], s.failures) for s in states],
            "sink",
        ),
        _gauge(
            "violations_open",
            "Violations of policies that are not acknowledged.",
            [([s.value], n) for s, n in site.evaluations.open_by_severity().items()],
            "severity",
        ),
    ]


def _of_changes(changes: Mapping[ChangeKind, int], last: int) -> Iterator[Metric]:
    counted = CounterMetricFamily(
        "indexer_changes",  # the exposition adds `_total`
        "Changes seen since the index began, baselines left out.",
        labels=["kind"],
    )
    for kind, number in changes.items():
        counted.add_metric([kind.value], number)
    yield counted
    yield _gauge("last_change_id", "The number of the last change.", [([], last)])


def of_namespaces(found: list[NamespaceStatus], now: datetime) -> Iterator[Metric]:
    """The families about namespaces, of which there may be too many."""
    told = found[:MOST_NAMESPACES]
    crawled = [(each, each.last_crawl) for each in told if each.last_crawl]

    def family(name: str, text: str, samples: Iterable[tuple[NamespaceStatus, float]]) -> Metric:
        named = [([each.registry, each.namespace], value) for each, value in samples]
        return _gauge(f"namespace_{name}", text, named, "registry", "namespace")

    yield family(
        "complete_crawl_age_seconds",
        "Since the end of the last complete crawl; +Inf if there was none.",
        ((each, _age(each.last_complete_at, now)) for each in told),
    )
    yield family(
        "full_crawl_age_seconds",
        "Since every page was last read; +Inf if never.",
        ((each, _age(each.last_full_at, now)) for each in told),
    )
    yield family("repositories", "Known repositories.", ((e, e.repositories) for e in told))
    yield family("tags", "Known tags.", ((e, e.tags) for e in told))
    yield family(
        "repositories_pending", "Repositories that were listed and are not read yet.",
        ((e, e.pending) for e in told),
    )  # fmt: skip
    yield family(
        "repositories_hidden", "Private repositories that are not visible any more.",
        ((e, e.hidden) for e in told),
    )  # fmt: skip
    yield family(
        "last_crawl_ok",
        "1 if the last crawl is complete or running, else 0.",
        (
            (e, float(crawl.status in {CrawlStatus.COMPLETE, CrawlStatus.RUNNING}))
            for e, crawl in crawled
        ),
    )
    yield family(
        "rate_limit_remaining_requests", "Rate limit left when the last crawl ended.",
        (
            (e, crawl.rate_limit.remaining)
            for e, crawl in crawled
            if crawl.rate_limit and crawl.rate_limit.remaining is not None
        ),
    )  # fmt: skip
    yield _gauge(
        "namespaces_omitted",
        f"Namespaces beyond the first {MOST_NAMESPACES:,}, which have no lines.",
        [([], max(len(found) - MOST_NAMESPACES, 0))],
    )


def _age(then: datetime | None, now: datetime) -> float:
    if then is None or not is_believed(then, now):
        return float("inf")
    return max((now - then).total_seconds(), 0.0)


def _of_requests(requests: Requests) -> Iterator[Metric]:
    answered = CounterMetricFamily(
        "indexer_http_requests", "Requests answered by this process.", labels=["area", "status"]
    )
    for (area, status), number in sorted(requests.answered.items()):
        answered.add_metric([area, str(status)], number)
    yield answered
    lasted = HistogramMetricFamily(
        "indexer_http_request_duration_seconds", "How long answers took.", labels=["area"]
    )
    for area, total in requests.totals():
        within = [(str(each), requests.within[area, each]) for each in BOUNDS]
        lasted.add_metric([area], [*within, ("+Inf", total)], requests.seconds[area])
    yield lasted
    yield _gauge("http_streams", "Clients that wait for changes.", [([], requests.streams)])


def _gauge(name: str, text: str, samples: Iterable[Sample], *labels: str) -> Metric:
    """A family of values that go up and down.

    Args:
        name: without the common prefix of our metrics.
        text: its help text.
        samples: the values of its labels, and its own.
        labels: their names.
    """
    family = GaugeMetricFamily(f"indexer_{name}", text, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family
