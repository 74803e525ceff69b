"""Answers the commands, and the lookups of pins and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.catalog.ports import Lookup
from indexer.core.errors import NotInIndex, UsageError
from indexer.core.printable import shown
from indexer.core.reference import Reference
from indexer.core.suggestions import unknown
from indexer.store.changelog import access_path, rows
from indexer.store.crawl.crawl_rows import crawl_of
from indexer.store.database.typed_rows import first, read, stream, typed
from indexer.store.schema.codec import microseconds
from indexer.store.schema.tables import namespace, registry, repository, tag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from indexer.catalog.answers import Outlook
    from indexer.catalog.stats import Stats, StatsQuestion, StatsScope
    from indexer.core.catalog_entries import (
        ChangeFilter,
        CrawledSince,
        CrawlHistory,
        CrawlMark,
        FoundTag,
        HeldBackList,
        HiddenRepositories,
        NamespaceAge,
        NamespaceStatus,
        Period,
        RepositoryEntry,
        TagEntry,
        UnresolvedTag,
        Unseen,
    )
    from indexer.core.digest_text import DigestPrefix
    from indexer.core.model import Change, ChangeRate, Crawl
    from indexer.manifests.image_contents import LabelFilter
    from indexer.store.database.engine import Database
    from indexer.store.database.typed_rows import Value

ROWS = 1_000
"""Rows fetched at a time while a result streams."""

MOST_CANDIDATES = 20_000
"""The most known names that are compared with an unknown one."""

_NOTHING = "nothing was crawled yet: run 'indexer crawl NAMESPACE' first."
_HIGHEST = "\U0010ffff"


class _Named(NamedTuple):
    """A repository's full name, and its id."""

    registry: str
    name: str
    id: int


_NAMES = typed(
    _Named,
    sa.select(registry.c.name.label("registry"), repository.c.name, repository.c.id)
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id),
)


class Catalog(Lookup):
    """Reads an index. Iterators stream; orders are total and stable.

    Each answer is of one snapshot of the database, however long it streams.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def changes(self, wanted: ChangeFilter, *, newest_first: bool = False) -> Iterator[Change]:
        """The change log, oldest first or newest first; with a limit only the newest ones."""

        def answer() -> Iterator[Change]:
            with self._database.reading() as connection:
                statement = access_path.statement(connection, wanted, back=newest_first)
                yield from map(rows.change_of, stream(connection, statement, None, ROWS))

        if wanted.limit is None or newest_first:
            return answer()
        return reversed(list(answer()))

    def repositories(
        self,
        registry: str | None = None,
        namespace: str | None = None,
        *,
        label: LabelFilter | None = None,
    ) -> Iterator[RepositoryEntry]:
        """Present repositories by registry and name; with a label those of an image with it."""
        from indexer.store.catalog import repositories  # noqa: PLC0415 - the change log needs nothing of it

        statement = repositories.PRESENT
        if registry is not None:
            statement = statement.where(_registry_is(registry))
        if namespace is not None:
            statement = statement.where(rows.within(namespace))
        if label is not None:
            from indexer.store.catalog.labelled import with_label  # noqa: PLC0415 - the same

            dialect = self._database.engine.dialect.name
            statement = statement.where(with_label(label, dialect))

        def answer() -> Iterator[RepositoryEntry]:
            with self._database.reading() as connection:
                found = stream(connection, statement, None, ROWS)
                yield from map(repositories.repository_entry, found)

        return answer()

    def locate(self, reference: Reference) -> tuple[str, str]:
        """The registry and name of a repository in the index, present or removed.

        Raises:
            NotInIndex: unknown (with the nearest names).
            UsageError: known from several registries.
        """
        host = reference.registry
        with self._database.reading() as connection:
            for name in reference.names:
                statement = _NAMES.where(repository.c.name == name)
                if host is not None:
                    statement = statement.where(_registry_is(host))
                if found := read(connection, statement.order_by(registry.c.name)):
                    break
            else:
                sentence = self._unknown_reference(connection, reference)
                raise NotInIndex(sentence, reference)
        if len(found) > 1:
            named = " or ".join(f"'{row.registry}/{name}'" for row in found)
            raise UsageError(f"several registries have '{name}': write {named}.")
        return found[0].registry, name

    def is_present(self, registry: str, repository: str) -> bool:
        """See `Lookup`."""
        statement = _NAMES.where(_is_called(repository), _registry_is(registry), _IS_PRESENT)
        with self._database.reading() as connection:
            return first(connection, statement) is not None

    def tags(
        self,
        registry: str,
        repository: str,
        as_of: datetime | None = None,
        names: Sequence[str] | None = None,
    ) -> Iterator[TagEntry]:
        """Present tags by name, or those present at a time, with what they pointed to then.

        Args:
            registry: of the repository.
            repository: its full name.
            as_of: the time; None: now.
            names: only these, in this order; None: all by name.

        Raises:
            UsageError: the repository is not known, or was not yet known at that time.
        """
        from indexer.store.catalog import platforms, tags  # noqa: PLC0415 - the change log needs nothing of it

        where = registry, repository
        parameters = self._of_tags(registry, repository, as_of)

        def answer() -> Iterator[TagEntry]:
            with self._database.reading() as connection:
                known = platforms.places(connection)
                for row in tags.rows(connection, parameters, names):
                    yield tags.tag_entry(row, where, known)

        return answer()

    def tag_digests(
        self, registry: str, repository: str, as_of: datetime | None = None
    ) -> Iterator[tuple[str, str | None]]:
        """The names of present tags, or of those present at a time, and their digests, by name.

        Raises:
            UsageError: the repository is not known, or was not yet known at that time.
        """
        from indexer.store.catalog import tags  # noqa: PLC0415 - the same

        parameters = self._of_tags(registry, repository, as_of)

        def answer() -> Iterator[tuple[str, str | None]]:
            with self._database.reading() as connection:
                yield from tags.digests(connection, parameters)

        return answer()

    def _of_tags(self, registry: str, repository: str, as_of: datetime | None) -> dict[str, int]:
        """The parameters of statements about the tags of a repository."""
        from indexer.store.catalog import known_since  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            parameters = {"repository": self._repository(connection, registry, repository)}
            if as_of is not None:
                known_since.check_known(connection, parameters["repository"], repository, as_of)
                parameters["time"] = microseconds(as_of)
        return parameters

    def with_tag(
        self, glob: str, registry: str | None = None, namespace: str | None = None
    ) -> list[tuple[str, str]]:
        """The repositories in which a present tag matches a glob, by registry and name."""
        from indexer.store.catalog.repositories import with_tag  # noqa: PLC0415 - the same

        where = [] if registry is None else [_registry_is(registry)]
        where += [] if namespace is None else [rows.within(namespace)]
        with self._database.reading() as connection:
            return with_tag(connection, glob, where)

    def known_since(self, registry: str, repository: str) -> datetime | None:
        """Since when the index knows a repository; None: it does not.

        What its tags were earlier is not known.
        """
        from indexer.store.catalog.known_since import known_since  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return known_since(connection, self._repository(connection, registry, repository))

    def check_known(self, registry: str, repository: str, time: datetime) -> None:
        """Check that a repository was known at a time.

        Raises:
            UsageError: it was not: the sentence says since when it is.
        """
        from indexer.store.catalog import known_since  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            number = self._repository(connection, registry, repository)
            known_since.check_known(connection, number, repository, time)

    def history(self, registry: str, repository: str, tag: str | None = None) -> Iterator[Period]:
        """Every digest that each tag had, by tag and time.

        Raises:
            NotInIndex: the tag was never seen (with the nearest names).
        """
        from indexer.store.catalog import platforms, tag_history  # noqa: PLC0415 - the change log needs nothing of it

        where = registry, repository
        with self._database.reading() as connection:
            number = self._repository(connection, *where)
            parameters: dict[str, Value] = {"repository": number}
            if tag is not None:
                _check_tag(connection, number, where, tag)
                parameters["tag"] = tag
        statement = tag_history.periods(of_one_tag=tag is not None)

        def answer() -> Iterator[Period]:
            with self._database.reading() as connection:
                known = platforms.places(connection)
                for row in stream(connection, statement, parameters, ROWS):
                    yield tag_history.period(row, where, known)

        return answer()

    def holding(self, registry: str, repository: str, digest: str) -> list[Period]:
        """The periods in which tags of a repository pointed to a digest, or to an index with it.

        By tag and time. Empty for an unknown repository.
        """
        from indexer.store.catalog.digest_finder import holding  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return holding(connection, (registry, repository), digest)

    def find(self, wanted: DigestPrefix) -> dict[str, list[FoundTag]]:
        """The tags of all repositories that lead to a digest, or ever did, by full digest."""
        from indexer.store.catalog.digest_search import search  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return search(connection, wanted)

    def unwatched(
        self, registry: str, repository: str, tags: Collection[str]
    ) -> dict[str, datetime]:
        """Since when the configuration does not want tags, by name: of those that it leaves out."""
        from indexer.store.catalog.digest_finder import unwatched  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return unwatched(connection, (registry, repository), tags)

    def unseen(self, registry: str, repository: str, tags: Collection[str] = ()) -> Unseen | None:
        """See `Lookup`."""
        from indexer.store.catalog.digest_finder import unseen  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return unseen(connection, (registry, repository), tags)

    def tag_names(self, registry: str, repository: str) -> list[str]:
        """See `Lookup`."""
        from indexer.store.catalog.entry_pages import ALL_TAG_NAMES  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            here = {"repository": self._repository(connection, registry, repository)}
            return list(connection.scalars(ALL_TAG_NAMES, here))

    def named_tags(self, registry: str, repository: str, tags: Collection[str]) -> list[TagEntry]:
        """See `Lookup`."""
        from indexer.store.catalog import platforms  # noqa: PLC0415 - the same
        from indexer.store.catalog.tags import TAGS, tag_entry  # noqa: PLC0415 - the same

        statement, where = TAGS.where(tag.c.name.in_(tags)), (registry, repository)
        with self._database.reading() as connection:
            here: dict[str, Value] = {"repository": self._repository(connection, *where)}
            found, known = read(connection, statement, here), platforms.places(connection)
        return [tag_entry(row, where, known) for row in found]

    def stats(self, scope: StatsScope, asked: StatsQuestion) -> Stats:
        """What is counted by the day, not pulled, and pointed to by several tags."""
        from indexer.store.catalog import stats  # noqa: PLC0415 - the same
        from indexer.store.schema.audience import EVERYTHING  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return stats.stats(connection, asked, EVERYTHING, stats.in_scope(scope))

    def namespaces(self) -> list[NamespaceStatus]:
        """How well each namespace is known, by registry and name."""
        from indexer.store.catalog import namespace_status  # noqa: PLC0415 - the change log needs nothing of it

        with self._database.reading() as connection:
            return namespace_status.namespaces(connection)

    def namespace_names(self) -> list[tuple[str, str]]:
        """Registry and name of each namespace, in that order; no repository is counted."""
        from indexer.store.catalog import namespace_names  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return namespace_names.names(connection)

    def hidden(self) -> list[HiddenRepositories]:
        """The namespaces with hidden repositories, by registry and name."""
        from indexer.store.catalog import namespace_names  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return namespace_names.hidden(connection)

    def ages(self, now: datetime) -> list[NamespaceAge]:
        """When each namespace was last crawled completely, by registry and name."""
        from indexer.store.catalog.namespace_ages import namespace_ages  # noqa: PLC0415 - the same

        return namespace_ages(self._database, now)

    def unresolved_tags(self) -> list[UnresolvedTag]:
        """The present tags whose digest is not known, by registry and name."""
        from indexer.store.crawl.unresolved_tags import unresolved  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return unresolved(connection)

    def held_back(self) -> list[HeldBackList]:
        """The lists from which removals are held back for review, by registry and name."""
        from indexer.store.catalog.held_back import held_back  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return list(held_back(connection))

    def outlook(self, registry: str, namespace: str) -> Outlook:
        """What is known of a namespace before its next crawl."""
        from indexer.store.catalog import crawl_outlook  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return crawl_outlook.outlook(connection, registry, namespace)

    def watched(self, most: int) -> dict[tuple[str, str], list[ChangeRate]]:
        """Change rates of repositories of each namespace: an even sample of `most`."""
        from indexer.store.catalog import crawl_outlook  # noqa: PLC0415 - the same

        with self._database.reading() as connection:
            return crawl_outlook.watched(connection, most)

    def crawl_history(
        self, places: Collection[tuple[str, str]] | None = None
    ) -> list[CrawlHistory]:
        """What the next crawl of each namespace, or of some, depends on, by registry and name."""
        from indexer.store.catalog.crawl_history import crawl_history  # noqa: PLC0415 - the same

        return crawl_history(self._database, places)

    def crawled_since(self, mark: CrawlMark | None) -> CrawledSince:
        """The namespaces of which crawls have begun since a mark; without one, any may have."""
        from indexer.store.catalog.crawl_history import crawled_since  # noqa: PLC0415 - the same

        return crawled_since(self._database, mark)

    def crawl(self, crawl_id: int) -> Crawl | None:
        """One crawl's row."""
        with self._database.reading() as connection:
            return crawl_of(connection, crawl_id)

    def repository_names(self, prefix: str, limit: int) -> list[str]:
        """Names that begin with `prefix`, for completion: at most `limit`."""
        statement = (
            sa.select(repository.c.name)
            .where(
                repository.c.present,
                repository.c.name >= prefix,
                repository.c.name < prefix + _HIGHEST,
            )
            .distinct()
            .order_by(repository.c.name)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return list(connection.scalars(statement))

    def _repository(self, connection: sa.Connection, host: str, name: str) -> int:
        statement = _NAMES.where(repository.c.name == name, _registry_is(host))
        found = first(connection, statement)
        if found is None:
            raise NotInIndex(self._unknown_repository(connection, name))
        return found.id

    def _unknown_reference(self, connection: sa.Connection, reference: Reference) -> str:
        """A sentence about an unknown image: other registries have it, or none does."""
        if reference.registry is not None:
            names = reference.names
            if "/" not in reference.repository:  # as Docker Hub spells it
                names = (*names, f"library/{reference.repository}")
            statement = _NAMES.where(repository.c.name.in_(names)).order_by(registry.c.name)
            hosts = [row.registry for row in read(connection, statement)]
            if hosts:
                return (
                    f"the index knows '{shown(reference.repository)}' from {' and '.join(hosts)}, "
                    f"not from the registry '{shown(reference.registry)}'."
                )
        return self._unknown_repository(connection, reference.repository)

    @staticmethod
    def _unknown_repository(connection: sa.Connection, name: str) -> str:
        """A sentence with the nearest names: of the same namespace if it exists, else of all."""
        names = sa.select(repository.c.name).distinct().limit(MOST_CANDIDATES)
        beside = list(connection.scalars(names.where(rows.within(name.rpartition("/")[0]))))
        known = beside or list(connection.scalars(names))
        return unknown("repository", name, known, _NOTHING)


_IS_PRESENT = repository.c.present


def _is_called(name: str) -> sa.ColumnElement[bool]:
    return repository.c.name == name


def _registry_is(name: str) -> sa.ColumnElement[bool]:
    return registry.c.name == name


def _check_tag(connection: sa.Connection, number: int, where: tuple[str, str], wanted: str) -> None:
    mine = tag.c.repository_id == number
    if connection.scalar(sa.select(tag.c.id).where(mine, tag.c.name == wanted)) is None:
        some = sa.select(tag.c.name).where(mine).limit(MOST_CANDIDATES)
        nothing = "its tags were not read yet: crawl again."
        known = list(connection.scalars(some))
        sentence = unknown(f"tag of {where[1]}", wanted, known, nothing)
        raise NotInIndex(sentence, Reference(*where, wanted))
