"""The columns of the reporting views, for whoever needs types that SQLite does not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.asking import Kind

_IMAGE: Mapping[str, Kind] = {"registry": "text", "namespace": "text", "repository": "text"}
_SPAN: Mapping[str, Kind] = {"started_at": "time", "ended_at": "time"}

COLUMNS: Mapping[str, Mapping[str, Kind]] = {
    "report_version": {"version": "integer"},
    "report_repositories": {
        **_IMAGE,
        "description": "text",
        "visibility": "text",
        "tags": "integer",
        "pulls": "integer",
        "last_updated": "time",
        "first_seen_at": "time",
    },
    "report_tags": {
        **_IMAGE,
        "tag": "text",
        "is_semver": "integer",
        "digest": "text",
        "media_type": "text",
        "size": "integer",
        "pushed_at": "time",
        "last_updated": "time",
        "first_seen_at": "time",
        "started_at": "time",
        "crawl_id": "integer",
    },
    "report_changes": {
        "id": "integer",
        "observed_at": "time",
        "observed_week": "text",
        "kind": "text",
        **_IMAGE,
        "tag": "text",
        "is_semver": "integer",
        "old_digest": "text",
        "new_digest": "text",
        "pushed_at": "time",
        "crawl_id": "integer",
        "baseline": "integer",
    },
    "report_history": {
        **_IMAGE,
        "tag": "text",
        "is_semver": "integer",
        "digest": "text",
        "size": "integer",
        "pushed_at": "time",
        **_SPAN,
        "started_week": "text",
        "ended_week": "text",
        "seconds": "integer",
        "crawl_id": "integer",
    },
    "report_platforms": {
        **_IMAGE,
        "tag": "text",
        "digest": "text",
        "platform": "text",
        "os": "text",
        "architecture": "text",
        "variant": "text",
        "os_version": "text",
        "image_digest": "text",
        "image_size": "integer",
        **_SPAN,
    },
    "report_crawls": {
        "id": "integer",
        "registry": "text",
        "namespace": "text",
        "mode": "text",
        "status": "text",
        "identity": "text",
        "started_at": "time",
        "finished_at": "time",
        "seconds": "integer",
        "repositories": "integer",
        "tags": "integer",
        "requests": "integer",
        "bytes": "integer",
        "repository_added": "integer",
        "repository_removed": "integer",
        "tag_added": "integer",
        "tag_removed": "integer",
        "tag_retagged": "integer",
        "baseline": "integer",
        "problems": "integer",
        "errors": "text",
    },
    "report_violations": {
        "id": "integer",
        "policy": "text",
        "severity": "text",
        "breach": "text",
        "status": "text",
        **_IMAGE,
        "tag": "text",
        "old_digest": "text",
        "new_digest": "text",
        "since": "time",
        "observed_at": "time",
        "crawl_id": "integer",
        "change_id": "integer",
        "move": "text",
        "sentence": "text",
        "acknowledged_at": "time",
        "acknowledged_by": "text",
        "reason": "text",
        "resolved_at": "time",
    },
}
"""Of each view, in their order, and what is in them: `text`, `integer` or `time`."""
