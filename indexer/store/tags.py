"""A listing of a repository's tags, written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from indexer.model import ChangeKind
from indexer.store import log
from indexer.store.codec import is_unnamed, key_of, microseconds
from indexer.store.dialect import chunks, insert
from indexer.store.tables import history, manifest, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from indexer.diff import TagsDiff
    from indexer.model import Tag
    from indexer.store.content import Contents


class Writing(NamedTuple):
    """Where tags are written, and in whose name.

    Attributes:
        connection: in a transaction.
        repository_id: whose tags.
        crawl_id: which crawl saw them.
        now: the end of old and the start of new intervals, in microseconds.
    """

    connection: sa.Connection
    repository_id: int
    crawl_id: int
    now: int


class _Old(NamedTuple):
    """A tag as it is in the table: its number, and the number of what it points to."""

    id: int
    manifest_id: int | None


def write(writing: Writing, diff: TagsDiff, contents: Contents) -> list[log.Row]:
    """Write what a listing changes, but for the repository's own row and the log.

    Returns:
        The rows for the change log.
    """
    moved = [retag.tag for retag in diff.retagged]
    numbers = contents.store(
        writing.connection, (*diff.added, *moved, *diff.resolved, *diff.touched)
    )
    touched = (*moved, *diff.resolved, *diff.touched)
    old = _old(writing, [*(item.name for item in touched), *diff.removed])
    _add(writing, diff.added, numbers)
    added = _old(writing, [item.name for item in diff.added])
    _end(writing, [old[item.name].id for item in moved])
    _end(writing, [old[name].id for name in diff.removed], gone=True)
    _move(writing, moved, old, numbers)
    _refine(writing, (*diff.resolved, *diff.touched), old, numbers)
    return [
        *(
            log.Row(
                ChangeKind.TAG_ADDED,
                writing.repository_id,
                added[item.name].id,
                new_manifest_id=added[item.name].manifest_id,
                pushed_at=microseconds(item.pushed_at),
                baseline=diff.baseline,
            )
            for item in diff.added
        ),
        *(
            log.Row(
                ChangeKind.TAG_REMOVED,
                writing.repository_id,
                old[name].id,
                old_manifest_id=old[name].manifest_id,
            )
            for name in diff.removed
        ),
        *(
            log.Row(
                ChangeKind.TAG_RETAGGED,
                writing.repository_id,
                old[item.name].id,
                old_manifest_id=old[item.name].manifest_id,
                new_manifest_id=numbers[key_of(item)[0]],
                pushed_at=microseconds(item.pushed_at),
            )
            for item in moved
        ),
    ]


def end_tags(connection: sa.Connection, *, repository_ids: Sequence[int], now: int) -> None:
    """End the intervals of all tags of removed repositories."""
    _close(connection, tag.c.repository_id.in_(repository_ids), now, gone=True)


def _old(writing: Writing, names: Iterable[str]) -> dict[str, _Old]:
    found: dict[str, _Old] = {}
    for some in chunks(names):
        rows = writing.connection.execute(
            sa.select(tag.c.name, tag.c.id, tag.c.manifest_id).where(
                tag.c.repository_id == writing.repository_id, tag.c.name.in_(some)
            )
        )
        found.update((name, _Old(number, content)) for name, number, content in rows)
    return found


def _add(writing: Writing, added: Sequence[Tag], numbers: Mapping[bytes, int]) -> None:
    """Add what is new, and revive what was here before, which keeps its number and its history."""
    if not added:
        return
    statement = insert(writing.connection, tag)
    new = statement.excluded
    names = ("manifest_id", "last_updated", "pushed_at", "crawl_id")
    ended = (
        sa.select(sa.func.max(history.c.ended_at))
        .where(history.c.tag_id == tag.c.id)
        .correlate(tag)
        .scalar_subquery()
    )
    writing.connection.execute(
        statement.on_conflict_do_update(
            index_elements=["repository_id", "name"],
            set_={**{name: new[name] for name in names}, "since": _later(new.since, ended)},
        ),
        [
            {
                "repository_id": writing.repository_id,
                "name": item.name,
                "since": writing.now,
                "crawl_id": writing.crawl_id,
                **_present(item, numbers),
            }
            for item in added
        ],
    )


def _present(item: Tag, numbers: Mapping[bytes, int]) -> dict[str, Any]:
    """What a listing says of a tag."""
    return {
        "manifest_id": numbers[key_of(item)[0]],
        "last_updated": microseconds(item.last_updated),
        "pushed_at": microseconds(item.pushed_at),
    }


def _end(writing: Writing, numbers: Sequence[int], *, gone: bool = False) -> None:
    for some in chunks(numbers):
        _close(writing.connection, tag.c.id.in_(some), writing.now, gone=gone)


def _close(
    connection: sa.Connection, which: sa.ColumnElement[bool], now: int, *, gone: bool
) -> None:
    """Move the present intervals of tags into the history; `gone`: nothing follows them."""
    which = which & tag.c.manifest_id.is_not(None)
    ended = sa.select(
        tag.c.id,
        tag.c.manifest_id,
        tag.c.pushed_at,
        tag.c.since,
        _later(sa.literal(now, sa.BigInteger), tag.c.since),
        tag.c.crawl_id,
    )
    columns = ["tag_id", "manifest_id", "pushed_at", "started_at", "ended_at", "crawl_id"]
    ended = ended.where(which).order_by(tag.c.id)
    connection.execute(sa.insert(history).from_select(columns, ended))
    if gone:
        connection.execute(sa.update(tag).where(which).values(manifest_id=None))


def _later(one: Any, other: Any) -> sa.ColumnElement[int]:
    """The later of two times, the first if there is no other: a clock may have been set back."""
    return sa.case((other > one, other), else_=one)


def _move(
    writing: Writing, moved: Sequence[Tag], old: Mapping[str, _Old], numbers: Mapping[bytes, int]
) -> None:
    """Let tags whose interval was ended point to what they point to now."""
    if not moved:
        return
    now = sa.literal(writing.now, sa.BigInteger)
    statement = (
        sa.update(tag)
        .where(tag.c.id == sa.bindparam("its_id"))
        .values(
            manifest_id=sa.bindparam("manifest_id"),
            last_updated=sa.bindparam("last_updated"),
            pushed_at=sa.bindparam("pushed_at"),
            since=_later(now, tag.c.since),
            crawl_id=writing.crawl_id,
        )
    )
    rows = [{"its_id": old[item.name].id, **_present(item, numbers)} for item in moved]
    writing.connection.execute(statement, rows)


def _refine(
    writing: Writing, same: Sequence[Tag], old: Mapping[str, _Old], numbers: Mapping[bytes, int]
) -> None:
    """Write what is new of tags that did not move, within their interval.

    Content that is named never gives way to content that is not: then less is known, not more.
    """
    if not same:
        return
    named = _named(writing.connection, [content.manifest_id for content in old.values()])
    rows = []
    for item in same:
        before = old[item.name]
        present = _present(item, numbers)
        if item.digest is None and before.manifest_id in named:
            present["manifest_id"] = before.manifest_id
        rows.append({"its_id": before.id, **present})
    statement = (
        sa.update(tag)
        .where(tag.c.id == sa.bindparam("its_id"))
        .values({name: sa.bindparam(name) for name in rows[0] if name != "its_id"})
    )
    writing.connection.execute(statement, rows)


def _named(connection: sa.Connection, numbers: Iterable[int | None]) -> set[int]:
    """Those contents that a digest or a fingerprint identifies."""
    named: set[int] = set()
    for some in chunks({number for number in numbers if number is not None}):
        rows = connection.execute(
            sa.select(manifest.c.id, manifest.c.key).where(manifest.c.id.in_(some))
        )
        named.update(number for number, key in rows if not is_unnamed(key))
    return named
