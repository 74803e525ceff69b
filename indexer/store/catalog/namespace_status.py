"""How well each namespace is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from indexer.core.catalog_entries import BaselineGaps, NamespaceStatus
from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.selection import cycle
from indexer.store.crawl import cycles
from indexer.store.crawl.crawl_rows import IS_NOT_INCREMENTAL, crawls_of, last
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.audience import EVERYTHING, WITH_ACCOUNT
from indexer.store.schema.codec import time_of
from indexer.store.schema.namespace_counts import COUNTED_NOW, SUMS
from indexer.store.schema.tables import (
    crawl,
    namespace,
    namespace_count,
    registry,
    repository,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from indexer.core.catalog_entries import UnfinishedCycle
    from indexer.core.model import Crawl
    from indexer.store.schema.audience import Audience

_UNKNOWN_REPOSITORIES = sa.case(
    (
        namespace.c.list_gaps_before.is_not(None) & namespace.c.list_partial.is_(True),
        namespace.c.list_offset,
    ),
    else_=0,
)


class _NamespaceRow(NamedTuple):
    """Counts of a namespace, and the ids of its last crawls."""

    registry: str
    name: str
    repositories: int
    tags: int
    pending: int
    hidden: int
    unwatched: int
    has_gaps: bool
    unknown_repositories: int
    gap_lists: int
    unknown_tags: int
    last: int | None
    last_complete: int | None
    last_full: int | None
    id: int
    newest_full: int | None
    newest_verify: int | None


def _counts(seen: Audience) -> sa.Subquery:
    """Counts of each namespace, of what the audience may see: they were kept when written.

    What is unverified depends on the time. So to the public the repositories of namespaces that
    are read with an account are counted now.
    """
    kept = sa.select(namespace_count.c.namespace_id, *SUMS)
    kept = kept.group_by(namespace_count.c.namespace_id)
    if seen.is_public:
        kept = kept.where(namespace_count.c.public)
    if seen.unverified is None:
        return kept.subquery("counts")
    kept = kept.where(namespace_count.c.namespace_id.not_in(WITH_ACCOUNT))
    return sa.union_all(kept, _counted_now(seen)).subquery("counts")


def _counted_now(seen: Audience) -> sa.Select[Any]:
    """The same of namespaces that are read with an account."""
    return (
        sa.select(repository.c.namespace_id, *COUNTED_NOW)
        .where(repository.c.present, repository.c.namespace_id.in_(WITH_ACCOUNT), *seen.visible)
        .group_by(repository.c.namespace_id)
    )


class _HiddenRow(NamedTuple):
    """Since when a repository of a namespace is hidden, and from whom."""

    namespace_id: int
    since: int | None
    account: str | None


def _hidden(
    connection: sa.Connection, namespaces: Sequence[int], seen: Audience
) -> dict[int, _HiddenRow]:
    """The first of the hidden repositories of each of these namespaces."""
    if not namespaces:
        return {}
    statement = typed(
        _HiddenRow,
        sa.select(
            repository.c.namespace_id,
            sa.func.min(repository.c.hidden_since).label("since"),
            sa.func.min(repository.c.hidden_from).label("account"),
        )
        .where(
            repository.c.hidden_since.is_not(None),
            repository.c.present,
            repository.c.namespace_id.in_(namespaces),
            *seen.visible,
        )
        .group_by(repository.c.namespace_id),
    )
    return {row.namespace_id: row for row in read(connection, statement)}


def _is_of(mode: Mode) -> sa.ColumnElement[bool]:
    """Whether a crawl belongs to a cycle of this mode."""
    return IS_NOT_INCREMENTAL & crawl.c.mode.in_([each.value for each in cycle.modes(mode)])


def _unfinished(
    connection: sa.Connection,
    row: _NamespaceRow,
    crawls: Mapping[int, Crawl],
    visible: Sequence[sa.ColumnElement[bool]],
) -> Iterator[UnfinishedCycle]:
    """Yield the unfinished cycles of a namespace: its newest crawl of the mode ended none.

    A full crawl counts as a verify crawl. What both began with is said once.
    """
    began_at = None
    for mode, number in ((Mode.FULL, row.newest_full), (Mode.VERIFY, row.newest_verify)):
        newest = crawls[number] if number is not None else None
        if newest is None or (cycle.got_through(newest.status) and not newest.unread):
            continue
        found = cycles.unfinished(connection, row.id, mode, *visible)
        if found is not None and found.began_at != began_at:
            began_at = found.began_at
            yield found


def namespace_is(name: str) -> sa.ColumnElement[bool]:
    """Whether a row is of a namespace with this name."""
    return namespace.c.name == name


def statement(seen: Audience = EVERYTHING) -> sa.Select[_NamespaceRow]:
    """Each namespace, with the ids of its last crawls."""
    counts = _counts(seen)
    return typed(
        _NamespaceRow,
        sa.select(
            registry.c.name.label("registry"),
            namespace.c.name,
            sa.func.coalesce(counts.c.repositories, 0).label("repositories"),
            sa.func.coalesce(counts.c.tags, 0).label("tags"),
            sa.func.coalesce(counts.c.pending, 0).label("pending"),
            sa.func.coalesce(counts.c.hidden, 0).label("hidden"),
            sa.func.coalesce(counts.c.unwatched, 0).label("unwatched"),
            namespace.c.list_gaps_before.is_not(None).label("has_gaps"),
            _UNKNOWN_REPOSITORIES.label("unknown_repositories"),
            sa.func.coalesce(counts.c.gap_lists, 0).label("gap_lists"),
            sa.func.coalesce(counts.c.unknown_tags, 0).label("unknown_tags"),
            last().label("last"),
            last(status=CrawlStatus.COMPLETE).label("last_complete"),
            last(crawl.c.whole, status=CrawlStatus.COMPLETE).label("last_full"),
            namespace.c.id,
            last(_is_of(Mode.FULL)).label("newest_full"),
            last(_is_of(Mode.VERIFY)).label("newest_verify"),
        )
        .join(registry, registry.c.id == namespace.c.registry_id)
        .outerjoin(counts, counts.c.namespace_id == namespace.c.id)
        .order_by(registry.c.name, namespace.c.name),
    )


NAMESPACES = statement()


def namespaces(connection: sa.Connection, seen: Audience = EVERYTHING) -> list[NamespaceStatus]:
    """The status of each namespace, by registry and name; only what is visible is counted."""
    rows = read(connection, NAMESPACES if seen is EVERYTHING else statement(seen))
    hidden = _hidden(connection, [row.id for row in rows if row.hidden], seen)
    named = [(row.last, row.last_complete, row.last_full) for row in rows]
    newest_ones = [(row.newest_verify, row.newest_full) for row in rows]
    numbers = {number for each in (*named, *newest_ones) for number in each if number is not None}
    crawls = crawls_of(connection, sorted(numbers))
    statuses = []
    for row, last_ones in zip(rows, named, strict=True):
        newest, complete, full = (
            None if number is None else crawls[number] for number in last_ones
        )
        statuses.append(
            NamespaceStatus(
                registry=row.registry,
                namespace=row.name,
                repositories=int(row.repositories),
                tags=int(row.tags),
                pending=int(row.pending),
                last_crawl=newest,
                last_complete_at=complete.finished_at if complete else None,
                last_full_at=full.finished_at if full else None,
                hidden=int(row.hidden),
                hidden_since=time_of(hidden[row.id].since) if row.hidden else None,
                hidden_from=hidden[row.id].account if row.hidden else None,
                unwatched=int(row.unwatched),
                gaps=BaselineGaps(
                    row.unknown_repositories, int(row.gap_lists), int(row.unknown_tags)
                )
                if row.has_gaps or row.gap_lists
                else None,
                unfinished=tuple(_unfinished(connection, row, crawls, seen.visible)),
            )
        )
    return statuses
