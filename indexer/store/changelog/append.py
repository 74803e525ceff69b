"""Appends to the change log: rows with ids that grow in the order of commits.

The ids are given at the end of a transaction, because others wait for the counter from then on. So
periods that it ended before are given the ids of their changes here.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.model import ChangeKind
from indexer.store.database.dialect import BulkInsert, CompiledStatement
from indexer.store.schema.codec import KINDS
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
    from collections.abc import Mapping, Sequence

_ENDS_A_PERIOD = frozenset({ChangeKind.TAG_RETAGGED, ChangeKind.TAG_REMOVED})

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

_POSITION = CompiledStatement(
    sa.update(repository)
    .where(repository.c.id == sa.bindparam("repository"))
    .values(log_position=sa.bindparam("last"))
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

    kind: ChangeKind
    repository_id: int
    tag_id: int | None = None
    old_manifest_id: int | None = None
    new_manifest_id: int | None = None
    pushed_at: int | None = None
    baseline: bool = False
    pushed_by: str | None = None
    reason: str | None = None
    private: bool = False


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
    if not repository_ids:
        return
    last = take_numbers(connection, 1)
    for number in repository_ids:
        _POSITION.run(connection, {"repository": number, "last": last})


def append(
    connection: sa.Connection,
    rows: Sequence[Row],
    *,
    crawl_id: int,
    namespace_id: int,
    observed_at: int,
) -> None:
    """Append changes, and count them in their crawl's row. The last step of a transaction.

    The counter's row is locked from here to the commit, so ids become visible in order.
    """
    if not rows:
        return
    # A baseline is not counted as a change.
    counts = Counter("baseline" if row.baseline else row.kind.value for row in rows)
    counted = {name: counts[name] for name in _COUNTED}
    first = take_numbers(connection, len(rows), {name: counts[name] for name in _KINDS})
    _INSERT.run(
        connection,
        [
            (number, crawl_id, namespace_id, observed_at, KINDS[kind], *rest)
            for number, (kind, *rest) in enumerate(rows, first)
        ],
    )
    changed = {
        row.repository_id: None for row in rows if row.kind is not ChangeKind.REPOSITORY_ADDED
    }
    for repository_id in changed:
        _POSITION.run(connection, {"repository": repository_id, "last": first + len(rows) - 1})
    kinds = {row.kind for row in rows}
    if kinds & _ENDS_A_PERIOD:
        _OF_TAGS.run(connection, {"first": first})
    if ChangeKind.REPOSITORY_REMOVED in kinds:
        _OF_REPOSITORIES.run(connection, {"first": first})
    last = first + len(rows) - 1
    _COUNT.run(connection, {"crawl": crawl_id, "observed_at": observed_at, "last": last, **counted})
