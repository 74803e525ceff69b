"""Violations, for people and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.notify.payload import violation
from indexer.render.column_sets import ColumnSet
from indexer.render.tables import Column

if TYPE_CHECKING:
    from indexer.policies.violation import Violation


def shape() -> ColumnSet[Violation]:
    """The fields and columns of a violation."""
    return ColumnSet(
        (
            "id", "policy", "severity", "breach", "registry", "repository", "tag", "old_digest",
            "new_digest", "since", "observed_at", "crawl_id", "change_id", "move", "sentence",
            "acknowledged_at", "acknowledged_by", "reason", "resolved_at",
        ),
        violation,
        (
            Column("ID", lambda v: humanize.number(v.id), right=True),
            Column("SEVERITY", lambda v: v.found.severity.value),
            Column("POLICY", lambda v: shown(v.found.policy), folds=True),
            Column("IMAGE", _image, folds=True),
            Column("OBSERVED (UTC)", lambda v: humanize.short_time(v.found.observed_at)),
            Column("WHAT", _what, folds=True),
        ),
    )  # fmt: skip


def _image(item: Violation) -> str:
    found = item.found
    return humanize.image(found.registry, found.repository, found.tag)


def _what(item: Violation) -> str:
    what = shown(item.found.sentence, 500)
    seen = item.acknowledged
    if seen is not None:
        return f"{what} Acknowledged by {shown(seen.by)}: {shown(seen.reason)}"
    if item.resolved_at is not None:
        return f"{what} Resolved {humanize.short_time(item.resolved_at)} UTC."
    return what
