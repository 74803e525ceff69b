"""The schema: tables, reporting views, migrations, and conversion of values.

In: a database of any earlier version.
Out: a database of this version; model values as columns, and back.
May not: query data, but for what triggers count. A released migration is never changed.

tables                    tables of crawls and changes
manifest_tables           tables of manifests and configurations
notify_and_policy_tables  tables of sinks, policies and violations
in_use                    which sinks and policies a process still uses
visibility                when periods of tags were public
audience                  what an audience may see: everything, or what is public
namespace_counts          what triggers count of each namespace, and one row of it after a crawl
metadata                  all tables together, for migrations
codec                     converts model values to columns and back
migrate                   finds a database's version, and migrates it to ours
reporting_views           the views for users' SQL
reporting_views_dialect   the parts of the views that differ between the databases
"""
