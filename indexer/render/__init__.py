"""Turns values into text: tables for people, JSON, JSON lines and CSV for programs.

In: values of the model, and the width of a terminal.
Out: text, line by line.
May not: ask the index or a registry, or let foreign text control a terminal or a spreadsheet.

records             the types of all JSON objects, as documented in docs/formats.md
configuration       the configuration in force
column_sets         the fields and columns of each kind of value
arrangement         --sort, --reverse and --limit
chosen_columns       --columns: only the fields that are named
tables              tables that fit the terminal
formats             the names of the output formats
output              writes many values in any format, streaming
parquet             rows as a Parquet file
sql_answers         rows of SQL answers, whose columns are only known at run time
awaiting_review     removals that are held back, and hidden repositories
crawl_report        what a crawl did
crawl_schedule      what is crawled next, and why
freshness           how fresh an answer is
stats               counts by the day, tags not pulled, digests that tags share
status              the state of each namespace, and what is overdue
job_queue           the state of the workers' job queue
notifications       results of notifications
pins                verdicts about pins
outdated            newer versions of images
sarif               verdicts as SARIF
watchlist           entries of the configuration as TOML
violations          violations
tag_choice          which tags are shown
tag_comparison      which tags share a digest, and what changed between two digests
tag_diff            what two digests of a tag differ in
skopeo              the output of `skopeo inspect`
go_template         Go text templates, as in `skopeo inspect --format`
go_template_parser  parses Go text templates
go_values           formats values as Go programs do

All text from a registry passes through `indexer.core.printable.shown` before a person sees it.
JSON is plain ASCII; CSV contains no formulas.
"""
