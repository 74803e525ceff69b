"""A filter of changes as SQL: the only place that defines the matching rows and their order.

The commands (`indexer.store.changelog.access_path`) and the server
(`indexer.store.changelog.search`) both use `ChangeQuery`. They differ in the index that they use,
which is given as a `Lead`:

    by time        ix_change_observed_at_id: without the baseline
    by kind        ix_change_kind_observed_at_id: without the baseline
    by repository  ix_change_repository_id_observed_at
    by place       ix_change_namespace_id_id, ix_change_repository_id_id: without the baseline
    by number      the table's own order

Times are when changes were observed, by the clock of the crawling machine. That clock may
be set back, so ids and times need not grow together: see `indexer.store.changelog.id_bounds`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.model import WHOLE_REGISTRY, ChangeKind
from indexer.manifests.companion_tags import asks_for_companions
from indexer.store.changelog import id_bounds
from indexer.store.changelog.companions import is_companion
from indexer.store.changelog.rows import CHANGES, plain, within
from indexer.store.database.glob_match import literal_prefix, matches, within_prefix
from indexer.store.schema.audience import EVERYTHING
from indexer.store.schema.codec import KINDS, microseconds
from indexer.store.schema.tables import change, namespace, registry, repository, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.core.catalog_entries import ChangeFilter
    from indexer.store.changelog.rows import ChangeRow
    from indexer.store.changelog.stepped_scan import IdRange
    from indexer.store.schema.audience import Audience

    Condition = sa.ColumnElement[bool]


class Lead(Enum):
    """The index that a statement uses. The resulting rows are the same."""

    NUMBER = "one row after the other"
    TIME = "the index by time, of what is not baseline"
    REPOSITORY = "the index by repository"
    KIND = "the index by kind and time, of what is not baseline"
    PLACE = "the index by namespace or repository and id, of what is not baseline"
    ANY = "whichever index the database takes for the best"


class ChangeQuery:
    """Selects changes for one audience.

    Args:
        wanted: the filter.
        dialect: of the database, by SQLAlchemy's name.
        audience: what it may see.
    """

    def __init__(self, wanted: ChangeFilter, dialect: str, audience: Audience = EVERYTHING) -> None:
        self.wanted = wanted
        self._dialect = dialect
        self._audience = audience

    def conditions(
        self,
        lead: Lead,
        *,
        places: Sequence[int] | None = None,
        homes: Sequence[int] | None = None,
        kind: int | None = None,
        in_range: bool = False,
    ) -> list[Condition]:
        """All conditions for a change.

        Args:
            lead: conditions on other columns are written so that SQLite uses no index for them.
            places: the ids of some of `candidates`, instead of all of them.
            homes: the ids of all `homes`, by which the changes are found.
            kind: one of `kinds`, instead of all of them.
            in_range: without bounds of ids, as the caller adds those of `id_range`.
        """
        if places is None:
            where = self._places(Lead.NUMBER if homes else lead)
        else:
            where = [_among(change.c.repository_id, places)]
        if homes:
            where.append(_among(change.c.namespace_id, homes))
        kinds = self._kinds(lead) if kind is None else [change.c.kind == kind]
        found = [
            *self.bounds(lead, in_range=in_range),
            *where,
            *kinds,
            *self._tags(),
            *self._pushers(),
        ]
        if self._audience.is_public:
            found.append(change.c.private == sa.false())
        if not (self.wanted.companions or asks_for_companions([self.wanted.tag or ""])):
            found.append(~self._tag_where(is_companion(tag.c.name, self._dialect)))
        return found if self.wanted.baseline else [*found, self.is_no_baseline(lead)]

    def bounds(self, lead: Lead, *, in_range: bool = False) -> list[Condition]:
        """The bounds: times, crawls, and ids unless these are given as a range."""
        wanted = self.wanted
        bounds: list[Condition] = []
        time: sa.ColumnElement[int] = change.c.observed_at
        if lead is Lead.PLACE:
            time = plain(change.c.observed_at, self._dialect)
        if wanted.since is not None:
            bounds.append(time >= microseconds(wanted.since))
        if wanted.until is not None:
            bounds.append(time < microseconds(wanted.until))
        if wanted.crawl is not None:
            bounds.append(change.c.crawl_id >= wanted.crawl)
        if wanted.until_crawl is not None:
            bounds.append(change.c.crawl_id <= wanted.until_crawl)
        if in_range:
            return bounds
        is_by_id = lead in {Lead.NUMBER, Lead.ANY, Lead.PLACE}
        before, last = self.id_range()
        if before is not None and (is_by_id or wanted.since is None):
            bounds.append(change.c.id > before)
        if last is not None and (is_by_id or wanted.until is None):
            bounds.append(change.c.id <= last)
        return bounds

    def id_range(self) -> tuple[id_bounds.Bound | None, id_bounds.Bound | None]:
        """An id before all changes that are meant, and the last that may be; None: no bound."""
        wanted = self.wanted
        before: id_bounds.Bound | None = None
        last: id_bounds.Bound | None = None
        if wanted.since is not None:
            before = id_bounds.before_time(wanted.since)
        elif wanted.crawl is not None:
            before = id_bounds.before_crawl(wanted.crawl)
        elif wanted.after is not None:
            before = sa.literal(wanted.after)
        if wanted.until is not None:
            last = id_bounds.last_before_time(wanted.until)
        elif wanted.until_crawl is not None:
            last = id_bounds.last_of_crawls(wanted.until_crawl)
        elif wanted.until_change is not None:
            last = sa.literal(wanted.until_change)
        return before, last

    def is_no_baseline(self, lead: Lead) -> Condition:
        """The condition that leaves out baselines."""
        baseline: sa.ColumnElement[bool] = change.c.baseline
        if lead in {Lead.NUMBER, Lead.REPOSITORY}:
            baseline = plain(change.c.baseline, self._dialect)
        return baseline == sa.false()

    def places(self) -> list[Condition]:
        """Conditions for the repositories that the filter names; empty: it names none."""
        wanted = self.wanted
        conditions: list[Condition] = []
        if wanted.registry is not None:
            namespaces = sa.select(namespace.c.id).join(
                registry, registry.c.id == namespace.c.registry_id
            )
            named = namespaces.where(registry.c.name == wanted.registry)
            conditions.append(repository.c.namespace_id.in_(named))
        if wanted.namespace is not None:
            conditions.append(within(wanted.namespace))
        if wanted.repository is not None:
            conditions.append(matches(repository.c.name, wanted.repository, self._dialect))
            conditions += within_prefix(repository.c.name, wanted.repository)
        return conditions

    def repositories(self) -> sa.Select[int] | None:
        """The ids of the named repositories that the audience may see; None: none is named."""
        if not (conditions := self.places()):
            return None
        return sa.select(repository.c.id).where(*conditions, *self._audience.visible)

    def candidates(self) -> sa.Select[int] | None:
        """The ids of the repositories that a change can be of, which the audience may see.

        A repository is none if it never had a tag that the filter wants. None: the filter names
        neither a repository nor a tag.
        """
        if self.wanted.tag is None:
            return self.repositories()
        return (
            sa.select(repository.c.id)
            .join(tag, tag.c.repository_id == repository.c.id)
            .where(
                matches(tag.c.name, self.wanted.tag, self._dialect),
                *within_prefix(tag.c.name, self.wanted.tag),
                *self.places(),
                *self._audience.visible,
            )
            .distinct()
        )

    def homes(self) -> sa.Select[int] | None:
        """The ids of the namespaces that hold the named repositories.

        None: the filter names no registry and no namespace, and so its repositories may be in many.
        """
        wanted = self.wanted
        prefix = literal_prefix(wanted.repository or "").rpartition("/")[0]
        below = [name for name in (wanted.namespace, prefix) if name and name != WHOLE_REGISTRY]
        if not below and wanted.registry is None:
            return None
        held = sa.exists().where(repository.c.namespace_id == namespace.c.id, *self.places())
        return sa.select(namespace.c.id).where(*map(_may_hold, below), held)

    @property
    def kinds(self) -> list[int]:
        """The selected kinds, as stored; empty: all."""
        kinds = self.wanted.kinds
        return sorted(KINDS[kind] for kind in kinds) if len(kinds) < len(ChangeKind) else []

    def some_of_kinds(self, limit: int) -> sa.Select[int]:
        """How many changes there are of the selected kinds, up to a limit; baselines left out."""
        among = [change.c.kind.in_(self.kinds), change.c.baseline == sa.false()]
        some = sa.select(sa.literal(1)).select_from(change).where(*among).limit(limit)
        return sa.select(sa.func.count()).select_from(some.subquery())

    def _places(self, lead: Lead) -> list[Condition]:
        """Conditions on repositories, as a subquery of that small table."""
        place: sa.ColumnElement[int] = change.c.repository_id
        if lead in {Lead.NUMBER, Lead.TIME, Lead.KIND}:
            place = plain(change.c.repository_id, self._dialect)
        named = self.repositories()
        if named is not None:
            return [place.in_(named)]
        unseen = self._audience.unseen
        return [] if unseen is None else [place.not_in(unseen)]

    def _kinds(self, lead: Lead) -> list[Condition]:
        if not self.kinds:
            return []
        kind: sa.ColumnElement[int] = change.c.kind
        if lead in {Lead.NUMBER, Lead.REPOSITORY, Lead.PLACE}:
            kind = plain(change.c.kind, self._dialect)
        return [kind.in_(self.kinds)]

    def _tags(self) -> list[Condition]:
        if self.wanted.tag is None:
            return []
        return [self._tag_where(matches(tag.c.name, self.wanted.tag, self._dialect))]

    @staticmethod
    def _tag_where(condition: Condition) -> Condition:
        """Whether a change is of a tag for which a condition holds."""
        named = sa.select(tag.c.id).where(tag.c.id == change.c.tag_id, condition)
        return named.correlate(change).exists()

    def _pushers(self) -> list[Condition]:
        if self.wanted.pushed_by is None:
            return []
        return [matches(change.c.pushed_by, self.wanted.pushed_by, self._dialect)]

    def page(
        self,
        lead: Lead,
        stretch: IdRange,
        limit: int,
        *,
        back: bool,
        places: Sequence[int] | None = None,
        homes: Sequence[int] | None = None,
    ) -> sa.Select[ChangeRow]:
        """A page by id of the changes in a range: oldest first, or newest first (`back`).

        Args:
            lead: the index that is used.
            stretch: the range.
            limit: the most changes.
            back: whether from the end of the range.
            places: as for `conditions`.
            homes: the same.
        """
        number: sa.ColumnElement[int] = change.c.id
        if lead in {Lead.REPOSITORY, Lead.KIND}:
            number = plain(change.c.id, self._dialect)
        conditions = self.conditions(lead, places=places, homes=homes, in_range=True)
        chosen = (
            sa.select(change.c.id)
            .where(*conditions, number > stretch.above, number < stretch.below)
            .order_by(number.desc() if back else number.asc())
            .limit(limit)
        )
        order = change.c.id.desc() if back else change.c.id.asc()
        return CHANGES.where(change.c.id.in_(chosen)).order_by(order)

    def rows(
        self, choices: Sequence[Sequence[Condition]], *, back: bool = False
    ) -> sa.Select[ChangeRow]:
        """All rows for which every condition of at least one of the lists holds.

        Oldest first (or `back`): by time if the filter has one, else by id. If the filter has a
        limit, that many of the newest, newest first.
        """
        is_by_time = self.wanted.is_by_time
        columns = [change.c.observed_at, change.c.id] if is_by_time else [change.c.id]
        limit = self.wanted.limit
        order = [column.desc() for column in columns]
        if limit is None and len(choices) == 1:
            return CHANGES.where(*choices[0]).order_by(*(order if back else columns))
        if limit is None:
            chosen = [sa.select(change.c.id).where(*choice) for choice in choices]
            some = sa.union_all(*chosen)
            return CHANGES.where(change.c.id.in_(some)).order_by(*(order if back else columns))
        newest = [
            sa.select(change.c.id).where(*choice).order_by(*order).limit(limit).subquery()
            for choice in choices
        ]
        some = sa.union_all(*(sa.select(each.c.id) for each in newest))
        return CHANGES.where(change.c.id.in_(some)).order_by(*order).limit(limit)


def _among(column: sa.Column[int], numbers: Sequence[int]) -> Condition:
    """Whether it is one of these; of one only, an index that goes on by id needs no sorting."""
    return column == numbers[0] if len(numbers) == 1 else column.in_(numbers)


def _may_hold(name: str) -> Condition:
    """Whether a namespace may hold repositories below a name: it is that, above it, or below."""
    parts = name.split("/")
    above = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
    found = namespace.c.name
    return found.in_([WHOLE_REGISTRY, *above]) | ((found > f"{name}/") & (found < f"{name}0"))
