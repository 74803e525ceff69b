"""Writes what listings of repositories' tags change: of many repositories in one transaction."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.model import DANGLING, ChangeKind
from indexer.crawl.wanted_names import read_filter
from indexer.store.changelog import append
from indexer.store.crawl.new_tags import AddedTags, StoredTag, add
from indexer.store.database.dialect import chunks
from indexer.store.schema import visibility
from indexer.store.schema.codec import KINDS, is_unnamed, microseconds
from indexer.store.schema.tables import TO_BE_NUMBERED, history, manifest, repository, tag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from indexer.core.model import Tag
    from indexer.crawl.diff import TagsDiff
    from indexer.store.crawl.new_tags import WriteContext
    from indexer.store.database.typed_rows import Columns
    from indexer.store.manifests.contents import ContentWriter

_STATE = {
    "last_pulled": sa.bindparam("pulled"),
    "status": sa.bindparam("now_status", type_=sa.Text),
    "status_since": sa.case(
        (tag.c.status.is_not_distinct_from(sa.bindparam("now_status")), tag.c.status_since),
        else_=sa.bindparam("now", type_=sa.BigInteger),
    ),
    "content_type": sa.bindparam("content"),
}
"""What is kept of the present only."""

_SEEN = sa.update(tag).where(tag.c.id == sa.bindparam("its_id")).values(_STATE)

_UPDATE = _SEEN.values(
    last_updated=sa.bindparam("date"),
    pushed_at=sa.bindparam("pushed"),
    pushed_by=sa.bindparam("pusher"),
)


_POINT = _UPDATE.values(manifest_id=sa.bindparam("manifest"))


def write(
    connection: sa.Connection, group: Sequence[WriteContext], contents: ContentWriter
) -> tuple[list[append.InsertedTags], list[append.Row]]:
    """Write what listings change, except the repositories' own rows and the log.

    Args:
        connection: in a transaction.
        group: listings of different repositories.
        contents: stores what their tags point to.

    Returns:
        What the change log must say: of tags that were inserted, and the other rows.
    """
    pointing = [_pointing(each.diff) for each in group]
    ids = iter(contents.store(connection, itertools.chain.from_iterable(pointing)))
    manifests = [[*itertools.islice(ids, len(tags))] for tags in pointing]
    old = [_stored(connection, each) for each in group]
    known = [*zip(group, old, strict=True)]
    now = group[0].now
    moved = [before[item.name].id for each, before in known for item, _ in each.diff.retagged]
    removed = [before[name].id for each, before in known for name in each.diff.removed]
    dropped = [before[name].id for each, before in known for name in each.diff.dropped]
    _end(connection, moved, now)
    _end(connection, removed, now, has_ended=True)
    _end(connection, dropped, now, has_ended=True, by=None)
    _leave_out(connection, dropped, now)
    inserted, rows = add(connection, [*map(AddedTags, group, manifests, old)])
    for each, tags, numbers, before in zip(group, pointing, manifests, old, strict=True):
        added = len(each.diff.added)
        point = {
            item.name: number for item, number in zip(tags[added:], numbers[added:], strict=True)
        }
        _move(connection, each, before, point)
        _refine(connection, each, before, point)
        _look(connection, each)
        _mark(connection, each, each.diff.dangling.now, now)
        _mark(connection, each, each.diff.dangling.sound, None)
        rows += _rows(each, before, point)
    return inserted, rows


def _pointing(diff: TagsDiff) -> list[Tag]:
    """The tags whose content is written, those that are added first."""
    moved = (item for item, _ in diff.retagged)
    return [*diff.added, *moved, *diff.resolved, *diff.touched]


def _rows(
    writing: WriteContext, old: Mapping[str, StoredTag], manifests: Mapping[str, int]
) -> Iterator[append.Row]:
    """The rows for the change log of tags that were removed and retagged."""
    diff, repository = writing.diff, writing.repository_id
    for name in diff.removed:
        before, is_old = old[name], name in diff.first_sight
        yield append.Row(
            KINDS[ChangeKind.TAG_REMOVED],
            repository,
            before.id,
            before.manifest_id,
            baseline=is_old,
            reason=DANGLING if name in diff.dangling.now else None,
            private=not writing.was_public,
        )
    for item, _ in diff.retagged:
        before, pushed = old[item.name], microseconds(item.pushed_at)
        yield append.Row(
            KINDS[ChangeKind.TAG_RETAGGED],
            repository,
            before.id,
            before.manifest_id,
            manifests[item.name],
            pushed,
            item.name in diff.first_sight,
            item.pushed_by,
            private=not writing.was_public,
        )


def end_tags(connection: sa.Connection, *, repository_ids: Sequence[int], now: int) -> None:
    """End the periods of all tags of removed repositories."""
    _close(connection, tag.c.repository_id.in_(repository_ids), now, has_ended=True)


def _stored(connection: sa.Connection, writing: WriteContext) -> dict[str, StoredTag]:
    """The rows of tags that a listing changes, by name: also removed ones that come back."""
    diff = writing.diff
    if writing.is_new:
        return {}
    names = [*(item.name for item in _pointing(diff)), *diff.removed, *diff.dropped]
    found: dict[str, StoredTag] = {}
    for some in chunks(names):
        rows = connection.execute(
            sa.select(tag.c.name, tag.c.id, tag.c.manifest_id)
            .where(tag.c.repository_id == writing.repository_id, tag.c.name.in_(some))
            # PostgreSQL: or `indexer prune` deletes a removed tag that comes back.
            .with_for_update(key_share=True)
        )
        found.update((name, StoredTag(number, content)) for name, number, content in rows)
    return found


def _end(
    connection: sa.Connection,
    numbers: Sequence[int],
    now: int,
    *,
    has_ended: bool = False,
    by: int | None = TO_BE_NUMBERED,
) -> None:
    for some in chunks(numbers):
        _close(connection, tag.c.id.in_(some), now, has_ended=has_ended, by=by)


def _leave_out(connection: sa.Connection, numbers: Sequence[int], now: int) -> None:
    """Note of tags whose period ended that nobody wants them any more: they are not removed."""
    for some in chunks(numbers):
        connection.execute(sa.update(tag).where(tag.c.id.in_(some)).values(unwatched_since=now))


def watch_again(connection: sa.Connection, repository_id: int, filters: str) -> None:
    """Record tags as removed, not as unwatched, that are wanted again and that an exact list lacks.

    They were removed while the filter left them out. The time is not known, so this is no change.
    """
    left_out = sa.select(tag.c.name, tag.c.id, repository.c.name.label("repository")).where(
        tag.c.repository_id == repository_id,
        repository.c.id == tag.c.repository_id,
        tag.c.unwatched_since.is_not(None),
    )
    wanted = read_filter(filters)
    numbers = [
        number for name, number, home in connection.execute(left_out) if wanted.has(home, name)
    ]
    for some in chunks(numbers):
        connection.execute(sa.update(tag).where(tag.c.id.in_(some)).values(unwatched_since=None))


def _mark(
    connection: sa.Connection, writing: WriteContext, names: Collection[str], now: int | None
) -> None:
    """Note since when tags dangle, where it is not noted yet; None: that they do not any more."""
    if not names:
        return
    which = tag.c.repository_id == writing.repository_id
    if now is not None:
        which &= tag.c.dangling_since.is_(None)
    for some in chunks(sorted(names)):
        connection.execute(
            sa.update(tag).where(which, tag.c.name.in_(some)).values(dangling_since=now)
        )


def _close(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    now: int,
    *,
    has_ended: bool,
    by: int | None = TO_BE_NUMBERED,
) -> None:
    """Move the present periods of tags into the history.

    Args:
        connection: in a transaction.
        which: the tags.
        now: the time.
        has_ended: no period follows.
        by: None: no change of this transaction ends them.
    """
    which = which & tag.c.manifest_id.is_not(None)
    ended = sa.select(
        tag.c.id,
        tag.c.manifest_id,
        tag.c.pushed_at,
        tag.c.since,
        _no_earlier(now),
        tag.c.crawl_id,
        tag.c.pushed_by,
        tag.c.counted_push,
        sa.literal(by, sa.BigInteger),
        tag.c.private_until,
        tag.c.public_until,
    )
    columns = ["tag_id", "manifest_id", "pushed_at", "started_at", "ended_at", "crawl_id"]
    columns += ["pushed_by", "counted_push", "change_id", "private_until", "public_until"]
    ended = ended.where(which).order_by(tag.c.id)
    connection.execute(sa.insert(history).from_select(columns, ended))
    if has_ended:
        connection.execute(sa.update(tag).where(which).values(manifest_id=None))


def _no_earlier(now: int) -> sa.ColumnElement[int]:
    """Now, or the start of the present period if later: the clock may have been set back."""
    time = sa.literal(now, sa.BigInteger)
    return sa.case((tag.c.since > time, tag.c.since), else_=time)


def _move(
    connection: sa.Connection,
    writing: WriteContext,
    old: Mapping[str, StoredTag],
    manifests: Mapping[str, int],
) -> None:
    """Start the new periods of retagged tags, whose old periods were ended."""
    diff = writing.diff
    if not diff.retagged:
        return
    statement = _POINT.values(
        since=_no_earlier(writing.now),
        crawl_id=writing.crawl_id,
        **visibility.of_new(private=not writing.is_public),
        counted_push=sa.bindparam("counted"),
    )
    rows = [
        _update(writing, item, old[item.name])
        | {
            "manifest": manifests[item.name],
            "counted": writing.counted_push(item, baseline=item.name in diff.first_sight),
        }
        for item, _ in diff.retagged
    ]
    connection.execute(statement, rows)


def _update(writing: WriteContext, item: Tag, stored: StoredTag) -> Columns:
    return {
        "date": microseconds(item.last_updated),
        "pushed": microseconds(item.pushed_at),
        "pusher": item.pushed_by,
        **_state(writing, item, stored.id),
    }


def _state(writing: WriteContext, item: Tag, number: int) -> Columns:
    return {
        "its_id": number,
        "pulled": microseconds(item.last_pulled),
        "now_status": item.status,
        "now": writing.now,
        "content": item.content_type,
    }


def _refine(
    connection: sa.Connection,
    writing: WriteContext,
    old: Mapping[str, StoredTag],
    manifests: Mapping[str, int],
) -> None:
    """Update tags that were not retagged, within their period.

    Identified content is never replaced by unidentified content: that would lose information.
    """
    same = (*writing.diff.resolved, *writing.diff.touched)
    if not same:
        return
    named = _named(connection, [old[item.name].manifest_id for item in same])
    better: list[Columns] = []
    dates: list[Columns] = []
    for item in same:
        row = _update(writing, item, old[item.name])
        if item.digest is None and old[item.name].manifest_id in named:
            dates.append(row)
        else:
            better.append(row | {"manifest": manifests[item.name]})
    if better:
        connection.execute(_POINT, better)
    if dates:
        connection.execute(_UPDATE, dates)


def _look(connection: sa.Connection, writing: WriteContext) -> None:
    """Write what moves without a push, where it moved: when it was pulled, whether it is active."""
    for some in chunks(writing.diff.seen):
        by_name = {item.name: item for item in some}
        wanted = sa.select(
            tag.c.name, tag.c.id, tag.c.last_pulled, tag.c.status, tag.c.content_type
        ).where(tag.c.repository_id == writing.repository_id, tag.c.name.in_(by_name))
        moved = [
            _state(writing, item, number)
            for name, number, *before in connection.execute(wanted)
            for item in [by_name[name]]
            if before != [microseconds(item.last_pulled), item.status, item.content_type]
        ]
        if moved:
            connection.execute(_SEEN, moved)


def _named(connection: sa.Connection, numbers: Iterable[int | None]) -> set[int]:
    """Those manifests that a digest or a fingerprint identifies."""
    named: set[int] = set()
    for some in chunks({number for number in numbers if number is not None}):
        rows = connection.execute(
            sa.select(manifest.c.id, manifest.c.key).where(manifest.c.id.in_(some))
        )
        named.update(number for number, key in rows if not is_unnamed(key))
    return named
