"""What the index can be asked: ports only. `indexer.store` answers.

ports        `Catalog`: what the commands ask, as streams
browser      `Browser`: what a server asks, a page at a time, for one audience; hints
sql_reports  `Reports`: questions in SQL, and views as a whole
"""
