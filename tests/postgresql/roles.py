"""The roles of docs/postgresql.md in a database."""

from __future__ import annotations

from contextlib import closing
from uuid import uuid4

from indexer.store.database.engine import Database
from indexer.store.schema import migrate
from tests.documents import pages
from tests.support.databases import postgresql_url

BEFORE, AFTER = pages.fenced(pages.read(pages.ROOT / "docs" / "postgresql.md"), "sql")


class Roles:
    """A new index with the roles of the page, under names that no other test has."""

    def __init__(self) -> None:
        self._url = postgresql_url()
        self._suffix = uuid4().hex[:8]
        self._run(BEFORE)
        migrate.upgrade(self.of("owner"))
        self._run(AFTER)

    def of(self, role: str) -> str:
        """The URL of one of them."""
        return f"{self.plain(role)}&options=-csearch_path%3Dindexer"

    def plain(self, role: str) -> str:
        """The same without a word on the schema."""
        user = f"indexer_{role}_{self._suffix}"
        return self._url.replace("postgres:@", f"{user}@")

    def _run(self, block: str) -> None:
        """Run a block of the page as a superuser."""
        for role in ("owner", "crawler", "reporter"):
            block = block.replace(f"indexer_{role}", f"indexer_{role}_{self._suffix}")
        with closing(Database(self._url)) as database, database.writing() as connection:
            connection.exec_driver_sql(block.replace("%", "%%"))
