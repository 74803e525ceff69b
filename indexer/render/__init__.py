"""Values into text: tables for people, JSON, JSON lines and CSV for programs.

In: values of the model, and the width of a terminal.
Out: text, line by line.
May not: ask the index or a registry, or let foreign text act in a terminal or a sheet.

records             what JSON shows, a type for each thing: what docs/formats.md promises
column_sets         which fields and columns a kind of value has
tables              columns that fit the terminal; nothing is lost where there is none
formats             their names
output              one way to write many values, in any format, streaming
parquet             rows as a Parquet file
sql_answers         rows whose columns are known only when they come
crawl_report        what a crawl did
crawl_schedule      what is crawled next, and why
status              how well the index knows each namespace, and what is late
job_queue           how the workers' queue stands
notifications       what became of messages
pins                what became of pins
sarif               verdicts as SARIF
violations          violations
tag_comparison      tags beside others that share a digest
skopeo              what `skopeo inspect` prints
go_template         Go's text templates, as `skopeo inspect --format` has them
go_template_parser  the same, taken apart
go_values           values as programs written in Go write them

All text that a registry sent passes through `indexer.core.printable.shown` on its way to a person;
JSON is plain ASCII; CSV has no formulas.
"""
