"""What waits for a person: removals that are held back, and repositories that are hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.model import CrawlStatus
from indexer.core.printable import shown
from indexer.crawl.absence import EXAMPLES
from indexer.render.column_sets import ColumnSet, itself
from indexer.render.records import fields_of
from indexer.render.records.crawls import AwaitingReview, RemovalPreview
from indexer.render.tables import Column, Cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from indexer.core.catalog_entries import HeldBackList, NamespaceStatus, RepositoryEntry

MOST_WARNED = 3
"""Lists of which an answer says that removals are held back."""

_UNFINISHED = {
    CrawlStatus.RUNNING: "is being crawled",
    CrawlStatus.FAILED: "could not be read by its last crawl",
    CrawlStatus.INTERRUPTED: "was left by a crawl that was interrupted",
}


def awaiting(
    lists: Iterable[HeldBackList], repositories: Iterable[RepositoryEntry]
) -> Iterator[AwaitingReview]:
    """Yield what waits: the removals that are held back of each list, then hidden repositories."""
    for each in lists:
        yield AwaitingReview(
            each.registry,
            each.name,
            "held_back",
            each.held.since,
            _why(each),
            each.held.number,
            each.held.names,
        )
    for entry in repositories:
        if entry.hidden_since is not None:
            reason = f"private, and no longer visible to {entry.hidden_from}"
            yield AwaitingReview(
                entry.registry,
                entry.repository,
                "hidden",
                entry.hidden_since,
                reason,
                1,
                (entry.repository,),
            )


def _why(found: HeldBackList) -> str:
    held = found.held
    examples = ", ".join(held.names[:EXAMPLES])
    more = f" and {held.number - EXAMPLES:,} more" if held.number > EXAMPLES else ""
    if held.unknown:
        return (
            f"{found.registry} knows no namespace of this name any more; it had "
            f"{humanize.count(held.number, 'repository')}: {examples}{more}"
        )
    what = "tags" if "/" in found.name else "repositories"
    return f"{held.number:,} of {held.known:,} {what} are missing: {examples}{more}"


def warnings(lists: Sequence[HeldBackList]) -> Iterator[str]:
    """Yield a sentence for each list from which removals are held back; of many for some."""
    for each in lists[:MOST_WARNED]:
        name = shown(each.name)
        yield f"{name}: {_why(each)}; held back for review: 'indexer accept {name}'."
    if len(lists) > MOST_WARNED:
        yield f"more wait for review in {len(lists) - MOST_WARNED} more: 'indexer accept --list'."


def not_told(namespaces: Iterable[NamespaceStatus]) -> Iterator[str]:
    """Yield a sentence for each namespace whose last crawl did not find out what is held back."""
    for status in namespaces:
        crawl = status.last_crawl
        why = _UNFINISHED.get(crawl.status) if crawl else "was never crawled whole"
        if why:
            name = f"{shown(status.registry)}/{shown(status.namespace)}"
            yield f"{name} {why}: crawl it to see what is held back there now."


def previews() -> ColumnSet[RemovalPreview]:
    """How what would be removed is written."""
    return ColumnSet(
        fields_of(RemovalPreview),
        itself,
        (
            Column(
                "WOULD BE REMOVED",
                lambda r: humanize.image(r.registry, r.repository, r.tag),
                cut=Cut.MIDDLE,
            ),
        ),
    )


def shape() -> ColumnSet[AwaitingReview]:
    """How they are written."""
    return ColumnSet(
        fields_of(AwaitingReview),
        itself,
        (
            Column("NAME", lambda a: shown(a.name), cut=Cut.MIDDLE, field="name"),
            Column("STATE", lambda a: a.state.replace("_", " "), rank=1, field="state"),
            Column("SINCE (UTC)", lambda a: humanize.short_time(a.since), rank=3, field="since"),
            Column("WHY", lambda a: shown(a.reason, 500), cut=Cut.END, rank=2, field="reason"),
        ),
    )
