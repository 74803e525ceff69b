"""The table of `indexer prune` has a name for people for each table."""

from __future__ import annotations

from datetime import UTC, datetime

from indexer.cli.prune import NAMES
from indexer.store.maintenance.prune_steps import steps


def test_each_table_that_is_pruned_has_a_name() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    tables = {table.name for step in steps(0, None, 0, now) for table in (step.table, *step.within)}
    assert set(NAMES) == tables
