"""What the tables believe of a namespace and of a repository, as the model's values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from indexer.core.model import ChangeRate, KnownRepository, KnownTag, ListMemory
from indexer.crawl.ports import KnownNamespace, KnownTags
from indexer.store.schema.codec import digest_of, microseconds, time_of
from indexer.store.schema.tables import manifest, namespace, repository, tag

if TYPE_CHECKING:
    from collections.abc import Iterable

_MEMORY = (
    "list_exact",
    "list_newest",
    "list_identity",
    "list_full_at",
    "list_newest_first",
    "list_offset",
    "list_flipped",
    "list_holds_null",
)
"""The columns of a `ListMemory`."""

NAMESPACE = sa.select(namespace.c.revision, *(namespace.c[name] for name in _MEMORY)).where(
    namespace.c.id == sa.bindparam("namespace")
)

REPOSITORIES = sa.select(
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
    repository.c.id,
    repository.c.revision,
    # A tag's row is written with its repository's: where none was ever written there are none.
    (~repository.c.was_read & repository.c.list_full_at.is_(None) & (repository.c.tags == 0)).label(
        "fresh"
    ),
).where(repository.c.namespace_id == sa.bindparam("namespace"), repository.c.present)

_WATCH = ("tags", "seen_at", "silent", "quiet", "moves", "watched")
"""The columns of a `ChangeRate`."""

_UNSEEN = ChangeRate(0)

WATCHES = sa.select(repository.c.name, *(repository.c[name] for name in _WATCH)).where(
    repository.c.namespace_id == sa.bindparam("namespace"), repository.c.present
)

REPOSITORY = sa.select(
    repository.c.id,
    repository.c.revision,
    repository.c.read_updated,
    *(repository.c[name] for name in _MEMORY),
    *(repository.c[name] for name in _WATCH),
).where(
    repository.c.namespace_id == sa.bindparam("namespace"),
    repository.c.name == sa.bindparam("name"),
)

TAGS = (
    sa.select(tag.c.name, tag.c.last_updated, manifest.c.key, manifest.c.fingerprint)
    .join(manifest, manifest.c.id == tag.c.manifest_id)
    .where(tag.c.repository_id == sa.bindparam("repository"))
)


class KnownRow(NamedTuple):
    """A repository's own row, as it was when its tags were asked for.

    Attributes:
        id: its number.
        revision: how often it was written.
        read_updated: the date that its tags were read for.
        watch: what was counted of it.
    """

    id: int
    revision: int
    read_updated: int | None
    watch: ChangeRate


def known_namespace(
    connection: sa.Connection, namespace_id: int
) -> tuple[KnownNamespace, dict[str, KnownRow]]:
    """A namespace as believed: its present repositories by name.

    Returns:
        And the own rows of those whose tags were never read, so that nobody need ask for them.
    """
    row = connection.execute(NAMESPACE, {"namespace": namespace_id}).one()
    rows: Iterable[Any] = connection.execute(REPOSITORIES, {"namespace": namespace_id})
    repositories: dict[str, KnownRepository] = {}
    fresh: dict[str, KnownRow] = {}
    for name, last_updated, read_updated, *flags, hidden, number, revision, is_fresh in rows:
        dates = time_of(last_updated), time_of(read_updated)
        repositories[name] = KnownRepository(*(name, *dates, *flags, time_of(hidden)))
        if is_fresh:
            fresh[name] = KnownRow(number, revision, read_updated, _UNSEEN)
    return KnownNamespace(memory_of(row), repositories, row.revision), fresh


def watches(connection: sa.Connection, namespace_id: int) -> dict[str, ChangeRate]:
    """What was counted of each present repository of a namespace, by name."""
    rows: Iterable[Any] = connection.execute(WATCHES, {"namespace": namespace_id})
    return {row.name: watch_of(row) for row in rows}


def watch_columns(watch: ChangeRate) -> dict[str, Any]:
    """The columns of a watch, but for the number of tags."""
    columns = watch._asdict() | {"seen_at": microseconds(watch.seen_at)}
    del columns["tags"]
    return columns


def watch_of(row: Any) -> ChangeRate:
    """A watch, from a row that has its columns."""
    return ChangeRate(row.tags, time_of(row.seen_at), row.silent, row.quiet, row.moves, row.watched)


def known_tags(
    connection: sa.Connection, namespace_id: int, name: str
) -> tuple[KnownRow | None, KnownTags]:
    """A repository's own row, None if there is no such repository; and its tags as believed."""
    row = connection.execute(REPOSITORY, {"namespace": namespace_id, "name": name}).one_or_none()
    if row is None:
        return None, KnownTags(None, {}, 0)
    rows: Iterable[Any] = connection.execute(TAGS, {"repository": row.id})
    tags = {
        name: KnownTag(name, time_of(last_updated), digest_of(key), fingerprint)
        for name, last_updated, key, fingerprint in rows
    }
    own = KnownRow(row.id, row.revision, row.read_updated, watch_of(row))
    return own, KnownTags(memory_of(row), tags, row.revision)


def memory_of(row: Any) -> ListMemory | None:
    """The memory of a list, from a row that has its columns; None if it was never read."""
    if row.list_full_at is None:
        return None
    return ListMemory(
        exact=row.list_exact,
        newest=time_of(row.list_newest),
        identity=row.list_identity,
        full_at=time_of(row.list_full_at),
        newest_first=row.list_newest_first,
        offset=row.list_offset,
        flipped=row.list_flipped,
        holds_null=row.list_holds_null,
    )


def memory_columns(memory: ListMemory | None) -> dict[str, Any]:
    """The columns of a memory; all null for none."""
    if memory is None:
        return dict.fromkeys(_MEMORY)
    return {
        "list_exact": memory.exact,
        "list_newest": microseconds(memory.newest),
        "list_identity": memory.identity,
        "list_full_at": microseconds(memory.full_at),
        "list_newest_first": memory.newest_first,
        "list_offset": memory.offset,
        "list_flipped": memory.flipped,
        "list_holds_null": memory.holds_null,
    }
