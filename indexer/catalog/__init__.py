"""What the index answers, and a port for the rooms below the store that ask it.

In: questions of commands, of the server, of policies and pins, and in SQL.
Out: values.
May not: know a database, or write. `indexer.store` implements it.

ports        `Lookup`: what pins and policies ask
settled      the newest digest that a tag kept for long enough
outdated     the newer versions of a tag
tag_diff     what two digests of a tag differ in
stats        what is counted by the day, not pulled, and shared by tags
answers      the values that answer commands and the server
sql_reports  results of SQL queries: columns and rows
"""
