"""`/metrics` in the text format of Prometheus, with labels of which there are few."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

from starlette.responses import Response

import indexer
from indexer.core.model import ChangeKind, CrawlStatus
from indexer.notify.delivery import sink_backlog
from indexer.web.context import browser_of, context_of
from indexer.web.request_counts import BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from starlette.requests import Request

    from indexer.catalog.browser import Browser
    from indexer.core.model import NamespaceStatus
    from indexer.web.context import AppContext
    from indexer.web.request_counts import Requests

    Sample = tuple[dict[str, str], float]

MOST_NAMESPACES = 1_000
"""That have lines of their own; how many have none is told."""

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Tally:
    """Changes by kind since ever: counted once, and then only what is new."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._last = 0
        self._counts: Counter[ChangeKind] = Counter()

    def read(self, browser: Browser) -> dict[ChangeKind, int]:
        """How many changes of each kind there were, baselines left out."""
        with self._guard:
            self._last, more = browser.tally(self._last)
            self._counts.update(more)
            return {kind: self._counts[kind] for kind in ChangeKind}


async def answer(request: Request) -> Response:
    """Everything that can be measured."""
    site, browser = context_of(request), browser_of(request)
    tally: Tally = request.app.state.tally

    def look() -> tuple[list[NamespaceStatus], dict[ChangeKind, int], int]:
        return browser.namespaces(), tally.read(site.everything), browser.last_change()

    namespaces, changes, last = await site.ask(look)
    lines = [
        *_of_program(),
        *_of_changes(changes, last),
        *of_namespaces(namespaces, site.now()),
        *await site.ask(of_telling, site),
        *_of_requests(site.requests),
    ]
    return Response("\n".join(lines) + "\n", media_type=MEDIA_TYPE)


def of_telling(site: AppContext) -> list[str]:
    """The lines about sinks of the configuration, and about violations of its policies."""
    sinks = {each.sink.name: each.sink for each in site.settings.sinks}
    states = [state for state in site.outbox.sinks() if state.name in sinks]
    return [
        *_family(
            "indexer_sink_backlog_changes",
            "gauge",
            "Changes that a sink has still to be told.",
            [({"sink": s.name}, sink_backlog(site.outbox, sinks[s.name], s)) for s in states],
        ),
        *_family(
            "indexer_sink_failures",
            "gauge",
            "Tries in a row to tell a sink that failed.",
            [({"sink": s.name}, s.failures) for s in states],
        ),
        *_family(
            "indexer_violations_open",
            "gauge",
            "Violations of policies that nobody has acknowledged.",
            [({"severity": s.value}, n) for s, n in site.evaluations.open_by_severity().items()],
        ),
    ]


def _of_program() -> Iterator[str]:
    version = {"version": indexer.__version__}
    yield from _family("indexer_build_info", "gauge", "The program that serves.", [(version, 1)])


def _of_changes(changes: dict[ChangeKind, int], last: int) -> Iterator[str]:
    yield from _family(
        "indexer_changes_total",
        "counter",
        "Changes seen since the index began, baselines left out.",
        [({"kind": kind.value}, number) for kind, number in changes.items()],
    )
    yield from _family(
        "indexer_last_change_id", "gauge", "The number of the last change.", [({}, last)]
    )


def of_namespaces(found: list[NamespaceStatus], now: datetime) -> Iterator[str]:
    """The lines about namespaces, of which there may be too many."""
    told = found[:MOST_NAMESPACES]
    crawled = [(each, each.last_crawl) for each in told if each.last_crawl]

    def family(
        name: str, text: str, samples: Iterable[tuple[NamespaceStatus, float]]
    ) -> Iterator[str]:
        named = [
            ({"registry": each.registry, "namespace": each.namespace}, value)
            for each, value in samples
        ]
        return _family(f"indexer_namespace_{name}", "gauge", text, named)

    yield from family(
        "complete_crawl_age_seconds",
        "Since the end of the last complete crawl; +Inf if there was none.",
        ((each, _age(each.last_complete_at, now)) for each in told),
    )
    yield from family(
        "full_crawl_age_seconds",
        "Since every page was last read; +Inf if that never was.",
        ((each, _age(each.last_full_at, now)) for each in told),
    )
    yield from family(
        "repositories", "Repositories that are there.", ((e, e.repositories) for e in told)
    )
    yield from family("tags", "Tags that are there.", ((e, e.tags) for e in told))
    yield from family(
        "repositories_pending", "Repositories that were listed and are not read yet.",
        ((e, e.pending) for e in told),
    )  # fmt: skip
    yield from family(
        "last_crawl_ok",
        "1 if the last crawl is complete or running, else 0.",
        (
            (e, float(crawl.status in {CrawlStatus.COMPLETE, CrawlStatus.RUNNING}))
            for e, crawl in crawled
        ),
    )
    yield from family(
        "rate_limit_remaining_requests", "What was left when the last crawl ended.",
        (
            (e, crawl.rate_limit.remaining)
            for e, crawl in crawled
            if crawl.rate_limit and crawl.rate_limit.remaining is not None
        ),
    )  # fmt: skip
    yield from _family(
        "indexer_namespaces_omitted",
        "gauge",
        f"Namespaces beyond the first {MOST_NAMESPACES:,}, which have no lines of their own.",
        [({}, max(len(found) - MOST_NAMESPACES, 0))],
    )


def _age(then: datetime | None, now: datetime) -> float:
    return max((now - then).total_seconds(), 0.0) if then else float("inf")


def _of_requests(requests: Requests) -> Iterator[str]:
    yield from _family(
        "indexer_http_requests_total",
        "counter",
        "Requests answered by this process.",
        [
            ({"area": area, "status": str(status)}, number)
            for (area, status), number in sorted(requests.answered.items())
        ],
    )
    name = "indexer_http_request_duration_seconds"
    yield f"# HELP {name} How long answers took."
    yield f"# TYPE {name} histogram"
    for area, total in requests.totals():
        for bound in BOUNDS:
            label = _labels({"area": area, "le": f"{bound:g}"})
            yield f"{name}_bucket{label} {requests.within[area, bound]}"
        yield f"{name}_bucket{_labels({'area': area, 'le': '+Inf'})} {total}"
        yield f"{name}_sum{_labels({'area': area})} {_number(requests.seconds[area])}"
        yield f"{name}_count{_labels({'area': area})} {total}"
    yield from _family(
        "indexer_http_streams", "gauge", "Clients that wait for changes.", [({}, requests.streams)]
    )


def _family(name: str, kind: str, text: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield f"{name}{_labels(labels)} {_number(value)}"


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items()) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if value == float("inf"):
        return "+Inf"
    return f"{value:.6f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))
