"""The ground that every room stands on: the vocabulary, names of images, errors, time, threads.

model               registries, repositories, tags, changes, crawls: frozen values
errors              one tree: each error with its sentence and its exit code
reference, purl     names of images, read and written; package URLs
printable           foreign text, made fit to be shown
humanize            times, ages, sizes and numbers as people read them
time_expression     `24h`, a date, `crawl:12`: read, with `now` as an argument
image_selector      which images somebody chose: globs, and ranges of versions
semantic_version    tags as versions
immutable_tags      which tags a registry itself calls immutable
secret              values that do not show themselves
clock               the port for time
thread_pool         several at a time, results in one thread
keyboard_interrupt  lets what must be whole be finished before Ctrl-C

Nothing here knows a network, a database or the rest of the program.
"""
