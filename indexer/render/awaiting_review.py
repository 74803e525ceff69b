"""What waits for a person: removals that are held back, and repositories that are hidden."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.render.column_sets import ColumnSet, itself
from indexer.render.records import fields_of
from indexer.render.records.crawls import AwaitingReview, RemovalPreview
from indexer.render.tables import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.core.catalog_entries import NamespaceStatus, RepositoryEntry

_ACCEPT = re.compile(r"'indexer accept (?P<name>[^']+)'")
"""The remedy in the sentences of `indexer.crawl.absence` and `indexer.crawl.unknown_namespace`."""

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
