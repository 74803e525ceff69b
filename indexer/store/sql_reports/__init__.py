"""Questions in SQL that can change nothing: the port `indexer.catalog.sql_reports.Reports`."""
