"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first schema."""
    op.create_table(
        "change_counter",
        sa.Column("one", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("pruned_before", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_change_counter")),
    )
    op.create_table(
        "media_type",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_type")),
        sa.UniqueConstraint("name", name=op.f("uq_media_type_name")),
    )
    op.create_table(
        "platform",
        sa.Column("id", ID, nullable=False),
        sa.Column("os", sa.Text(), nullable=False),
        sa.Column("architecture", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("os_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform")),
        sa.UniqueConstraint(
            "os",
            "architecture",
            "variant",
            "os_version",
            name=op.f("uq_platform_os_architecture_variant_os_version"),
        ),
    )
    op.create_table(
        "registry",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry")),
        sa.UniqueConstraint("name", name=op.f("uq_registry_name")),
    )
    op.create_table(
        "manifest",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("media_type_id", ID, nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("images", sa.Text(), nullable=True),
        sa.Column("digests", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["media_type_id"], ["media_type.id"], name=op.f("fk_manifest_media_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest")),
        sa.UniqueConstraint("key", name=op.f("uq_manifest_key")),
    )
    op.create_table(
        "namespace",
        sa.Column("id", ID, nullable=False),
        sa.Column("registry_id", ID, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("list_exact", sa.Boolean(), nullable=True),
        sa.Column("list_newest", sa.BigInteger(), nullable=True),
        sa.Column("list_newest_first", sa.Boolean(), nullable=True),
        sa.Column("list_offset", sa.BigInteger(), nullable=True),
        sa.Column("list_flipped", sa.Boolean(), nullable=True),
        sa.Column("list_holds_null", sa.Boolean(), nullable=True),
        sa.Column("list_identity", sa.Text(), nullable=True),
        sa.Column("list_full_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registry_id"], ["registry.id"], name=op.f("fk_namespace_registry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_namespace")),
        sa.UniqueConstraint("registry_id", "name", name=op.f("uq_namespace_registry_id_name")),
    )
    op.create_table(
        "crawl",
        sa.Column("id", ID, nullable=False),
        sa.Column("namespace_id", ID, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("after_change", sa.BigInteger(), nullable=False),
        sa.Column("repositories", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tags", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("requests", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("repository_added", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("repository_removed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tag_added", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tag_removed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tag_retagged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("baseline", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("errors", sa.Text(), server_default="[]", nullable=False),
        sa.Column("rate_limit", sa.BigInteger(), nullable=True),
        sa.Column("rate_remaining", sa.BigInteger(), nullable=True),
        sa.Column("rate_reset_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespace.id"], name=op.f("fk_crawl_namespace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crawl")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_crawl_namespace_id_status_id", "crawl", ["namespace_id", "status", "id"], unique=False
    )
    op.create_index("ix_crawl_namespace_id_id", "crawl", ["namespace_id", "id"], unique=False)
    op.create_index("ix_crawl_finished_at", "crawl", ["finished_at"], unique=False)
    op.create_table(
        "repository",
        sa.Column("id", ID, nullable=False),
        sa.Column("namespace_id", ID, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("seen_by", sa.Text(), nullable=False),
        sa.Column("last_updated", sa.BigInteger(), nullable=True),
        sa.Column("was_read", sa.Boolean(), nullable=False),
        sa.Column("read_updated", sa.BigInteger(), nullable=True),
        sa.Column("tags", sa.BigInteger(), nullable=False),
        sa.Column("pulls", sa.BigInteger(), nullable=True),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("list_exact", sa.Boolean(), nullable=True),
        sa.Column("list_newest", sa.BigInteger(), nullable=True),
        sa.Column("list_newest_first", sa.Boolean(), nullable=True),
        sa.Column("list_offset", sa.BigInteger(), nullable=True),
        sa.Column("list_flipped", sa.Boolean(), nullable=True),
        sa.Column("list_holds_null", sa.Boolean(), nullable=True),
        sa.Column("list_identity", sa.Text(), nullable=True),
        sa.Column("list_full_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespace.id"], name=op.f("fk_repository_namespace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repository")),
        sa.UniqueConstraint("namespace_id", "name", name=op.f("uq_repository_namespace_id_name")),
    )
    op.create_index("ix_repository_name", "repository", ["name"], unique=False)
    op.create_index(
        "ix_repository_private",
        "repository",
        ["id"],
        unique=False,
        sqlite_where=sa.text("private = 1"),
        postgresql_where=sa.text("private"),
    )
    op.create_table(
        "tag",
        sa.Column("id", ID, nullable=False),
        sa.Column("repository_id", ID, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("manifest_id", ID, nullable=True),
        sa.Column("last_updated", sa.BigInteger(), nullable=True),
        sa.Column("pushed_at", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("crawl_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifest.id"], name=op.f("fk_tag_manifest_id")),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repository.id"], name=op.f("fk_tag_repository_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("repository_id", "name", name=op.f("uq_tag_repository_id_name")),
    )
    op.create_index("ix_tag_manifest_id", "tag", ["manifest_id"], unique=False)
    op.create_table(
        "change",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("crawl_id", ID, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("repository_id", ID, nullable=False),
        sa.Column("tag_id", ID, nullable=True),
        sa.Column("old_manifest_id", ID, nullable=True),
        sa.Column("new_manifest_id", ID, nullable=True),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("pushed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repository.id"], name=op.f("fk_change_repository_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index(
        "ix_change_observed_at_id",
        "change",
        ["observed_at", "id"],
        unique=False,
        sqlite_where=sa.text("baseline = 0"),
        postgresql_where=sa.text("NOT baseline"),
    )
    op.create_index(
        "ix_change_kind_observed_at_id",
        "change",
        ["kind", "observed_at", "id"],
        unique=False,
        sqlite_where=sa.text("baseline = 0"),
        postgresql_where=sa.text("NOT baseline"),
    )
    op.create_index(
        "ix_change_repository_id_observed_at",
        "change",
        ["repository_id", "observed_at"],
        unique=False,
    )
    op.create_table(
        "history",
        sa.Column("id", ID, nullable=False),
        sa.Column("tag_id", ID, nullable=False),
        sa.Column("manifest_id", ID, nullable=False),
        sa.Column("pushed_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("crawl_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["manifest_id"], ["manifest.id"], name=op.f("fk_history_manifest_id")
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_history_tag_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_manifest_id", "history", ["manifest_id"], unique=False)
    op.create_index(
        "ix_history_tag_id_started_at", "history", ["tag_id", "started_at"], unique=False
    )
    op.execute("INSERT INTO change_counter (one, last_id) VALUES (1, 0)")


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_history_tag_id_started_at", table_name="history")
    op.drop_index("ix_history_manifest_id", table_name="history")
    op.drop_table("history")
    op.drop_index("ix_change_repository_id_observed_at", table_name="change")
    op.drop_index("ix_change_kind_observed_at_id", table_name="change")
    op.drop_index("ix_change_observed_at_id", table_name="change")
    op.drop_table("change")
    op.drop_index("ix_tag_manifest_id", table_name="tag")
    op.drop_table("tag")
    op.drop_index("ix_repository_private", table_name="repository")
    op.drop_index("ix_repository_name", table_name="repository")
    op.drop_table("repository")
    op.drop_index("ix_crawl_finished_at", table_name="crawl")
    op.drop_index("ix_crawl_namespace_id_id", table_name="crawl")
    op.drop_index("ix_crawl_namespace_id_status_id", table_name="crawl")
    op.drop_table("crawl")
    op.drop_table("namespace")
    op.drop_table("manifest")
    op.drop_table("registry")
    op.drop_table("platform")
    op.drop_table("media_type")
    op.drop_table("change_counter")
