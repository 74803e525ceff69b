"""The evidence for policies, and the violations: see `indexer.policies.ports`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from indexer.policies.ports import EvaluationStore
from indexer.policies.violation import Severity
from indexer.store.catalog.violation_rows import OPEN, VIOLATIONS, violation_of
from indexer.store.coordination.locks import locks_of
from indexer.store.database.dialect import insert
from indexer.store.database.typed_rows import first, read
from indexer.store.manifests import referrer_lists
from indexer.store.policies import policy_cursors, present, state_findings, violations
from indexer.store.policies.evidence import (
    ENDING,
    ENDINGS,
    PAGE,
    endings_of,
)
from indexer.store.policies.present import PLACES
from indexer.store.schema.codec import microseconds
from indexer.store.schema.notify_and_policy_tables import immutability, violation
from indexer.store.schema.tables import (
    change,
    registry,
    repository,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.core.catalog_entries import Period
    from indexer.core.immutable_tags import Immutability
    from indexer.manifests.signatures import Referrer
    from indexer.policies.evidence import Ending, PresentTag, ReadReferrers
    from indexer.policies.ports import Place, PolicyState, StateFindings
    from indexer.policies.violation import Found, Violation
    from indexer.store.database.engine import Database

JUDGING_LOCK = (1 << 31) - 1
"""The number of the lock for judging; numbers for namespaces and sinks are lower."""


class SqlEvaluationStore(EvaluationStore):
    """`EvaluationStore` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._locks = locks_of(database)

    def close(self) -> None:
        """Release the lock."""
        self._locks.close()

    def last_change(self) -> int:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            return policy_cursors.last_change(connection)

    def last_before_running(self) -> int:
        """See `EvaluationStore`."""
        return policy_cursors.last_before_running(self._database)

    def policies(self, now: datetime) -> Sequence[PolicyState]:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            return policy_cursors.states(connection, now)

    def begin(self, policies: Sequence[str], cursor: int, now: datetime) -> None:
        """See `EvaluationStore`."""
        policy_cursors.begin(self._database, policies, cursor, now)

    def forget(self, policy: str) -> bool:
        """See `EvaluationStore`."""
        with self._database.writing() as connection:
            return policy_cursors.forget(connection, policy)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """See `EvaluationStore`."""
        if not self._locks.take(JUDGING_LOCK):
            yield False
            return
        try:
            yield True
        finally:
            self._locks.release(JUDGING_LOCK)

    def endings(self, after: int, until: int) -> Iterator[Ending]:
        """See `EvaluationStore`."""
        while True:
            with self._database.reading() as connection:
                where = {"after": after, "until": until}
                rows = read(connection, ENDINGS, where)
                page = endings_of(connection, rows)
            yield from page
            if len(rows) < PAGE:
                return
            after = rows[-1].id

    def judged(self, cursors: Mapping[str, int], found: Sequence[Found]) -> int:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            outdated = policy_cursors.outdated(connection, cursors)
        if not (outdated or found):
            return 0
        with self._database.writing() as connection:
            new = violations.record(connection, found)
            policy_cursors.advance(connection, outdated)
        return new

    def changed_since(self, number: int) -> Sequence[Place]:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            return present.changed_since(connection, number)

    def due_places(self, policy: str, now: datetime, latest: datetime) -> Sequence[Place]:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            return state_findings.due_places(connection, policy, now, latest)

    def settle(self, findings: StateFindings, now: datetime) -> int:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            if not state_findings.is_news(connection, findings):
                return 0
        with self._database.writing() as connection:
            return state_findings.settle(connection, findings, now)

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            return present.repositories(connection)

    def tags(self, registry: str, repository: str) -> Mapping[str, PresentTag]:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            return present.tags(connection, registry, repository)

    def tag(self, registry: str, repository: str, tag: str) -> PresentTag | None:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            return present.tags(connection, registry, repository, tag).get(tag)

    def referrers(self, registry: str, repository: str) -> Mapping[str, ReadReferrers]:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            return referrer_lists.of_repository(connection, registry, repository)

    def remember_referrers(
        self, registry: str, repository: str, digest: str, found: Sequence[Referrer], now: datetime
    ) -> None:
        """See `EvaluationStore`."""
        with self._database.writing() as connection:
            referrer_lists.write(connection, (registry, repository), digest, found, now)

    def last_period(self, registry: str, repository: str, tag: str) -> Period | None:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            return present.last_period(connection, registry, repository, tag)

    def unwatched_since(self, registry: str, repository: str, tag: str) -> datetime | None:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            return present.unwatched_since(connection, registry, repository, tag)

    def unasked(self, after: int, since: datetime, until: datetime) -> Sequence[tuple[str, str]]:
        """See `EvaluationStore`."""
        moved = sa.select(change.c.repository_id).where(
            change.c.id > after,
            change.c.baseline == sa.false(),
            change.c.kind.in_(ENDING),
        )
        asked = (
            sa.select(immutability.c.id)
            .where(
                immutability.c.registry == registry.c.name,
                immutability.c.repository == repository.c.name,
                immutability.c.read_at.between(microseconds(since), microseconds(until)),
            )
            .exists()
        )
        statement = PLACES.where(repository.c.id.in_(moved), repository.c.present, ~asked)
        with self._database.reading() as connection:
            rows = connection.execute(statement.order_by(registry.c.name, repository.c.name))
            return [(row.registry, row.name) for row in rows]

    def remember(self, registry: str, repository: str, said: Immutability, now: datetime) -> None:
        """See `EvaluationStore`."""
        values = {
            "enabled": said.enabled,
            "rules": msgspec.json.encode(said.rules).decode(),
            "read_at": microseconds(now),
        }
        with self._database.writing() as connection:
            connection.execute(
                insert(connection, immutability).on_conflict_do_update(
                    index_elements=["registry", "repository"], set_=values
                ),
                {"registry": registry, "repository": repository, **values},
            )

    def violations(
        self,
        *,
        only_open: bool,
        policy: str | None = None,
        place: tuple[str, str] | None = None,
    ) -> Sequence[Violation]:
        """See `EvaluationStore`."""
        statement = VIOLATIONS
        if only_open:
            statement = statement.where(*OPEN)
        if place is not None:
            host, name = place
            statement = statement.where(
                violation.c.registry == host, violation.c.repository == name
            )
        if policy is not None:
            statement = statement.where(violation.c.policy == policy)
        with self._database.reading() as connection:
            rows = read(connection, statement.order_by(violation.c.id))
            return [violation_of(row) for row in rows]

    def open_by_severity(self) -> Mapping[Severity, int]:
        """See `EvaluationStore`."""
        counted = sa.select(violation.c.severity, sa.func.count()).where(*OPEN)
        with self._database.reading() as connection:
            rows = connection.execute(counted.group_by(violation.c.severity)).all()
        numbers = {row[0]: row[1] for row in rows}
        return {severity: numbers.get(severity.value, 0) for severity in Severity}

    def acknowledge(self, violation: int, by: str, reason: str, now: datetime) -> Violation | None:
        """See `EvaluationStore`."""
        where = _violation.id == violation
        with self._database.writing() as connection:
            connection.execute(
                sa.update(_violation_table)
                .where(where)
                .values(acknowledged_at=microseconds(now), acknowledged_by=by, reason=reason)
            )
            row = first(connection, VIOLATIONS.where(where))
        return violation_of(row) if row else None


_violation = violation.c
_violation_table = violation
"""The table; inside the methods `violation` is a violation's id."""
