"""The change log a page at a time, by number: what is new, and how much of it there was.

Each statement first chooses numbers and then reads the rows behind them, over the table's own
order or over an index of repositories or kinds, whichever `indexer.store.changelog.search` wants.
What is said of repositories is asked of the repositories first, of which there are few.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from indexer.catalog.browser import DayCount
from indexer.store.changelog.rows import CHANGES, plain, within
from indexer.store.database.glob_match import matches
from indexer.store.schema.codec import EPOCH, KIND_OF, KINDS, microseconds
from indexer.store.schema.tables import (
    change,
    change_counter,
    crawl,
    namespace,
    registry,
    repository,
    tag,
)

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.model import ChangeFilter
    from indexer.store.changelog.stepped_scan import IdRange

    Condition = sa.ColumnElement[bool]

_DAY = 86_400_000_000
"""Microseconds."""

LAST = sa.select(change_counter.c.last_id)

TALLY = (
    sa.select(change.c.kind, sa.func.count())
    .where(change.c.baseline == sa.false(), change.c.id > sa.bindparam("after"))
    .group_by(change.c.kind)
)


def page(
    wanted: ChangeFilter,
    dialect: str,
    *,
    visible: list[Condition],
    limit: int,
    stretch: IdRange,
    back: bool,
    by_number: bool,
) -> sa.Select[Any]:
    """The changes of a stretch, oldest first, or newest first.

    Args:
        wanted: which of them.
        dialect: of the database.
        visible: what is said of repositories that the audience may see.
        limit: at most so many.
        stretch: between which numbers.
        back: newest first.
        by_number: look at one after the other; else over an index, and then into their order.
    """
    order = change.c.id.desc() if back else change.c.id.asc()
    chosen = sa.select(change.c.id).where(
        *_conditions(wanted, dialect, visible, by_number=by_number),
        change.c.id > stretch.above,
        change.c.id < stretch.below,
    )
    chosen = chosen.order_by(order).limit(limit)
    return CHANGES.where(change.c.id.in_(chosen)).order_by(order)


def is_indexed(wanted: ChangeFilter) -> bool:
    """Whether an index leads to what is asked for."""
    return bool(wanted.repository or wanted.namespace or wanted.kinds)


def _conditions(
    wanted: ChangeFilter, dialect: str, visible: list[Condition], *, by_number: bool
) -> list[Condition]:
    kind: sa.ColumnElement[int] = change.c.kind
    place: sa.ColumnElement[int] = change.c.repository_id
    if by_number:
        kind, place = plain(change.c.kind, dialect), plain(change.c.repository_id, dialect)
    found = _where(wanted, dialect, visible, place)
    if not wanted.baseline:
        found.append(change.c.baseline == sa.false())
    if wanted.since is not None:
        found += _since(wanted.since)
    if wanted.crawl is not None:
        found += [change.c.crawl_id >= wanted.crawl, change.c.id > _before_crawl(wanted.crawl)]
    if wanted.after is not None:
        found.append(change.c.id > wanted.after)
    if wanted.kinds:
        found.append(kind.in_(sorted(KINDS[kind] for kind in wanted.kinds)))
    if wanted.tag is not None:
        named = sa.select(tag.c.id).where(
            tag.c.id == change.c.tag_id, matches(tag.c.name, wanted.tag, dialect)
        )
        found.append(named.correlate(change).exists())
    return found


def _where(
    wanted: ChangeFilter,
    dialect: str,
    visible: list[Condition],
    place: sa.ColumnElement[int] = change.c.repository_id,
) -> list[Condition]:
    """What is said of repositories, as a set of their numbers."""
    conditions: list[Condition] = []
    if wanted.registry is not None:
        conditions.append(
            repository.c.namespace_id.in_(
                sa.select(namespace.c.id)
                .join(registry, registry.c.id == namespace.c.registry_id)
                .where(registry.c.name == wanted.registry)
            )
        )
    if wanted.namespace is not None:
        conditions.append(within(wanted.namespace))
    if wanted.repository is not None:
        conditions.append(matches(repository.c.name, wanted.repository, dialect))
    if conditions:
        chosen = sa.select(repository.c.id).where(*conditions, *visible)
        return [place.in_(chosen)]
    if visible:
        hidden = sa.select(repository.c.id).where(repository.c.private == sa.true())
        return [place.not_in(hidden)]
    return []


def _since(moment: datetime) -> list[Condition]:
    """Changes since a time, and a number that is surely before all of them.

    A change belongs to a crawl that had not ended when it was observed, and the log's end at the
    beginning of that crawl is known.
    """
    time = microseconds(moment)
    bound = (
        sa.select(sa.func.min(crawl.c.after_change))
        .where(crawl.c.finished_at.is_(None) | (crawl.c.finished_at >= time))
        .scalar_subquery()
    )
    # Without such a crawl there is no change either, and a comparison with null lets none through.
    return [change.c.observed_at >= time, change.c.id > bound]


def _before_crawl(crawl_id: int) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.coalesce(sa.func.min(crawl.c.after_change), 0))
        .where(crawl.c.id >= crawl_id)
        .scalar_subquery()
    )


def by_day(wanted: ChangeFilter, dialect: str, visible: list[Condition]) -> sa.Select[Any]:
    """How many changes of each kind there were on each day, which an index answers by itself."""
    day: sa.ColumnElement[int] = sa.literal_column(f"change.observed_at / {_DAY}")
    conditions = [change.c.baseline == sa.false(), *_where(wanted, dialect, visible)]
    if wanted.since is not None:
        conditions += _since(wanted.since)
    return (
        sa.select(day.label("day"), change.c.kind, sa.func.count().label("number"))
        .where(*conditions)
        .group_by(sa.text("1"), change.c.kind)
        .order_by(sa.text("1"), change.c.kind)
    )


def day_count(row: Any) -> DayCount:
    """A row of `by_day`."""
    day = EPOCH + timedelta(days=row.day)
    return DayCount(day.date(), KIND_OF[row.kind], row.number)
