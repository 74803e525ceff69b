"""Maintains a whole index: `indexer db check`, `db copy`, `db grant-reader`, `prune` and `forget`.

In: an index, and what to do with it.
Out: what was found, copied or deleted, counted.
May not: report what it deletes as removed.

integrity_check  checks the rules that an index must satisfy
database_copy    copies an index into another database
prune            deletes old data, in short transactions
prune_steps      what goes from which table, and what must hold when it goes
forget           deletes a repository or a namespace from the index
reader_role      grants a role of PostgreSQL the right to read the index
"""
