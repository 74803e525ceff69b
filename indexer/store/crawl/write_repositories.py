"""Writes a listing of repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.model import ChangeKind
from indexer.crawl.due_repositories import UNSETTLED
from indexer.crawl.wanted_names import NOTHING
from indexer.store.changelog import append
from indexer.store.crawl import repository_days, write_visibility
from indexer.store.crawl.known_state import memory_columns
from indexer.store.crawl.write_tags import end_tags
from indexer.store.database.dialect import chunks, insert
from indexer.store.schema.codec import KINDS, day_of, microseconds, packed_names, time_of
from indexer.store.schema.tables import repository, repository_daily

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from indexer.core.model import FullDescription, Repository
    from indexer.crawl.diff import RepositoriesDiff
    from indexer.store.database.typed_rows import Columns, Value

_FORGET = {
    "was_read": False,
    "read_updated": None,
    "tags": 0,
    "hidden_since": None,
    "hidden_from": None,
    "unwatched_since": None,
    "read_crawl": 0,
    "full_crawl": 0,
    "failed_crawl": 0,
    **memory_columns(None),
}
"""Columns that are reset when a repository is added, or comes back."""

_ROWS = 500
"""Rows built at a time: as SQLAlchemy's parameters, ten thousand take tens of megabytes."""

_DESCRIBED = ("full_description", "described_at", "described_for")

_COUNTED = ("pulls", "stars", "storage_size", "categories", "registered_at")

_DESCRIBE = (
    sa.update(repository)
    .where(
        repository.c.namespace_id == sa.bindparam("home"), repository.c.name == sa.bindparam("its")
    )
    .values({name: sa.bindparam(name) for name in _DESCRIBED})
)

_RECOUNT = (
    sa.update(repository)
    .where(repository.c.id == sa.bindparam("its_id"))
    .values({name: sa.bindparam(name) for name in _COUNTED})
)


_COUNTERS = (
    sa.select(
        repository.c.name,
        repository.c.id,
        *(repository.c[name] for name in _COUNTED),
        repository_daily.c.day.is_not(None),
        repository_daily.c.pulls,
        repository_daily.c.stars,
        repository_daily.c.storage_size,
    )
    .outerjoin(
        repository_daily,
        (repository_daily.c.repository_id == repository.c.id)
        & (repository_daily.c.day == sa.bindparam("day")),
    )
    .where(
        repository.c.namespace_id == sa.bindparam("namespace"),
        repository.c.name.in_(sa.bindparam("names", expanding=True)),
    )
)


class CountedRepository(NamedTuple):
    """What a listing counts of a known repository.

    Attributes:
        id: of its row.
        item: as it was listed.
        is_moved: its row holds other counters.
        is_new_day: today's row of it is missing, or holds others.
    """

    id: int
    item: Repository
    is_moved: bool
    is_new_day: bool

    @property
    def is_new(self) -> bool:
        """Whether there is something to write."""
        return self.is_moved or self.is_new_day


def write(
    connection: sa.Connection, namespace_id: int, diff: RepositoriesDiff, now: int
) -> list[append.Row]:
    """Write what a listing changes, except the namespace's own row and the log.

    Returns:
        The rows for the change log.
    """
    removed = _numbers(connection, namespace_id, diff.removed)
    unseen = write_visibility.unseen_among(connection, removed.values())
    _add(connection, namespace_id, diff, now)
    _update(connection, namespace_id, diff)
    write_visibility.write(connection, namespace_id, diff, now)
    added = _numbers(connection, namespace_id, [item.name for item in diff.added])
    _remove(connection, list(removed.values()), now)
    _set(connection, namespace_id, diff.unlisted, listed=False)
    _hide(connection, namespace_id, diff, now)
    _watch(connection, namespace_id, diff, now)
    _count(connection, namespace_id, diff.counted, now)
    repository_days.write(connection, namespace_id, (*diff.added, *diff.updated), now)
    return [
        *(
            append.Row(
                KINDS[ChangeKind.REPOSITORY_ADDED],
                added[item.name],
                pushed_at=microseconds(item.last_updated),
                baseline=diff.is_baseline(item.name),
                private=item.private,
            )
            for item in diff.added
        ),
        *(
            append.Row(
                KINDS[ChangeKind.REPOSITORY_REMOVED], removed[name], private=removed[name] in unseen
            )
            for name in diff.removed
        ),
    ]


def _add(connection: sa.Connection, namespace_id: int, diff: RepositoriesDiff, now: int) -> None:
    """Add new repositories, and revive removed ones: they keep their history and nothing else."""
    if not diff.added:
        return
    statement = insert(connection, repository)
    new = statement.excluded
    kept = {"id", "namespace_id", "name", "first_seen_at", "revision"}
    columns = [column.name for column in repository.columns if column.name not in kept]
    statement = statement.on_conflict_do_update(
        index_elements=["namespace_id", "name"],
        set_={**{name: new[name] for name in columns}, "revision": repository.c.revision + 1},
    )
    for some in chunks(diff.added, _ROWS):
        rows = [
            {
                "namespace_id": namespace_id,
                "name": item.name,
                "baseline": diff.is_baseline(item.name),
                "first_seen_at": now,
                "removed_at": None,
                "present": True,
                "public_since": None if item.private else now,
                **_FORGET,
                **_seen(item, diff),
            }
            for item in some
        ]
        connection.execute(statement, rows)


def _seen(item: Repository, diff: RepositoriesDiff) -> Columns:
    """The columns that a listing fills."""
    return {
        "description": item.description,
        "private": item.private,
        "listed": True,
        "seen_by": diff.identity,
        "last_updated": microseconds(item.last_updated),
        **_counters(item),
    }


def _counters(item: Repository) -> Columns:
    """What is counted of a repository, and else moves no date."""
    return {
        "pulls": item.pulls,
        "stars": item.stars,
        "storage_size": item.storage_size,
        "categories": packed_names(item.categories),
        "registered_at": microseconds(item.registered_at),
    }


def _update(connection: sa.Connection, namespace_id: int, diff: RepositoriesDiff) -> None:
    if not diff.updated:
        return
    statement = (
        sa.update(repository)
        .where(
            repository.c.namespace_id == namespace_id,
            repository.c.name == sa.bindparam("its_name"),
        )
        .values({name: sa.bindparam(name) for name in _seen(diff.updated[0], diff)})
    )
    rows = [{"its_name": item.name, **_seen(item, diff)} for item in diff.updated]
    connection.execute(statement, rows)


def _remove(connection: sa.Connection, numbers: Sequence[int], now: int) -> None:
    for some in chunks(numbers):
        end_tags(connection, repository_ids=some, now=now)
        connection.execute(
            sa.update(repository)
            .where(repository.c.id.in_(some))
            .values(
                present=False,
                listed=False,
                removed_at=now,
                revision=repository.c.revision + 1,
                **_FORGET,
            )
        )


def _hide(connection: sa.Connection, namespace_id: int, diff: RepositoriesDiff, now: int) -> None:
    """Hide what is not visible any more, and show what is visible again: its tags are read anew."""
    _set(
        connection,
        namespace_id,
        diff.hidden,
        listed=False,
        hidden_since=now,
        hidden_from=diff.identity,
    )
    _set(
        connection,
        namespace_id,
        diff.visible_again,
        hidden_since=None,
        hidden_from=None,
        read_updated=microseconds(UNSETTLED),
    )


def _watch(connection: sa.Connection, namespace_id: int, diff: RepositoriesDiff, now: int) -> None:
    """Write what is no longer watched, and what is watched again, without changes of its tags."""
    _set(
        connection,
        namespace_id,
        diff.unwatched,
        listed=False,
        unwatched_since=now,
        list_filters=NOTHING,
    )
    _set(
        connection,
        namespace_id,
        diff.watched_again,
        unwatched_since=None,
        baseline=True,
        read_updated=microseconds(UNSETTLED),
    )


def _set(
    connection: sa.Connection, namespace_id: int, names: Iterable[str], **columns: Value
) -> None:
    for some in chunks(names):
        connection.execute(
            sa.update(repository)
            .where(repository.c.namespace_id == namespace_id, repository.c.name.in_(some))
            .values(**columns)
        )


def counted(
    connection: sa.Connection, namespace_id: int, items: Iterable[Repository], now: int
) -> Iterator[CountedRepository]:
    """What is counted of known repositories, and what of it is not recorded yet."""
    for some in chunks(items):
        its = {item.name: item for item in some}
        where = {"namespace": namespace_id, "day": day_of(now), "names": list(its)}
        for name, number, *before in connection.execute(_COUNTERS, where):
            item = its[name]
            on_day = [True, item.pulls, item.stars, item.storage_size]
            yield CountedRepository(
                number,
                item,
                is_moved=before[: len(_COUNTED)] != list(_counters(item).values()),
                is_new_day=item.is_counted and before[len(_COUNTED) :] != on_day,
            )


def _count(
    connection: sa.Connection, namespace_id: int, items: Iterable[Repository], now: int
) -> None:
    """Write what is counted of repositories, where it changed."""
    found = [each for each in counted(connection, namespace_id, items, now) if each.is_new]
    moved = [{"its_id": each.id, **_counters(each.item)} for each in found if each.is_moved]
    if moved:
        connection.execute(_RECOUNT, moved)
    new = [(each.id, each.item) for each in found if each.is_new_day]
    repository_days.write_rows(connection, new, now)


def undescribed(connection: sa.Connection, namespace_id: int) -> dict[str, datetime | None]:
    """See `CrawlRecord.undescribed`."""
    moved = repository.c.described_for.is_distinct_from(repository.c.last_updated)
    due = (
        sa.select(repository.c.name, repository.c.last_updated)
        .where(
            repository.c.namespace_id == namespace_id,
            repository.c.present,
            repository.c.listed,
            repository.c.described_at.is_(None) | moved,
        )
        .order_by(repository.c.last_updated.desc(), repository.c.name)
    )
    return {name: time_of(date) for name, date in connection.execute(due)}


def describe(
    connection: sa.Connection, namespace_id: int, found: Sequence[FullDescription], now: int
) -> None:
    """See `CrawlRecord.record_descriptions`."""
    if found:
        rows = [
            {
                "home": namespace_id,
                "its": each.repository,
                "full_description": each.text,
                "described_at": now,
                "described_for": microseconds(each.read_for),
            }
            for each in found
        ]
        connection.execute(_DESCRIBE, rows)


def _numbers(connection: sa.Connection, namespace_id: int, names: Iterable[str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for some in chunks(names):
        found = sa.select(repository.c.name, repository.c.id).where(
            repository.c.namespace_id == namespace_id, repository.c.name.in_(some)
        )
        numbers.update((name, number) for name, number in connection.execute(found))
    return numbers
