"""Violations as an audience of the server may see them.

The public sees those of repositories that are public, if what they tell began while they were: the
digest that the tag had before was never private. Who acknowledged one, and why, it is not told.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.model import WHOLE_REGISTRY
from indexer.policies.violation import Acknowledgement, Severity
from indexer.store.catalog.violation_rows import OPEN, VIOLATIONS, violation_of
from indexer.store.schema.notify_and_policy_tables import violation
from indexer.store.schema.tables import namespace, registry, repository

if TYPE_CHECKING:
    from indexer.policies.violation import Violation, ViolationFilter
    from indexer.store.catalog.violation_rows import ViolationRow
    from indexer.store.schema.audience import Audience

    Condition = sa.ColumnElement[bool]

NOT_SHOWN = "only shown with the token"


def page(
    wanted: ViolationFilter, before: int | None, limit: int, seen: Audience
) -> sa.Select[ViolationRow]:
    """Violations before a number, or from the end, newest first."""
    statement = VIOLATIONS.where(*_chosen(wanted), *_visible(seen))
    if before is not None:
        statement = statement.where(violation.c.id < before)
    return statement.order_by(violation.c.id.desc()).limit(limit)


def one(number: int, seen: Audience) -> sa.Select[ViolationRow]:
    """One violation."""
    return VIOLATIONS.where(violation.c.id == number, *_visible(seen))


def repository_of(number: int) -> list[Condition]:
    """Conditions for the repository of a violation."""
    return [
        sa.exists().where(
            violation.c.id == number,
            violation.c.registry == registry.c.name,
            violation.c.repository == repository.c.name,
        )
    ]


def scope(wanted: ViolationFilter) -> list[Condition]:
    """Conditions for the repositories in which violations are asked for."""
    named = ((registry, wanted.registry), (repository, wanted.repository))
    found = [table.c.name == name for table, name in named if name is not None]
    if wanted.namespace not in {None, WHOLE_REGISTRY}:
        found.append(_below(repository.c.name, wanted.namespace))
    return found


def shown(row: ViolationRow, seen: Audience) -> Violation:
    """A violation, without what the audience is not told."""
    found = violation_of(row)
    if not seen.is_public or found.acknowledged is None:
        return found
    hidden = Acknowledgement(found.acknowledged.at, NOT_SHOWN, NOT_SHOWN)
    return dataclasses.replace(found, acknowledged=hidden)


def _chosen(wanted: ViolationFilter) -> list[Condition]:
    columns = {
        "policy": wanted.policy,
        "registry": wanted.registry,
        "repository": wanted.repository,
        "tag": wanted.tag,
    }
    found = [violation.c[name] == value for name, value in columns.items() if value is not None]
    if wanted.namespace not in {None, WHOLE_REGISTRY}:
        found.append(_below(violation.c.repository, wanted.namespace))
    if wanted.least is not None:
        severe = [each.value for each in Severity if each.rank >= wanted.least.rank]
        found.append(violation.c.severity.in_(severe))
    if wanted.only_open:
        found += OPEN
    return found


def _below(column: sa.Column[str], namespace: str | None) -> Condition:
    """Whether a repository's name is below a namespace: a range of names ('0' follows '/')."""
    return (column > f"{namespace}/") & (column < f"{namespace}0")


def _visible(seen: Audience) -> list[Condition]:
    if not seen.is_public:
        return []
    began = sa.func.coalesce(violation.c.since, violation.c.observed_at)
    public = (
        sa.select(repository.c.id)
        .join(namespace, namespace.c.id == repository.c.namespace_id)
        .join(registry, registry.c.id == namespace.c.registry_id)
        .where(
            registry.c.name == violation.c.registry,
            repository.c.name == violation.c.repository,
            repository.c.public_since <= began,
            repository.c.public_since <= violation.c.observed_at,
            *seen.visible,
        )
    )
    return [public.correlate(violation).exists()]
