"""Upkeep of a whole index: `indexer db check`, `db copy`, `prune` and `forget`."""
