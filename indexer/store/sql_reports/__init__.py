"""Questions in SQL that can change nothing: the port `indexer.catalog.sql_reports.Reports`.

In: one statement of a person's own, its parameters, a limit of time.
Out: rows, as they come.
May not: change the index, or reach anything but its reporting views and tables.

reports             answers the port
sql_statement       one statement, taken apart
sqlite_session      a session that cannot write, in SQLite
postgresql_session  the same in PostgreSQL
stopwatch           how long a question may take
view_columns        the columns of the reporting views
"""
