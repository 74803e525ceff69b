"""The tables, as SQLAlchemy knows them; `migrations/` makes them, and a test compares the two.

    registry ── namespace ── repository ── tag ── history     state, and what it was before
                    │                        └─┐      │
                  crawl                       manifest (media_type, platform)
                    └──────── change ──────────┘              the log

Present state is in `repository` and `tag`; a tag whose `manifest_id` is null was removed. Earlier
periods of a tag are in `history`, so a tag that was never retagged takes one row. Content is
in `manifest`, once, however many tags point to it.

Partial indexes are in `indexer.store.schema.metadata`.

Times are microseconds since 1970 in UTC, and digests are bytes: both databases compare and index
these in the same way, in a third of the space of text. `indexer.store.schema.codec` converts.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from indexer.core.model import ChangeKind

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

ID = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite generates ids only in a column of type INTEGER."""

NAME = Text().with_variant(Text(collation="C"), "postgresql")
"""Sorts by its bytes in both databases, whatever the server's locale is."""


def _id() -> Column[int]:
    return Column("id", ID, primary_key=True)


def _to(table: str, *, name: str | None = None, nullable: bool = False) -> Column[int]:
    return Column(name or f"{table}_id", ID, ForeignKey(f"{table}.id"), nullable=nullable)


def _number_of(table: str, *, name: str | None = None, nullable: bool = False) -> Column[int]:
    """The id of another table's row, without an index and so without a foreign key.

    With a foreign key, deleting a row there would scan this table. `indexer db check` checks it.
    """
    return Column(name or f"{table}_id", ID, nullable=nullable)


def _visibility() -> list[Column[int]]:
    """When a period was public. Nulls: all the time. See `indexer.store.schema.visibility`."""
    return [
        Column("private_until", BigInteger),  # not public before; null: it was, from its start
        Column("public_until", BigInteger),  # not public any more; null: it was, to its end
    ]


def _list_memory() -> list[Column[Any]]:
    """The columns of `indexer.core.model.ListMemory`, for one list.

    All are null until the list was first read completely.
    """
    return [
        Column("list_exact", Boolean),
        Column("list_newest", BigInteger),
        Column("list_newest_first", Boolean),
        Column("list_offset", BigInteger),
        Column("list_flipped", Boolean),
        Column("list_holds_null", Boolean),
        Column("list_partial", Boolean),
        Column("list_bound", BigInteger),
        Column("list_gaps_before", BigInteger),
        Column("list_gap_names", Text),  # JSON: an array of names; null: they were not told
        Column("list_left_out", BigInteger),
        Column("list_latest", BigInteger),
        # Dates that went back: a JSON object of [date, since] by name. Null: none did.
        Column("list_doubts", Text),
        Column("list_lags_since", BigInteger),
        Column("list_reread_at", BigInteger),
        # Removals that wait for a person: a JSON array of the fields of `HeldBack`.
        Column("list_held_back", Text),
        Column("list_identity", Text),
        Column("list_full_at", BigInteger),
        # Which names were wanted: `indexer.crawl.wanted_names`. Null: nobody noted it.
        Column("list_filters", Text),
    ]


LIST_MEMORY = tuple(column.name for column in _list_memory())

registry = Table("registry", metadata, _id(), Column("name", NAME, nullable=False, unique=True))

namespace = Table(
    "namespace",
    metadata,
    _id(),
    _to("registry"),
    Column("name", NAME, nullable=False),
    # Grows with every write, to detect that another crawl wrote meanwhile.
    Column("revision", BigInteger, nullable=False, server_default="0"),
    *_list_memory(),  # of its repositories
    Column("audited_until", BigInteger),  # the newest event of its audit log; null: never read
    UniqueConstraint("registry_id", "name"),
)

repository = Table(
    "repository",
    metadata,
    _id(),
    _to("namespace"),
    Column("name", NAME, nullable=False),  # with its namespace
    Column("description", Text, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("baseline", Boolean, nullable=False),
    Column("seen_by", Text, nullable=False),
    # Private, and not visible any more: since when, and to whom. See `indexer.crawl.hidden`.
    Column("hidden_since", BigInteger),
    Column("hidden_from", Text),
    # Since when the public sees it; null: it is private, or not read since it became public.
    Column("public_since", BigInteger),
    # Kept, and no longer wanted by the configuration: since when.
    Column("unwatched_since", BigInteger),
    Column("last_updated", BigInteger),
    # Pending while `read_updated` differs from `last_updated`.
    Column("was_read", Boolean, nullable=False),
    Column("read_updated", BigInteger),
    Column("tags", BigInteger, nullable=False),  # how many are present
    # The last number of the log when present tags changed: policies look at what is new to them.
    Column("log_position", BigInteger, nullable=False, server_default="0"),
    # As they were when it was last listed; null: nobody said. By the day: `repository_daily`.
    Column("pulls", BigInteger),  # so far
    Column("stars", BigInteger),
    Column("storage_size", BigInteger),  # bytes
    Column("categories", Text),  # JSON: an array of names; null: none
    Column("registered_at", BigInteger),
    # Read where a crawl is asked for it. Due while `described_for` differs from `last_updated`.
    Column("full_description", Text),
    Column("described_at", BigInteger),  # null: never
    Column("described_for", BigInteger),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("removed_at", BigInteger),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    *_list_memory(),  # of its tags
    Column("tag_order", LargeBinary),  # the registry's; null: byte order
    # The crawls that last read its tags, read every page of them, and could not: 0: none, or not
    # known. See `indexer.crawl.selection.cycle`.
    Column("read_crawl", BigInteger, nullable=False, server_default="0"),
    Column("full_crawl", BigInteger, nullable=False, server_default="0"),
    Column("failed_crawl", BigInteger, nullable=False, server_default="0"),
    # The change rate, to estimate staleness: `indexer.core.model.ChangeRate`.
    Column("seen_at", BigInteger),  # when its tags were last read
    Column("silent", Double, nullable=False, server_default="0"),
    Column("quiet", Double, nullable=False, server_default="0"),
    Column("moves", Double, nullable=False, server_default="0"),
    Column("watched", Double, nullable=False, server_default="0"),
    UniqueConstraint("namespace_id", "name"),
    Index("ix_repository_name", "name"),
    Index("ix_repository_log_position", "log_position"),
)

repository_daily = Table(
    "repository_daily",
    metadata,
    Column("repository_id", ID, ForeignKey("repository.id"), primary_key=True, autoincrement=False),
    Column("day", BigInteger, primary_key=True, autoincrement=False),  # since 1970-01-01, in UTC
    Column("pulls", BigInteger),
    Column("stars", BigInteger),
    Column("storage_size", BigInteger),
)

platform = Table(
    "platform",
    metadata,
    _id(),
    Column("os", Text, nullable=False),
    Column("architecture", Text, nullable=False),
    Column("variant", Text, nullable=False),  # empty: none
    Column("os_version", Text, nullable=False),  # empty: none
    UniqueConstraint("os", "architecture", "variant", "os_version"),
)

media_type = Table("media_type", metadata, _id(), Column("name", NAME, nullable=False, unique=True))

manifest = Table(
    "manifest",
    metadata,
    _id(),
    # Identifies the content: see `indexer.store.schema.codec.key_of`.
    Column("key", LargeBinary, nullable=False, unique=True),
    Column(
        "fingerprint", LargeBinary
    ),  # of its platforms' digests: `indexer.core.platforms.fingerprint`
    _to("media_type", nullable=True),
    Column("size", BigInteger),  # bytes, compressed, of all platforms together
    Column("images", Text),  # JSON: see `indexer.store.schema.codec.packed`
    Column("digests", LargeBinary),  # of its images, 32 bytes each
    Column(
        "content_type", Text
    ),  # what it is, by its fetched manifest; of Docker Hub's word: `tag`
)

crawl = Table(
    "crawl",
    metadata,
    _id(),
    _to("namespace"),
    Column("mode", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("whole", Boolean, nullable=False),  # it read every page: a full crawl, or the first one
    # `library/nginx`: it read only that, not the whole namespace. Null: it read the namespace.
    Column("part", Text),
    Column("identity", Text, nullable=False),
    Column("holder", Text, nullable=False),  # machine and process
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("after_change", BigInteger, nullable=False),  # the last change before it
    # The earliest and the latest time of its changes, and the last of them; null: it has none.
    Column("first_observed_at", BigInteger),
    Column("last_observed_at", BigInteger),
    Column("last_change", BigInteger),
    Column("repositories", BigInteger, nullable=False, server_default="0"),
    Column("tags", BigInteger, nullable=False, server_default="0"),
    # What lists that were shown in part count and never showed.
    Column("unseen_repositories", BigInteger, nullable=False, server_default="0"),
    Column("unseen_tags", BigInteger, nullable=False, server_default="0"),
    # Repositories that it left to the next crawl of its mode.
    Column("unread", BigInteger, nullable=False, server_default="0"),
    Column("requests", BigInteger, nullable=False, server_default="0"),
    Column("bytes", BigInteger, nullable=False, server_default="0"),
    Column("repository_added", BigInteger, nullable=False, server_default="0"),
    Column("repository_removed", BigInteger, nullable=False, server_default="0"),
    Column("tag_added", BigInteger, nullable=False, server_default="0"),
    Column("tag_removed", BigInteger, nullable=False, server_default="0"),
    Column("tag_retagged", BigInteger, nullable=False, server_default="0"),
    Column("baseline", BigInteger, nullable=False, server_default="0"),
    Column("errors", Text, nullable=False, server_default="[]"),  # JSON: an array of sentences
    Column("rate_limit", BigInteger),
    Column("rate_remaining", BigInteger),
    Column("rate_reset_at", BigInteger),
    Column("pull_limit", BigInteger),
    Column("pull_remaining", BigInteger),
    Index("ix_crawl_namespace_id_status_id", "namespace_id", "status", "id"),
    Index("ix_crawl_namespace_id_id", "namespace_id", "id"),
    Index("ix_crawl_last_observed_at", "last_observed_at"),
    Index("ix_crawl_last_change_first_observed_at", "last_change", "first_observed_at"),
    sqlite_autoincrement=True,  # ids are never reused
)

tag = Table(
    "tag",
    metadata,
    _id(),
    _to("repository"),
    Column("name", NAME, nullable=False),
    _to("manifest", nullable=True),  # null: the tag was removed
    Column("last_updated", BigInteger),
    Column("pushed_at", BigInteger),
    Column("since", BigInteger, nullable=False),  # when a crawl first saw it point there
    _number_of("crawl"),  # which crawl that was
    # It points to nothing because the configuration does not want it any more: since when.
    Column("unwatched_since", BigInteger),
    Column("pushed_by", Text),
    # The push time from which the digest's age counts; null: from `since`. See `core.digest_age`.
    Column("counted_push", BigInteger),
    # As the registry said last, of what is present: no history is kept of it.
    Column("last_pulled", BigInteger),
    Column("status", Text),
    Column("status_since", BigInteger),  # when a crawl first saw it so
    Column("content_type", Text),
    # Listed, and its manifest cannot be had: since when. See `indexer.crawl.dangling`.
    Column("dangling_since", BigInteger),
    *_visibility(),  # of the present period
    UniqueConstraint("repository_id", "name"),
    Index("ix_tag_manifest_id", "manifest_id"),
    Index("ix_tag_name_repository_id", "name", "repository_id"),  # which repositories had it
)

TO_BE_NUMBERED = 0
"""The `change_id` of a period until its change has an id, in the same transaction."""

history = Table(
    "history",
    metadata,
    _id(),
    _to("tag"),
    _to("manifest"),
    Column("pushed_at", BigInteger),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    _number_of("crawl"),  # that saw it begin
    Column("pushed_by", Text),
    # The change that ended it; null: none did, for it is not watched any more. Joined by this and
    # not by time, because clocks are set back. The change may be pruned before the period.
    Column("change_id", BigInteger),
    Column("counted_push", BigInteger),  # as in `tag`
    *_visibility(),
    Index("ix_history_tag_id_started_at", "tag_id", "started_at"),
    Index("ix_history_manifest_id", "manifest_id"),
)

change = Table(
    "change",
    metadata,
    # From `change_counter`, in the order of commits: a reader who remembers the last id misses no
    # change. A sequence of PostgreSQL does not guarantee that.
    Column("id", ID, primary_key=True, autoincrement=False),
    _number_of("crawl"),
    Column("kind", SmallInteger, nullable=False),  # see `indexer.store.schema.codec.KINDS`
    Column("baseline", Boolean, nullable=False),
    _to("repository"),
    _number_of("tag", nullable=True),
    _number_of("manifest", name="old_manifest_id", nullable=True),
    _number_of("manifest", name="new_manifest_id", nullable=True),
    Column("observed_at", BigInteger, nullable=False),
    Column("pushed_at", BigInteger),
    Column("pushed_by", Text),
    Column("removed_by", Text),  # as the audit log says
    Column("removed_at", BigInteger),
    Column("reason", Text),  # of a removal of what is still listed; null: it is not
    # Whether its repository was private then; it may be public now, and the other way round.
    Column("private", Boolean, nullable=False, server_default=false()),
    # Its repository's, to read the log of a namespace in the order of ids.
    Column("namespace_id", ID, nullable=False, server_default="0"),
    Index("ix_change_repository_id_observed_at", "repository_id", "observed_at"),
)

hiding = Table(
    "hiding",
    metadata,
    # From `change_counter` too: one cursor covers both logs, so messages are sent in order.
    Column("id", ID, primary_key=True, autoincrement=False),
    _number_of("crawl"),  # the crawl that found it hidden: one message covers all that it found
    _to("repository"),
    Column("account", Text, nullable=False),  # that cannot see it any more
    Column("observed_at", BigInteger, nullable=False),
    Index("ix_hiding_repository_id", "repository_id"),
)

audit_event = Table(
    "audit_event",
    metadata,
    _id(),
    _to("namespace"),
    Column("action", NAME, nullable=False),  # see `indexer.core.audit_event`
    # By name: the log may tell of what the index has not seen yet, or never sees.
    Column("repository", NAME, nullable=False),
    Column("tag", NAME, nullable=False),  # empty: of the repository itself
    Column("digest", Text),
    Column("actor", Text, nullable=False),
    Column("happened_at", BigInteger, nullable=False),
    UniqueConstraint("namespace_id", "tag", "repository", "happened_at", "action"),
)

change_counter = Table(
    "change_counter",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),  # the only row
    Column("last_id", BigInteger, nullable=False),
    Column("pruned_before", BigInteger),  # what ended earlier may be deleted: see `prune`
    # How many changes of each kind there ever were, baselines left out, those deleted since too.
    *(Column(kind.value, BigInteger, nullable=False, server_default="0") for kind in ChangeKind),
)

NAMESPACE_COUNTS = (
    *("repositories", "tags", "pending", "hidden", "unwatched"),
    *("gap_lists", "unknown_tags", "unseen_tags"),
)

namespace_count = Table(
    "namespace_count",
    metadata,
    # Counts of a namespace's present repositories: the sum of its rows. Triggers on `repository`
    # write them: migration 0036. On PostgreSQL each transaction adds a row, so that none waits for
    # another one, and the end of a crawl makes them one: `indexer.store.schema.namespace_counts`.
    Column("namespace_id", ID, primary_key=True, autoincrement=False),
    Column("public", Boolean, primary_key=True, autoincrement=False),  # what the public may see
    Column("writer", BigInteger, primary_key=True, autoincrement=False),  # its transaction
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in NAMESPACE_COUNTS),
)

# State shared by machines that crawl together. Times here are seconds since 1970, by the database.

push_hint = Table(
    "push_hint",
    metadata,
    # What hooks say was pushed, until a crawl looks: see `indexer.store.crawl.push_hints`.
    _id(),
    _to("namespace"),
    Column("repository", NAME, nullable=False),  # empty: one that is not known
    UniqueConstraint("namespace_id", "repository"),
    sqlite_autoincrement=True,  # ids are never reused
)

budget = Table(
    "budget",
    metadata,
    _id(),
    Column("name", NAME, nullable=False, unique=True),  # a registry's address, and an account
    Column("quota", BigInteger),  # of a window; null: unknown
    Column("remaining", BigInteger),
    Column("resets_at", Double),
    Column("renewed_at", Double, nullable=False),
    Column("held_until", Double, nullable=False),
    Column("refusals", BigInteger, nullable=False),
    Column("careful", Boolean, nullable=False),
)

permit = Table(
    "permit",
    metadata,
    _id(),
    _to("budget"),
    Column("granted_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("ix_permit_budget_id", "budget_id"),
    sqlite_autoincrement=True,  # ids are never reused
)

shard_result = Table(
    "shard_result",
    metadata,
    Column("crawl_id", ID, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("result", Text, nullable=False),  # JSON: see `indexer.store.coordination.shard_results`
)
