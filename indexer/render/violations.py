"""Violations, for people and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.notify import payload
from indexer.render.column_sets import ColumnSet
from indexer.render.records import fields_of
from indexer.render.tables import Column, Cut

if TYPE_CHECKING:
    from indexer.policies.violation import Violation


def shape() -> ColumnSet[Violation]:
    """The fields and columns of a violation."""
    return ColumnSet(
        fields_of(payload.Violation),
        payload.Violation.of,
        (
            Column("ID", lambda v: humanize.number(v.id), right=True, rank=1, field="id"),
            Column("SEVERITY", lambda v: v.found.severity.value, rank=2, field="severity"),
            Column(
                "POLICY", lambda v: shown(v.found.policy), cut=Cut.MIDDLE, rank=4, field="policy"
            ),
            Column("IMAGE", _image, cut=Cut.MIDDLE),
            Column(
                "OBSERVED (UTC)",
                lambda v: humanize.short_time(v.found.observed_at),
                rank=5,
                field="observed_at",
            ),
            Column("WHAT", _what, cut=Cut.END, rank=3),
        ),
    )


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
