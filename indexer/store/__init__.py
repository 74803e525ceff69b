"""The index in a database, SQLite or PostgreSQL: implements the ports of the other rooms.

In: values to write, and queries.
Out: model values; writes that belong together are one transaction.
May not: decide what a change or a violation is, know a registry, or return rows or cursors.

crawl         writes crawls: repositories, tags, changes in one transaction each
catalog       answers the commands and the server
sql_reports   answers SQL queries
manifests     stores manifests and configurations
policies      the evidence for policies, and violations
notify        how far each sink was notified
coordination  what processes and machines share: locks, rate limits, shards of crawls

Used by these:

changelog     the log of changes
maintenance   checks, copies, prunes the index; forgets parts of it
schema        tables, views, migrations, and conversion of values
database      connections, transactions, and the differences of the two databases

Imports are deferred: most commands only read, and must start fast.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.store.database.engine import Database
from indexer.store.schema.migrate import make_ready

if TYPE_CHECKING:
    from indexer.core.clock import Clock
    from indexer.crawl.ports import Archive
    from indexer.manifests.ports import ManifestStore
    from indexer.notify.ports import Outbox
    from indexer.policies.ports import EvaluationStore
    from indexer.ratelimit.ports import Budget
    from indexer.store.catalog.browser import Browser
    from indexer.store.catalog.catalog import Catalog
    from indexer.store.catalog.public_view import PublicView
    from indexer.store.coordination.hint_signal import HintSignal
    from indexer.store.coordination.shard_results import ShardResults
    from indexer.store.crawl.push_hints import PushHints

__all__ = ["Store", "open_store"]

ANSWER_SECONDS = 10.0
"""Seconds that an answer for a server may take; the usual one takes milliseconds."""


class Store:
    """An open index. It may be read while it is written.

    Args:
        database: where it is.
        reader: the same database as a user that may only read it; browsers ask as that user.
    """

    def __init__(self, database: Database, reader: Database | None = None) -> None:
        self._database = database
        self._reader = reader or database
        self._open = ExitStack()
        self._open.callback(database.close)
        self._open.callback(self._reader.close)

    @cached_property
    def archive(self) -> Archive:
        """Writes crawls."""
        from indexer.store.crawl.archive import SqlArchive  # noqa: PLC0415 - see above

        archive = SqlArchive(self._database)
        self._open.callback(archive.close)
        if self._database.is_sqlite:
            return archive
        from indexer.store.crawl.retrying_archive import RetryingArchive  # noqa: PLC0415 - see above

        return RetryingArchive(archive, self._database)

    @cached_property
    def catalog(self) -> Catalog:
        """Answers the commands."""
        from indexer.store.catalog.catalog import Catalog  # noqa: PLC0415 - see above

        return Catalog(self._database)

    @cached_property
    def hints(self) -> PushHints:
        """Records hints of pushes, which make repositories due."""
        from indexer.store.crawl.push_hints import PushHints  # noqa: PLC0415 - see above

        return PushHints(self._database)

    def hint_signal(self, clock: Clock) -> HintSignal:
        """Waits for hints of pushes. Close it after use."""
        from indexer.store.coordination.hint_signal import signal_of  # noqa: PLC0415 - only the daemon needs it

        return signal_of(self._database, clock)

    def browser(
        self, *, private: bool, seconds: float = ANSWER_SECONDS, view: PublicView | None = None
    ) -> Browser:
        """Answers a server, for one audience.

        Args:
            private: whether the audience sees private repositories.
            seconds: the time limit of one answer.
            view: how the index is shown to the public.
        """
        from indexer.store.catalog.browser import Browser  # noqa: PLC0415 - see above

        return Browser(self._reader, private=private, seconds=seconds, view=view)

    @cached_property
    def evaluations(self) -> EvaluationStore:
        """The evidence for policies, and violations."""
        from indexer.store.policies.evaluation_store import SqlEvaluationStore  # noqa: PLC0415 - see above

        evaluations = SqlEvaluationStore(self._database)
        self._open.callback(evaluations.close)
        return evaluations

    @cached_property
    def outbox(self) -> Outbox:
        """What is to be sent to which sink."""
        from indexer.store.notify.outbox import SqlOutbox  # noqa: PLC0415 - see above

        outbox = SqlOutbox(self._database)
        self._open.callback(outbox.close)
        return outbox

    @cached_property
    def manifests(self) -> ManifestStore:
        """Stores manifests and configurations."""
        from indexer.store.manifests.manifest_store import SqlManifestStore  # noqa: PLC0415 - see above

        return SqlManifestStore(self._database)

    def budget(self, name: str) -> Budget:
        """A rate limit that machines share, by its registry's address and account."""
        from indexer.store.coordination.shared_budget import SqlSharedBudget  # noqa: PLC0415 - only for workers

        return SqlSharedBudget(self._database, name)

    @property
    def shard_results(self) -> ShardResults:
        """Results of the shards of large crawls."""
        from indexer.store.coordination.shard_results import ShardResults  # noqa: PLC0415 - only for workers

        return ShardResults(self._database)

    def close(self) -> None:
        """Close every connection, and release every lock."""
        self._open.close()


def open_store(url: str, *, create: bool, reader_url: str | None = None) -> Store:
    """Open the index at `url`, and bring its schema up to date if it is older than ours.

    Args:
        url: as SQLAlchemy writes it.
        create: create it if it does not exist.
        reader_url: the same index as a user that may only read it, for `Store.browser`.

    Raises:
        ConfigError: a URL is invalid.
        StoreError: the database cannot be used, or holds no index and `create` is False.
    """
    database = Database(url)
    try:
        make_ready(database, create=create)
        reader = None if reader_url is None else Database(reader_url)
    except BaseException:
        database.close()
        raise
    return Store(database, reader)
