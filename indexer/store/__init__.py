"""The index in a database, SQLite or PostgreSQL: a room for each port that it answers.

In: what the ports of other rooms promise to write and to ask.
Out: values of the model; one transaction for whatever belongs together.
May not: decide what a change or a violation is, know a registry, or let a row or a cursor out.

crawl         writes crawls: repositories, tags, changes in one transaction each
catalog       answers the commands and the server
sql_reports   answers questions in SQL
manifests     keeps manifests and configurations
policies      what policies judge, and what they found
notify        who was told what
coordination  what processes and machines share: locks, rate limits, shards of crawls

and what these stand on:

changelog     the log of changes: appended, queried, looked through
maintenance   check, copy, prune, forget
schema        tables, views, their version, and values as the tables hold them
database      connections, transactions, and what each of the two says in its own words

Most commands only ask, and come at once: what else there is loads when it is wanted.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.store.database.engine import Database
from indexer.store.schema.migrate import make_ready

if TYPE_CHECKING:
    from indexer.crawl.ports import Archive
    from indexer.manifests.ports import ManifestStore
    from indexer.notify.ports import Outbox
    from indexer.policies.ports import EvaluationStore
    from indexer.ratelimit.ports import Budget
    from indexer.store.catalog.browser import Browser
    from indexer.store.catalog.catalog import Catalog
    from indexer.store.coordination.shard_results import ShardResults
    from indexer.store.crawl.push_hints import PushHints

__all__ = ["Store", "open_store"]

ANSWER_SECONDS = 10.0
"""How long an answer for a server may take; the usual one takes milliseconds."""


class Store:
    """An index that is open. Writing and reading may go on at the same time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open = ExitStack()
        self._open.callback(database.close)

    @cached_property
    def archive(self) -> Archive:
        """Where crawls are written."""
        from indexer.store.crawl.archive import SqlArchive  # noqa: PLC0415 - see above

        archive = SqlArchive(self._database)
        self._open.callback(archive.close)
        if self._database.is_sqlite:
            return archive
        from indexer.store.crawl.retrying_archive import RetryingArchive  # noqa: PLC0415 - see above

        return RetryingArchive(archive, self._database)

    @cached_property
    def catalog(self) -> Catalog:
        """What can be asked."""
        from indexer.store.catalog.catalog import Catalog  # noqa: PLC0415 - see above

        return Catalog(self._database)

    @cached_property
    def hints(self) -> PushHints:
        """What makes a repository due."""
        from indexer.store.crawl.push_hints import PushHints  # noqa: PLC0415 - see above

        return PushHints(self._database)

    def browser(self, *, private: bool, seconds: float = ANSWER_SECONDS) -> Browser:
        """What a server can ask, for an audience that sees private repositories or does not.

        Args:
            private: whether it does.
            seconds: how long one answer may take.
        """
        from indexer.store.catalog.browser import Browser  # noqa: PLC0415 - see above

        return Browser(self._database, private=private, seconds=seconds)

    @cached_property
    def evaluations(self) -> EvaluationStore:
        """What is judged by policies, and what was found."""
        from indexer.store.policies.evaluation_store import SqlEvaluationStore  # noqa: PLC0415 - see above

        evaluations = SqlEvaluationStore(self._database)
        self._open.callback(evaluations.close)
        return evaluations

    @cached_property
    def outbox(self) -> Outbox:
        """What is told to whom."""
        from indexer.store.notify.outbox import SqlOutbox  # noqa: PLC0415 - see above

        outbox = SqlOutbox(self._database)
        self._open.callback(outbox.close)
        return outbox

    @cached_property
    def manifests(self) -> ManifestStore:
        """What keeps manifests and configurations."""
        from indexer.store.manifests.manifest_store import SqlManifestStore  # noqa: PLC0415 - see above

        return SqlManifestStore(self._database)

    def budget(self, name: str) -> Budget:
        """A rate limit that machines share, by its registry's address and account."""
        from indexer.store.coordination.shared_budget import SqlSharedBudget  # noqa: PLC0415 - only for workers

        return SqlSharedBudget(self._database, name)

    @property
    def shard_results(self) -> ShardResults:
        """What became of the shards of large crawls."""
        from indexer.store.coordination.shard_results import ShardResults  # noqa: PLC0415 - only for workers

        return ShardResults(self._database)

    def close(self) -> None:
        """Close every connection, and give back every lock."""
        self._open.close()


def open_store(url: str, *, create: bool) -> Store:
    """Open the index at `url`, and bring its schema up to date if it is older than ours.

    Args:
        url: as SQLAlchemy writes it.
        create: make it if it is not there.

    Raises:
        ConfigError: the URL is none.
        StoreError: the database cannot be used, or there is no index in it and none is to be made.
    """
    database = Database(url)
    try:
        make_ready(database, create=create)
    except BaseException:
        database.close()
        raise
    return Store(database)
