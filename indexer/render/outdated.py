"""Newer versions of images: a table for people, records for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.render.column_sets import ColumnSet
from indexer.render.pins import place, short
from indexer.render.records import fields_of
from indexer.render.records.outdated import OutdatedImage
from indexer.render.tables import Column, Cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.core.catalog_entries import TagEntry
    from indexer.pins.outdated import OutdatedPin


def shape() -> ColumnSet[OutdatedPin]:
    """The fields and columns of an image."""
    return ColumnSet(
        fields_of(OutdatedImage),
        OutdatedImage.of,
        (
            Column("STATUS", lambda o: o.found.status.value, rank=1),
            Column("WHERE", lambda o: place(o.pin), cut=Cut.MIDDLE, rank=5),
            Column(
                "IMAGE",
                lambda o: shown(o.pin.text) or humanize.NOTHING,
                lambda o: short(o.pin),
                cut=Cut.MIDDLE,
            ),
            Column("PATCH", _tag(lambda o: o.found.patch), cut=Cut.MIDDLE, rank=2),
            Column("MINOR", _tag(lambda o: o.found.minor), cut=Cut.MIDDLE, rank=3),
            Column("MAJOR", _tag(lambda o: o.found.major), cut=Cut.MIDDLE, rank=4),
            Column("DIGEST", _digest, lambda o: humanize.short_digest(_digest(o)), cut=Cut.DIGEST),
        ),
    )


def _tag(of: Callable[[OutdatedPin], TagEntry | None]) -> Callable[[OutdatedPin], str]:
    def text(item: OutdatedPin) -> str:
        entry = of(item)
        return shown(entry.tag) if entry else humanize.NOTHING

    return text


def _digest(item: OutdatedPin) -> str:
    """The digest of the newest tag."""
    newest = item.found.newest
    return humanize.digest(newest.digest if newest else None)
