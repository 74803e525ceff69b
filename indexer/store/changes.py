"""The change log, asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from indexer.model import WHOLE_REGISTRY, Change
from indexer.store.codec import KIND_OF, KINDS, digest_of, microseconds, time_of
from indexer.store.globs import matches
from indexer.store.tables import change, crawl, manifest, namespace, registry, repository, tag

if TYPE_CHECKING:
    from indexer.model import ChangeFilter

_OLD = manifest.alias("old")
_NEW = manifest.alias("new")

CHANGES = (
    sa.select(
        change.c.id,
        change.c.observed_at,
        change.c.kind,
        registry.c.name.label("registry"),
        repository.c.name.label("repository"),
        tag.c.name.label("tag"),
        _OLD.c.key.label("old_key"),
        _NEW.c.key.label("new_key"),
        change.c.pushed_at,
        change.c.crawl_id,
        change.c.baseline,
    )
    .join(repository, repository.c.id == change.c.repository_id)
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .outerjoin(tag, tag.c.id == change.c.tag_id)
    .outerjoin(_OLD, _OLD.c.id == change.c.old_manifest_id)
    .outerjoin(_NEW, _NEW.c.id == change.c.new_manifest_id)
)


def query(wanted: ChangeFilter, dialect: str) -> sa.Select[Any]:
    """The statement for a filter: oldest first, or with a limit newest first.

    By time where a time was given, which an index serves; else by number.
    """
    statement = CHANGES
    if not wanted.baseline:
        statement = statement.where(change.c.baseline == sa.false())
    statement = statement.where(*_from(wanted))
    if wanted.kinds:
        statement = statement.where(change.c.kind.in_([KINDS[kind] for kind in wanted.kinds]))
    if wanted.registry is not None:
        statement = statement.where(registry.c.name == wanted.registry)
    if wanted.namespace is not None:
        statement = statement.where(within(wanted.namespace))
    if wanted.repository is not None:
        statement = statement.where(matches(repository.c.name, wanted.repository, dialect))
    if wanted.tag is not None:
        statement = statement.where(matches(tag.c.name, wanted.tag, dialect))
    order = [change.c.id] if wanted.since is None else [change.c.observed_at, change.c.id]
    if wanted.limit is None:
        return statement.order_by(*order)
    return statement.order_by(*(column.desc() for column in order)).limit(wanted.limit)


def _from(wanted: ChangeFilter) -> list[sa.ColumnElement[bool]]:
    """From where on: a time, a crawl, or a change."""
    conditions = []
    if wanted.since is not None:
        conditions.append(change.c.observed_at >= microseconds(wanted.since))
    if wanted.crawl is not None:
        conditions += [change.c.crawl_id >= wanted.crawl, change.c.id > _before(wanted.crawl)]
    if wanted.after is not None:
        conditions.append(change.c.id > wanted.after)
    return conditions


def within(name: str) -> sa.ColumnElement[bool]:
    """Whether a repository is below a namespace: a range of names ('0' follows '/')."""
    if name == WHOLE_REGISTRY:
        return sa.true()
    return (repository.c.name > f"{name}/") & (repository.c.name < f"{name}0")


def _before(crawl_id: int) -> sa.ScalarSelect[int]:
    """The last change before a crawl and every later one."""
    return (
        sa.select(sa.func.coalesce(sa.func.min(crawl.c.after_change), 0))
        .where(crawl.c.id >= crawl_id)
        .scalar_subquery()
    )


def change_of(row: Any) -> Change:
    """A change, from a row of `CHANGES`."""
    return Change(
        id=row.id,
        observed_at=time_of(row.observed_at),
        kind=KIND_OF[row.kind],
        registry=row.registry,
        repository=row.repository,
        tag=row.tag,
        old_digest=digest_of(row.old_key),
        new_digest=digest_of(row.new_key),
        pushed_at=time_of(row.pushed_at),
        crawl_id=row.crawl_id,
        baseline=row.baseline,
    )
