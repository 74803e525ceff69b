"""Writes tags that were not present before: new rows, and rows of removed tags that come back.

The repository's own row was written before, in the same transaction. So nobody else adds tags to it
meanwhile, and new rows cannot meet each other: they are copied in with ids that are taken first,
without asking the database for each row what is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import sqlalchemy as sa

from indexer.core.digest_age import counted_push
from indexer.core.model import ChangeKind
from indexer.store.changelog.append import InsertedTags, Row
from indexer.store.database.dialect import BulkInsert, new_ids
from indexer.store.schema import visibility
from indexer.store.schema.codec import KINDS, microseconds, time_of
from indexer.store.schema.tables import history, tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.core.model import Tag
    from indexer.crawl.diff import TagsDiff
    from indexer.store.database.typed_rows import Cells

    _Int: TypeAlias = int | None
    _Str: TypeAlias = str | None
    _TagCells: TypeAlias = tuple[
        int, int, str, int, _Int, _Int, int, int, _Str, _Int, _Int, _Str, _Int, _Str, _Int, _Int
    ]
    """In the order of the columns below."""


class WriteContext(NamedTuple):
    """What a listing changes, and the context in which it is written.

    Attributes:
        diff: what the listing changes.
        repository_id: the tags' repository.
        crawl_id: the crawl that saw them.
        now: the end of old and the start of new periods, in microseconds since 1970.
        was_public: whether the public sees what was known of the repository.
        is_public: whether it sees what is read now.
        is_new: its tags were never written before.
        read_before: when the tags were read before, or could have been: see `core.digest_age`.
    """

    diff: TagsDiff
    repository_id: int
    crawl_id: int
    now: int
    was_public: bool
    is_public: bool
    is_new: bool
    read_before: datetime | None = None

    def counted_push(self, item: Tag, *, baseline: bool) -> int | None:
        """The push time from which the age of a new digest counts."""
        return microseconds(
            counted_push(item.pushed_at, time_of(self.now), self.read_before, baseline=baseline)
        )


class StoredTag(NamedTuple):
    """A tag in the table: its id, and the id of its manifest; None: it was removed."""

    id: int
    manifest_id: int | None


_COLUMNS = (
    "id",
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
)

_INSERT = BulkInsert(tag, _COLUMNS)

_ENDED = (
    sa.select(sa.func.max(history.c.ended_at))
    .where(history.c.tag_id == tag.c.id, history.c.ended_at > sa.bindparam("now_since"))
    .scalar_subquery()
)

_REVIVE = (
    sa.update(tag)
    .where(tag.c.id == sa.bindparam("now_id"))
    .values(
        {name: sa.bindparam(f"now_{name}") for name in _COLUMNS[3:]}
        | {
            # The clock may have been set back since its last period ended.
            "since": sa.func.coalesce(_ENDED, sa.bindparam("now_since", type_=sa.BigInteger)),
            "unwatched_since": None,
            "dangling_since": None,
        }
    )
)


class AddedTags(NamedTuple):
    """Tags that one listing adds.

    Attributes:
        writing: the listing.
        manifests: the ids of their contents, in the order of `writing.diff.added`.
        old: the rows of those that were removed before, by name.
    """

    writing: WriteContext
    manifests: Sequence[int]
    old: Mapping[str, StoredTag]

    @property
    def number_of_new(self) -> int:
        """How many of them have no row."""
        added = self.writing.diff.added
        return sum(item.name not in self.old for item in added) if self.old else len(added)


def add(
    connection: sa.Connection, group: Sequence[AddedTags]
) -> tuple[list[InsertedTags], list[Row]]:
    """Write tags that were not present.

    Args:
        connection: in a transaction that has written the repositories' own rows.
        group: the tags of several repositories.

    Returns:
        What the change log must say: of tags that were inserted as one piece, and rows of others.
    """
    writer = _Writer(connection, group)
    _INSERT.run(connection, writer.inserted())
    if writer.revived:
        names = [f"now_{name}" for name in _COLUMNS]
        rows = [dict(zip(names, each, strict=True)) for each in writer.revived]
        connection.execute(_REVIVE, rows)
    return writer.pieces, writer.rows


class _Writer:
    """Makes the rows of tags, a few at a time: a list may be huge."""

    def __init__(self, connection: sa.Connection, group: Sequence[AddedTags]) -> None:
        self._group = [each for each in group if each.writing.diff.added]
        new = sum(each.number_of_new for each in self._group)
        self._ids = new_ids(connection, tag, new) if new else []
        self.revived: list[Cells] = []
        self.pieces: list[InsertedTags] = []
        self.rows: list[Row] = []

    def inserted(self) -> Iterator[Cells]:
        """The rows to insert; those to revive are kept, and what the log must say."""
        at = 0
        for each in self._group:
            writing, number = each.writing, each.number_of_new
            ids = self._ids[at : at + number]
            at += number
            is_piece = (
                number == len(writing.diff.added)
                and ids[-1] - ids[0] == number - 1
                and not writing.diff.first_sight
            )
            if is_piece:
                self._add_piece(writing, ids[0], number)
            for cells, is_new in _rows(each, ids):
                if not is_piece:
                    self.rows.append(_change(writing, cells))
                if is_new:
                    yield cells
                else:
                    self.revived.append(cells)

    def _add_piece(self, writing: WriteContext, first: int, number: int) -> None:
        baseline, private = writing.diff.baseline, not writing.is_public
        piece = InsertedTags(first, number, baseline, private, (writing.repository_id,))
        last = self.pieces[-1] if self.pieces else None
        if last is not None and (last.first_id + last.number, *last[2:4]) == (first, *piece[2:4]):
            number += last.number
            several = last.repository_ids + piece.repository_ids
            self.pieces[-1] = last._replace(number=number, repository_ids=several)
        else:
            self.pieces.append(piece)


def _rows(added: AddedTags, ids: Sequence[int]) -> Iterator[tuple[_TagCells, bool]]:
    """The rows of what one listing adds, and whether they are new."""
    writing, old, new = added.writing, added.old, iter(ids)
    diff, repository, crawl, now = writing[:4]
    seen_at, read_before = time_of(now), writing.read_before
    private_until, public_until = visibility.of_new(private=not writing.is_public).values()
    for item, manifest in zip(diff.added, added.manifests, strict=False):
        name, date, status = item.name, item.last_updated, item.status
        pushed = microseconds(item.pushed_at)
        is_baseline = diff.baseline or name in diff.first_sight
        counted = counted_push(item.pushed_at, seen_at, read_before, baseline=is_baseline)
        stored = old.get(name)
        cells = (
            next(new) if stored is None else stored.id,
            repository,
            name,
            manifest,
            pushed if date == item.pushed_at else microseconds(date),
            pushed,
            now,
            crawl,
            item.pushed_by,
            None if counted is None else pushed,
            microseconds(item.last_pulled),
            status,
            None if status is None else now,
            item.content_type,
            private_until,
            public_until,
        )
        yield cells, stored is None


def _change(writing: WriteContext, cells: _TagCells) -> Row:
    """The change that such a row is."""
    number, repository, name, manifest, _, pushed, _, _, pusher, *_ = cells
    return Row(
        KINDS[ChangeKind.TAG_ADDED],
        repository,
        number,
        None,
        manifest,
        pushed,
        writing.diff.is_baseline(name),
        pusher,
        private=not writing.is_public,
    )
