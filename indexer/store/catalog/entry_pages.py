"""Statements for pages of repositories and tags; each page continues after a name."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import sqlalchemy as sa

from indexer.store.catalog import repositories
from indexer.store.changelog.rows import within
from indexer.store.database.typed_rows import typed
from indexer.store.schema.tables import manifest, media_type, namespace, registry, repository, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.catalog.answers import RepositoryKey, RepositoryScope
    from indexer.store.catalog.repositories import RepositoryRow
    from indexer.store.schema.audience import Audience

    Condition = sa.ColumnElement[bool]

T = TypeVar("T")

MOST_PAIRS = 64
"""The most pairs of letters that are compared; more do not change the result."""


def _of_repositories(column: sa.ColumnElement[T]) -> sa.Select[T]:
    return (
        sa.select(column)
        .select_from(repository)
        .join(namespace, namespace.c.id == repository.c.namespace_id)
        .join(registry, registry.c.id == namespace.c.registry_id)
    )


_NAMED = repository.c.name == sa.bindparam("name")
_IN_REGISTRY = registry.c.name == sa.bindparam("registry")

HERE = (_IN_REGISTRY, _NAMED)
"""Conditions for one repository, by the parameters `registry` and `name`."""

NAMED = (_NAMED,)
"""Conditions for the repositories of a name, in all registries."""

FOLLOWING = (_IN_REGISTRY, repository.c.name > sa.bindparam("after"))
"""Conditions for the repositories of a registry that follow a name."""

AUDIENCES = 16
"""For how many audiences statements are kept: each server has three, and the public's lasts for a
minute (`public_view`)."""


class RegistryRow(NamedTuple):
    """A registry that has a repository of a name, and whether that is unverified."""

    registry: str
    unverified: bool


class NumberRow(NamedTuple):
    """The id of a repository, and whether it is unverified."""

    id: int
    unverified: bool


def _unverified(seen: Audience) -> sa.ColumnElement[bool]:
    """Whether a repository is unverified, as a column: so one statement finds and checks it."""
    return (sa.false() if seen.unverified is None else seen.unverified).label("unverified")


@lru_cache(AUDIENCES)
def registries(seen: Audience) -> sa.Select[RegistryRow]:
    """The registries of the repositories of a name that the audience sees, or that are unverified.

    What is private does not change which statements are executed, so their time does not tell it.
    """
    found = _of_repositories(registry.c.name.label("registry")).add_columns(_unverified(seen))
    return typed(RegistryRow, found.where(*NAMED, *seen.known))


@lru_cache(AUDIENCES)
def present(seen: Audience) -> sa.Select[NumberRow]:
    """A repository that was not removed, if the audience sees it or it is unverified."""
    found = _of_repositories(repository.c.id).add_columns(_unverified(seen))
    return typed(NumberRow, found.where(*HERE, *seen.known, repository.c.present))


@lru_cache(AUDIENCES)
def number(seen: Audience) -> sa.Select[int]:
    """The id of a repository."""
    return _of_repositories(repository.c.id).where(*HERE, *seen.visible)


@lru_cache(AUDIENCES)
def ever(seen: Audience) -> sa.Select[RepositoryRow]:
    """A repository, present or removed."""
    return repositories.EVER.where(*HERE, *seen.visible)


@lru_cache(AUDIENCES)
def names(seen: Audience) -> sa.Select[str]:
    """Names of present repositories of a registry that follow a name, in order of name."""
    return (
        sa.select(repository.c.name)
        .where(
            repository.c.present,
            repository.c.name > sa.bindparam("after"),
            repository.c.namespace_id.in_(
                sa.select(namespace.c.id)
                .join(registry, registry.c.id == namespace.c.registry_id)
                .where(_IN_REGISTRY)
            ),
            *seen.visible,
        )
        .order_by(repository.c.name)
        .limit(sa.bindparam("limit"))
    )


def in_order_of_name(
    host: str, after: RepositoryKey | None, limit: int, *wanted: Condition
) -> sa.Select[int]:
    """The ids of present repositories of a registry that follow one, over the index of names.

    Args:
        host: the registry.
        after: the repository that they follow; of another registry, or None: all follow.
        limit: the most of them.
        wanted: further conditions.
    """
    homes = (
        sa.select(namespace.c.id)
        .join(registry, registry.c.id == namespace.c.registry_id)
        .where(registry.c.name == host)
        .correlate(None)
    )
    first = after.repository if after is not None and after.registry == host else ""
    return (
        sa.select(repository.c.id)
        .where(
            repository.c.present,
            repository.c.name > first,
            repository.c.namespace_id.in_(homes),
            *wanted,
        )
        .order_by(repository.c.name)
        .limit(limit)
        .correlate(None)
    )


class CountRow(NamedTuple):
    """How many there are."""

    number: int


ALL_TAG_NAMES: sa.Select[str] = (
    sa.select(tag.c.name)
    .where(tag.c.repository_id == sa.bindparam("repository"), tag.c.manifest_id.is_not(None))
    .order_by(tag.c.name)
)

TAG_NAMES = ALL_TAG_NAMES.where(tag.c.name > sa.bindparam("after")).limit(sa.bindparam("limit"))


COMPANIONS = typed(
    CountRow,
    sa.select(sa.func.count().label("number")).where(
        tag.c.repository_id == sa.bindparam("repository"),
        tag.c.manifest_id.is_not(None),
        tag.c.name >= "sha",  # of the index by name a small part
        tag.c.name < "shb",
    ),
)
"""How many tags may be kept by tools; `companions.is_companion` must be added."""


class TargetRow(NamedTuple):
    """What a tag points to."""

    key: bytes
    media_type: str | None


POINTER = typed(
    TargetRow,
    sa.select(manifest.c.key, media_type.c.name.label("media_type"))
    .select_from(tag)
    .join(manifest, manifest.c.id == tag.c.manifest_id)
    .outerjoin(media_type, media_type.c.id == manifest.c.media_type_id)
    .where(tag.c.repository_id == sa.bindparam("repository"), tag.c.name == sa.bindparam("tag")),
)


def in_scope(scope: RepositoryScope) -> list[Condition]:
    """Conditions for the repositories of a scope."""
    conditions: list[Condition] = []
    if scope.registry is not None:
        conditions.append(registry.c.name == scope.registry)
    if scope.namespace is not None:
        conditions.append((namespace.c.name == scope.namespace) | within(scope.namespace))
    return conditions


def similar(
    text: str, visible: Sequence[Condition], limit: int, dialect: str
) -> sa.Select[RepositoryRow]:
    """The repositories whose names share most pairs of letters with a text, if any.

    Only names are compared, from an index; full rows are read for the best ones only.
    """
    within_it = sa.func.instr if dialect == "sqlite" else sa.func.strpos
    pairs = sorted({text[at : at + 2] for at in range(max(len(text) - 1, 1))})[:MOST_PAIRS]
    shared: sa.ColumnElement[int] = sum(
        (sa.case((within_it(repository.c.name, pair) > 0, 1), else_=0) for pair in pairs),
        start=sa.literal(0),
    )
    whole = sa.case((within_it(repository.c.name, text) > 0, len(pairs)), else_=0)
    # A typo changes two pairs, or three if two letters were swapped.
    least = max(len(pairs) // 3, 1)
    scored = sa.select(
        repository.c.id, repository.c.name, (shared + whole).label("score")
    ).subquery("scored")
    return (
        repositories.EVER.join(scored, scored.c.id == repository.c.id)
        .where(scored.c.score >= least, repository.c.present, *visible)
        .order_by(scored.c.score.desc(), sa.func.length(scored.c.name), scored.c.name)
        .limit(limit)
    )
