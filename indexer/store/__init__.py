"""The index in a database, SQLite or PostgreSQL: the ports `Archive` and `Catalog`.

tables     what is kept
codec      values of the model as the tables hold them
engine     connections and transactions
locks      one crawl of a namespace at a time
migrate    the schema's version
archive    writes crawls: repositories, tags, changes in one transaction each
repeating  lets a crawl go on over a lost connection
catalog    answers questions
finder     finds content by its digest
outbox     remembers who was told what
docket     shows what happened to a judge, and keeps the findings
browser    answers a server's questions, a page at a time
hints      makes repositories due
library    keeps manifests and configurations

Most commands only ask, and come at once: what else there is loads when it is wanted.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.store.engine import Database
from indexer.store.migrate import make_ready

if TYPE_CHECKING:
    from indexer.browse import Browser, Hints
    from indexer.budget import Budget
    from indexer.docket import Docket
    from indexer.library import Library
    from indexer.outbox import Outbox
    from indexer.parts import Results
    from indexer.pins.finder import Finder
    from indexer.ports import Archive, Catalog

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
        from indexer.store.archive import SqlArchive  # noqa: PLC0415 - see above

        archive = SqlArchive(self._database)
        self._open.callback(archive.close)
        if self._database.is_sqlite:
            return archive
        from indexer.store.repeating import RepeatingArchive  # noqa: PLC0415 - see above

        return RepeatingArchive(archive, self._database)

    @cached_property
    def catalog(self) -> Catalog:
        """What can be asked."""
        from indexer.store.catalog import SqlCatalog  # noqa: PLC0415 - see above

        return SqlCatalog(self._database)

    @cached_property
    def hints(self) -> Hints:
        """What makes a repository due."""
        from indexer.store.hints import SqlHints  # noqa: PLC0415 - see above

        return SqlHints(self._database)

    def browser(self, *, private: bool, seconds: float = ANSWER_SECONDS) -> Browser:
        """What a server can ask, for an audience that sees private repositories or does not.

        Args:
            private: whether it does.
            seconds: how long one answer may take.
        """
        from indexer.store.browser import SqlBrowser  # noqa: PLC0415 - see above

        return SqlBrowser(self._database, private=private, seconds=seconds)

    @cached_property
    def docket(self) -> Docket:
        """What is judged by policies, and what was found."""
        from indexer.store.docket import SqlDocket  # noqa: PLC0415 - see above

        return SqlDocket(self._database)

    @cached_property
    def outbox(self) -> Outbox:
        """What is told to whom."""
        from indexer.store.outbox import SqlOutbox  # noqa: PLC0415 - see above

        outbox = SqlOutbox(self._database)
        self._open.callback(outbox.close)
        return outbox

    @cached_property
    def finder(self) -> Finder:
        """What finds content by its digest."""
        from indexer.store.finder import SqlFinder  # noqa: PLC0415 - see above

        return SqlFinder(self._database)

    @cached_property
    def library(self) -> Library:
        """What keeps manifests and configurations."""
        from indexer.store.library import SqlLibrary  # noqa: PLC0415 - see above

        return SqlLibrary(self._database)

    def budget(self, name: str) -> Budget:
        """A rate limit that machines share, by its registry's address and account."""
        from indexer.store.budget import SqlBudget  # noqa: PLC0415 - only for workers

        return SqlBudget(self._database, name)

    @property
    def parts(self) -> Results:
        """What became of the parts of large crawls."""
        from indexer.store.parts import SqlParts  # noqa: PLC0415 - only for workers

        return SqlParts(self._database)

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
