"""What waits for a person: removals that are held back, and repositories that are hidden."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.model import CrawlStatus
from indexer.core.printable import shown
from indexer.render.column_sets import ColumnSet, itself
from indexer.render.records import fields_of
from indexer.render.records.crawls import AwaitingReview, RemovalPreview
from indexer.render.tables import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.core.catalog_entries import NamespaceStatus, RepositoryEntry
    from indexer.core.model import Crawl

_ACCEPT = re.compile(r"'indexer accept (?P<name>[^']+)'")
"""The remedy in the sentences of `indexer.crawl.absence` and `indexer.crawl.unknown_namespace`."""

_CUT = re.compile(r"and \d+ more")
"""The last of a crawl's errors where not all were kept: see `indexer.crawl.crawler`."""

_UNFINISHED = {
    CrawlStatus.RUNNING: "is being crawled",
    CrawlStatus.FAILED: "could not be read by its last crawl",
    CrawlStatus.INTERRUPTED: "was left by a crawl that was interrupted",
}

_IS_HIDDEN = "kept as hidden"
"""In the sentence of `indexer.crawl.hidden`; what is hidden is a state of each repository."""


def awaiting(
    namespaces: Iterable[NamespaceStatus], repositories: Iterable[RepositoryEntry]
) -> Iterator[AwaitingReview]:
    """Yield what waits: as the last crawl of each namespace said, then each repository.

    Args:
        namespaces: those that are looked at.
        repositories: of these.
    """
    for status in namespaces:
        crawl = status.last_crawl
        for error in crawl.errors if crawl else ():
            found = _ACCEPT.search(error)
            if crawl and found and _IS_HIDDEN not in error:
                yield AwaitingReview(
                    status.registry, found["name"], "held_back", crawl.started_at, error
                )
    for entry in repositories:
        if entry.hidden_since is not None:
            reason = f"private, and no longer visible to {entry.hidden_from}"
            yield AwaitingReview(
                entry.registry, entry.repository, "hidden", entry.hidden_since, reason
            )


def not_told(namespaces: Iterable[NamespaceStatus]) -> Iterator[str]:
    """Yield a sentence for each namespace whose last crawl does not tell all that is held back."""
    for status in namespaces:
        why = _why_not_told(status.last_crawl)
        if why:
            name = f"{shown(status.registry)}/{shown(status.namespace)}"
            yield f"{name} {why}: crawl it to see all that is held back there."


def _why_not_told(crawl: Crawl | None) -> str | None:
    if crawl is None:
        return "was never crawled whole"
    if crawl.status in _UNFINISHED:
        return _UNFINISHED[crawl.status]
    if crawl.errors and _CUT.fullmatch(crawl.errors[-1]):
        return "had more problems in its last crawl than are kept"
    return None


def previews() -> ColumnSet[RemovalPreview]:
    """How what would be removed is written."""
    return ColumnSet(
        fields_of(RemovalPreview),
        itself,
        (
            Column(
                "WOULD BE REMOVED",
                lambda r: humanize.image(r.registry, r.repository, r.tag),
                folds=True,
            ),
        ),
    )


def shape() -> ColumnSet[AwaitingReview]:
    """How they are written."""
    return ColumnSet(
        fields_of(AwaitingReview),
        itself,
        (
            Column("NAME", lambda a: shown(a.name), folds=True, field="name"),
            Column("STATE", lambda a: a.state.replace("_", " "), field="state"),
            Column("SINCE (UTC)", lambda a: humanize.short_time(a.since), field="since"),
            Column("WHY", lambda a: shown(a.reason, 500), folds=True, field="reason"),
        ),
    )
