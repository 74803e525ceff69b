"""Writes what listings of repositories' tags change: of many repositories in one transaction."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.digest_age import counted_push
from indexer.core.model import DANGLING, ChangeKind
from indexer.crawl.wanted_names import read_filter
from indexer.store.changelog import append
from indexer.store.database.dialect import BulkInsert, FetchAll, chunks
from indexer.store.schema import visibility
from indexer.store.schema.codec import is_unnamed, keys_of, microseconds, time_of
from indexer.store.schema.tables import TO_BE_NUMBERED, history, manifest, repository, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.core.model import Tag
    from indexer.crawl.diff import TagsDiff
    from indexer.store.database.typed_rows import Cells, Columns
    from indexer.store.manifests.contents import ContentWriter
    from indexer.store.schema.codec import Key


class WriteContext(NamedTuple):
    """What a listing changes, and the context in which it is written.

    Attributes:
        diff: what the listing changes.
        repository_id: the tags' repository.
        crawl_id: the crawl that saw them.
        now: the end of old and the start of new periods, in microseconds since 1970.
        was_public: whether the public sees what was known of the repository.
        is_public: whether it sees what is read now.
        read_before: when the tags were read before, or could have been: see `core.digest_age`.
    """

    diff: TagsDiff
    repository_id: int
    crawl_id: int
    now: int
    was_public: bool
    is_public: bool
    read_before: datetime | None = None

    def counted_push(self, item: Tag, *, baseline: bool) -> int | None:
        """The push time from which the age of a new digest counts."""
        seen_at = time_of(self.now)
        return microseconds(
            counted_push(item.pushed_at, seen_at, self.read_before, baseline=baseline)
        )


class _Stored(NamedTuple):
    """A tag in the table: its id, and the id of its manifest."""

    id: int
    manifest_id: int | None


_INSERT = BulkInsert(
    tag,
    (
        "repository_id",
        "name",
        "manifest_id",
        "last_updated",
        "pushed_at",
        "since",
        "crawl_id",
        "pushed_by",
        "counted_push",
        "last_pulled",
        "status",
        "status_since",
        "content_type",
        "private_until",
        "public_until",
    ),
    found_by={"manifest_id": manifest.c.key},
    # A removed tag is revived: it keeps its id, and with it its history.
    conflict="""
        ON CONFLICT (repository_id, name) DO UPDATE SET
            manifest_id = excluded.manifest_id,
            last_updated = excluded.last_updated,
            pushed_at = excluded.pushed_at,
            pushed_by = excluded.pushed_by,
            counted_push = excluded.counted_push,
            last_pulled = excluded.last_pulled,
            status = excluded.status,
            status_since = excluded.status_since,
            content_type = excluded.content_type,
            crawl_id = excluded.crawl_id,
            private_until = excluded.private_until,
            public_until = excluded.public_until,
            unwatched_since = NULL,
            dangling_since = NULL,
            since = coalesce(
                (
                    SELECT max(history.ended_at) FROM history
                    WHERE history.tag_id = tag.id AND history.ended_at > excluded.since
                ),
                excluded.since
            )
    """,
)


class _TagRow(NamedTuple):
    """A tag, its id, and the id of its manifest; null: it was removed."""

    name: str
    id: int
    manifest_id: int | None


_OF_THIS_CRAWL = FetchAll(
    _TagRow,
    sa.select(tag.c.name, tag.c.id, tag.c.manifest_id).where(
        tag.c.repository_id == sa.bindparam("repository"), tag.c.crawl_id == sa.bindparam("crawl")
    ),
)

_BY_KEY = sa.select(manifest.c.id).where(manifest.c.key == sa.bindparam("key")).scalar_subquery()

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


def write(
    connection: sa.Connection, group: Sequence[WriteContext], contents: ContentWriter
) -> list[append.Row]:
    """Write what listings change, except the repositories' own rows and the log.

    Args:
        connection: in a transaction.
        group: listings of different repositories.
        contents: stores what their tags point to.

    Returns:
        The rows for the change log.
    """
    keys = [keys_of(_pointing(each.diff)) for each in group]
    contents.store(
        connection,
        [
            (item, own[item.name])
            for each, own in zip(group, keys, strict=True)
            for item in _pointing(each.diff)
        ],
    )
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
    _add(connection, [*zip(group, keys, strict=True)])
    rows: list[append.Row] = []
    for each, own, before in zip(group, keys, old, strict=True):
        _move(connection, each, before, own)
        _refine(connection, each, before, own)
        _look(connection, each)
        _mark(connection, each, each.diff.dangling.now, now)
        _mark(connection, each, each.diff.dangling.sound, None)
        rows += _rows(connection, each, before)
    return rows


def _pointing(diff: TagsDiff) -> Iterator[Tag]:
    """The tags whose content is written."""
    moved = (item for item, _ in diff.retagged)
    return itertools.chain(diff.added, moved, diff.resolved, diff.touched)


def _rows(
    connection: sa.Connection, writing: WriteContext, old: Mapping[str, _Stored]
) -> Iterator[append.Row]:
    """The rows for the change log, for what was written."""
    diff = writing.diff
    new: dict[str, tuple[int, int | None]] = {}
    if diff.added or diff.retagged:
        wanted = {"repository": writing.repository_id, "crawl": writing.crawl_id}
        found = _OF_THIS_CRAWL.run(connection, wanted)
        new = {name: (number, content) for name, number, content in found}
    repository = writing.repository_id
    for item in diff.added:
        number, content = new[item.name]
        pushed = microseconds(item.pushed_at)
        yield append.Row(
            ChangeKind.TAG_ADDED,
            repository,
            number,
            None,
            content,
            pushed,
            diff.is_baseline(item.name),
            item.pushed_by,
            private=not writing.is_public,
        )
    for name in diff.removed:
        before, is_old = old[name], name in diff.first_sight
        yield append.Row(
            ChangeKind.TAG_REMOVED,
            repository,
            before.id,
            before.manifest_id,
            baseline=is_old,
            reason=DANGLING if name in diff.dangling.now else None,
            private=not writing.was_public,
        )
    for item, _ in diff.retagged:
        number, content = new[item.name]
        before, pushed = old[item.name], microseconds(item.pushed_at)
        yield append.Row(
            ChangeKind.TAG_RETAGGED,
            repository,
            number,
            before.manifest_id,
            content,
            pushed,
            item.name in diff.first_sight,
            item.pushed_by,
            private=not writing.was_public,
        )


def end_tags(connection: sa.Connection, *, repository_ids: Sequence[int], now: int) -> None:
    """End the periods of all tags of removed repositories."""
    _close(connection, tag.c.repository_id.in_(repository_ids), now, has_ended=True)


def _stored(connection: sa.Connection, writing: WriteContext) -> dict[str, _Stored]:
    """The known tags that a listing changes, by name."""
    diff = writing.diff
    changed = (item.name for item in _pointing(diff))
    names = [*itertools.islice(changed, len(diff.added), None), *diff.removed, *diff.dropped]
    found: dict[str, _Stored] = {}
    for some in chunks(names):
        rows = connection.execute(
            sa.select(tag.c.name, tag.c.id, tag.c.manifest_id).where(
                tag.c.repository_id == writing.repository_id, tag.c.name.in_(some)
            )
        )
        found.update((name, _Stored(number, content)) for name, number, content in rows)
    return found


def _add(
    connection: sa.Connection, group: Iterable[tuple[WriteContext, Mapping[str, Key]]]
) -> None:
    _INSERT.run(connection, (row for writing, keys in group for row in _added(writing, keys)))


def _added(writing: WriteContext, keys: Mapping[str, Key]) -> Iterator[Cells]:
    """The rows of new tags."""
    seen = visibility.of_new(private=not writing.is_public).values()
    repository, crawl, now = writing.repository_id, writing.crawl_id, writing.now
    for item in writing.diff.added:
        yield (
            repository,
            item.name,
            keys[item.name][0],
            microseconds(item.last_updated),
            microseconds(item.pushed_at),
            now,
            crawl,
            item.pushed_by,
            writing.counted_push(item, baseline=writing.diff.is_baseline(item.name)),
            microseconds(item.last_pulled),
            item.status,
            None if item.status is None else now,
            item.content_type,
            *seen,
        )


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
    connection: sa.Connection, writing: WriteContext, names: Iterable[str], now: int | None
) -> None:
    """Note since when tags dangle, where it is not noted yet; None: that they do not any more."""
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
    old: Mapping[str, _Stored],
    keys: Mapping[str, Key],
) -> None:
    """Start the new periods of retagged tags, whose old periods were ended."""
    diff = writing.diff
    if not diff.retagged:
        return
    statement = _UPDATE.values(
        manifest_id=_BY_KEY,
        since=_no_earlier(writing.now),
        crawl_id=writing.crawl_id,
        **visibility.of_new(private=not writing.is_public),
        counted_push=sa.bindparam("counted"),
    )
    rows = [
        _update(writing, item, old[item.name], keys[item.name])
        | {"counted": writing.counted_push(item, baseline=item.name in diff.first_sight)}
        for item, _ in diff.retagged
    ]
    connection.execute(statement, rows)


def _update(writing: WriteContext, item: Tag, stored: _Stored, key: Key) -> Columns:
    return {
        "key": key[0],
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
    old: Mapping[str, _Stored],
    keys: Mapping[str, Key],
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
        row = _update(writing, item, old[item.name], keys[item.name])
        if item.digest is None and old[item.name].manifest_id in named:
            del row["key"]
            dates.append(row)
        else:
            better.append(row)
    if better:
        connection.execute(_UPDATE.values(manifest_id=_BY_KEY), better)
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
