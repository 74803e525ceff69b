"""The configuration in force, as a table and as records."""

from __future__ import annotations

from indexer.core.humanize import NOTHING
from indexer.core.printable import shown
from indexer.render.column_sets import ColumnSet, itself
from indexer.render.records import fields_of
from indexer.render.records.configuration import ConfiguredValue
from indexer.render.tables import Column, Cut


def values() -> ColumnSet[ConfiguredValue]:
    """Every key, its value and its origin."""
    return ColumnSet(
        fields_of(ConfiguredValue),
        itself,
        (
            Column("SECTION", lambda v: v.section, cut=Cut.MIDDLE, least=12, rank=1),
            Column("KEY", lambda v: v.key),
            Column("VALUE", lambda v: shown(v.value) or NOTHING, cut=Cut.END),
            Column("FROM", _origin, cut=Cut.END, least=16, rank=2),
        ),
    )


def _origin(value: ConfiguredValue) -> str:
    return f"{value.origin} ({value.note})" if value.note else value.origin
