"""Reads what the tables know of a namespace and of a repository, as model values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from indexer.core.model import ChangeRate, Gaps, KnownRepository, KnownTag, ListMemory
from indexer.crawl.known_state import KnownNamespace, KnownTags
from indexer.store.changelog.audit_log import deleted
from indexer.store.crawl.lazy_tags import LazyTags
from indexer.store.database.dialect import CompiledStatement, chunks
from indexer.store.database.retry import retried
from indexer.store.database.typed_rows import read, stream, typed
from indexer.store.schema.codec import (
    digest_of,
    doubts_of,
    held_back_of,
    microseconds,
    names_of,
    packed_doubts,
    packed_held_back,
    packed_names,
    time_of,
)
from indexer.store.schema.tables import manifest, namespace, repository, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from contextlib import AbstractContextManager

    from indexer.store.database.typed_rows import Columns

    Reading = Callable[[], AbstractContextManager[sa.Connection]]


class NamespaceRow(NamedTuple):
    """A namespace's own row, with the memory of its list of repositories.

    Where `list_full_at` is null, all of the list's columns are: `memory_of` checks it first.
    """

    revision: int
    list_exact: bool
    list_newest: int | None
    list_identity: str
    list_full_at: int | None
    list_newest_first: bool
    list_offset: int
    list_flipped: bool
    list_holds_null: bool
    list_filters: str | None
    list_partial: bool | None
    list_bound: int | None
    list_gaps_before: int | None
    list_gap_names: str | None
    list_left_out: int | None
    list_latest: int | None
    list_doubts: str | None
    list_lags_since: int | None
    list_reread_at: int | None
    list_held_back: str | None


class KnownRepositoryRow(NamedTuple):
    """A present repository."""

    name: str
    last_updated: int | None
    read_updated: int | None
    was_read: bool
    listed: bool
    private: bool
    baseline: bool
    seen_by: str
    description: str
    hidden_since: int | None
    unwatched_since: int | None
    list_filters: str | None
    read_crawl: int
    full_crawl: int
    failed_crawl: int
    list_reread_at: int | None
    id: int
    revision: int
    fresh: bool


class WatchRow(NamedTuple):
    """The change rate of a repository."""

    name: str
    tags: int
    seen_at: int | None
    silent: float
    quiet: float
    moves: float
    watched: float


class RepositoryRow(NamedTuple):
    """A repository's own row, with the memory of its list of tags, and its change rate.

    Where `list_full_at` is null, all of the list's columns are.
    """

    id: int
    revision: int
    read_updated: int | None
    list_exact: bool
    list_newest: int | None
    list_identity: str
    list_full_at: int | None
    list_newest_first: bool
    list_offset: int
    list_flipped: bool
    list_holds_null: bool
    list_filters: str | None
    list_partial: bool | None
    list_bound: int | None
    list_gaps_before: int | None
    list_gap_names: str | None
    list_left_out: int | None
    list_latest: int | None
    list_doubts: str | None
    list_lags_since: int | None
    list_reread_at: int | None
    list_held_back: str | None
    tags: int
    seen_at: int | None
    silent: float
    quiet: float
    moves: float
    watched: float


class KnownTagRow(NamedTuple):
    """A present tag; or, without a key, a removed one, which may dangle."""

    name: str
    last_updated: int | None
    key: bytes | None
    fingerprint: bytes | None
    dangling_since: int | None


_MEMORY = (
    "list_exact",
    "list_newest",
    "list_identity",
    "list_full_at",
    "list_newest_first",
    "list_offset",
    "list_flipped",
    "list_holds_null",
    "list_filters",
    "list_partial",
    "list_bound",
    "list_gaps_before",
    "list_gap_names",
    "list_left_out",
    "list_latest",
    "list_doubts",
    "list_lags_since",
    "list_reread_at",
    "list_held_back",
)
"""The columns of a `ListMemory`."""

REMEMBER = (
    sa.update(namespace)
    .where(
        namespace.c.id == sa.bindparam("namespace"),
        namespace.c.revision == sa.bindparam("before"),
    )
    .values(revision=namespace.c.revision + 1, **{name: sa.bindparam(name) for name in _MEMORY})
)
"""Writes the memory of a namespace's list, unless another crawl wrote it meanwhile."""

NAMESPACE = typed(
    NamespaceRow,
    sa.select(namespace.c.revision, *(namespace.c[name] for name in _MEMORY)).where(
        namespace.c.id == sa.bindparam("namespace")
    ),
)

REPOSITORIES = typed(
    KnownRepositoryRow,
    sa.select(
        repository.c.name,
        repository.c.last_updated,
        repository.c.read_updated,
        repository.c.was_read,
        repository.c.listed,
        repository.c.private,
        repository.c.baseline,
        repository.c.seen_by,
        repository.c.description,
        repository.c.hidden_since,
        repository.c.unwatched_since,
        repository.c.list_filters,
        repository.c.read_crawl,
        repository.c.full_crawl,
        repository.c.failed_crawl,
        repository.c.list_reread_at,
        repository.c.id,
        repository.c.revision,
        # A tag's row is written with its repository's: an unwritten repository has no tags, and
        # one that was removed is written when it comes back.
        (repository.c.revision == 0).label("fresh"),
    ).where(repository.c.namespace_id == sa.bindparam("namespace"), repository.c.present),
)

REMOVED = sa.select(repository.c.name).where(
    repository.c.namespace_id == sa.bindparam("namespace"), ~repository.c.present
)

WATCH = ("tags", "seen_at", "silent", "quiet", "moves", "watched")
"""The columns of a `ChangeRate`."""

_UNSEEN = ChangeRate(0)

WATCHES = typed(
    WatchRow,
    sa.select(repository.c.name, *(repository.c[name] for name in WATCH)).where(
        repository.c.namespace_id == sa.bindparam("namespace"), repository.c.present
    ),
)

REPOSITORY = typed(
    RepositoryRow,
    sa.select(
        repository.c.id,
        repository.c.revision,
        repository.c.read_updated,
        *(repository.c[name] for name in _MEMORY),
        *(repository.c[name] for name in WATCH),
    ).where(
        repository.c.namespace_id == sa.bindparam("namespace"),
        repository.c.name == sa.bindparam("name"),
    ),
)

TAGS = typed(
    KnownTagRow,
    sa.select(
        tag.c.name,
        tag.c.last_updated,
        manifest.c.key,
        manifest.c.fingerprint,
        tag.c.dangling_since,
    )
    .outerjoin(manifest, manifest.c.id == tag.c.manifest_id)
    .where(
        tag.c.repository_id == sa.bindparam("repository"),
        tag.c.manifest_id.is_not(None)
        | tag.c.dangling_since.is_not(None)
        | tag.c.unwatched_since.is_(None),
    ),
)


_ALL_TAGS = CompiledStatement(TAGS)

PRESENT_TAGS = TAGS.where(tag.c.manifest_id.is_not(None))

NAMED_TAGS = PRESENT_TAGS.where(tag.c.name.in_(sa.bindparam("names", expanding=True)))

UNUSUAL_TAGS = TAGS.where(tag.c.manifest_id.is_(None) | tag.c.dangling_since.is_not(None))
"""Removed tags, and present ones that were found dangling once."""

MANY_TAGS = 2_000
"""From so many tags on they are read as they are asked for; of fewer, all are read at once."""

_NOTHING = KnownTags(None, {}, 0)


class KnownRow(NamedTuple):
    """A repository's own row, as it was when its tags were asked for.

    Attributes:
        id: its id.
        revision: how often it was written.
        read_updated: the `last_updated` that its tags were read for.
        watch: its change rate.
        filters: which tags were wanted when they were last read exactly; None: they never were.
        lags: its tags are read again for its date: what that reading finds is no surprise.
    """

    id: int
    revision: int
    read_updated: int | None
    watch: ChangeRate
    filters: str | None = None
    lags: bool = False


def other_namespaces(connection: sa.Connection, namespace_id: int) -> tuple[str, ...]:
    """The other namespaces of the same registry that have repositories, by name."""
    registry_id = sa.select(namespace.c.registry_id).where(namespace.c.id == namespace_id)
    its_own = repository.c.namespace_id == namespace.c.id
    holds_some = sa.exists().where(its_own, repository.c.present)
    statement = (
        sa.select(namespace.c.name)
        .where(
            namespace.c.registry_id == registry_id.scalar_subquery(),
            namespace.c.id != namespace_id,
            holds_some,
        )
        .order_by(namespace.c.name)
    )
    return tuple(connection.scalars(statement))


def known_namespace(
    connection: sa.Connection, namespace_id: int
) -> tuple[KnownNamespace, dict[str, KnownRow]]:
    """What is known of a namespace: its present repositories by name.

    Returns:
        Also the own rows of those whose tags were never read, which saves one query for each.
    """
    (own,) = read(connection, NAMESPACE, {"namespace": namespace_id})
    repositories: dict[str, KnownRepository] = {}
    fresh: dict[str, KnownRow] = {}
    for row in stream(connection, REPOSITORIES, {"namespace": namespace_id}):
        # Taken apart at once: a row of SQLAlchemy looks each field up by its name.
        (name, last, read_for, was_read, listed, private, baseline, seen_by, description, hidden,
         unwatched, filters, read_in, full_in, failed_in, reread, number, revision, is_new,
        ) = row  # fmt: skip
        repositories[name] = KnownRepository(
            name,
            time_of(last),
            time_of(read_for),
            was_read,
            listed,
            private,
            baseline,
            seen_by,
            description,
            time_of(hidden),
            time_of(unwatched),
            filters,
            read_in,
            full_in,
            failed_in,
            time_of(reread),
        )
        if is_new:
            fresh[name] = KnownRow(number, revision, read_for, _UNSEEN)
    deletions = deleted(connection, namespace_id)
    removed = frozenset(connection.scalars(REMOVED, {"namespace": namespace_id}))
    return KnownNamespace(memory_of(own), repositories, own.revision, deletions, removed), fresh


def change_rates(connection: sa.Connection, namespace_id: int) -> dict[str, ChangeRate]:
    """The change rate of each present repository of a namespace, by name."""
    rows = stream(connection, WATCHES, {"namespace": namespace_id})
    return {row.name: watch_of(*row[1:]) for row in rows}


def watch_columns(watch: ChangeRate) -> Columns:
    """The columns of a change rate, except the number of tags."""
    return {
        "seen_at": microseconds(watch.seen_at),
        "silent": watch.silent,
        "quiet": watch.quiet,
        "moves": watch.moves,
        "watched": watch.watched,
    }


def watch_of(
    tags: int, seen_at: int | None, silent: float, quiet: float, moves: float, watched: float
) -> ChangeRate:
    """Convert columns to a change rate."""
    return ChangeRate(tags, time_of(seen_at), silent, quiet, moves, watched)


def known_tags(
    connection: sa.Connection, namespace_id: int, name: str, later: Reading
) -> tuple[KnownRow | None, KnownTags]:
    """A repository's own row, None if there is no such repository; and its known tags.

    Args:
        connection: to the database.
        namespace_id: of the namespace.
        name: of the repository.
        later: another connection, for tags that are read as they are asked for.
    """
    rows = read(connection, REPOSITORY, {"namespace": namespace_id, "name": name})
    if not rows:
        return None, KnownTags(None, {}, 0)
    (row,) = rows
    memory = memory_of(row)
    filters = memory.filters if memory is not None and memory.exact else None
    lags = memory is not None and memory.reread_at is not None
    own = KnownRow(row.id, row.revision, row.read_updated, watch_of(*row[-6:]), filters, lags)
    known = KnownTags(memory, {}, row.revision)
    if row.tags < MANY_TAGS:
        found: Any = _ALL_TAGS.run(connection, {"repository": row.id}).all()
        return own, _with_tags(known, found)
    known = _with_tags(known, stream(connection, UNUSUAL_TAGS, {"repository": row.id}))
    tags = LazyTags(row.tags, _reader(row.id, later))
    return own, known._replace(tags=tags, dangling_once=frozenset(known.tags), expect=tags.expect)


def _reader(
    number: int, later: Reading
) -> Callable[[Collection[str] | None], Mapping[str, KnownTag]]:
    """Reads present tags of the repository of a number: those of some names, or all."""

    @retried
    def load(names: Collection[str] | None) -> Mapping[str, KnownTag]:
        with later() as connection:
            if names is None:
                every = stream(connection, PRESENT_TAGS, {"repository": number})
                return _with_tags(_NOTHING, every).tags
            found: dict[str, KnownTag] = {}
            for some in chunks(names):
                rows = read(connection, NAMED_TAGS, {"repository": number, "names": some})
                found.update(_with_tags(_NOTHING, rows).tags)
            return found

    return load


def _with_tags(known: KnownTags, rows: Iterable[KnownTagRow]) -> KnownTags:
    tags: dict[str, KnownTag] = {}
    dangling: set[str] = set()
    removed: set[str] = set()
    for name, date, key, fingerprint, since in rows:
        if key is None:
            (removed if since is None else dangling).add(name)
        else:
            tags[name] = KnownTag(name, time_of(date), digest_of(key), fingerprint, time_of(since))
    return known._replace(tags=tags, dangling=frozenset(dangling), removed=frozenset(removed))


def memory_of(row: NamespaceRow | RepositoryRow) -> ListMemory | None:
    """The memory of a list from its columns; None if it was never read."""
    if row.list_full_at is None:
        return None
    return ListMemory(
        exact=row.list_exact,
        newest=time_of(row.list_newest),
        identity=row.list_identity,
        full_at=time_of(row.list_full_at),
        newest_first=row.list_newest_first,
        offset=row.list_offset,
        opposite_order=row.list_flipped,
        holds_null=row.list_holds_null,
        filters=row.list_filters,
        partial=bool(row.list_partial),
        bound=row.list_bound,
        gaps=_gaps_of(row),
        left_out=row.list_left_out,
        latest=time_of(row.list_latest),
        doubts=doubts_of(row.list_doubts),
        lags_since=time_of(row.list_lags_since),
        reread_at=time_of(row.list_reread_at),
        held_back=held_back_of(row.list_held_back),
    )


def _gaps_of(row: NamespaceRow | RepositoryRow) -> Gaps | None:
    if row.list_gaps_before is None:
        return None
    told = row.list_gap_names is not None
    names = frozenset(names_of(row.list_gap_names)) if told else None
    return Gaps(time_of(row.list_gaps_before), names)


def _gap_names(gaps: Gaps | None) -> str | None:
    """The names as JSON; an empty array says that none was left out."""
    if gaps is None or gaps.names is None:
        return None
    return packed_names(tuple(sorted(gaps.names))) or "[]"


def memory_columns(memory: ListMemory | None) -> Columns:
    """The columns of a memory; all null for None."""
    if memory is None:
        return dict.fromkeys(_MEMORY)
    return {
        "list_exact": memory.exact,
        "list_newest": microseconds(memory.newest),
        "list_identity": memory.identity,
        "list_full_at": microseconds(memory.full_at),
        "list_newest_first": memory.newest_first,
        "list_offset": memory.offset,
        "list_flipped": memory.opposite_order,
        "list_holds_null": memory.holds_null,
        "list_filters": memory.filters,
        "list_partial": memory.partial,
        "list_bound": memory.bound,
        "list_gaps_before": microseconds(memory.gaps.before) if memory.gaps else None,
        "list_gap_names": _gap_names(memory.gaps),
        "list_left_out": memory.left_out,
        "list_latest": microseconds(memory.latest),
        "list_doubts": packed_doubts(memory.doubts),
        "list_lags_since": microseconds(memory.lags_since),
        "list_reread_at": microseconds(memory.reread_at),
        "list_held_back": packed_held_back(memory.held_back),
    }
