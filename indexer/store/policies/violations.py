"""Writes violations. `identity` decides whether two findings are the same violation."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.policies.violation import Breach
from indexer.store.catalog.violation_rows import VIOLATIONS, violation_of
from indexer.store.database.dialect import chunks, insert
from indexer.store.database.typed_rows import read
from indexer.store.schema.codec import digest_bytes, microseconds
from indexer.store.schema.notify_and_policy_tables import violation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.policies.violation import Found, Violation
    from indexer.store.database.typed_rows import Columns


_EVENTS = frozenset({Breach.RETAGGED, Breach.REMOVED})
"""Breaches by a change, which a later state does not resolve."""


def identity(found: Found) -> bytes:
    """A key for a finding: of its change, or of the present tag and its `since`."""
    is_event = found.breach in _EVENTS and found.change_id is not None
    state = found.change_id if is_event else (found.new_digest, microseconds(found.since))
    named = (found.policy, found.registry, found.repository, found.tag, found.breach.value, state)
    return hashlib.sha256(repr(named).encode(errors="replace")).digest()[:16]


def row_of(found: Found) -> Columns:
    """Convert a finding to a row."""
    return {
        "identity": identity(found),
        "policy": found.policy,
        "severity": found.severity.value,
        "breach": found.breach.value,
        "registry": found.registry,
        "repository": found.repository,
        "tag": found.tag,
        "old_digest": digest_bytes(found.old_digest) if found.old_digest else None,
        "new_digest": digest_bytes(found.new_digest) if found.new_digest else None,
        "since": microseconds(found.since),
        "observed_at": microseconds(found.observed_at),
        "crawl_id": found.crawl_id,
        "change_id": found.change_id,
        "move": found.kind.value if found.kind else None,
        "sentence": found.sentence,
    }


def of_changes(
    connection: sa.Connection, changes: Sequence[int]
) -> Mapping[int, tuple[Violation, ...]]:
    """The violations caused by changes, by the id of the change."""
    found: defaultdict[int, tuple[Violation, ...]] = defaultdict(tuple)
    for some in chunks(changes):
        wanted = VIOLATIONS.where(violation.c.change_id.in_(some))
        for row in read(connection, wanted.order_by(violation.c.id)):
            if row.change_id is not None:
                found[row.change_id] += (violation_of(row),)
    return found


def record(connection: sa.Connection, found: Sequence[Found]) -> int:
    """Store findings that are not stored yet, and return how many were new."""
    rows = {identity(each): row_of(each) for each in found}
    known: set[bytes] = set()
    for some in chunks(rows):
        wanted = sa.select(violation.c.identity).where(violation.c.identity.in_(some))
        known |= set(connection.scalars(wanted))
    new = [row for key, row in rows.items() if key not in known]
    if new:
        connection.execute(insert(connection, violation).on_conflict_do_nothing(), new)
    return len(new)
