"""What `indexer prune` deletes: a step for each table, in the order of deleting.

Each step says of its rows, all by themselves, whether they go: what only goes because another
step takes what needed it is said in terms of what that step leaves. So all of it can be counted,
and noted by id, in one snapshot and without a lock.

When a step's rows are deleted, crawls may have written in between. So each transaction asks again,
of its few rows, what a crawl can have changed: `Step.still`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.model import CrawlStatus
from indexer.store.schema.codec import day_of
from indexer.store.schema.in_use import in_use
from indexer.store.schema.manifest_tables import (
    content,
    content_child,
    content_part,
    image_config,
    image_label,
    image_layer,
    referrers,
)
from indexer.store.schema.notify_and_policy_tables import policy, sink
from indexer.store.schema.tables import (
    audit_event,
    change,
    crawl,
    hiding,
    history,
    manifest,
    repository,
    repository_daily,
    tag,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

CONSUMERS = {"sink": sink, "policy": policy}
"""Consumers of changes: their cursor is the last change that they no longer need."""

_Condition = sa.ColumnElement[bool]


class Step(NamedTuple):
    """What goes from one table.

    Attributes:
        table: whose rows go.
        by: the column by whose values they are noted, and deleted some at a time.
        doomed: whether a row goes, by the snapshot.
        still: whether it may go yet, by what was committed since.
        within: tables with parts of these rows, which go with them, by this `content_id`.
    """

    table: sa.Table
    by: sa.Column[int]
    doomed: _Condition
    still: _Condition
    within: tuple[sa.Table, ...] = ()


CONTENT_TABLES = (content_part, content_child, image_config, image_layer, image_label)


def steps(before: int, needed_after: int | None, last_change: int, now: datetime) -> Iterator[Step]:
    """Yield the steps; each table's rows only need those of later steps.

    Args:
        before: microseconds; what ended earlier goes.
        needed_after: later changes stay for a consumer; None: none needs any.
        last_change: the id of the last change in the snapshot.
        now: tells which sinks are in use.
    """
    old_change = change.c.observed_at < before
    if needed_after is not None:
        old_change &= change.c.id <= needed_after
    unread = [
        sa.exists().where(each.c.cursor < change.c.id, in_use(each, now))
        for each in CONSUMERS.values()
    ]
    yield Step(change, change.c.id, old_change, old_change & ~sa.or_(*unread))

    is_due = sa.exists().where(sink.c.hidden_cursor < hiding.c.id, in_use(sink, now))
    old_hiding = (hiding.c.observed_at < before) & ~is_due
    yield Step(hiding, hiding.c.id, old_hiding, old_hiding)

    old_event = audit_event.c.happened_at < before
    yield Step(audit_event, audit_event.c.id, old_event, old_event)

    old_period = _old_periods(before)
    yield Step(history, history.c.id, old_period, sa.true())  # a period that ended stays as it is

    later = change.c.id > last_change
    no_period = tag.c.id.not_in(sa.select(history.c.tag_id).where(~old_period))
    of_changes = sa.select(change.c.tag_id).where(change.c.tag_id.is_not(None))
    removed = tag.c.manifest_id.is_(None)
    old_tag = removed & no_period & tag.c.id.not_in(of_changes.where(~old_change))
    yield Step(
        tag,
        tag.c.id,
        old_tag,
        removed
        & ~sa.exists().where(history.c.tag_id == tag.c.id)
        & ~sa.exists().where(later, change.c.tag_id == tag.c.id),
    )

    old_day = repository_daily.c.day < day_of(before)
    yield Step(repository_daily, repository_daily.c.repository_id, old_day, old_day)

    gone = ~repository.c.present & (repository.c.removed_at < before)
    of_days = sa.select(repository_daily.c.repository_id).where(~old_day)
    old_repository = (
        gone
        & repository.c.id.not_in(sa.select(tag.c.repository_id).where(~old_tag))
        & repository.c.id.not_in(sa.select(change.c.repository_id).where(~old_change))
        & repository.c.id.not_in(sa.select(hiding.c.repository_id).where(~old_hiding))
        & repository.c.id.not_in(of_days)
    )
    parts = (tag, change, hiding, repository_daily)
    empty = [~sa.exists().where(each.c.repository_id == repository.c.id) for each in parts]
    yield Step(repository, repository.c.id, old_repository, sa.and_(gone, *empty))

    crawls = _needed_crawls(~old_tag, ~old_period, ~old_change)
    old_crawl = (crawl.c.finished_at < before) & crawl.c.id.not_in(crawls)
    yield Step(crawl, crawl.c.id, old_crawl, sa.true())  # only its own process refers to it anew

    needed = sa.union_all(
        sa.select(history.c.manifest_id).where(~old_period),
        sa.select(tag.c.manifest_id).where(tag.c.manifest_id.is_not(None)),
        *(
            sa.select(column).where(column.is_not(None), ~old_change)
            for column in (change.c.old_manifest_id, change.c.new_manifest_id)
        ),
    )
    old_manifest = manifest.c.id.not_in(needed)
    yield Step(
        manifest,
        manifest.c.id,
        old_manifest,
        ~sa.exists().where(tag.c.manifest_id == manifest.c.id)
        & ~sa.exists().where(history.c.manifest_id == manifest.c.id)
        & ~sa.exists().where(
            later,
            (change.c.old_manifest_id == manifest.c.id)
            | (change.c.new_manifest_id == manifest.c.id),
        ),
    )

    old_list = referrers.c.read_at < before  # asked for again where that is wanted
    yield Step(referrers, referrers.c.id, old_list, old_list)

    yield _old_content(before, ~old_manifest)


def _old_periods(before: int) -> _Condition:
    """Periods that ended, except the first one of a tag of which anything else remains."""
    other, whose = history.alias("other"), tag.alias("whose")
    is_first = ~sa.exists().where(
        other.c.tag_id == history.c.tag_id,
        sa.tuple_(other.c.started_at, other.c.id) < sa.tuple_(history.c.started_at, history.c.id),
    )
    remains = sa.exists().where(
        whose.c.id == history.c.tag_id, whose.c.manifest_id.is_not(None)
    ) | sa.exists().where(other.c.tag_id == history.c.tag_id, other.c.ended_at >= before)
    return (history.c.ended_at < before) & ~(is_first & remains)


def _needed_crawls(
    tags: _Condition, periods: _Condition, changes: _Condition
) -> sa.CompoundSelect[int]:
    """Crawls that something that stays refers to, and the last ones of each namespace."""
    last = sa.select(sa.func.max(crawl.c.id)).group_by(crawl.c.namespace_id)
    is_complete = crawl.c.status == CrawlStatus.COMPLETE.value
    return sa.union_all(
        sa.select(tag.c.crawl_id).where(tags),
        sa.select(history.c.crawl_id).where(periods),
        sa.select(change.c.crawl_id).where(changes),
        last,
        last.where(is_complete),
        last.where(is_complete, crawl.c.whole),
        last.where(crawl.c.mode != "incremental"),
    )


def _old_content(before: int, manifests: _Condition) -> Step:
    """Stored content that nothing points to any more.

    What is below another content goes after it, when nothing above it is left.
    """
    old = content.c.fetched_at < before
    roots = sa.select(manifest.c.key).where(manifests)
    kept = sa.select(content.c.id).where(~(old & content.c.key.not_in(roots)))
    reached = kept.cte("reached", recursive=True)
    below = sa.select(content_part.c.part_id).join(
        reached, reached.c.id == content_part.c.content_id
    )
    needed = sa.select(reached.union(below).c.id)
    still = (
        old
        & ~sa.exists().where(manifest.c.key == content.c.key)
        & ~sa.exists().where(content_part.c.part_id == content.c.id)
    )
    return Step(content, content.c.id, content.c.id.not_in(needed), still, CONTENT_TABLES)
