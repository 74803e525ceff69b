"""Appends to the change log: rows with ids that grow in the order of commits.

The ids are given at the end of a transaction, because others wait for the counter from then on. So
periods that it ended before are given the ids of their changes here.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.model import ChangeKind
from indexer.store.database.dialect import BulkInsert, CompiledStatement, chunks
from indexer.store.schema.codec import KIND_OF, KINDS
from indexer.store.schema.tables import (
    TO_BE_NUMBERED,
    change,
    change_counter,
    crawl,
    history,
    repository,
    tag,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_ENDS_A_PERIOD = frozenset({KINDS[ChangeKind.TAG_RETAGGED], KINDS[ChangeKind.TAG_REMOVED]})

_REPOSITORY_ADDED = KINDS[ChangeKind.REPOSITORY_ADDED]

_OPEN = (change.c.id >= sa.bindparam("first"), history.c.change_id == TO_BE_NUMBERED)

_OF_TAGS = CompiledStatement(
    sa.update(history)
    .where(*_OPEN, history.c.tag_id == change.c.tag_id)
    .values(change_id=change.c.id)
)

_REMOVED = (
    change.c.id >= sa.bindparam("first"),
    change.c.kind == KINDS[ChangeKind.REPOSITORY_REMOVED],
    # Added to zero, it uses no index: the few new changes lead, not all of a repository.
    tag.c.repository_id == change.c.repository_id + 0,
)

_OF_REPOSITORIES = CompiledStatement(
    sa.update(history)
    .where(
        history.c.tag_id.in_(sa.select(tag.c.id).where(*_REMOVED)),
        history.c.change_id == TO_BE_NUMBERED,
    )
    .values(
        change_id=sa.select(sa.func.max(change.c.id))
        .where(tag.c.id == history.c.tag_id, *_REMOVED)
        .scalar_subquery()
    )
)

_KINDS = tuple(kind.value for kind in KINDS)
_TAKE = CompiledStatement(
    sa.update(change_counter)
    .values(
        {name: change_counter.c[name] + sa.bindparam(name) for name in _KINDS}
        | {"last_id": change_counter.c.last_id + sa.bindparam("number")}
    )
    .returning(change_counter.c.last_id)
)
_OF_NO_KIND = dict.fromkeys(_KINDS, 0)

_COUNTED = (*_KINDS, "baseline")
_AT: sa.BindParameter[int] = sa.bindparam("observed_at")
_COUNT = CompiledStatement(
    sa.update(crawl)
    .where(crawl.c.id == sa.bindparam("crawl"))
    .values(
        {name: crawl.c[name] + sa.bindparam(name) for name in _COUNTED}
        | {
            # A clock may be set back.
            "first_observed_at": sa.case(
                (crawl.c.first_observed_at < _AT, crawl.c.first_observed_at), else_=_AT
            ),
            "last_observed_at": sa.case(
                (crawl.c.last_observed_at > _AT, crawl.c.last_observed_at), else_=_AT
            ),
            "last_change": sa.bindparam("last"),
        }
    )
)

_ADDED = CompiledStatement(
    sa.insert(change).from_select(
        [
            "id",
            "crawl_id",
            "namespace_id",
            "observed_at",
            "kind",
            "repository_id",
            "tag_id",
            "new_manifest_id",
            "pushed_at",
            "baseline",
            "pushed_by",
            "private",
        ],
        sa.select(
            tag.c.id + sa.bindparam("offset", type_=sa.BigInteger),
            tag.c.crawl_id,
            sa.bindparam("namespace", type_=sa.BigInteger),
            sa.bindparam("observed_at", type_=sa.BigInteger),
            sa.literal(KINDS[ChangeKind.TAG_ADDED], sa.SmallInteger),
            tag.c.repository_id,
            tag.c.id,
            tag.c.manifest_id,
            tag.c.pushed_at,
            sa.bindparam("baseline", type_=sa.Boolean),
            tag.c.pushed_by,
            sa.bindparam("private", type_=sa.Boolean),
        )
        .where(tag.c.id.between(sa.bindparam("first"), sa.bindparam("last")))
        .order_by(tag.c.id),
    )
)
"""The changes of inserted tags, made from their rows: it takes a quarter of the time."""

_INSERT = BulkInsert(
    change,
    (
        "id",
        "crawl_id",
        "namespace_id",
        "observed_at",
        "kind",
        "repository_id",
        "tag_id",
        "old_manifest_id",
        "new_manifest_id",
        "pushed_at",
        "baseline",
        "pushed_by",
        "reason",
        "private",
    ),
)


class Row(NamedTuple):
    """One change without its id. Its other columns are the same for the whole transaction."""

    kind: int
    """See `KINDS` of `store.schema.codec`."""
    repository_id: int
    tag_id: int | None = None
    old_manifest_id: int | None = None
    new_manifest_id: int | None = None
    pushed_at: int | None = None
    baseline: bool = False
    pushed_by: str | None = None
    reason: str | None = None
    private: bool = False


class InsertedTags(NamedTuple):
    """Tags that this transaction inserted with consecutive ids: each is one change.

    Attributes:
        first_id: of the tags.
        number: how many they are.
        baseline: they are baseline.
        private: their repositories are private.
        repository_ids: of their repositories.
    """

    first_id: int
    number: int
    baseline: bool
    private: bool
    repository_ids: tuple[int, ...]


def take_numbers(
    connection: sa.Connection, number: int, kinds: Mapping[str, int] = _OF_NO_KIND
) -> int:
    """Reserve ids of the log, and return the first. Other transactions wait until the commit.

    Args:
        connection: in a transaction.
        number: how many.
        kinds: how many of them are for changes of each kind, baselines left out.
    """
    last = _TAKE.run(connection, {"number": number, **kinds}).scalar()
    assert last is not None
    return int(last) - number + 1


def touch(connection: sa.Connection, repository_ids: Sequence[int]) -> None:
    """Note that present tags of repositories changed in a way that is no change of the log.

    It takes a number of the log all the same: policies look at what has a higher one than they
    know. The last step of a transaction.
    """
    if repository_ids:
        _put_at(connection, repository_ids, take_numbers(connection, 1))


def append(
    connection: sa.Connection,
    rows: Sequence[Row],
    *,
    crawl_id: int,
    namespace_id: int,
    observed_at: int,
    inserted: Sequence[InsertedTags] = (),
) -> int:
    """Append changes, and count them in their crawl's row. The last step of a transaction.

    The counter's row is locked from here to the commit, so ids become visible in order.

    Args:
        connection: in the transaction.
        rows: the changes.
        crawl_id: the crawl that saw them.
        namespace_id: of their repositories.
        observed_at: when.
        inserted: further changes, that come first: tags that were inserted.

    Returns:
        How many there are.
    """
    total = sum(each.number for each in inserted) + len(rows)
    if not total:
        return 0
    counted = _counted(rows, inserted)
    first = following = take_numbers(connection, total, {name: counted[name] for name in _KINDS})
    for each in inserted:
        _ADDED.run(
            connection,
            {
                "offset": following - each.first_id,
                "namespace": namespace_id,
                "observed_at": observed_at,
                "baseline": each.baseline,
                "private": each.private,
                "first": each.first_id,
                "last": each.first_id + each.number - 1,
            },
        )
        following += each.number
    last = first + total - 1
    if rows:
        numbered = enumerate(rows, following)
        cells = ((number, crawl_id, namespace_id, observed_at, *row) for number, row in numbered)
        _INSERT.run(connection, cells)
    changed = {number for each in inserted for number in each.repository_ids}
    changed |= {each.repository_id for each in rows if each.kind != _REPOSITORY_ADDED}
    _put_at(connection, sorted(changed), last)
    kinds = {each.kind for each in rows}
    if kinds & _ENDS_A_PERIOD:
        _OF_TAGS.run(connection, {"first": first})
    if KINDS[ChangeKind.REPOSITORY_REMOVED] in kinds:
        _OF_REPOSITORIES.run(connection, {"first": first})
    _COUNT.run(connection, {"crawl": crawl_id, "observed_at": observed_at, "last": last, **counted})
    return total


def _counted(rows: Sequence[Row], inserted: Sequence[InsertedTags]) -> dict[str, int]:
    """How many changes there are of each kind. A baseline is not counted as a change."""
    counts = Counter((row.kind, row.baseline) for row in rows)
    for each in inserted:
        counts[KINDS[ChangeKind.TAG_ADDED], each.baseline] += each.number
    counted = dict.fromkeys(_COUNTED, 0)
    for (kind, is_baseline), number in counts.items():
        counted["baseline" if is_baseline else KIND_OF[kind].value] += number
    return counted


def _put_at(connection: sa.Connection, repository_ids: Iterable[int], position: int) -> None:
    """Note the last number of the log at which present tags of repositories changed."""
    for some in chunks(repository_ids):
        connection.execute(
            sa.update(repository).where(repository.c.id.in_(some)).values(log_position=position)
        )
