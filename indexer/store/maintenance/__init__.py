"""Upkeep of a whole index: `indexer db check`, `db copy`, `prune` and `forget`.

In: an index, and what is to become of it.
Out: what was found, copied or taken out, counted.
May not: report what it takes out as removed.

integrity_check  what must hold of an index
database_copy    a whole index, from one database into another
prune            forgets what is old
forget           takes something out of the index on purpose
"""
