"""Deletes a repository or a namespace from the index, with its history and changes.

No removal is reported. Content stays, because other tags may point to it; `indexer prune` deletes
what no tag points to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.crawl.ports import ForgottenCounts
from indexer.store.schema.manifest_tables import referrers
from indexer.store.schema.notify_and_policy_tables import policy
from indexer.store.schema.tables import (
    audit_event,
    change,
    crawl,
    hiding,
    history,
    namespace,
    push_hint,
    registry,
    repository,
    repository_daily,
    tag,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def forget(connection: sa.Connection, namespace_id: int, name: str | None) -> ForgottenCounts:
    """Delete a repository of a namespace, or the whole namespace if `name` is None.

    The remaining changes keep their ids, and no id is used again.
    """
    which = repository.c.namespace_id == namespace_id
    if name is not None:
        which &= repository.c.name == name
    forgotten = connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(repository.c.tags), 0)).where(which)
    ).one()
    numbers = sa.select(repository.c.id).where(which)
    tags = sa.select(tag.c.id).where(tag.c.repository_id.in_(numbers))
    home = (
        sa.select(registry.c.name)
        .join(namespace, namespace.c.registry_id == registry.c.id)
        .where(namespace.c.id == namespace_id)
    )
    doomed: Sequence[tuple[sa.Table, sa.ColumnElement[bool]]] = (
        (change, change.c.repository_id.in_(numbers)),
        (hiding, hiding.c.repository_id.in_(numbers)),
        (history, history.c.tag_id.in_(tags)),
        (tag, tag.c.repository_id.in_(numbers)),
        (repository_daily, repository_daily.c.repository_id.in_(numbers)),
        (
            referrers,
            (referrers.c.registry == home.scalar_subquery())
            & referrers.c.repository.in_(sa.select(repository.c.name).where(which)),
        ),
        (
            push_hint,
            (push_hint.c.namespace_id == namespace_id)
            & push_hint.c.repository.in_(sa.select(repository.c.name).where(which)),
        ),
        (repository, which),
    )
    if name is None:
        doomed = (
            *doomed,
            (push_hint, push_hint.c.namespace_id == namespace_id),
            (crawl, crawl.c.namespace_id == namespace_id),
            (audit_event, audit_event.c.namespace_id == namespace_id),
            (namespace, namespace.c.id == namespace_id),
        )
    for table, condition in doomed:
        connection.execute(sa.delete(table).where(condition))
    # Policies about present tags look at everything once more, and resolve what is forgotten.
    connection.execute(sa.update(policy).values(looked_until=None))
    return ForgottenCounts(repositories=forgotten[0], tags=int(forgotten[1]))
