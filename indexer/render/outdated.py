"""Newer versions of images: a table for people, records for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.render.column_sets import ColumnSet
from indexer.render.pins import place, short
from indexer.render.records import fields_of
from indexer.render.records.outdated import OutdatedImage
from indexer.render.tables import Column

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
            Column("STATUS", lambda o: o.found.status.value),
            Column("WHERE", lambda o: place(o.pin), folds=True),
            Column(
                "IMAGE",
                lambda o: shown(o.pin.text) or humanize.NOTHING,
                lambda o: short(o.pin),
                folds=True,
            ),
            Column("PATCH", _tag(lambda o: o.found.patch), folds=True),
            Column("MINOR", _tag(lambda o: o.found.minor), folds=True),
            Column("MAJOR", _tag(lambda o: o.found.major), folds=True),
            Column("DIGEST", _digest, lambda o: humanize.short_digest(_digest(o))),
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
