"""What is counted when it is written, and changes by their namespace.

Triggers keep the counts of each namespace, so no writer can forget them. A later migration that
recreates the table `repository`, or drops a column that they read, must create them again.

Revision ID: 0036
Revises: 0035
"""
# ruff: noqa: S608 - SQL made of our own names

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KINDS = {
    "repository_added": 1,
    "repository_removed": 2,
    "tag_added": 3,
    "tag_removed": 4,
    "tag_retagged": 5,
}

_IS_READ = "{row}.hidden_since IS NULL AND {row}.unwatched_since IS NULL"
_MOVED = "{row}.read_updated {differs} {row}.last_updated"
COUNTS = {
    "repositories": "1",
    "tags": "{row}.tags",
    "pending": (f"CASE WHEN {_IS_READ} AND (NOT {{row}}.was_read OR {_MOVED}) THEN 1 ELSE 0 END"),
    "hidden": "CASE WHEN {row}.hidden_since IS NOT NULL THEN 1 ELSE 0 END",
    "unwatched": "CASE WHEN {row}.unwatched_since IS NOT NULL THEN 1 ELSE 0 END",
    "gap_lists": "CASE WHEN {row}.list_gaps_before IS NOT NULL THEN 1 ELSE 0 END",
    "unknown_tags": (
        "CASE WHEN {row}.list_gaps_before IS NOT NULL AND {row}.list_partial "
        "THEN coalesce({row}.list_offset, 0) ELSE 0 END"
    ),
    "unseen_tags": "CASE WHEN {row}.list_partial THEN coalesce({row}.list_offset, 0) ELSE 0 END",
}
"""What one present repository adds to each count."""

READ = (
    *("present", "namespace_id", "public_since", "tags", "was_read", "read_updated"),
    *("last_updated", "hidden_since", "unwatched_since"),
    *("list_gaps_before", "list_partial", "list_offset"),
)
"""The columns of a repository on which its counts depend."""

BY_NUMBER = {
    "ix_change_namespace_id_id": ["namespace_id", "id"],
    "ix_change_repository_id_id": ["repository_id", "id"],
}


def upgrade() -> None:
    """Add and fill all of it."""
    _count_kinds()
    _note_the_range_of_crawls()
    _order_changes_by_namespace()
    _count_repositories()


def downgrade() -> None:
    """Undo it."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER count_repository_{event}")
    else:
        op.execute("DROP FUNCTION count_repositories() CASCADE")
    op.drop_table("namespace_count")
    op.drop_index("ix_repository_hidden", table_name="repository")
    for name in BY_NUMBER:
        op.drop_index(name, table_name="change")
    op.drop_column("change", "namespace_id")
    op.drop_index("ix_crawl_last_change_first_observed_at", table_name="crawl")
    for column in ("last_change", "first_observed_at"):
        op.drop_column("crawl", column)
    for kind in reversed(KINDS):
        op.drop_column("change_counter", kind)


def _count_kinds() -> None:
    for kind in KINDS:
        column = sa.Column(kind, sa.BigInteger(), server_default="0", nullable=False)
        op.add_column("change_counter", column)
    counted = ", ".join(
        f"{kind} = coalesce((SELECT number FROM counted WHERE kind = {number}), 0)"
        for kind, number in KINDS.items()
    )
    op.execute(f"""
        WITH counted AS (
            SELECT kind, count(*) AS number FROM change WHERE NOT baseline GROUP BY kind
        )
        UPDATE change_counter SET {counted}
    """)


def _note_the_range_of_crawls() -> None:
    for column in ("first_observed_at", "last_change"):
        op.add_column("crawl", sa.Column(column, sa.BigInteger(), nullable=True))
    op.execute("""
        CREATE TEMPORARY TABLE ranges AS
        SELECT crawl_id, min(observed_at) AS earliest, max(id) AS latest
        FROM change GROUP BY crawl_id
    """)
    op.execute("CREATE INDEX ix_ranges ON ranges (crawl_id)")
    op.execute("""
        UPDATE crawl SET
            first_observed_at = (SELECT earliest FROM ranges WHERE crawl_id = crawl.id),
            last_change = (SELECT latest FROM ranges WHERE crawl_id = crawl.id)
    """)
    op.execute("DROP TABLE ranges")
    op.create_index(
        "ix_crawl_last_change_first_observed_at", "crawl", ["last_change", "first_observed_at"]
    )


def _order_changes_by_namespace() -> None:
    op.add_column("change", sa.Column("namespace_id", ID, server_default="0", nullable=False))
    op.execute("""
        UPDATE change SET namespace_id = (
            SELECT namespace_id FROM repository WHERE repository.id = change.repository_id
        )
    """)
    for name, columns in BY_NUMBER.items():
        op.create_index(
            name,
            "change",
            columns,
            sqlite_where=sa.text("baseline = 0"),
            postgresql_where=sa.text("NOT baseline"),
        )


def _count_repositories() -> None:
    hidden = sa.text("hidden_since IS NOT NULL")
    op.create_index(
        "ix_repository_hidden",
        "repository",
        ["namespace_id"],
        sqlite_where=hidden,
        postgresql_where=hidden,
    )
    op.create_table(
        "namespace_count",
        sa.Column("namespace_id", ID, autoincrement=False, nullable=False),
        sa.Column("public", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("writer", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint(
            "namespace_id", "public", "writer", name=op.f("pk_namespace_count")
        ),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    each = ", ".join(f"sum({sql})" for sql in _of_row("repository", is_sqlite=is_sqlite).values())
    op.execute(f"""
        INSERT INTO namespace_count (namespace_id, public, writer, {", ".join(COUNTS)})
        SELECT namespace_id, public_since IS NOT NULL, 0, {each}
        FROM repository WHERE present GROUP BY namespace_id, public_since IS NOT NULL
    """)
    for statement in _sqlite_triggers() if is_sqlite else _postgresql_triggers():
        op.execute(statement)


def _of_row(row: str, *, is_sqlite: bool, sign: str = "") -> dict[str, str]:
    differs = "IS NOT" if is_sqlite else "IS DISTINCT FROM"
    return {name: f"{sign}{sql.format(row=row, differs=differs)}" for name, sql in COUNTS.items()}


def _adding(source: str) -> str:
    """A statement that adds rows of counts to those that there are."""
    added = ", ".join(f"{name} = namespace_count.{name} + excluded.{name}" for name in COUNTS)
    return f"""
        INSERT INTO namespace_count (namespace_id, public, writer, {", ".join(COUNTS)})
        {source}
        ON CONFLICT (namespace_id, public, writer) DO UPDATE SET {added};
    """


def _sqlite_triggers() -> list[str]:
    """For each row, as SQLite has it: there is one writer, who updates one row in place."""

    def add(row: str, sign: str = "") -> str:
        values = ", ".join(_of_row(row, is_sqlite=True, sign=sign).values())
        return _adding(f"""
            SELECT {row}.namespace_id, {row}.public_since IS NOT NULL, 0, {values}
            WHERE {row}.present
        """)

    differs = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in READ)
    return [
        f"""
            CREATE TRIGGER count_repository_insert AFTER INSERT ON repository
            BEGIN {add("NEW")} END
        """,
        f"""
            CREATE TRIGGER count_repository_update AFTER UPDATE OF {", ".join(READ)} ON repository
            WHEN {differs}
            BEGIN {add("OLD", "-")} {add("NEW")} END
        """,
        f"""
            CREATE TRIGGER count_repository_delete AFTER DELETE ON repository
            BEGIN {add("OLD", "-")} END
        """,
    ]


def _postgresql_triggers() -> list[str]:
    """For each statement. Each transaction adds to rows of its own, so that none waits."""

    def rows(table: str, sign: str = "") -> str:
        values = ", ".join(
            f"{sql} AS {name}" for name, sql in _of_row("each", is_sqlite=False, sign=sign).items()
        )
        return f"""
            SELECT each.namespace_id, each.public_since IS NOT NULL AS public, {values}
            FROM {table} AS each WHERE each.present
        """

    def add(source: str) -> str:
        sums = ", ".join(f"sum({name})" for name in COUNTS)
        some = " OR ".join(f"sum({name}) <> 0" for name in COUNTS)
        return _adding(f"""
            SELECT namespace_id, public, txid_current(), {sums} FROM ({source}) AS moved
            GROUP BY namespace_id, public HAVING {some}
        """)

    function = f"""
        CREATE FUNCTION count_repositories() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                {add(rows("after"))}
            ELSIF TG_OP = 'DELETE' THEN
                {add(rows("before", "-"))}
            ELSE
                {add(rows("before", "-") + " UNION ALL " + rows("after"))}
            END IF;
            RETURN NULL;
        END $$
    """
    tables = {
        "insert": "NEW TABLE AS after",
        "update": "OLD TABLE AS before NEW TABLE AS after",
        "delete": "OLD TABLE AS before",
    }
    return [
        function,
        *(
            f"""
                CREATE TRIGGER count_repository_{event} AFTER {event} ON repository
                REFERENCING {named} FOR EACH STATEMENT EXECUTE FUNCTION count_repositories()
            """
            for event, named in tables.items()
        ),
    ]
