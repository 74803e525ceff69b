"""What the index answers, and what rooms below the store look up in it. `indexer.store` answers.

In: questions of commands, of the server, and in SQL.
Out: values.
May not: know a database, or write.

ports        `Lookup`: what pins and policies ask
answers      what commands and the server are answered
sql_reports  answers to questions in SQL: columns and rows
"""
