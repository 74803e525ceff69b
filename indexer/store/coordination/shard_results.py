"""Results of the shards of large crawls, until their crawl has collected them.

Only workers use it, and they know the store: so it has no port.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from indexer.core.model import CrawlStatus
from indexer.crawl.sharding import ShardResult
from indexer.store.database.dialect import insert
from indexer.store.schema.tables import crawl, shard_result

if TYPE_CHECKING:
    from collections.abc import Collection

    from indexer.store.database.engine import Database

_READ = msgspec.json.Decoder(ShardResult)


class ShardResults:
    """The results of all shards. Every method may raise `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, crawl_id: int, number: int, read: ShardResult) -> None:
        """Store the result of a shard; a later one replaces it."""
        row = {"crawl_id": crawl_id, "number": number, "result": msgspec.json.encode(read).decode()}
        with self._database.writing() as connection:
            new = insert(connection, shard_result).values(row)
            again = new.on_conflict_do_update(
                index_elements=["crawl_id", "number"], set_={"result": new.excluded.result}
            )
            connection.execute(again)

    def take(self, crawl_id: int, but: Collection[int]) -> dict[int, ShardResult]:
        """The results of a crawl's shards, except those in `but`."""
        mine = sa.select(shard_result.c.number, shard_result.c.result).where(
            shard_result.c.crawl_id == crawl_id
        )
        with self._database.reading() as connection:
            rows = connection.execute(mine).all()
        return {row.number: _READ.decode(row.result) for row in rows if row.number not in but}

    def forget(self, crawl_id: int) -> None:
        """Delete the results that a crawl has collected, and those of crawls that have ended."""
        running = sa.select(crawl.c.id).where(crawl.c.status == CrawlStatus.RUNNING.value)
        with self._database.writing() as connection:
            connection.execute(
                sa.delete(shard_result).where(
                    (shard_result.c.crawl_id == crawl_id) | ~shard_result.c.crawl_id.in_(running)
                )
            )
