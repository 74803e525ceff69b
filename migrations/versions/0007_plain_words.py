"""One word for one thing: shards of crawls, and violations by what happens to a tag.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

BREACHES = {"moved": "retagged", "vanished": "removed"}

PIECE = 500
"""Violations that are in memory at a time."""


def upgrade() -> None:
    """Rename what has another word now, and keep what is in it."""
    _rename("part", "shard_result")
    _reword(BREACHES)


def downgrade() -> None:
    """Undo it."""
    _reword({new: old for old, new in BREACHES.items()})
    _rename("shard_result", "part")


def _rename(old: str, new: str) -> None:
    """Make the table under its new name: SQLite cannot rename the constraint of its key."""
    op.create_table(
        new,
        sa.Column("crawl_id", ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("crawl_id", "number", name=op.f(f"pk_{new}")),
    )
    columns = "crawl_id, number, result"
    op.execute(f"INSERT INTO {new} ({columns}) SELECT {columns} FROM {old}")  # noqa: S608 - ours
    op.drop_table(old)


_VIOLATIONS = sa.text("""
    SELECT id, policy, registry, repository, tag, breach, change_id, new_digest, since
    FROM violation WHERE id > :last ORDER BY id LIMIT :piece
""")

_REWORD = sa.text("UPDATE violation SET breach = :breach, identity = :identity WHERE id = :id")


def _reword(words: dict[str, str]) -> None:
    """Say what happened in other words. A violation's identity is made of them too."""
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(_VIOLATIONS, {"last": last, "piece": PIECE}).all():
        last = rows[-1].id
        changed = [
            {"id": row.id, "breach": words[row.breach], "identity": _identity(row, words)}
            for row in rows
            if row.breach in words
        ]
        if changed:
            connection.execute(_REWORD, changed)


def _identity(row: sa.Row[Any], words: dict[str, str]) -> bytes:
    """As `indexer.store.policies.violations` made it at this revision."""
    state = row.change_id
    if state is None:
        state = (_digest(row.new_digest), row.since)
    named = (row.policy, row.registry, row.repository, row.tag, words[row.breach], state)
    return hashlib.sha256(repr(named).encode(errors="replace")).digest()[:16]


def _digest(key: bytes | None) -> str | None:
    algorithm = {32: "sha256", 64: "sha512"}.get(len(key)) if key is not None else None
    return f"{algorithm}:{bytes(key).hex()}" if key is not None and algorithm else None
