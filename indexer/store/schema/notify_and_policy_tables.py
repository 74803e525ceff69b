"""The tables of sinks, policies and violations.

A violation holds names instead of ids, so that it outlives the repository that it is about.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from indexer.store.schema.tables import ID, NAME, metadata

sink = Table(
    "sink",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", NAME, nullable=False, unique=True),
    Column("cursor", BigInteger, nullable=False),  # the last change sent or skipped
    # The last hiding sent or skipped; ids of the same sequence.
    Column("hidden_cursor", BigInteger, nullable=False, server_default="0"),
    Column("batch_until", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger),
    Column("sent", BigInteger, nullable=False, server_default="0"),
    Column("failures", BigInteger, nullable=False, server_default="0"),
    Column("retry_at", BigInteger),
    Column("error", Text, nullable=False, server_default=""),
    Column("begun", Text),  # JSON: the message that is stored until it is recorded as sent
    Column("used_at", BigInteger, nullable=False, server_default="0"),  # by any process, see in_use
)

policy = Table(
    "policy",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", NAME, nullable=False, unique=True),
    Column("cursor", BigInteger, nullable=False),  # the last change judged
    # Of a policy about present tags: up to which number of the log it has looked, and what it
    # required then. Null: it must look at everything.
    Column("looked_until", BigInteger),
    Column("definition", Text, nullable=False, server_default=""),
    Column("started_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False, server_default="0"),  # by any process, see in_use
)

due_look = Table(
    "due_look",
    metadata,
    Column("id", ID, primary_key=True),
    Column("policy", NAME, nullable=False),
    # Where a policy about present tags must look, though nothing changes there, and when.
    Column("registry", NAME, nullable=False),
    Column("repository", NAME, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    UniqueConstraint("policy", "registry", "repository"),
)

violation = Table(
    "violation",
    metadata,
    Column("id", ID, primary_key=True),
    # Identifies the violation: see `indexer.store.policies.violations`.
    Column("identity", LargeBinary, nullable=False, unique=True),
    Column("policy", NAME, nullable=False),
    Column("severity", Text, nullable=False),
    Column("breach", Text, nullable=False),
    Column("registry", NAME, nullable=False),
    Column("repository", NAME, nullable=False),
    Column("tag", NAME, nullable=False),
    Column("old_digest", LargeBinary),
    Column("new_digest", LargeBinary),
    Column("since", BigInteger),
    Column("observed_at", BigInteger, nullable=False),
    Column("crawl_id", BigInteger, nullable=False),
    Column("change_id", BigInteger),
    Column("move", Text),
    Column("sentence", Text, nullable=False),
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", Text),
    Column("reason", Text),
    Column("resolved_at", BigInteger),
    Index("ix_violation_change_id", "change_id"),
    Index("ix_violation_repository_registry", "repository", "registry"),
    Index("ix_violation_policy_id", "policy", "id"),
    sqlite_autoincrement=True,  # ids are never reused
)

immutability = Table(
    "immutability",
    metadata,
    Column("id", ID, primary_key=True),
    Column("registry", NAME, nullable=False),
    Column("repository", NAME, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("rules", Text, nullable=False),  # JSON: an array of regular expressions
    Column("read_at", BigInteger, nullable=False),
    UniqueConstraint("registry", "repository"),
)
