"""The change log's written side: rows with numbers that grow in the order of commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from indexer.store.codec import KINDS
from indexer.store.tables import change, change_counter, crawl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.model import ChangeKind

_TAKE = (
    sa.update(change_counter)
    .values(last_id=change_counter.c.last_id + sa.bindparam("number"))
    .returning(change_counter.c.last_id)
)


class Row(NamedTuple):
    """One change, not yet numbered. The rest is the same for all of one transaction."""

    kind: ChangeKind
    repository_id: int
    tag_id: int | None = None
    old_manifest_id: int | None = None
    new_manifest_id: int | None = None
    pushed_at: int | None = None
    baseline: bool = False


def append(
    connection: sa.Connection, rows: Sequence[Row], *, crawl_id: int, observed_at: int
) -> None:
    """Write changes, and count them in their crawl's row. The last step of a transaction.

    The counter's row is locked from here to the commit, so numbers become visible in their order.
    """
    if not rows:
        return
    last = connection.scalar(_TAKE, {"number": len(rows)})
    assert last is not None
    first = last - len(rows) + 1
    connection.execute(
        sa.insert(change),
        [
            {
                "id": number,
                "crawl_id": crawl_id,
                "kind": KINDS[row.kind],
                "baseline": row.baseline,
                "repository_id": row.repository_id,
                "tag_id": row.tag_id,
                "old_manifest_id": row.old_manifest_id,
                "new_manifest_id": row.new_manifest_id,
                "observed_at": observed_at,
                "pushed_at": row.pushed_at,
            }
            for number, row in enumerate(rows, first)
        ],
    )
    _count(connection, rows, crawl_id)


def _count(connection: sa.Connection, rows: Sequence[Row], crawl_id: int) -> None:
    counts: dict[str, int] = {"baseline": sum(row.baseline for row in rows)}
    for row in rows:
        if not row.baseline:  # what was there already is no news
            counts[row.kind.value] = counts.get(row.kind.value, 0) + 1
    added: dict[str, Any] = {name: crawl.c[name] + number for name, number in counts.items()}
    connection.execute(sa.update(crawl).where(crawl.c.id == crawl_id).values(**added))
