"""Answers users' SQL without being able to change anything: `indexer sql` and `indexer export`.

In: one statement of a user, its parameters, a time limit.
Out: rows, streamed.
May not: change the index, or read anything but its reporting views and tables.

reports             runs statements, and reads whole views
sql_statement       tokenizes and checks one statement
sqlite_session      a read-only session in SQLite
postgresql_session  a read-only session in PostgreSQL
child_process       runs a statement on SQLite where it can be killed
fetch_size          how many rows to fetch at a time
stopwatch           the time limit of a statement
view_columns        the columns of the reporting views
"""
