"""What is told, for programs. The names and their meaning are in docs/formats.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.core.humanize import iso

if TYPE_CHECKING:
    from indexer.core.model import Change
    from indexer.manifests.retag_kind import RetagDetail
    from indexer.notify.event import Event
    from indexer.policies.violation import Violation

    Record = dict[str, Any]


def change(item: Change) -> Record:
    """One row of the change log."""
    return {
        "id": item.id,
        "observed_at": iso(item.observed_at),
        "kind": item.kind.value,
        "registry": item.registry,
        "repository": item.repository,
        "tag": item.tag,
        "old_digest": item.old_digest,
        "new_digest": item.new_digest,
        "pushed_at": iso(item.pushed_at),
        "crawl_id": item.crawl_id,
        "baseline": item.baseline,
    }


def violation(item: Violation) -> Record:
    """What is against a policy, with its evidence."""
    found, seen = item.found, item.acknowledged
    return {
        "id": item.id,
        "policy": found.policy,
        "severity": found.severity.value,
        "breach": found.breach.value,
        "registry": found.registry,
        "repository": found.repository,
        "tag": found.tag,
        "old_digest": found.old_digest,
        "new_digest": found.new_digest,
        "since": iso(found.since),
        "observed_at": iso(found.observed_at),
        "crawl_id": found.crawl_id,
        "change_id": found.change_id,
        "move": found.kind.value if found.kind else None,
        "sentence": found.sentence,
        "acknowledged_at": iso(seen.at) if seen else None,
        "acknowledged_by": seen.by if seen else None,
        "reason": seen.reason if seen else None,
        "resolved_at": iso(item.resolved_at),
    }


def events(item: Event) -> Record:
    """A change, and what is known of it."""
    return {
        "change": change(item.change),
        "move": _move(item.move),
        "violations": [violation(each) for each in item.violations],
    }


def _move(item: RetagDetail | None) -> Record | None:
    if item is None:
        return None
    return {
        "kind": item.kind.value,
        "changed": list(item.changed),
        "added": list(item.added),
        "removed": list(item.removed),
    }
