"""Stores what policies about present tags found, how far they have looked, and where they must."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.policies.violation import Breach
from indexer.store.database.dialect import chunks, insert
from indexer.store.policies import violations
from indexer.store.policies.violations import identity
from indexer.store.schema.codec import microseconds
from indexer.store.schema.notify_and_policy_tables import due_look, policy, violation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.policies.ports import Place, StateFindings

    Condition = sa.ColumnElement[bool]


def due_places(
    connection: sa.Connection, name: str, now: datetime, latest: datetime
) -> list[Place]:
    """See `EvaluationStore.due_places`."""
    at = due_look.c.due_at
    is_due = (at <= microseconds(now)) | (at > microseconds(latest))
    wanted = sa.select(due_look.c.registry, due_look.c.repository).where(
        due_look.c.policy == name, is_due
    )
    return [(row.registry, row.repository) for row in connection.execute(wanted)]


def is_news(connection: sa.Connection, findings: StateFindings) -> bool:
    """Whether there is anything to store: it looked somewhere, or it requires something else."""
    if findings.places is None or findings.places or findings.found:
        return True
    known = sa.select(policy.c.definition, policy.c.looked_until).where(
        policy.c.name == findings.policy
    )
    row = connection.execute(known).first()
    return row is not None and (
        row.definition != findings.definition or row.looked_until != findings.until
    )


def settle(connection: sa.Connection, findings: StateFindings, now: datetime) -> int:
    """See `EvaluationStore.settle`."""
    there = {identity(each) for each in findings.found}
    done: list[int] = []
    again: list[int] = []
    columns = violation.c.id, violation.c.identity, violation.c.resolved_at
    mine = (violation.c.policy == findings.policy, violation.c.breach != Breach.RETAGGED.value)
    for where in _places(violation, findings):
        for row in connection.execute(sa.select(*columns).where(*mine, where)):
            if row.resolved_at is None and row.identity not in there:
                done.append(row.id)
            elif row.resolved_at is not None and row.identity in there:
                again.append(row.id)
    new = violations.record(connection, findings.found)
    for numbers, at in ((done, microseconds(now)), (again, None)):
        for some in chunks(numbers):
            connection.execute(
                sa.update(violation).where(violation.c.id.in_(some)).values(resolved_at=at)
            )
    _note(connection, findings)
    return new + len(again)


def _note(connection: sa.Connection, findings: StateFindings) -> None:
    """Store where it must look again, and how far it has looked."""
    for where in _places(due_look, findings):
        connection.execute(sa.delete(due_look).where(due_look.c.policy == findings.policy, where))
    if findings.due:
        connection.execute(
            insert(connection, due_look),
            [
                {
                    "policy": findings.policy,
                    "registry": host,
                    "repository": name,
                    "due_at": microseconds(at),
                }
                for (host, name), at in findings.due.items()
            ],
        )
    connection.execute(
        sa.update(policy)
        .where(policy.c.name == findings.policy)
        .values(looked_until=findings.until, definition=findings.definition)
    )


def _places(table: sa.Table, findings: StateFindings) -> Iterator[Condition]:
    """Conditions that together select the rows of where it looked."""
    if findings.places is None:
        yield sa.true()
        return
    for some in chunks(sorted(findings.places)):
        yield sa.tuple_(table.c.registry, table.c.repository).in_(some)
