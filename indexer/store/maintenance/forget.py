"""Deletes a repository or a namespace from the index, with its history and changes.

No removal is reported. Content stays, because other tags may point to it; `indexer prune` deletes
what no tag points to.

It is deleted in short transactions, so that crawls of other namespaces go on. First all of it is
marked as never read. So if this ends before the last transaction, a crawl reports nothing as new
that is only missing here, and `forget` again deletes the rest. Each transaction deletes tags with
all their periods and changes, and a repository when it has no tags any more, so that every rule of
`indexer db check` holds after each.
"""

from __future__ import annotations

from itertools import groupby
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.keyboard_interrupt import whole
from indexer.crawl.ports import ForgottenCounts
from indexer.store.database.dialect import chunks
from indexer.store.schema.manifest_tables import referrers
from indexer.store.schema.notify_and_policy_tables import policy
from indexer.store.schema.tables import (
    LIST_MEMORY,
    audit_event,
    change,
    crawl,
    hiding,
    history,
    namespace,
    namespace_count,
    push_hint,
    registry,
    repository,
    repository_daily,
    tag,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from indexer.store.database.engine import Database

ROWS_AT_ONCE = 1_000
"""Rows deleted in one transaction, about: some tens of milliseconds."""

_NO_MEMORY = dict.fromkeys(LIST_MEMORY)
_NOT_EXACT = {
    "list_exact": False,
    # Of a list that is seen in part, this is what lets the next crawl read more than its head.
    "list_newest_first": sa.case(
        (namespace.c.list_partial.is_(True), False), else_=namespace.c.list_newest_first
    ),
}
"""The next crawl reads the whole list: one that was removed meanwhile would stand in for the
repository that is known no more, and by its count nothing would be new."""

_NEVER_READ = {"was_read": False, "read_updated": None, "baseline": True, **_NO_MEMORY}


class _Piece(NamedTuple):
    """What one transaction deletes.

    Attributes:
        tags: with all their periods.
        changes: all of these tags, and those of the repositories themselves.
        repositories: those of which nothing is left then.
        opened: the repository of which some tags are left.
    """

    tags: list[int]
    changes: list[int]
    repositories: list[int]
    opened: int | None = None


def forget(
    database: Database,
    namespace_id: int,
    name: str | None,
    *,
    check_alone: Callable[[], None],
    pause: Callable[[float], None],
    at_once: int = ROWS_AT_ONCE,
) -> ForgottenCounts:
    """Delete a repository of a namespace, or the whole namespace if `name` is None.

    The remaining changes keep their ids, and no id is used again.

    Args:
        database: the index. The caller holds the lock of the namespace.
        namespace_id: the namespace.
        name: of the repository.
        check_alone: called before each transaction; raises if the lock was lost.
        pause: waits for some seconds between two transactions, so that others have their turn.
        at_once: rows deleted in one transaction, about.
    """

    def run(*statements: sa.Executable) -> None:
        check_alone()
        began = monotonic()
        with whole(), database.writing() as connection:
            for each in statements:
                connection.execute(each)
        pause(monotonic() - began)

    which = repository.c.namespace_id == namespace_id
    if name is not None:
        which &= repository.c.name == name
    with database.reading() as connection:
        found = connection.execute(
            sa.select(repository.c.id, repository.c.tags).where(which).order_by(repository.c.id)
        ).all()
    numbers = [row.id for row in found]
    memory = _NO_MEMORY if name is None else _NOT_EXACT
    run(sa.update(namespace).where(namespace.c.id == namespace_id).values(memory))
    for some in chunks(numbers, at_once):
        run(sa.update(repository).where(repository.c.id.in_(some)).values(_NEVER_READ))
    for piece in _pieces(database, numbers, at_once):
        run(*_deleting(piece, namespace_id))
    if name is None:
        for table in (crawl, audit_event, push_hint):
            for some in _numbers(database, table, namespace_id, at_once):
                run(sa.delete(table).where(table.c.id.in_(some)))
        run(
            sa.delete(namespace_count).where(namespace_count.c.namespace_id == namespace_id),
            sa.delete(namespace).where(namespace.c.id == namespace_id),
        )
    # Policies about present tags look at everything once more, and resolve what is forgotten.
    run(sa.update(policy).values(looked_until=None))
    return ForgottenCounts(len(found), sum(row.tags for row in found))


def _pieces(database: Database, repositories: Sequence[int], at_once: int) -> Iterator[_Piece]:
    """Yield what to delete, some repositories at a time, or some tags of one."""
    piece, weight = _Piece([], [], []), 0
    for number in repositories:
        for tags, changes, rows in _rows_of(database, number, at_once):
            piece.tags.extend(tags)
            piece.changes.extend(changes)
            weight += rows
            if weight >= at_once:
                yield piece._replace(opened=number)
                piece, weight = _Piece([], [], []), 0
        piece.repositories.append(number)
        weight += 1
        if weight >= at_once:
            yield piece
            piece, weight = _Piece([], [], []), 0
    if weight:
        yield piece


def _rows_of(
    database: Database, number: int, at_once: int
) -> Iterator[tuple[list[int], list[int], int]]:
    """Yield each tag of a repository with its changes, and how many rows that is in all.

    At last the changes of the repository itself, without a tag.
    """
    periods = sa.select(sa.func.count()).where(history.c.tag_id == tag.c.id).scalar_subquery()
    with database.reading() as connection:
        tags = connection.execute(
            sa.select(tag.c.id, periods).where(tag.c.repository_id == number)
        ).all()
        of_tags = connection.execute(
            sa.select(sa.func.coalesce(change.c.tag_id, 0), change.c.id)
            .where(change.c.repository_id == number)
            .order_by(sa.func.coalesce(change.c.tag_id, 0))
        ).all()
    changes = {
        key: [row[1] for row in rows] for key, rows in groupby(of_tags, key=lambda row: row[0])
    }
    for its_id, ended in tags:
        its_changes = changes.pop(its_id, [])
        yield [its_id], its_changes, 1 + ended + len(its_changes)
    for some in chunks([each for rest in changes.values() for each in rest], at_once):
        yield [], some, len(some)


def _deleting(piece: _Piece, namespace_id: int) -> Iterator[sa.Executable]:
    """The statements that delete a piece, children before parents."""
    for some in chunks(piece.changes):
        yield sa.delete(change).where(change.c.id.in_(some))
    for some in chunks(piece.tags):
        if piece.opened is not None:
            gone = sa.select(sa.func.count()).where(
                tag.c.id.in_(some),
                tag.c.repository_id == piece.opened,
                tag.c.manifest_id.is_not(None),
            )
            yield (
                sa.update(repository)
                .where(repository.c.id == piece.opened)
                .values(tags=repository.c.tags - gone.scalar_subquery())
            )
        yield sa.delete(history).where(history.c.tag_id.in_(some))
        yield sa.delete(tag).where(tag.c.id.in_(some))
    if piece.repositories:
        which = repository.c.id.in_(piece.repositories)
        names = sa.select(repository.c.name).where(which)
        home = (
            sa.select(registry.c.name)
            .join(namespace, namespace.c.registry_id == registry.c.id)
            .where(namespace.c.id == namespace_id)
        )
        yield sa.delete(hiding).where(hiding.c.repository_id.in_(piece.repositories))
        yield sa.delete(repository_daily).where(
            repository_daily.c.repository_id.in_(piece.repositories)
        )
        yield sa.delete(referrers).where(
            referrers.c.registry == home.scalar_subquery(), referrers.c.repository.in_(names)
        )
        yield sa.delete(push_hint).where(
            push_hint.c.namespace_id == namespace_id, push_hint.c.repository.in_(names)
        )
        yield sa.delete(repository).where(which)


def _numbers(
    database: Database, table: sa.Table, namespace_id: int, at_once: int
) -> Iterator[list[int]]:
    """Yield the ids of a namespace's rows, some at a time."""
    with database.reading() as connection:
        found = connection.scalars(
            sa.select(table.c.id).where(table.c.namespace_id == namespace_id)
        ).all()
    yield from chunks(found, at_once)
