"""Values as JSON objects. The names, their order and their meaning are in docs/formats.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.core.humanize import iso
from indexer.core.model import ChangeKind
from indexer.notify.payload import change

if TYPE_CHECKING:
    from indexer.core.model import Crawl, Period, Platform, RateLimit, RepositoryEntry, TagEntry

    Record = dict[str, Any]

__all__ = ["change", "crawl", "interval", "platform", "rate_limit", "repository", "tag"]


def tag(item: TagEntry) -> Record:
    """A tag, now or as of a time."""
    return {
        "registry": item.registry,
        "repository": item.repository,
        "tag": item.tag,
        "digest": item.digest,
        "size": item.size,
        "platforms": [platform(each) for each in item.platforms],
        "pushed_at": iso(item.pushed_at),
        "first_seen_at": iso(item.first_seen_at),
    }


def platform(item: Platform) -> Record:
    """One image of a tag."""
    return {
        "platform": str(item),
        "os": item.os,
        "architecture": item.architecture,
        "variant": item.variant,
        "os_version": item.os_version,
        "digest": item.digest,
        "size": item.size,
    }


def repository(item: RepositoryEntry) -> Record:
    """A repository."""
    return {
        "registry": item.registry,
        "repository": item.repository,
        "description": item.description,
        "private": item.private,
        "tags": item.tags,
        "last_updated": iso(item.last_updated),
    }


def interval(item: Period) -> Record:
    """A digest that a tag had, and when."""
    return {
        "registry": item.registry,
        "repository": item.repository,
        "tag": item.tag,
        "digest": item.digest,
        "pushed_at": iso(item.pushed_at),
        "started_at": iso(item.started_at),
        "ended_at": iso(item.ended_at),
    }


def crawl(item: Crawl) -> Record:
    """What a crawl did. Every kind of change is there, also with 0."""
    return {
        "registry": item.registry,
        "namespace": item.namespace,
        "status": item.status.value,
        "mode": item.mode.value,
        "started_at": iso(item.started_at),
        "finished_at": iso(item.finished_at),
        "repositories": item.repositories,
        "tags": item.tags,
        "requests": item.spent.requests,
        "bytes": item.spent.bytes,
        "changes": {kind.value: item.changes.get(kind, 0) for kind in ChangeKind},
        "errors": list(item.errors),
    }


def rate_limit(item: RateLimit | None) -> Record | None:
    """What the registry last said of its limit."""
    if item is None:
        return None
    return {"limit": item.limit, "remaining": item.remaining, "reset_at": iso(item.reset_at)}
