"""What every room builds on: values, image names, errors, times, threads.

In: plain Python values.
Out: model values, and errors whose text is a sentence for the user.
May not: use the network, a database or any other room; read the clock or the environment.

model               what is crawled: repositories, tags, changes, crawls; frozen values
platforms           the images of a tag, one for each platform: values, and packed in columns
catalog_entries     what the index answers: entries, periods, the status of a namespace
errors              one tree: each error with its sentence and its exit code
reference           names of images, read and written
digest_age          how old the digest of a tag is, and the newest that is old enough
digest_text         reads digests: full, short, or pasted with an image around them
hub_names           Docker Hub's many names, and the addresses of its pages
registry_names      registries with a port, as a part of names
image_links         links to an image: its page on our server, and at its registry
suggestions         the known names that are nearest to an unknown one
registrable_domain  whether two hosts belong to one owner
purl                reads package URLs into the same names
printable           makes foreign text safe to print
humanize            formats times, ages, sizes and numbers for people
time_expression     reads WHEN: `24h`, a date, `crawl:12`; `now` is an argument
image_selector      which images a user selected: globs, and ranges of versions
version_range       ranges of versions
version_order       sorts tags by version, newest first
version_tag         reads a tag as a version; which tags are alike
newer_versions      the newer versions among the tags of a repository
audit_event         what a registry's audit log says happened, and who did it
immutable_tags      which tags Docker Hub's repository settings make immutable
private_file        creates files that only their owner may read
secret              values that do not show themselves
clock               the port for time
query_pool          threads that answer quick questions first
thread_pool         runs jobs in several threads, yields results in one
daemon_executor     an executor whose threads keep no program from ending
keyboard_interrupt  delays Ctrl-C until an uninterruptible section has ended
"""
