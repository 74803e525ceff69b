"""What is kept: tables, reporting views, their version, and values as the tables hold them.

In: a database of any earlier version.
Out: one of this version; values of the model as columns, and back.
May not: ask a question. A migration that was released is never changed.

tables                    the tables of crawls and changes
manifest_tables           of manifests and configurations
notify_and_policy_tables  of sinks, policies and violations
in_use                    which sinks and policies a process still has
metadata                  all of them together, for migrations
codec                     values of the model as the tables hold them
migrate                   which version a database has, and how it gets to ours
reporting_views           what people may build on with SQL
reporting_views_dialect   what those say in each database's own words
"""
