"""Values into text: tables for people, JSON, JSON lines and CSV for programs.

json_records  values as JSON objects: what docs/formats.md promises
column_sets   which fields and columns a kind of value has
tables        columns that fit the terminal; nothing is lost where there is none
formats       their names
output        one way to write many values, in any format, streaming
crawl_report  what a crawl did
status        how well the index knows each namespace, and what is late

All text that a registry sent passes through `indexer.core.printable.shown` on its way to a person;
JSON is plain ASCII; CSV has no formulas.
"""
