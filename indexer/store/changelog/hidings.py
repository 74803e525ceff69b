"""The log of repositories that became hidden: no changes, but with ids of the same sequence.

A crawl records all that it found hidden in one transaction, so the message about it never changes.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from indexer.notify.event import HiddenRepositories
from indexer.store.changelog.append import take_numbers
from indexer.store.database.dialect import chunks
from indexer.store.schema.codec import time_of
from indexer.store.schema.tables import hiding, namespace, registry, repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BETWEEN = (
    sa.select(
        hiding.c.id,
        hiding.c.crawl_id,
        hiding.c.account,
        hiding.c.observed_at,
        registry.c.name.label("registry"),
        namespace.c.name.label("namespace"),
        repository.c.name.label("repository"),
    )
    .join(repository, repository.c.id == hiding.c.repository_id)
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .where(hiding.c.id > sa.bindparam("after"), hiding.c.id <= sa.bindparam("until"))
    .order_by(hiding.c.id)
)


def append(
    connection: sa.Connection,
    namespace_id: int,
    names: Sequence[str],
    *,
    account: str,
    crawl_id: int,
    observed_at: int,
) -> None:
    """Record which repositories a crawl found hidden. The last step of a transaction.

    Args:
        connection: of the transaction that hides them.
        namespace_id: their namespace.
        names: the repositories.
        account: the account that cannot see them any more.
        crawl_id: the crawl.
        observed_at: when, in microseconds since 1970.
    """
    if not names:
        return
    found: list[int] = []
    for some in chunks(names):
        numbers = sa.select(repository.c.id).where(
            repository.c.namespace_id == namespace_id, repository.c.name.in_(some)
        )
        found += connection.scalars(numbers.order_by(repository.c.name))
    first = take_numbers(connection, len(found))
    connection.execute(
        sa.insert(hiding),
        [
            {
                "id": number,
                "crawl_id": crawl_id,
                "repository_id": repository_id,
                "account": account,
                "observed_at": observed_at,
            }
            for number, repository_id in enumerate(found, first)
        ],
    )


def between(connection: sa.Connection, after: int, until: int) -> list[HiddenRepositories]:
    """What became hidden after one id up to another, by crawl, oldest first."""
    rows: Iterable[Any] = connection.execute(_BETWEEN, {"after": after, "until": until})
    return [_of_one_crawl(list(each)) for _, each in groupby(rows, lambda row: row.crawl_id)]


def _of_one_crawl(rows: Sequence[Any]) -> HiddenRepositories:
    first = rows[0]
    return HiddenRepositories(
        registry=first.registry,
        namespace=first.namespace,
        account=first.account,
        since=time_of(first.observed_at),
        crawl_id=first.crawl_id,
        repositories=tuple(row.repository for row in rows),
        first=first.id,
        last=rows[-1].id,
    )
