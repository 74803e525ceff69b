"""Connections to SQLite and PostgreSQL, set up alike, and what each says in its own words.

In: a URL.
Out: connections for reading and writing; errors in words; SQL where the two differ.
May not: know a table.

engine             connections, set up alike: short transactions, readers never blocked
dialect            what each database does in its own words
errors             what went wrong, in words
retry              an act that is done once more where its connection was lost
statement_timeout  a limit on the time that one reading may take
typed_rows         rows whose columns mypy knows
glob_match         patterns as a shell writes them, in SQL
"""
