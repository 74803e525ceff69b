"""What the index can be asked: ports only. `indexer.store` answers.

In: questions of commands, of the server, and in SQL.
Out: values of `indexer.core.model`, as streams or a page at a time.
May not: know a database, or write. It holds promises and no code that keeps them.

ports        `Catalog`: what the commands ask, as streams
browser      `Browser`: what a server asks, a page at a time, for one audience; hints
sql_reports  answers to questions in SQL: columns and rows
"""
