"""The reporting views, for users' SQL. docs/sql.md says what is promised.

Both databases return the same rows: names instead of ids, times in UTC, digests as text. Times and
truth values differ in type: `timestamptz` and `boolean` in PostgreSQL, and in SQLite text that
compares with what its own date functions return, and 1 or 0. `WHERE NOT baseline` is right on both.

The views depend on the tables, so a migration drops them first and creates them again at the
end. Rights that were granted on them are granted again.
"""
# ruff: noqa: S608 - SQL made of our own names; nothing comes from outside

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.store.schema.codec import KIND_OF
from indexer.store.schema.reporting_views_dialect import POSTGRESQL, SQLITE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from indexer.store.schema.reporting_views_dialect import SqlFragments

VERSION = 1
"""The version in `report_version`: it grows when a column is removed or changes its meaning."""

_PLACE = """
    JOIN namespace ON namespace.id = repository.namespace_id
    JOIN registry ON registry.id = namespace.registry_id"""

_NAMES = """registry.name AS registry,
    namespace.name AS namespace,
    repository.name AS repository"""

_PLATFORM = """replace(trim(
        platform.os || '/' || platform.architecture || '/' || platform.variant, '/'
    ), '//', '/')"""

_OF_THE_TAG = f"""
    JOIN repository ON repository.id = tag.repository_id{_PLACE}
    JOIN manifest ON manifest.id = """

_ENDED = f"history JOIN tag ON tag.id = history.tag_id{_OF_THE_TAG}history.manifest_id"
_NEVER = "CAST(NULL AS bigint)"
_LASTING = f"tag{_OF_THE_TAG}tag.manifest_id"


def _repositories(words: SqlFragments) -> str:
    return f"""
SELECT {_NAMES},
    {words.text("repository.description")} AS description,
    CASE WHEN repository.private THEN 'private' ELSE 'public' END AS visibility,
    repository.tags,
    repository.pulls,
    {words.time("repository.last_updated")} AS last_updated,
    {words.time("repository.first_seen_at")} AS first_seen_at,
    {words.time("repository.hidden_since")} AS hidden_since,
    repository.stars,
    repository.storage_size,
    {words.text("repository.categories")} AS categories,
    {words.time("repository.registered_at")} AS registered_at,
    {words.text("repository.full_description")} AS full_description,
    {words.time("repository.unwatched_since")} AS unwatched_since
FROM repository{_PLACE}
WHERE repository.present"""


def _repository_days(words: SqlFragments) -> str:
    return f"""
SELECT {_NAMES},
    {words.date("repository_daily.day")} AS date,
    repository_daily.pulls,
    repository_daily.stars,
    repository_daily.storage_size
FROM repository_daily
    JOIN repository ON repository.id = repository_daily.repository_id{_PLACE}"""


def _tags(words: SqlFragments) -> str:
    first = """coalesce(
        (SELECT min(history.started_at) FROM history WHERE history.tag_id = tag.id), tag.since
    )"""
    return f"""
SELECT {_NAMES},
    tag.name AS tag,
    {words.semver("tag.name")} AS is_semver,
    {_digest(words, "manifest.key")} AS digest,
    media_type.name AS media_type,
    manifest.size,
    {words.time("tag.pushed_at")} AS pushed_at,
    {words.time("tag.last_updated")} AS last_updated,
    {words.time(first)} AS first_seen_at,
    {words.time("tag.since")} AS started_at,
    tag.crawl_id,
    {words.text("tag.pushed_by")} AS pushed_by,
    {words.time("tag.last_pulled")} AS last_pulled,
    {words.text("tag.status")} AS status,
    {words.time("tag.status_since")} AS status_since,
    {words.text("coalesce(tag.content_type, manifest.content_type)")} AS content_type,
    {_age(words, "tag", "tag.since")}
FROM tag
    JOIN repository ON repository.id = tag.repository_id{_PLACE}
    JOIN manifest ON manifest.id = tag.manifest_id
    LEFT JOIN media_type ON media_type.id = manifest.media_type_id"""


def _changes(words: SqlFragments) -> str:
    kinds = " ".join(f"WHEN {number} THEN '{kind.value}'" for number, kind in KIND_OF.items())
    return f"""
SELECT change.id,
    {words.time("change.observed_at")} AS observed_at,
    {words.week("change.observed_at")} AS observed_week,
    CASE change.kind {kinds} END AS kind,
    {_NAMES},
    tag.name AS tag,
    {words.semver("tag.name")} AS is_semver,
    {_digest(words, "old.key")} AS old_digest,
    {_digest(words, "new.key")} AS new_digest,
    {words.time("change.pushed_at")} AS pushed_at,
    change.crawl_id,
    {words.truth("change.baseline")} AS baseline,
    {words.text("change.pushed_by")} AS pushed_by,
    {words.text("change.removed_by")} AS removed_by,
    {words.time("change.removed_at")} AS removed_at,
    {words.text("change.reason")} AS reason
FROM change
    JOIN repository ON repository.id = change.repository_id{_PLACE}
    LEFT JOIN tag ON tag.id = change.tag_id
    LEFT JOIN manifest AS old ON old.id = change.old_manifest_id
    LEFT JOIN manifest AS new ON new.id = change.new_manifest_id"""


def _history(words: SqlFragments) -> str:
    def of(span: str, started_at: str, ended_at: str) -> str:
        return f"""
SELECT {_NAMES},
    tag.name AS tag,
    {words.semver("tag.name")} AS is_semver,
    {_digest(words, "manifest.key")} AS digest,
    manifest.size,
    {words.time(f"{span}.pushed_at")} AS pushed_at,
    {words.time(started_at)} AS started_at,
    {words.time(ended_at)} AS ended_at,
    {words.week(started_at)} AS started_week,
    {words.week(ended_at)} AS ended_week,
    ({ended_at} - {started_at}) / 1000000 AS seconds,
    {span}.crawl_id,
    {words.text(f"{span}.pushed_by")} AS pushed_by,
    {_age(words, span, started_at)}
FROM """

    ended = of("history", "history.started_at", "history.ended_at")
    return f"{ended}{_ENDED} UNION ALL {of('tag', 'tag.since', _NEVER)}{_LASTING}"


def _age(words: SqlFragments, table: str, since: str) -> str:
    """From when the age of a digest counts, and what that is: see `indexer.core.digest_age`."""
    return f"""{words.time(f"coalesce({table}.counted_push, {since})")} AS age_since,
    {_basis(words, table)} AS age_by"""


def _basis(words: SqlFragments, table: str) -> str:
    return words.text(f"CASE WHEN {table}.counted_push IS NULL THEN 'crawl' ELSE 'push' END")


def _digest_ages(words: SqlFragments) -> str:
    """Each digest and how long its tag kept it: see `indexer.core.digest_age.kept`."""

    def age(period: str, since: str) -> str:
        return f"coalesce({period}.counted_push, {since})"

    def of(period: str, started_at: str, end: str, until: str) -> str:
        since = age(period, started_at)
        return f"""
SELECT {_NAMES},
    tag.name AS tag,
    {_digest(words, "manifest.key")} AS digest,
    {words.time(since)} AS since,
    {words.time(until)} AS until,
    ({end} - {since}) / 86400000000 AS held_days,
    ({end} - {since}) / 1000000 AS held_seconds,
    {_basis(words, period)} AS age_by,
    {words.time(started_at)} AS first_seen_at,
    {words.text(f"{period}.pushed_by")} AS pushed_by
FROM """

    # A digest was kept until the next one was pushed, not until a crawl saw that.
    own = age("history", "history.started_at")
    following = f"""coalesce(
        (SELECT min({age("later", "later.started_at")}) FROM history AS later
            WHERE later.tag_id = history.tag_id AND later.started_at = history.ended_at),
        CASE WHEN tag.since = history.ended_at AND tag.manifest_id IS NOT NULL
            THEN {age("tag", "tag.since")} END,
        history.ended_at
    )"""
    end = f"{words.greatest}({own}, {words.least}(history.ended_at, {following}))"
    ended = of("history", "history.started_at", end, end)
    lasting = of("tag", "tag.since", words.now, _NEVER)
    return f"{ended}{_ENDED} UNION ALL {lasting}{_LASTING}"


def _platforms(words: SqlFragments) -> str:
    own = words.span("manifest.digests", f"{words.image_place} * 32 + 1")

    def of(periods: str, started_at: str, ended_at: str) -> str:
        return f"""
SELECT {_NAMES},
    tag.name AS tag,
    {_digest(words, "manifest.key")} AS digest,
    {words.text(_PLATFORM)} AS platform,
    {words.text("platform.os")} AS os,
    {words.text("platform.architecture")} AS architecture,
    {words.text("nullif(platform.variant, '')")} AS variant,
    {words.text("nullif(platform.os_version, '')")} AS os_version,
    CASE WHEN {words.image_items} = 2 THEN 'sha256:' || {words.digits(own)}
        ELSE {words.image(2)} END AS image_digest,
    CAST({words.image(1)} AS bigint) AS image_size,
    {words.time(started_at)} AS started_at,
    {words.time(ended_at)} AS ended_at
FROM {periods}
    JOIN {words.images}
    JOIN platform ON platform.id = CAST({words.image(0)} AS bigint)"""

    ended = of(_ENDED, "history.started_at", "history.ended_at")
    return f"{ended} UNION ALL {of(_LASTING, 'tag.since', _NEVER)}"


def _bases(words: SqlFragments) -> str:
    return f"""
SELECT {_digest(words, "content.key")} AS image_digest,
    {_digest(words, "content.base_key")} AS base_digest,
    {words.text("content.base_name")} AS base_name,
    {_digest(words, "content.layer_key")} AS first_layer
FROM content
WHERE content.layer_key IS NOT NULL OR content.base_key IS NOT NULL"""


def _images(words: SqlFragments) -> str:
    columns = ("entrypoint", "command", "run_user", "working_dir", "exposed_ports", "volumes")
    told = ",\n    ".join(f"{words.text(f'image_config.{each}')} AS {each}" for each in columns)

    def of(whole: str) -> str:
        return f"""
SELECT {_digest(words, "image.key")} AS image_digest,
    {_digest(words, "config.key")} AS config_digest,
    {words.text("image_config.platform")} AS platform,
    {words.time("image_config.created")} AS created,
    {told}
FROM image_config
    JOIN content AS config ON config.id = image_config.content_id
    {whole}"""

    parts = """JOIN content_part ON content_part.part_id = config.id
    JOIN content AS image ON image.id = content_part.content_id"""
    own = """JOIN content AS image ON image.id = config.id
WHERE NOT EXISTS (SELECT 1 FROM content_part WHERE content_part.part_id = config.id)"""
    return f"{of(parts)} UNION ALL {of(own)}"


def _layers(words: SqlFragments) -> str:
    return f"""
SELECT {_digest(words, "content.key")} AS image_digest,
    image_layer.position,
    {_digest(words, "image_layer.key")} AS layer_digest,
    image_layer.size
FROM image_layer
    JOIN content ON content.id = image_layer.content_id"""


def _labels(words: SqlFragments) -> str:
    return f"""
SELECT {_digest(words, "content.key")} AS digest,
    {words.text("image_label.name")} AS name,
    {words.text("image_label.value")} AS value
FROM image_label
    JOIN content ON content.id = image_label.content_id"""


def _crawls(words: SqlFragments) -> str:
    return f"""
SELECT crawl.id,
    registry.name AS registry,
    namespace.name AS namespace,
    {words.text("crawl.mode")} AS mode,
    {words.text("crawl.status")} AS status,
    {words.text("crawl.identity")} AS identity,
    {words.time("crawl.started_at")} AS started_at,
    {words.time("crawl.finished_at")} AS finished_at,
    (crawl.finished_at - crawl.started_at) / 1000000 AS seconds,
    crawl.repositories,
    crawl.tags,
    crawl.requests,
    crawl.bytes,
    crawl.repository_added,
    crawl.repository_removed,
    crawl.tag_added,
    crawl.tag_removed,
    crawl.tag_retagged,
    crawl.baseline,
    {words.items("crawl.errors")} AS problems,
    crawl.errors,
    {words.text("crawl.part")} AS part,
    crawl.unseen_repositories,
    crawl.unseen_tags
FROM crawl
    JOIN namespace ON namespace.id = crawl.namespace_id
    JOIN registry ON registry.id = namespace.registry_id"""


def _violations(words: SqlFragments) -> str:
    return f"""
SELECT violation.id,
    violation.policy,
    {words.text("violation.severity")} AS severity,
    {words.text("violation.breach")} AS breach,
    CASE WHEN violation.acknowledged_at IS NOT NULL THEN 'acknowledged'
        WHEN violation.resolved_at IS NOT NULL THEN 'resolved' ELSE 'open' END AS status,
    violation.registry,
    (SELECT namespace.name FROM repository{_PLACE}
        WHERE registry.name = violation.registry AND repository.name = violation.repository
    ) AS namespace,
    violation.repository,
    violation.tag,
    {_digest(words, "violation.old_digest")} AS old_digest,
    {_digest(words, "violation.new_digest")} AS new_digest,
    {words.time("violation.since")} AS since,
    {words.time("violation.observed_at")} AS observed_at,
    violation.crawl_id,
    violation.change_id,
    {words.text("violation.move")} AS move,
    {words.text("violation.sentence")} AS sentence,
    {words.time("violation.acknowledged_at")} AS acknowledged_at,
    {words.text("violation.acknowledged_by")} AS acknowledged_by,
    {words.text("violation.reason")} AS reason,
    {words.time("violation.resolved_at")} AS resolved_at
FROM violation"""


def _digest(words: SqlFragments, key: str) -> str:
    """See `indexer.store.schema.codec.digest_of`."""
    return (
        f"CASE {words.size(key)} WHEN 32 THEN 'sha256:' || {words.digits(key)} "
        f"WHEN 64 THEN 'sha512:' || {words.digits(key)} END"
    )


_VIEWS: Mapping[str, Callable[[SqlFragments], str]] = {
    "report_version": lambda _: f"SELECT {VERSION} AS version",
    "report_repositories": _repositories,
    "report_repository_days": _repository_days,
    "report_tags": _tags,
    "report_changes": _changes,
    "report_history": _history,
    "report_digest_ages": _digest_ages,
    "report_platforms": _platforms,
    "report_bases": _bases,
    "report_images": _images,
    "report_layers": _layers,
    "report_labels": _labels,
    "report_crawls": _crawls,
    "report_violations": _violations,
}

NAMES = tuple(_VIEWS)
"""The names of the views."""


def definitions(dialect: str) -> Mapping[str, str]:
    """Each view's SELECT, by name."""
    words = SQLITE if dialect == "sqlite" else POSTGRESQL
    return {name: select(words) for name, select in _VIEWS.items()}


class ReportingViews:
    """The views of a database during a migration.

    Args:
        connection: in the migration's transaction.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._grants: list[str] = []

    def drop(self) -> None:
        """Drop the views, and remember who may read them."""
        if self._connection.dialect.name == "postgresql":
            self._grants = list(self._connection.scalars(_GRANTS, {"names": list(NAMES)}))
        for name in reversed(NAMES):
            self._connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")

    def create(self) -> None:
        """Create the views, and grant the same rights again."""
        for name, select in definitions(self._connection.dialect.name).items():
            # The SQL has no parameters: escape colons, so that none is taken for one.
            text = f"CREATE VIEW {name} AS {select}".replace(":", r"\:")
            self._connection.execute(sa.text(text))
        for grant in self._grants:
            self._connection.exec_driver_sql(grant)


_GRANTS = sa.text("""
    SELECT format(
        'GRANT %s ON %I TO %s%s',
        acl.privilege_type,
        pg_class.relname,
        CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee\\:\\:regrole\\:\\:text END,
        CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
    )
    FROM pg_class, aclexplode(pg_class.relacl) AS acl
    WHERE pg_class.relnamespace = current_schema()\\:\\:regnamespace
        AND pg_class.relname = ANY(:names)
        AND pg_class.relkind = 'v'
        AND acl.grantee <> pg_class.relowner
""")
