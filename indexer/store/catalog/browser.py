"""Answers a server from the index: bounded pages, for one audience.

`Browser` is to `indexer serve` what `indexer.store.catalog.catalog.Catalog` is to the commands.
The catalog streams everything; here each answer is one page, which continues after a name or an
id. So paging stays exact while a crawl adds and removes: a name that is present during the
whole reading is on exactly one page.
"""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.catalog.answers import IndexedRepository, TagTarget
from indexer.store.catalog import (
    compare,
    digest_search,
    entry_pages,
    namespace_status,
    repositories,
    shared_digests,
    tag_history,
    tags,
)
from indexer.store.catalog.crawl_history import crawl_history
from indexer.store.catalog.namespace_ages import namespace_ages
from indexer.store.catalog.platforms import places
from indexer.store.changelog import companions, counts
from indexer.store.changelog.search import BEYOND, LAST, ChangeSearch
from indexer.store.changelog.stepped_scan import IdRange
from indexer.store.crawl.crawl_rows import CRAWLS, crawl_of, read_crawl
from indexer.store.database.statement_timeout import limited
from indexer.store.database.typed_rows import read
from indexer.store.manifests import referrer_lists, referrers, repository_contents
from indexer.store.schema.codec import (
    EPOCH,
    KIND_OF,
    digest_bytes,
    digest_of,
    microseconds,
    time_of,
)
from indexer.store.schema.tables import crawl, registry, repository, tag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date, datetime

    from indexer.catalog.answers import (
        AnyTime,
        ChangePage,
        DayCount,
        Difference,
        RepositoryKey,
        RepositoryScope,
        SharedDigest,
    )
    from indexer.core.catalog_entries import (
        ChangeFilter,
        CrawlHistory,
        FoundTag,
        NamespaceAge,
        NamespaceStatus,
        Period,
        RepositoryDay,
        RepositoryEntry,
        TagEntry,
    )
    from indexer.core.digest_text import DigestPrefix
    from indexer.core.model import ChangeKind, Crawl
    from indexer.manifests.ports import StoredManifest
    from indexer.manifests.signatures import Referrer
    from indexer.store.catalog.tags import TagRow
    from indexer.store.database.engine import Database
    from indexer.store.database.typed_rows import Row, Value


class Browser:
    """A database, as one audience may see it. Safe to call from threads.

    For an audience that may not see private repositories the answers contain none: no name, no
    count of tags, no change. Every method may raise `StoreError`, or its subclass `AnswerTimeout`.

    Args:
        database: which.
        private: whether the audience sees private repositories.
        seconds: how long one question may take.
    """

    def __init__(self, database: Database, *, private: bool, seconds: float) -> None:
        self._database = database
        self._dialect = database.engine.dialect.name
        self._private = private
        self._seconds = seconds
        self._visible = [] if private else [repository.c.private == sa.false()]
        self._number_of = entry_pages.NUMBER.where(*self._visible)
        self._names = entry_pages.NAMES.where(*self._visible)

        self._log = ChangeSearch(
            self._within, self.last_change, self._dialect, self._visible, seconds
        )

    @contextmanager
    def _asking(self, seconds: float | None = None) -> Iterator[sa.Connection]:
        limit = self._seconds if seconds is None else seconds
        with self._database.reading() as connection, limited(connection, limit):
            yield connection

    def _all(self, statement: sa.Select[Row], **given: Value) -> list[Row]:
        with self._asking() as connection:
            return read(connection, statement, given)

    def _names_of(self, statement: sa.Select[str], **given: Value) -> list[str]:
        with self._asking() as connection:
            return list(connection.scalars(statement, given))

    def _within(self, statement: sa.Select[Row], seconds: float) -> list[Row]:
        with self._asking(seconds) as connection:
            return read(connection, statement)

    def registries(self) -> list[str]:
        """The registries in the index, by name."""
        return self._names_of(sa.select(registry.c.name).order_by(registry.c.name))

    def names(self, registry: str, after: str, limit: int) -> list[str]:
        """Names of present repositories of a registry that follow `after`, in order of name."""
        return self._names_of(self._names, registry=registry, after=after, limit=limit)

    def repositories(
        self, scope: RepositoryScope, after: RepositoryKey | None, limit: int
    ) -> list[RepositoryEntry]:
        """Present repositories that follow `after`, by registry and name."""
        wanted = (*entry_pages.in_scope(scope), *self._visible)
        statement = repositories.PRESENT.where(*wanted).limit(limit)
        if after is not None:
            host, name = registry.c.name, repository.c.name
            follows = (host > after.registry) | ((host == after.registry) & (name > after[1]))
            statement = statement.where(follows)
        return [repositories.repository_entry(row) for row in self._all(statement)]

    def registries_of(self, repository: str) -> list[str]:
        """The registries that have a repository of this name, present or removed."""
        statement = entry_pages.REGISTRIES.where(_is_named(repository), *self._visible)
        return sorted(self._names_of(statement))

    def repository(self, place: RepositoryKey) -> IndexedRepository | None:
        """A repository, present or removed; None if it is unknown."""
        rows = self._all(repositories.EVER.where(*entry_pages.at(place), *self._visible))
        if not rows:
            return None
        return IndexedRepository(
            repositories.repository_entry(rows[0]), time_of(rows[0].removed_at)
        )

    def counted(self, place: RepositoryKey, after: date, limit: int) -> list[RepositoryDay]:
        """What was counted of a repository by the day, after a day; the oldest first."""
        day = (after - EPOCH.date()).days
        rows = self._of(place, repositories.DAYS.limit(limit), after=day)
        return [repositories.repository_day(row) for row in rows]

    def similar(self, text: str, limit: int) -> list[RepositoryEntry]:
        """Present repositories whose names share most pairs of letters with `text`."""
        statement = entry_pages.similar(text, self._visible, limit, self._dialect)
        return [repositories.repository_entry(row) for row in self._all(statement)]

    def tag_names(self, place: RepositoryKey, after: str, limit: int) -> list[str]:
        """Names of present tags that follow `after`, in order of name."""
        with self._asking() as connection:
            here = {"repository": self._number(connection, place), "after": after, "limit": limit}
            return list(connection.scalars(entry_pages.TAG_NAMES, here))

    def tags(
        self,
        place: RepositoryKey,
        after: str,
        limit: int,
        as_of: datetime | None = None,
        *,
        everything: bool = False,
    ) -> list[TagEntry]:
        """Tags that follow `after`, now or as of a time, in order of name.

        `everything`: also those that tools keep.
        """
        shown = self._shown_tags(everything=everything)
        if as_of is None:
            return self._tags(place, entry_pages.tags_after(*shown).limit(limit), after=after)
        statement, time = tags.tags_as_of_after(*shown).limit(limit), microseconds(as_of)
        return self._tags(place, statement, after=after, time=time)

    def hidden_tags(self, place: RepositoryKey) -> int:
        """How many present tags of a repository tools keep."""
        kept = companions.is_companion(tag.c.name, self._dialect)
        return sum(row.number for row in self._of(place, entry_pages.COMPANIONS.where(kept)))

    def _shown_tags(self, *, everything: bool) -> list[sa.ColumnElement[bool]]:
        """Conditions that leave out the tags that tools keep."""
        return [] if everything else [~companions.is_companion(tag.c.name, self._dialect)]

    def tag(self, place: RepositoryKey, tag: str) -> TagEntry | None:
        """A present tag; None if there is no such tag."""
        return next(iter(self._tags(place, tags.TAGS.where(_tag_is(tag)))), None)

    def unwatched_since(self, place: RepositoryKey, tag: str) -> datetime | None:
        """Since when the configuration does not want a tag; None: it does."""
        with self._asking() as connection:
            number = self._number(connection, place)
            return time_of(connection.scalar(_UNWATCHED, {"repository": number, "tag": tag}))

    def _tags(
        self, place: RepositoryKey, statement: sa.Select[TagRow], **given: Value
    ) -> list[TagEntry]:
        with self._asking() as connection:
            number = self._number(connection, place)
            rows = read(connection, statement, {"repository": number, **given})
            known = places(connection) if rows else {}
        return [tags.tag_entry(row, place, known) for row in rows]

    def pointer(self, place: RepositoryKey, tag: str) -> TagTarget | None:
        """What a present tag points to; None if there is no such tag."""
        rows = self._of(place, entry_pages.POINTER, tag=tag)
        return TagTarget(digest_of(rows[0].key), rows[0].media_type) if rows else None

    def pointed_to(self, place: RepositoryKey, digest: str) -> TagTarget | None:
        """A digest that a tag of the repository has or had; None if none ever did."""
        rows = self._of(
            place, repository_contents.POINTED_TO, **repository_contents.key_for(digest)
        )
        return TagTarget(digest, rows[0].media_type) if rows else None

    def content(self, place: RepositoryKey, digest: str) -> StoredManifest | None:
        """A stored manifest or configuration of this repository; None if it is not stored."""
        rows = self._of(place, repository_contents.CONTENT, **repository_contents.key_for(digest))
        return repository_contents.content_of(digest, *rows[0]) if rows else None

    def artifacts(self, place: RepositoryKey) -> Iterator[StoredManifest]:
        """Stored manifests that may refer to others, among those that tags point to."""

        def ask(after: int, limit: int) -> list[referrers.ArtifactRow]:
            return self._of(place, referrers.ARTIFACTS, after=after, limit=limit)

        return referrers.artifacts(ask, self._seconds)

    def referrers(self, place: RepositoryKey, digest: str) -> tuple[Referrer, ...]:
        """What refers to an image, as its registry said when it was asked."""
        if not self._of(place, sa.select(repository.c.id).where(_THIS)):
            return ()
        home, name = place
        key = digest_bytes(digest)
        rows = self._all(referrer_lists.OF_IMAGE, registry=home, repository=name, key=key)
        return referrer_lists.listed(rows[0]) if rows else ()

    def find(self, wanted: DigestPrefix) -> dict[str, list[FoundTag]]:
        """The tags of all repositories that lead to a digest, or ever did, by full digest."""
        with self._asking() as connection:
            return digest_search.search(connection, wanted, self._visible)

    def history(
        self,
        place: RepositoryKey,
        tag: str | None,
        after: tuple[str, int],
        limit: int,
        *,
        everything: bool = False,
    ) -> list[Period]:
        """Every digest that each tag had, or one tag, by tag and time.

        Args:
            place: the repository.
            tag: only this tag; None: all.
            after: a tag, and how many of its periods were seen; earlier tags count as seen.
            limit: the most periods returned.
            everything: also of tags that tools keep; one that is named is always shown.
        """
        name, seen = after
        shown = self._shown_tags(everything=everything or tag is not None)
        statement = tag_history.periods(*shown, of_one_tag=tag is not None, from_name=True)
        with self._asking() as connection:
            given = {"repository": self._number(connection, place), "from_name": name, "tag": tag}
            if tag is None:
                del given["tag"]
            rows = read(connection, statement.offset(seen).limit(limit), given)
            known = places(connection) if rows else {}
        return [tag_history.period(row, place, known) for row in rows]

    def tags_of_digests(
        self,
        place: RepositoryKey,
        digests: Collection[str],
        limit: int,
        when: datetime | AnyTime | None,
    ) -> Mapping[str, SharedDigest]:
        """The tags of each of these digests.

        Args:
            place: the repository.
            digests: which digests; those that no tag has are left out of the answer.
            limit: how many tags are named for each digest.
            when: tags that point there now (`None`), at a time, or at any time.
        """
        with self._asking() as connection:
            number = self._number(connection, place)
            return shared_digests.tags_of_digests(connection, number, digests, limit, when)

    def tag_periods(self, place: RepositoryKey, tag: str, limit: int) -> list[Period]:
        """The digests that a tag had, the newest first."""
        statement = tag_history.periods(of_one_tag=True, newest_first=True).limit(limit)
        return [tag_history.period(row, place) for row in self._of(place, statement, tag=tag)]

    def differences(
        self,
        place: RepositoryKey,
        earlier: datetime,
        later: datetime,
        limit: int,
        *,
        everything: bool = False,
    ) -> list[Difference]:
        """Tags that pointed to different content at two times, by name.

        `everything`: also those that tools keep.
        """
        times = {"earlier": microseconds(earlier), "later": microseconds(later)}
        statement = compare.DIFFERENCES.limit(limit)
        if not everything:
            kept = companions.is_companion(compare.BOTH.c.name, self._dialect)
            statement = statement.where(~kept)
        rows = self._of(place, statement, after="", **times)
        return [compare.difference(row) for row in rows]

    def changes(self, wanted: ChangeFilter, after: int, limit: int) -> ChangePage:
        """The change log after a number, oldest first. The filter's own limit is ignored."""
        return self._log.look(wanted, IdRange(after, BEYOND), limit, back=False)

    def newest(self, wanted: ChangeFilter, before: int | None, limit: int) -> ChangePage:
        """The change log before a number, or from its end, newest first."""
        until = BEYOND if before is None else before
        return self._log.look(wanted, IdRange(-1, until), limit, back=True)

    def last_change(self) -> int:
        """The number of the last change; 0 if there is none. Grows with every commit of changes."""
        with self._asking() as connection:
            return connection.scalar(LAST) or 0

    def days(self, wanted: ChangeFilter) -> list[DayCount]:
        """Changes by day and kind, oldest first; of the filter only `since` and the place count."""
        return [
            counts.day_count(row)
            for row in self._all(counts.by_day(wanted, self._dialect, self._visible))
        ]

    def tally(self, after: int) -> tuple[int, Mapping[ChangeKind, int]]:
        """The number of the last change, and how many of each kind follow `after`."""
        with self._asking() as connection:
            last = connection.scalar(LAST) or 0
            rows = read(connection, counts.TALLY, {"after": after})
        return last, {KIND_OF[row.kind]: row.number for row in rows}

    def ages(self) -> list[NamespaceAge]:
        """When each namespace was last crawled completely, by registry and name."""
        return namespace_ages(self._database)

    def namespaces(self) -> list[NamespaceStatus]:
        """How well each namespace is known, by registry and name."""
        with self._asking() as connection:
            found = namespace_status.namespaces(connection, *self._visible)
        return [
            dataclasses.replace(each, last_crawl=each.last_crawl and self._shown(each.last_crawl))
            for each in found
        ]

    def crawl_history(self) -> list[CrawlHistory]:
        """What the next crawl of each namespace depends on, by registry and name."""
        return crawl_history(self._database)

    def crawls(self, scope: RepositoryScope, before: int | None, limit: int) -> list[Crawl]:
        """Crawls before a number, or from the end, newest first."""
        statement = CRAWLS.order_by(crawl.c.id.desc()).limit(limit)
        if scope.registry is not None:
            statement = statement.where(registry.c.name == scope.registry)
        if scope.namespace is not None:
            statement = statement.where(namespace_status.namespace_is(scope.namespace))
        if before is not None:
            statement = statement.where(crawl.c.id < before)
        return [self._shown(read_crawl(row)) for row in self._all(statement)]

    def crawl(self, crawl_id: int) -> Crawl | None:
        """One crawl's row."""
        with self._asking() as connection:
            found = crawl_of(connection, crawl_id)
        return found and self._shown(found)

    def _shown(self, crawl: Crawl) -> Crawl:
        """A crawl without its account, its part and its sentences: these may name private ones."""
        if self._private:
            return crawl
        problems = f"{len(crawl.errors)} problem{'s' * (len(crawl.errors) > 1)}"
        errors = (f"{problems}: only shown with the token",) if crawl.errors else ()
        part = crawl.part and "only shown with the token"
        return dataclasses.replace(crawl, identity="", errors=errors, part=part)

    def _of(self, place: RepositoryKey, statement: sa.Select[Row], **given: Value) -> list[Row]:
        """Rows of one repository; none if the audience knows no such repository."""
        with self._asking() as connection:
            number = self._number(connection, place)
            return read(connection, statement, {"repository": number, **given})

    def _number(self, connection: sa.Connection, place: RepositoryKey) -> int | None:
        """A repository's id; None, which matches no row, if the audience may not see it."""
        return connection.scalar(self._number_of, {"registry": place[0], "name": place[1]})


_THIS = repository.c.id == sa.bindparam("repository")

_UNWATCHED = sa.select(tag.c.unwatched_since).where(
    tag.c.repository_id == sa.bindparam("repository"), tag.c.name == sa.bindparam("tag")
)


def _is_named(name: str) -> sa.ColumnElement[bool]:
    return repository.c.name == name


def _tag_is(name: str) -> sa.ColumnElement[bool]:
    return tag.c.name == name
