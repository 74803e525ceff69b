"""Verdicts about pins: a table for people, records for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.render.column_sets import ColumnSet
from indexer.render.records import fields_of
from indexer.render.records import pins as records
from indexer.render.tables import Column, Cut

if TYPE_CHECKING:
    from indexer.pins.pin import CheckedPin, Pin


def shape() -> ColumnSet[CheckedPin]:
    """The fields and columns of a verdict."""
    return ColumnSet(
        fields_of(records.CheckedPin),
        records.CheckedPin.of,
        (
            Column("VERDICT", lambda v: v.verdict.value, rank=1),
            Column("WHERE", lambda v: place(v.pin), cut=Cut.MIDDLE, rank=3),
            Column(
                "IMAGE",
                lambda v: shown(v.pin.text) or humanize.NOTHING,
                lambda v: short(v.pin),
                cut=Cut.MIDDLE,
            ),
            Column("WHY", lambda v: shown(v.sentence, 500), cut=Cut.END, rank=2),
        ),
    )


def place(pin: Pin) -> str:
    """The file and line that name an image."""
    if pin.file is None:
        return humanize.NOTHING
    line = f":{pin.line}" if pin.line is not None else ""
    return f"{shown(pin.file)}{line}"


def short(pin: Pin) -> str:
    """An image with the first digits of its digest."""
    name, at, digest = pin.text.partition("@")
    return shown(f"{name}{at}{humanize.short_digest(digest)}" if at else name) or humanize.NOTHING
