"""The index in a database, SQLite or PostgreSQL: the ports `Archive` and `Catalog`.

tables     what is kept
codec      values of the model as the tables hold them
engine     connections and transactions
locks      one crawl of a namespace at a time
migrate    the schema's version
archive    writes crawls: repositories, tags, changes in one transaction each
catalog    answers questions
finder     finds content by its digest
outbox     remembers who was told what
docket     shows what happened to a judge, and keeps the findings
browser    answers a server's questions, a page at a time
hints      makes repositories due
library    keeps manifests and configurations
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.store.archive import SqlArchive
from indexer.store.browser import SqlBrowser
from indexer.store.catalog import SqlCatalog
from indexer.store.docket import SqlDocket
from indexer.store.engine import Database
from indexer.store.finder import SqlFinder
from indexer.store.hints import SqlHints
from indexer.store.library import SqlLibrary
from indexer.store.migrate import make_ready
from indexer.store.outbox import SqlOutbox

if TYPE_CHECKING:
    from indexer.browse import Browser, Hints
    from indexer.docket import Docket
    from indexer.library import Library
    from indexer.outbox import Outbox
    from indexer.pins.finder import Finder
    from indexer.ports import Archive, Catalog

__all__ = ["Store", "open_store"]

ANSWER_SECONDS = 10.0
"""How long an answer for a server may take; the usual one takes milliseconds."""


class Store:
    """An index that is open. Writing and reading may go on at the same time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._archive = SqlArchive(database)
        self._catalog = SqlCatalog(database)
        self._outbox = SqlOutbox(database)

    @property
    def archive(self) -> Archive:
        """Where crawls are written."""
        return self._archive

    @property
    def catalog(self) -> Catalog:
        """What can be asked."""
        return self._catalog

    @property
    def hints(self) -> Hints:
        """What makes a repository due."""
        return SqlHints(self._database)

    def browser(self, *, private: bool, seconds: float = ANSWER_SECONDS) -> Browser:
        """What a server can ask, for an audience that sees private repositories or does not.

        Args:
            private: whether it does.
            seconds: how long one answer may take.
        """
        return SqlBrowser(self._database, private=private, seconds=seconds)

    @property
    def docket(self) -> Docket:
        """What is judged by policies, and what was found."""
        return SqlDocket(self._database)

    @property
    def outbox(self) -> Outbox:
        """What is told to whom."""
        return self._outbox

    @property
    def finder(self) -> Finder:
        """What finds content by its digest."""
        return SqlFinder(self._database)

    @property
    def library(self) -> Library:
        """What keeps manifests and configurations."""
        return SqlLibrary(self._database)

    def close(self) -> None:
        """Close every connection, and give back every lock."""
        self._archive.close()
        self._outbox.close()
        self._database.close()


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
