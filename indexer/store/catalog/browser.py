"""Answers a server from the index: bounded pages, for one audience.

`Browser` is to `indexer serve` what `indexer.store.catalog.catalog.Catalog` is to the commands.
The catalog streams everything; here each answer is one page, which continues after a name or an
id. So paging stays exact while a crawl adds and removes: a name that is present during the
whole reading is on exactly one page.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.catalog.answers import IndexedRepository, RepositoryKey, TagTarget
from indexer.core.humanize import count
from indexer.core.model import ChangeKind
from indexer.manifests.companion_tags import asks_for_companions
from indexer.manifests.ports import NamedPart, PartKind
from indexer.store.catalog import (
    compare,
    digest_finder,
    digest_search,
    entry_pages,
    namespace_status,
    public_view,
    repositories,
    shared_digests,
    stats,
    tag_history,
    tags,
    visible_violations,
)
from indexer.store.catalog.crawl_history import crawl_history
from indexer.store.catalog.known_since import check_known, known_since
from indexer.store.catalog.labelled import with_label
from indexer.store.catalog.namespace_ages import namespace_ages
from indexer.store.catalog.platforms import places
from indexer.store.catalog.snapshot import Snapshots
from indexer.store.changelog import companions, counts
from indexer.store.changelog.query import ChangeQuery
from indexer.store.changelog.search import BEYOND, LAST, ChangeSearch
from indexer.store.changelog.stepped_scan import IdRange
from indexer.store.crawl.crawl_rows import CRAWLS, crawl_of, read_crawl
from indexer.store.database.glob_match import matches
from indexer.store.database.typed_rows import read
from indexer.store.manifests import referrer_lists, referrers, repository_contents
from indexer.store.schema import audience
from indexer.store.schema.audience import EVERYTHING
from indexer.store.schema.codec import (
    EPOCH,
    digest_bytes,
    digest_of,
    microseconds,
    time_of,
)
from indexer.store.schema.tables import crawl, namespace, registry, repository, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import date, datetime

    from indexer.catalog.answers import (
        AnyTime,
        ChangePage,
        DayCount,
        Difference,
        RepositoryScope,
        SharedDigest,
        TagSort,
    )
    from indexer.catalog.stats import Stats, StatsQuestion, StatsScope
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
        Unseen,
    )
    from indexer.core.digest_text import DigestPrefix
    from indexer.core.model import Crawl
    from indexer.manifests.image_contents import LabelFilter
    from indexer.manifests.ports import StoredManifest
    from indexer.manifests.signatures import Referrer
    from indexer.policies.violation import Violation, ViolationFilter
    from indexer.store.catalog.public_view import PublicView
    from indexer.store.catalog.repositories import RepositoryRow
    from indexer.store.catalog.tags import TagRow
    from indexer.store.database.engine import Database
    from indexer.store.database.typed_rows import Row, Scalar, Value, Values
    from indexer.store.schema.audience import Audience
    from indexer.store.schema.visibility import Periods


class Browser:
    """A database, as one audience may see it. Safe to call from threads.

    For an audience that may not see private repositories the answers contain none: no name, no
    count of tags, no change. Every method may raise `StoreError`, or its subclass `AnswerTimeout`.

    Args:
        database: which.
        private: whether the audience sees private repositories.
        seconds: how long one question may take.
        view: how it is shown to the public; None: everything that is not private, however long ago
            that was looked at.
    """

    def __init__(
        self, database: Database, *, private: bool, seconds: float, view: PublicView | None = None
    ) -> None:
        self._database = database
        self._dialect = database.engine.dialect.name
        self._private = private
        self._seconds = seconds
        self._view = None if private else view
        self._audience = EVERYTHING if private else audience.public()
        self._snapshots = Snapshots(database, seconds)
        self._periods = self._audience.periods

    def snapshot(self) -> AbstractContextManager[None]:
        """Ask all questions of this thread in one transaction, in the time of one question."""
        return self._snapshots.shared()

    def _seen(self) -> Audience:
        """What the audience may see now."""
        return self._audience if self._view is None else self._view.audience()

    def _log(self, wanted: ChangeFilter) -> ChangeSearch:
        """The change log as the audience may see it."""
        seen = self._seen()
        self._check_list(seen, *ChangeQuery(wanted, self._dialect, seen).places())
        return ChangeSearch(
            self._within,
            self._scalars,
            self.last_change,
            dialect=self._dialect,
            audience=seen,
            seconds=self._seconds,
        )

    def _check_list(self, seen: Audience, *scope: sa.ColumnElement[bool]) -> None:
        """Refuse a list that would leave out what is unverified: see `public_view`."""
        if seen.unverified is not None:
            with self._asking() as connection:
                public_view.check_list(connection, seen, self._view, *scope)

    def _asking(self, seconds: float | None = None) -> AbstractContextManager[sa.Connection]:
        return self._snapshots.asking(seconds)

    def _all(self, statement: sa.Select[Row], **given: Value) -> list[Row]:
        with self._asking() as connection:
            return read(connection, statement, given)

    def _scalars(self, statement: sa.Select[Scalar], **given: Value) -> list[Scalar]:
        with self._asking() as connection:
            return list(connection.scalars(statement, given))

    def _within(self, statement: sa.Select[Row], seconds: float) -> list[Row]:
        with self._asking(seconds) as connection:
            return read(connection, statement)

    def registries(self) -> list[str]:
        """The registries in the index, by name."""
        return self._scalars(sa.select(registry.c.name).order_by(registry.c.name))

    def names(self, registry: str, after: str, limit: int) -> list[str]:
        """Names of present repositories of a registry that follow `after`, in order of name."""
        seen, given = self._seen(), {"registry": registry, "after": after}
        with self._asking() as connection:
            following = entry_pages.FOLLOWING
            public_view.check_list(connection, seen, self._view, *following, given=given)
            found = connection.scalars(entry_pages.names(seen), {**given, "limit": limit})
            return list(found.all())

    def repositories(
        self,
        scope: RepositoryScope,
        after: RepositoryKey | None,
        limit: int,
        label: LabelFilter | None = None,
    ) -> list[RepositoryEntry]:
        """Present repositories that follow `after`, by registry and name; with a label if given."""
        seen = self._seen()
        wanted = entry_pages.in_scope(scope)
        if after is not None:
            host, name = registry.c.name, repository.c.name
            wanted.append((host > after.registry) | ((host == after.registry) & (name > after[1])))
        self._check_list(seen, *wanted)  # a refusal says nothing of labels
        shown = [*seen.visible]
        if label is not None:
            shown.append(with_label(label, self._dialect, self._periods))
        if scope.namespace is not None:
            return self._entries(repositories.PRESENT.where(*wanted, *shown).limit(limit))
        found: list[RepositoryEntry] = []
        for home in self.registries() if scope.registry is None else [scope.registry]:
            if len(found) < limit and (after is None or home >= after.registry):
                chosen = entry_pages.in_order_of_name(home, after, limit - len(found), *shown)
                page = repositories.PRESENT.where(repository.c.id.in_(chosen))
                found += self._entries(page)
        return found

    def _entries(self, statement: sa.Select[RepositoryRow]) -> list[RepositoryEntry]:
        public = self._audience.is_public
        return [repositories.repository_entry(row, public=public) for row in self._all(statement)]

    def unverified(self) -> int:
        """How many repositories are not shown because they are unverified."""
        with self._asking() as connection:
            return public_view.number_unverified(connection, self._seen())

    def registries_of(self, repository: str) -> list[str]:
        """The registries that have a repository of this name, present or removed."""
        seen, given = self._seen(), {"name": repository}
        with self._asking() as connection:
            rows = read(connection, entry_pages.registries(seen), given)
            found = [row.registry for row in rows if not row.unverified]
            if rows and not found:
                public_view.check_place(connection, seen, *entry_pages.NAMED, given=given)
        return sorted(found)

    def repository(self, place: RepositoryKey) -> IndexedRepository | None:
        """A repository, present or removed; None if it is unknown."""
        seen, given = self._seen(), _named(place)
        with self._asking() as connection:
            rows = read(connection, entry_pages.ever(seen), given)
            if not rows:
                public_view.check_place(connection, seen, *entry_pages.HERE, given=given)
                return None
        entry = repositories.repository_entry(rows[0], public=seen.is_public)
        return IndexedRepository(entry, time_of(rows[0].removed_at))

    def is_present(self, place: RepositoryKey) -> bool:
        """Whether the audience knows a repository that was not removed."""
        seen, given = self._seen(), _named(place)
        with self._asking() as connection:
            for row in read(connection, entry_pages.present(seen), given):
                if row.unverified:
                    public_view.check_place(connection, seen, *entry_pages.HERE, given=given)
                    break
                self._snapshots.remember(place, row.id)
                return True
        return False

    def counted(self, place: RepositoryKey, after: date, limit: int) -> list[RepositoryDay]:
        """What was counted of a repository by the day, after a day; the oldest first."""
        day = (after - EPOCH.date()).days
        statement = repositories.DAYS if not self._audience.is_public else repositories.PUBLIC_DAYS
        rows = self._of(place, statement.limit(limit), after=day)
        return [repositories.repository_day(row) for row in rows]

    def stats(self, scope: StatsScope, asked: StatsQuestion) -> Stats:
        """What is counted by the day, not pulled, and pointed to by several tags."""
        seen, where = self._seen(), stats.in_scope(scope)
        self._check_list(seen, *where)
        with self._asking() as connection:
            return stats.stats(connection, asked, seen, where)

    def similar(self, text: str, limit: int) -> list[RepositoryEntry]:
        """Present repositories whose names share most pairs of letters with `text`."""
        seen = self._seen()
        if seen.unverified is not None:
            some = entry_pages.similar(text, [seen.unverified], 1, self._dialect)
            for row in self._all(some):
                self._check_list(seen, _registry_is(row.registry), _is_named(row.name))
        return self._entries(entry_pages.similar(text, seen.visible, limit, self._dialect))

    def tag_names(self, place: RepositoryKey, after: str, limit: int) -> list[str]:
        """Names of present tags that follow `after`, in order of name."""
        with self._asking() as connection:
            here = {"repository": self._number(connection, place), "after": after, "limit": limit}
            return list(connection.scalars(entry_pages.TAG_NAMES, here).all())

    def all_tag_names(self, place: RepositoryKey) -> list[str]:
        """Names of all present tags, in order of name."""
        with self._asking() as connection:
            here = {"repository": self._number(connection, place)}
            return list(connection.scalars(entry_pages.ALL_TAG_NAMES, here))

    def named_tags(self, place: RepositoryKey, names: Collection[str]) -> list[TagEntry]:
        """Those of the tags that are present, in order of name."""
        statement = tags.tags(self._periods).where(self._periods.tag.c.name.in_(names))
        return self._tags(place, statement)

    def tags(
        self,
        place: RepositoryKey,
        after: str,
        limit: int,
        as_of: datetime | None = None,
        *,
        everything: bool = False,
        glob: str | None = None,
    ) -> list[TagEntry]:
        """Tags that follow `after`, now or as of a time, in order of name.

        Args:
            place: the repository.
            after: the name of a tag, or empty.
            limit: the most tags returned.
            as_of: at that time; None: now.
            everything: also those that tools keep, unless the glob asks for them anyway.
            glob: only tags that match it.

        Raises:
            UsageError: the repository was not yet known at that time.
        """
        shown = self._chosen_tags(glob, everything=everything)
        if as_of is None:
            return self._tags(place, self._tags_after(tags.tags, shown, limit), after=after)
        self.check_known(place, as_of)
        statement, time = self._tags_after(tags.tags_as_of, shown, limit), microseconds(as_of)
        return self._tags(place, statement, after=after, time=time)

    def tags_sorted(
        self,
        place: RepositoryKey,
        by: TagSort,
        after: tuple[int, str] | None,
        limit: int,
        *,
        everything: bool = False,
        glob: str | None = None,
    ) -> list[TagEntry]:
        """Present tags, the greatest or newest first.

        Args:
            place: the repository.
            by: the value; tags without one come last.
            after: the value (times in microseconds since 1970; -1: none) and the name of the last
                tag of the page before.
            limit: the most tags returned.
            everything: also those that tools keep, unless the glob asks for them anyway.
            glob: only tags that match it.
        """
        statement = tags.tags_sorted(self._periods, by, continued=after is not None)
        given: dict[str, Value] = {} if after is None else {"value": after[0], "after": after[1]}
        shown = self._chosen_tags(glob, everything=everything)
        return self._tags(place, statement.where(*shown).limit(limit), **given)

    def _chosen_tags(self, glob: str | None, *, everything: bool) -> list[sa.ColumnElement[bool]]:
        """Conditions for the tags that match a glob; None: all, but those that tools keep."""
        asks = glob is not None and asks_for_companions([glob])
        shown = self._shown_tags(everything=everything or asks)
        if glob is not None:
            shown.append(matches(self._periods.tag.c.name, glob, self._dialect))
        return shown

    def with_tag(
        self, glob: str, scope: RepositoryScope, start: RepositoryKey | None, limit: int
    ) -> list[RepositoryKey]:
        """Repositories from `start` on in which a present tag matches a glob."""
        seen = self._seen()
        wanted = entry_pages.in_scope(scope)
        if start is not None:
            host, name = registry.c.name, repository.c.name
            wanted.append((host > start.registry) | ((host == start.registry) & (name >= start[1])))
        self._check_list(seen, *wanted)
        with self._asking() as connection:
            found = repositories.with_tag(connection, glob, [*wanted, *seen.visible], limit)
        return [RepositoryKey(*each) for each in found]

    def _tags_after(
        self,
        statement: Callable[[Periods], sa.Select[TagRow]],
        shown: list[sa.ColumnElement[bool]],
        limit: int,
    ) -> sa.Select[TagRow]:
        after = self._periods.tag.c.name > sa.bindparam("after")
        return statement(self._periods).where(after, *shown).limit(limit)

    def known_since(self, place: RepositoryKey) -> datetime | None:
        """Since when the index knows a repository; None: the audience knows no such repository.

        What its tags were earlier is not known.
        """
        with self._asking() as connection:
            return known_since(connection, self._number(connection, place), self._periods)

    def check_known(self, place: RepositoryKey, time: datetime) -> None:
        """Check that a repository was known at a time, if the audience knows it now.

        Raises:
            UsageError: it was not.
        """
        with self._asking() as connection:
            number = self._number(connection, place)
            check_known(connection, number, place[1], time, self._periods)

    def hidden_tags(self, place: RepositoryKey) -> int:
        """How many present tags of a repository tools keep."""
        kept = companions.is_companion(tag.c.name, self._dialect)
        return sum(row.number for row in self._of(place, entry_pages.COMPANIONS.where(kept)))

    def _shown_tags(self, *, everything: bool) -> list[sa.ColumnElement[bool]]:
        """Conditions that leave out the tags that tools keep."""
        name = self._periods.tag.c.name
        return [] if everything else [~companions.is_companion(name, self._dialect)]

    def tag(self, place: RepositoryKey, tag: str) -> TagEntry | None:
        """A present tag; None if there is no such tag."""
        statement = tags.tags(self._periods).where(self._periods.tag.c.name == tag)
        return next(iter(self._tags(place, statement)), None)

    def unwatched_since(self, place: RepositoryKey, tag: str) -> datetime | None:
        """Since when the configuration does not want a tag; None: it does."""
        with self._asking() as connection:
            number = self._number(connection, place)
            return time_of(connection.scalar(_UNWATCHED, {"repository": number, "tag": tag}))

    def unseen(self, place: RepositoryKey, tags: Collection[str] = ()) -> Unseen | None:
        """That no crawl sees a repository or all of these tags any more; None: or it is not shown.

        See `Lookup`.
        """
        with self._asking() as connection:
            if self._number(connection, place) is None:
                return None
            return digest_finder.unseen(connection, (place.registry, place.repository), tags)

    def unwatched(self, place: RepositoryKey, tags: Collection[str]) -> dict[str, datetime]:
        """Since when the configuration does not want tags, by name: of those it leaves out."""
        with self._asking() as connection:
            if self._number(connection, place) is None:
                return {}
            return digest_finder.unwatched(connection, (place.registry, place.repository), tags)

    def holding(self, place: RepositoryKey, digest: str) -> list[Period]:
        """The periods in which tags pointed to a digest, or to an index with it."""
        with self._asking() as connection:
            if self._number(connection, place) is None:
                return []
            here = (place.registry, place.repository)
            return digest_finder.holding(connection, here, digest, self._periods)

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
        statement = repository_contents.pointed_to(self._periods)
        rows = self._of(place, statement, **repository_contents.key_for(digest))
        return TagTarget(digest, rows[0].media_type) if rows else None

    def content(self, place: RepositoryKey, digest: str) -> StoredManifest | None:
        """A stored manifest or configuration of this repository; None if it is not stored."""
        statement = repository_contents.content_of_key(self._periods)
        rows = self._of(place, statement, **repository_contents.key_for(digest))
        return repository_contents.content_of(digest, *rows[0]) if rows else None

    def named(self, place: RepositoryKey, digest: str) -> NamedPart | None:
        """What this repository's manifests, lists of platforms, or lists of referrers name.

        It need not be stored. None: nothing that tags point or pointed to names it.
        """
        key = repository_contents.key_for(digest)
        for naming in self._of(place, repository_contents.naming(self._periods), **key):
            return repository_contents.part_of(digest, naming)
        held_by = repository_contents.of_platform(self._periods, self._dialect)
        for held in self._of(place, held_by, **key):
            root = digest_of(held.key)
            if root is not None:
                return NamedPart(digest, PartKind.MANIFEST, "", None, root, root)
        naming_lists = referrer_lists.naming(self._dialect)
        for row in self._referrer_lists(place, naming_lists, digest=digest):
            subject = digest_of(row.key)
            for each in referrer_lists.listed(row):
                if each.digest == digest and subject is not None:
                    kind = PartKind.MANIFEST
                    return NamedPart(digest, kind, each.media_type, each.size, subject, subject)
        return None

    def artifacts(self, place: RepositoryKey) -> Iterator[StoredManifest]:
        """Stored manifests that may refer to others, among those that tags point to."""

        def ask(after: int, limit: int) -> list[referrers.ArtifactRow]:
            return self._of(place, referrers.ARTIFACTS, after=after, limit=limit)

        return referrers.artifacts(ask, self._seconds)

    def referrers(self, place: RepositoryKey, digest: str) -> tuple[Referrer, ...]:
        """What refers to an image, as its registry said when it was asked."""
        rows = self._referrer_lists(place, referrer_lists.OF_IMAGE, key=digest_bytes(digest))
        return tuple(each for row in rows for each in referrer_lists.listed(row))

    def _referrer_lists(
        self,
        place: RepositoryKey,
        statement: sa.Select[referrer_lists.ListRow],
        **given: Value,
    ) -> list[referrer_lists.ListRow]:
        """Lists of referrers of a repository."""
        with self._asking() as connection:
            number = self._number(connection, place)
            if number is None:
                return []
            since = self._audience.is_public and connection.scalar(
                sa.select(repository.c.public_since).where(repository.c.id == number)
            )
            named: Values = {"registry": place[0], "repository": place[1], **given}
            rows = read(connection, statement, named)
        # What was listed before the repository was public, is not.
        return [row for row in rows if row.read_at >= (since or 0)]

    def find(self, wanted: DigestPrefix) -> dict[str, list[FoundTag]]:
        """The tags of all repositories that lead to a digest, or ever did, by full digest."""
        with self._asking() as connection:
            seen = self._seen()
            if seen.unverified is not None:
                named = digest_search.search(connection, wanted, [seen.unverified], seen.periods)
                for each in itertools.chain.from_iterable(named.values()):
                    here = (_registry_is(each.registry), _is_named(each.repository))
                    public_view.check_list(connection, seen, self._view, *here)
            return digest_search.search(connection, wanted, seen.visible, seen.periods)

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
        statement = tag_history.periods(
            *shown, of=self._periods, of_one_tag=tag is not None, from_name=True
        )
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
            return shared_digests.tags_of_digests(
                connection, number, digests, limit, when, self._periods
            )

    def tag_periods(self, place: RepositoryKey, tag: str, limit: int) -> list[Period]:
        """The digests that a tag had, the newest first, with their platforms."""
        statement = tag_history.periods(of=self._periods, of_one_tag=True, newest_first=True)
        with self._asking() as connection:
            given = {"repository": self._number(connection, place), "tag": tag}
            rows = read(connection, statement.limit(limit), given)
            known = places(connection) if rows else {}
        return [tag_history.period(row, place, known) for row in rows]

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
        shown = self._shown_tags(everything=everything)
        statement = compare.differences(self._periods, *shown).limit(limit)
        rows = self._of(place, statement, after="", **times)
        return [compare.difference(row) for row in rows]

    def changes(self, wanted: ChangeFilter, after: int, limit: int) -> ChangePage:
        """The change log after a number, oldest first. The filter's own limit is ignored."""
        return self._log(wanted).look(wanted, IdRange(after, BEYOND), limit, back=False)

    def newest(self, wanted: ChangeFilter, before: int | None, limit: int) -> ChangePage:
        """The change log before a number, or from its end, newest first."""
        until = BEYOND if before is None else before
        return self._log(wanted).look(wanted, IdRange(-1, until), limit, back=True)

    def check_changes(self, wanted: ChangeFilter) -> None:
        """Refuse changes that could not all be shown, before a stream of them begins.

        Raises:
            NotVerified: whether what they are of is still public was not looked at lately.
        """
        self._log(wanted)

    def last_change(self) -> int:
        """The number of the last change; 0 if there is none. Grows with every commit of changes."""
        with self._asking() as connection:
            return connection.scalar(LAST) or 0

    def days(self, wanted: ChangeFilter) -> list[DayCount]:
        """Changes by day and kind, oldest first; of the filter only `since` and the place count."""
        seen = self._seen()
        self._check_list(seen, *ChangeQuery(wanted, self._dialect, seen).places())
        rows = self._all(counts.by_day(wanted, self._dialect, seen))
        return [counts.day_count(row) for row in rows]

    def change_counts(self) -> dict[ChangeKind, int]:
        """How many changes of each kind there ever were, baselines left out, by everybody."""
        with self._asking() as connection:
            return dict(zip(ChangeKind, connection.execute(counts.EVER).one(), strict=True))

    def violations(
        self, wanted: ViolationFilter, before: int | None, limit: int
    ) -> list[Violation]:
        """Violations of policies before a number, or from the end, newest first."""
        seen = self._seen()
        self._check_list(seen, *visible_violations.scope(wanted))
        rows = self._all(visible_violations.page(wanted, before, limit, seen))
        return [visible_violations.shown(row, seen) for row in rows]

    def violation(self, number: int) -> Violation | None:
        """One violation of a policy; None: there is none, or it is not shown."""
        seen = self._seen()
        with self._asking() as connection:
            rows = read(connection, visible_violations.one(number, seen))
            if not rows:
                there = visible_violations.repository_of(number)
                public_view.check_place(connection, seen, *there)
                return None
        return visible_violations.shown(rows[0], seen)

    def ages(self, now: datetime) -> list[NamespaceAge]:
        """When each namespace was last crawled completely, by registry and name."""
        return namespace_ages(self._database, now)

    def namespaces(self) -> list[NamespaceStatus]:
        """How well each namespace is known, by registry and name."""
        with self._asking() as connection:
            found = namespace_status.namespaces(connection, self._seen())
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
            homes = sa.select(namespace.c.id).where(namespace_status.namespace_is(scope.namespace))
            statement = statement.where(crawl.c.namespace_id.in_(homes))
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
        problems = count(len(crawl.errors), "problem")
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
        known = self._snapshots.number(place)
        if known is not None:
            return known
        seen, given = self._seen(), _named(place)
        number = connection.scalar(entry_pages.number(seen), given)
        if number is None:
            public_view.check_place(connection, seen, *entry_pages.HERE, given=given)
        return number


_UNWATCHED = sa.select(tag.c.unwatched_since).where(
    tag.c.repository_id == sa.bindparam("repository"), tag.c.name == sa.bindparam("tag")
)


def _named(place: RepositoryKey) -> dict[str, str]:
    """The parameters of `entry_pages.HERE`."""
    return {"registry": place.registry, "name": place.repository}


def _is_named(name: str) -> sa.ColumnElement[bool]:
    return repository.c.name == name


def _registry_is(name: str) -> sa.ColumnElement[bool]:
    return registry.c.name == name
