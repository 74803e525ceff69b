"""Statements for the tags of a repository, now or as of a time."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.catalog.answers import TagSort
from indexer.core.catalog_entries import TagEntry
from indexer.store.database.dialect import chunks
from indexer.store.database.typed_rows import read, stream, typed
from indexer.store.schema.codec import digest_of, time_of, unpacked
from indexer.store.schema.tables import manifest
from indexer.store.schema.visibility import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from indexer.core.platforms import Place
    from indexer.store.schema.visibility import Periods


class TagRow(NamedTuple):
    """A tag, and what it points to."""

    name: str
    key: bytes
    size: int | None
    images: str | None
    digests: bytes | None
    pushed_at: int | None
    first_seen_at: int
    pushed_by: str | None
    last_pulled: int | None
    status: str | None
    status_since: int | None
    content_type: str | None


def of_the_repository(of: Periods) -> sa.ColumnElement[bool]:
    """Whether a tag is of the repository in the parameter `repository`."""
    return of.tag.c.repository_id == sa.bindparam("repository")


def _first_seen(of: Periods) -> sa.Label[int]:
    tag, history = of
    started = sa.select(sa.func.min(history.c.started_at)).where(history.c.tag_id == tag.c.id)
    earliest = started.correlate(tag).scalar_subquery()
    return sa.func.coalesce(earliest, tag.c.since).label("first_seen_at")


@cache
def tags(of: Periods) -> sa.Select[TagRow]:
    """The present tags of a repository, by name."""
    tag = of.tag
    return typed(
        TagRow,
        sa.select(
            tag.c.name,
            manifest.c.key,
            manifest.c.size,
            manifest.c.images,
            manifest.c.digests,
            tag.c.pushed_at,
            _first_seen(of),
            tag.c.pushed_by,
            tag.c.last_pulled,
            tag.c.status,
            tag.c.status_since,
            sa.func.coalesce(tag.c.content_type, manifest.c.content_type).label("content_type"),
        )
        .join(manifest, manifest.c.id == tag.c.manifest_id)
        .where(of_the_repository(of))
        .order_by(tag.c.name),
    )


UNKNOWN = -1
"""What a tag without a value is sorted by: it comes last."""


def tags_sorted(of: Periods, by: TagSort, *, continued: bool) -> sa.Select[TagRow]:
    """The present tags of a repository, the greatest or newest first, then by name.

    Args:
        of: the periods that are seen.
        by: the value; a tag without one comes last.
        continued: only what follows the parameters `value` and `after` (a name).
    """
    columns = {
        TagSort.PUSHED_AT: of.tag.c.pushed_at,
        TagSort.SIZE: manifest.c.size,
        TagSort.LAST_PULLED: of.tag.c.last_pulled,
    }
    value, name = sa.func.coalesce(columns[by], UNKNOWN), of.tag.c.name
    statement = tags(of).order_by(None).order_by(value.desc(), name)
    if not continued:
        return statement
    last: sa.BindParameter[int] = sa.bindparam("value", type_=sa.BigInteger)
    return statement.where((value < last) | ((value == last) & (name > sa.bindparam("after"))))


def _at_the_time(of: Periods) -> sa.Subquery:
    """The periods of a repository's tags in which the parameter `time` lies."""
    tag, history = of
    time: sa.BindParameter[int] = sa.bindparam("time")
    lasting = sa.select(
        tag.c.id.label("tag_id"), tag.c.name, tag.c.manifest_id, tag.c.pushed_at, tag.c.pushed_by
    ).where(of_the_repository(of), tag.c.manifest_id.is_not(None), tag.c.since <= time)
    ended = (
        sa.select(
            tag.c.id, tag.c.name, history.c.manifest_id, history.c.pushed_at, history.c.pushed_by
        )
        .join_from(history, tag, tag.c.id == history.c.tag_id)
        .where(of_the_repository(of), history.c.started_at <= time, history.c.ended_at > time)
    )
    return sa.union_all(lasting, ended).subquery("at_that_time")


@cache
def tags_as_of(of: Periods) -> sa.Select[TagRow]:
    """The tags of a repository as of the parameter `time`, by name."""
    tag, then = of.tag, _at_the_time(of)
    return typed(
        TagRow,
        sa.select(
            tag.c.name,
            manifest.c.key,
            manifest.c.size,
            manifest.c.images,
            manifest.c.digests,
            then.c.pushed_at,
            _first_seen(of),
            then.c.pushed_by,
            # What it was then is not kept.
            sa.null().cast(sa.BigInteger).label("last_pulled"),
            sa.null().cast(sa.Text).label("status"),
            sa.null().cast(sa.BigInteger).label("status_since"),
            manifest.c.content_type,
        )
        .join_from(then, tag, tag.c.id == then.c.tag_id)
        .join(manifest, manifest.c.id == then.c.manifest_id)
        .order_by(tag.c.name),
    )


TAGS = tags(ALL)
TAGS_AS_OF = tags_as_of(ALL)

NAMED = TAGS.where(ALL.tag.c.name.in_(sa.bindparam("names", expanding=True)))

ROWS = 500
"""Tags that are fetched at a time."""


def rows(
    connection: sa.Connection, parameters: Mapping[str, int], names: Sequence[str] | None
) -> Iterator[TagRow]:
    """The rows of a repository's tags: all by name, or some in the order of their names."""
    if names is not None and "time" in parameters:  # its statement reads all tags each time
        found = {row.name: row for row in stream(connection, TAGS_AS_OF, parameters, ROWS)}
        yield from (found[name] for name in names if name in found)
    elif names is not None:
        for some in chunks(names, ROWS):
            found = {
                row.name: row for row in read(connection, NAMED, {**parameters, "names": some})
            }
            yield from (found[name] for name in some if name in found)
    else:
        statement = TAGS_AS_OF if "time" in parameters else TAGS
        yield from stream(connection, statement, parameters, ROWS)


DIGESTS = TAGS.with_only_columns(ALL.tag.c.name, manifest.c.key)
DIGESTS_AS_OF = TAGS_AS_OF.with_only_columns(ALL.tag.c.name, manifest.c.key)


def digests(
    connection: sa.Connection, parameters: Mapping[str, int]
) -> Iterator[tuple[str, str | None]]:
    """The names of a repository's tags, and their digests, by name."""
    statement = DIGESTS_AS_OF if "time" in parameters else DIGESTS
    streamed = statement.execution_options(yield_per=ROWS)
    for name, key in connection.execute(streamed, parameters):
        yield name, digest_of(key)


def tag_entry(row: TagRow, where: tuple[str, str], known: Mapping[int, Place]) -> TagEntry:
    """Convert a row of `TAGS` or `TAGS_AS_OF`; `where` is registry and repository."""
    return TagEntry(
        *where,
        tag=row.name,
        digest=digest_of(row.key),
        size=row.size,
        platforms=unpacked(row.images, row.digests, known),
        pushed_at=time_of(row.pushed_at),
        first_seen_at=time_of(row.first_seen_at),
        pushed_by=row.pushed_by,
        last_pulled=time_of(row.last_pulled),
        status=row.status,
        status_since=time_of(row.status_since),
        content_type=row.content_type,
    )
