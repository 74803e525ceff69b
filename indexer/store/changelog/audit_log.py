"""What a registry's audit log said: kept, and laid over the changes that it explains.

It only completes changes that crawls have found: who removed something and when, who pushed it
and when. An event belongs to a change if it is of the same repository and tag, and
happened after what the index had seen before (the change before it of the same thing) and not
after the change was seen. Of several deletions the last counts. Of several pushes it is the one
since which the tag has pointed to the change's digest: lists tell only of the last push, which may
have pushed the same digest again. A push whose digest is not known tells only what nobody told.

A log may lag: so changes are completed when they are written and, those that came before their
event, when that is.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.audit_event import AuditAction
from indexer.core.model import ChangeKind
from indexer.store.database.dialect import chunks, insert
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import KINDS, digest_of, microseconds, time_of
from indexer.store.schema.tables import audit_event, change, manifest, namespace, repository, tag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from indexer.core.audit_event import AuditEvent

    Condition = sa.ColumnElement[bool]

CLOCK_MARGIN = 60_000_000
"""Microseconds by which the registry's clock and ours may differ."""

_DELETIONS = {
    KINDS[ChangeKind.TAG_REMOVED]: AuditAction.TAG_DELETED,
    KINDS[ChangeKind.REPOSITORY_REMOVED]: AuditAction.REPOSITORY_DELETED,
}

_earlier = change.alias("earlier")
_BEFORE = (
    sa.select(sa.func.coalesce(sa.func.max(_earlier.c.observed_at), 0))
    .where(
        _earlier.c.repository_id == change.c.repository_id,
        sa.func.coalesce(_earlier.c.tag_id, 0) == sa.func.coalesce(change.c.tag_id, 0),
        _earlier.c.id < change.c.id,
        _earlier.c.observed_at <= change.c.observed_at,  # else the clock was set back since
    )
    .correlate(change)
    .scalar_subquery()
)
"""When the index last saw anything happen to the same tag or repository."""


class _ExplainedRow(NamedTuple):
    """A change and an event that may explain it."""

    id: int
    kind: int
    action: str
    actor: str
    happened_at: int
    digest: str | None
    key: bytes | None


_EXPLAINED = typed(
    _ExplainedRow,
    sa.select(
        change.c.id,
        change.c.kind,
        audit_event.c.action,
        audit_event.c.actor,
        audit_event.c.happened_at,
        audit_event.c.digest,
        manifest.c.key,
    )
    .join(repository, repository.c.id == change.c.repository_id)
    .outerjoin(tag, tag.c.id == change.c.tag_id)
    .outerjoin(manifest, manifest.c.id == change.c.new_manifest_id)
    .join(
        audit_event,
        (audit_event.c.namespace_id == repository.c.namespace_id)
        & (audit_event.c.repository == repository.c.name)
        & (audit_event.c.tag == sa.func.coalesce(tag.c.name, "")),
    )
    .where(
        audit_event.c.happened_at <= change.c.observed_at + CLOCK_MARGIN,
        audit_event.c.happened_at >= _BEFORE - CLOCK_MARGIN,
    )
    .order_by(change.c.id, audit_event.c.happened_at, audit_event.c.id),
)

_PUSHES = frozenset({KINDS[ChangeKind.TAG_ADDED], KINDS[ChangeKind.TAG_RETAGGED]})

_PUSHED = (
    sa.update(change)
    .where(change.c.id == sa.bindparam("its_id"))
    .values(pushed_by=sa.bindparam("actor"), pushed_at=sa.bindparam("happened_at"))
)

_PERHAPS_PUSHED = (
    sa.update(change)
    .where(change.c.id == sa.bindparam("its_id"))
    .values(
        pushed_by=sa.func.coalesce(change.c.pushed_by, sa.bindparam("actor")),
        pushed_at=sa.func.coalesce(change.c.pushed_at, sa.bindparam("happened_at")),
    )
)

_REMOVED = (
    sa.update(change)
    .where(change.c.id == sa.bindparam("its_id"), change.c.removed_by.is_(None))
    .values(removed_by=sa.bindparam("actor"), removed_at=sa.bindparam("happened_at"))
)


def record(connection: sa.Connection, namespace_id: int, events: Sequence[AuditEvent]) -> None:
    """Keep what the log says, each event once, and complete the changes that waited for it."""
    if not events:
        return
    known = sa.select(sa.func.max(audit_event.c.id))
    last = connection.scalar(known) or 0
    connection.execute(
        insert(connection, audit_event).on_conflict_do_nothing(),
        [
            {
                "namespace_id": namespace_id,
                "action": each.action.value,
                "repository": each.repository,
                "tag": each.tag or "",
                "digest": each.digest,
                "actor": each.actor,
                "happened_at": microseconds(each.at),
            }
            for each in events
        ],
    )
    newest = microseconds(max(each.at for each in events))
    connection.execute(
        sa.update(namespace)
        .where(
            namespace.c.id == namespace_id,
            sa.func.coalesce(namespace.c.audited_until, 0) < newest,
        )
        .values(audited_until=newest)
    )
    _complete(
        connection,
        repository.c.namespace_id == namespace_id,
        audit_event.c.id > last,
        change.c.baseline == sa.false(),
    )


def complete(connection: sa.Connection, rows: int, namespace_id: int) -> None:
    """Complete the changes of this transaction, the last so many, with what the log has said."""
    is_audited = sa.select(namespace.c.audited_until).where(namespace.c.id == namespace_id)
    if rows and connection.scalar(is_audited) is not None:
        last = connection.scalar(sa.select(sa.func.max(change.c.id))) or 0
        _complete(connection, change.c.id > last - rows, change.c.baseline == sa.false())


def audited_until(connection: sa.Connection, namespace_id: int) -> datetime | None:
    """The time of the newest event that is known of a namespace; None: its log was never read."""
    until = sa.select(namespace.c.audited_until).where(namespace.c.id == namespace_id)
    return time_of(connection.scalar(until))


_OF_REPOSITORIES = (
    sa.select(audit_event.c.repository, audit_event.c.action, audit_event.c.happened_at)
    .where(audit_event.c.namespace_id == sa.bindparam("namespace"), audit_event.c.tag == "")
    .order_by(audit_event.c.happened_at, audit_event.c.id)
)


def deleted(connection: sa.Connection, namespace_id: int) -> dict[str, datetime]:
    """When repositories were deleted, by the log; without those that were created again."""
    deletions: dict[str, datetime] = {}
    events = connection.execute(_OF_REPOSITORIES, {"namespace": namespace_id})
    for name, action, happened_at in events:
        if action == AuditAction.REPOSITORY_DELETED:
            deletions[name] = time_of(happened_at)
        else:
            deletions.pop(name, None)
    return deletions


def _complete(connection: sa.Connection, *which: Condition) -> None:
    """Complete the changes that some events explain, with all events of each."""
    explained = {row.id for row in read(connection, _EXPLAINED.where(*which))}
    answers: dict[sa.Update, list[dict[str, object]]] = {}
    for some in chunks(sorted(explained)):
        rows = read(connection, _EXPLAINED.where(change.c.id.in_(some)))
        for number, events in groupby(rows, lambda row: row.id):
            found = _explanation([*events])
            if found is not None:
                statement, event = found
                answer = {"actor": event.actor, "happened_at": event.happened_at}
                answers.setdefault(statement, []).append({"its_id": number, **answer})
    for statement, values in answers.items():
        connection.execute(statement, values)


def _explanation(events: Sequence[_ExplainedRow]) -> tuple[sa.Update, _ExplainedRow] | None:
    """The event that explains a change, of those that may, and what it is worth."""
    kind = events[0].kind
    if kind in _DELETIONS:
        deletions = [event for event in events if event.action == _DELETIONS[kind]]
        return (_REMOVED, deletions[-1]) if deletions else None
    if kind not in _PUSHES:
        return None
    digest = digest_of(events[0].key)
    since: _ExplainedRow | None = None
    is_there = False
    for event in events:
        was_there = is_there
        is_there = event.action == AuditAction.TAG_PUSHED and event.digest == digest is not None
        if is_there and not was_there:
            since = event
    if since is not None:
        return _PUSHED, since
    last = events[-1]
    is_open = last.action == AuditAction.TAG_PUSHED and None in {last.digest, digest}
    return (_PERHAPS_PUSHED, last) if is_open else None
