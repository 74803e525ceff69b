"""Which changes are asked for: chosen over whichever index leads to fewer rows.

    by time        ix_change_observed_at_id, ix_change_kind_observed_at_id: of news only
    by repository  ix_change_repository_id_observed_at
    by number      the table's own order

Neither database can know how many changes a few repositories had since a time, and guesses are
off by a factor of a thousand in a log of ten millions. So it is counted, up to a bound.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from indexer.core.model import ChangeKind
from indexer.store.changelog.rows import CHANGES, plain, within
from indexer.store.database.glob_match import matches
from indexer.store.schema.codec import KINDS, microseconds
from indexer.store.schema.tables import change, crawl, namespace, registry, repository, tag

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.model import ChangeFilter

    Condition = sa.ColumnElement[bool]

ENOUGH = 2_000
"""Rows that are read in some milliseconds, over whatever index."""

FEW = 20
"""Repositories whose changes are read one after the other, each in order."""

CLOCK_MARGIN = timedelta(days=1)
"""By how much a clock may have been set back during a crawl."""


def statement(connection: sa.Connection, wanted: ChangeFilter) -> sa.Select[Any]:
    """The changes that are asked for: oldest first, or with a limit newest first.

    By time where a time was given, else by number.
    """
    dialect = connection.dialect.name
    bounds = _bounds(wanted)
    conditions = [*bounds, *_tags(wanted, dialect)]
    kinds = sorted(KINDS[kind] for kind in wanted.kinds)
    are_some = bool(kinds) and len(kinds) < len(ChangeKind)
    of_kinds = [plain(change.c.kind, dialect).in_(kinds)] if are_some else []
    not_news = [] if wanted.baseline else [plain(change.c.baseline, dialect) == sa.false()]
    where = _repositories(wanted, dialect)
    if where is not None:
        few = list(connection.scalars(where.limit(FEW + 1)))
        if len(few) <= FEW:
            own = [change.c.repository_id == number for number in few] or [sa.false()]
            return _ordered(wanted, [[*conditions, *of_kinds, *not_news, each] for each in own])
        if _is_by_repository(connection, wanted, bounds, where):
            theirs = change.c.repository_id.in_(where)
            return _ordered(wanted, [[*conditions, *of_kinds, *not_news, theirs]])
        conditions.append(plain(change.c.repository_id, dialect).in_(where))
    if wanted.since is None or wanted.baseline:
        return _ordered(wanted, [[*conditions, *of_kinds, *not_news]])
    conditions.append(change.c.baseline == sa.false())
    if not are_some:
        return _ordered(wanted, [conditions])
    return _ordered(wanted, [[*conditions, change.c.kind == kind] for kind in kinds])


def _ordered(wanted: ChangeFilter, choices: list[list[Condition]]) -> sa.Select[Any]:
    """The rows for which all of any of these lists of conditions hold."""
    order: list[sa.ColumnElement[Any]] = [change.c.id]
    if wanted.since is not None:
        order = [change.c.observed_at, change.c.id]
    if wanted.limit is None and len(choices) == 1:
        return CHANGES.where(*choices[0]).order_by(*order)
    if wanted.limit is None:
        chosen = [sa.select(change.c.id).where(*choice) for choice in choices]
        return CHANGES.where(change.c.id.in_(sa.union_all(*chosen))).order_by(*order)
    order = [column.desc() for column in order]
    newest = [
        sa.select(change.c.id).where(*choice).order_by(*order).limit(wanted.limit).subquery()
        for choice in choices
    ]
    some = sa.union_all(*(sa.select(each.c.id) for each in newest))
    return CHANGES.where(change.c.id.in_(some)).order_by(*order).limit(wanted.limit)


def _is_by_repository(
    connection: sa.Connection,
    wanted: ChangeFilter,
    bounds: list[Condition],
    where: sa.Select[Any],
) -> bool:
    """Whether to go from the repositories to their changes, or through all changes since then."""
    is_news = [] if wanted.baseline else [change.c.baseline == sa.false()]
    if _count(connection, [*bounds, *is_news]) < ENOUGH:
        return False
    if wanted.limit is None:
        return True
    return _count(connection, [*bounds, change.c.repository_id.in_(where)]) < ENOUGH


def _count(connection: sa.Connection, conditions: list[Condition]) -> int:
    some = sa.select(sa.literal(1)).select_from(change).where(*conditions).limit(ENOUGH)
    return int(connection.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0)


def _repositories(wanted: ChangeFilter, dialect: str) -> sa.Select[Any] | None:
    """The numbers of the repositories that are asked for; None: all."""
    conditions: list[Condition] = []
    if wanted.registry is not None:
        home = sa.select(namespace.c.id).join(registry, registry.c.id == namespace.c.registry_id)
        named = home.where(registry.c.name == wanted.registry)
        conditions.append(repository.c.namespace_id.in_(named))
    if wanted.namespace is not None:
        conditions.append(within(wanted.namespace))
    if wanted.repository is not None:
        conditions.append(matches(repository.c.name, wanted.repository, dialect))
    return sa.select(repository.c.id).where(*conditions) if conditions else None


def _tags(wanted: ChangeFilter, dialect: str) -> list[Condition]:
    if wanted.tag is None:
        return []
    named = sa.select(tag.c.id).where(
        tag.c.id == change.c.tag_id, matches(tag.c.name, wanted.tag, dialect)
    )
    return [named.correlate(change).exists()]


def _bounds(wanted: ChangeFilter) -> list[Condition]:
    """From when, or from which number on."""
    bounds: list[Condition] = []
    if wanted.since is not None:
        bounds.append(change.c.observed_at >= microseconds(wanted.since))
        if wanted.baseline:
            bounds.append(change.c.id > _before_time(wanted.since))
    if wanted.crawl is not None:
        bounds += [change.c.crawl_id >= wanted.crawl, change.c.id > _before_crawl(wanted.crawl)]
    if wanted.after is not None:
        bounds.append(change.c.id > wanted.after)
    return bounds


def _before_crawl(crawl_id: int) -> sa.ScalarSelect[int]:
    """The last change before a crawl and every later one."""
    first = sa.func.coalesce(sa.func.min(crawl.c.after_change), 0)
    return sa.select(first).where(crawl.c.id >= crawl_id).scalar_subquery()


def _before_time(time: datetime) -> sa.ScalarSelect[int]:
    """A change before all that were observed since then: the last one before their crawls began.

    Null, and thereby no change at all, where no crawl went on since then.
    """
    since = microseconds(time - CLOCK_MARGIN)
    ended = sa.select(crawl.c.after_change).where(crawl.c.finished_at >= since)
    open_ones = sa.select(crawl.c.after_change).where(crawl.c.finished_at.is_(None))
    crawls = sa.union_all(ended, open_ones).subquery("crawls")
    return sa.select(sa.func.min(crawls.c.after_change)).scalar_subquery()
