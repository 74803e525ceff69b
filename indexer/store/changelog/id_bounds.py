"""Bounds of ids for times and crawls, so that a log that is read by id is not read beyond them.

A clock may be set back, so ids and times need not grow together. The bounds for times therefore
come from the crawls with changes observed since then, or before (`crawl.last_observed_at`,
`crawl.first_observed_at`), not from when crawls began or ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.store.schema.codec import microseconds
from indexer.store.schema.tables import crawl

if TYPE_CHECKING:
    from datetime import datetime

Bound = sa.ColumnElement[int]


def before_crawl(crawl_id: int) -> sa.ScalarSelect[int]:
    """The id of the last change before a crawl and all later ones."""
    first = sa.func.coalesce(sa.func.min(crawl.c.after_change), 0)
    return sa.select(first).where(crawl.c.id >= crawl_id).scalar_subquery()


def before_time(time: datetime) -> sa.ScalarSelect[int]:
    """An id below all changes observed since a time: the last one before their crawls.

    Null, which matches no change, if no crawl observed any since then.
    """
    return (
        sa.select(sa.func.min(crawl.c.after_change))
        .where(crawl.c.last_observed_at >= microseconds(time))
        .scalar_subquery()
    )


def last_before_time(time: datetime) -> sa.ScalarSelect[int]:
    """The id of the last change of the crawls that observed any before a time; null: none did."""
    return _last_change(crawl.c.first_observed_at < microseconds(time))


def last_of_crawls(crawl_id: int) -> sa.ScalarSelect[int]:
    """The id of the last change of a crawl and all earlier ones."""
    return _last_change(crawl.c.id <= crawl_id)


def _last_change(which: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """The last change of some crawls, looked for from the end."""
    last = sa.select(crawl.c.last_change).where(which, crawl.c.last_change.is_not(None))
    return last.order_by(crawl.c.last_change.desc()).limit(1).scalar_subquery()
