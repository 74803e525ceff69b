"""What policies are evaluated on, and the violations: see `indexer.policies.ports`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from indexer.core.model import ChangeKind
from indexer.policies.evidence import PresentTag
from indexer.policies.ports import EvaluationStore
from indexer.policies.violation import Breach, Severity
from indexer.store.coordination.locks import locks_of
from indexer.store.database.dialect import chunks, insert
from indexer.store.policies import policy_cursors
from indexer.store.policies.evidence import (
    ENDING,
    ENDINGS,
    PAGE,
    PERIODS,
    endings_of,
    period_of,
)
from indexer.store.policies.violations import identity, row_of, violation_of
from indexer.store.schema.codec import KINDS, digest_of, microseconds, time_of
from indexer.store.schema.notify_and_policy_tables import immutability, violation
from indexer.store.schema.tables import (
    change,
    history,
    manifest,
    namespace,
    registry,
    repository,
    tag,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.core.immutable_tags import Immutability
    from indexer.core.model import Period
    from indexer.policies.evidence import Ending
    from indexer.policies.ports import PolicyState
    from indexer.policies.violation import Found, Violation
    from indexer.store.database.engine import Database

_BEGINNING = [KINDS[kind] for kind in (ChangeKind.TAG_ADDED, ChangeKind.TAG_RETAGGED)]

_PLACES = (
    sa.select(registry.c.name.label("registry"), repository.c.name, repository.c.id)
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
)

_OPEN = (violation.c.acknowledged_at.is_(None), violation.c.resolved_at.is_(None))


JUDGING_LOCK = (1 << 31) - 1
"""The number of the lock of who judges; those of namespaces and sinks are lower."""


class SqlEvaluationStore(EvaluationStore):
    """The docket in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._locks = locks_of(database)

    def close(self) -> None:
        """Give back the lock."""
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
                rows = connection.execute(ENDINGS, where).all()
                page = endings_of(connection, rows)
            yield from page
            if len(rows) < PAGE:
                return
            after = rows[-1].id

    def judged(self, cursors: Mapping[str, int], found: Sequence[Found]) -> int:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            behind = policy_cursors.behind(connection, cursors)
        if not (behind or found):
            return 0
        with self._database.writing() as connection:
            new = _record(connection, found)
            policy_cursors.advance(connection, behind)
        return new

    def settle(self, policy: str, found: Sequence[Found], now: datetime) -> int:
        """See `EvaluationStore`."""
        there = {identity(each) for each in found}
        mine = (violation.c.policy == policy, violation.c.breach != Breach.RETAGGED.value)
        with self._database.reading() as connection:
            columns = violation.c.id, violation.c.identity, violation.c.resolved_at
            known = connection.execute(sa.select(*columns).where(*mine)).all()
        done = [row.id for row in known if not row.resolved_at and row.identity not in there]
        again = [row.id for row in known if row.resolved_at and row.identity in there]
        fresh = there - {row.identity for row in known}
        if not (done or again or fresh):
            return 0
        with self._database.writing() as connection:
            new = _record(connection, found)
            for numbers, at in ((done, microseconds(now)), (again, None)):
                for some in chunks(numbers):
                    where = violation.c.id.in_(some)
                    connection.execute(sa.update(violation).where(where).values(resolved_at=at))
        return new + len(again)

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `EvaluationStore`."""
        statement = _PLACES.where(repository.c.present)
        with self._database.reading() as connection:
            rows = connection.execute(statement.order_by(registry.c.name, repository.c.name))
            return [(row.registry, row.name) for row in rows]

    def tags(self, registry: str, repository: str) -> Mapping[str, PresentTag]:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            number = _number(connection, registry, repository)
            shown = sa.select(change.c.tag_id, sa.func.max(change.c.id)).where(
                change.c.repository_id == number,
                change.c.baseline == sa.false(),
                change.c.kind.in_(_BEGINNING),
            )
            rows = connection.execute(shown.group_by(change.c.tag_id))
            changes: dict[int, int] = {row[0]: row[1] for row in rows}
            present = connection.execute(
                sa.select(tag.c.id, tag.c.name, manifest.c.key, tag.c.since, tag.c.crawl_id)
                .join(manifest, manifest.c.id == tag.c.manifest_id)
                .where(tag.c.repository_id == number)
                .order_by(tag.c.name)
            )
            return {
                row.name: PresentTag(
                    registry,
                    repository,
                    row.name,
                    digest_of(row.key),
                    time_of(row.since),
                    row.crawl_id,
                    changes.get(row.id),
                )
                for row in present
            }

    def last_period(self, registry: str, repository: str, tag: str) -> Period | None:
        """See `EvaluationStore`."""
        with self._database.reading() as connection:
            number = _number(connection, registry, repository)
            row = connection.execute(
                PERIODS.where(_tag.repository_id == number, _tag.name == tag)
                .order_by(history.c.ended_at.desc(), history.c.id.desc())
                .limit(1)
            ).one_or_none()
        return period_of(row, registry, repository) if row else None

    def unasked(self, after: int, older_than: datetime) -> Sequence[tuple[str, str]]:
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
                immutability.c.read_at >= microseconds(older_than),
            )
            .exists()
        )
        statement = _PLACES.where(repository.c.id.in_(moved), repository.c.present, ~asked)
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
        statement = sa.select(violation)
        if only_open:
            statement = statement.where(*_OPEN)
        if place is not None:
            home, name = place
            statement = statement.where(
                violation.c.registry == home, violation.c.repository == name
            )
        if policy is not None:
            statement = statement.where(violation.c.policy == policy)
        with self._database.reading() as connection:
            rows = connection.execute(statement.order_by(violation.c.id))
            return [violation_of(row) for row in rows]

    def open_by_severity(self) -> Mapping[Severity, int]:
        """See `EvaluationStore`."""
        counted = sa.select(violation.c.severity, sa.func.count()).where(*_OPEN)
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
            row = connection.execute(sa.select(_violation_table).where(where)).one_or_none()
        return violation_of(row) if row else None


_tag = tag.c
_violation = violation.c
_violation_table = violation
"""The port's methods call a tag's name `tag`, and a violation's number `violation`."""


def _number(connection: sa.Connection, home: str, name: str) -> int:
    """A repository's number; 0, which none has, for one that is not known."""
    statement = _PLACES.where(registry.c.name == home, repository.c.name == name)
    row = connection.execute(statement).first()
    return int(row.id) if row else 0


def _record(connection: sa.Connection, found: Sequence[Found]) -> int:
    """Insert what is not there yet, and return how many that were."""
    rows = {identity(each): row_of(each) for each in found}
    known: set[bytes] = set()
    for some in chunks(rows):
        wanted = sa.select(violation.c.identity).where(violation.c.identity.in_(some))
        known |= set(connection.scalars(wanted))
    new = [row for key, row in rows.items() if key not in known]
    if new:
        connection.execute(insert(connection, violation).on_conflict_do_nothing(), new)
    return len(new)
