"""Connections to SQLite and PostgreSQL, and the differences between the two.

In: a URL.
Out: connections for reading and writing; errors as sentences; SQL where the two differ.
May not: know a table.

engine             opens connections: short transactions, readers never blocked
dialect            statements that differ between the databases
errors             turns database errors into sentences
retry              repeats a function after a lost connection
statement_timeout  limits the time of reading
typed_rows         rows whose columns have types for mypy
glob_match         glob patterns as SQL
"""
